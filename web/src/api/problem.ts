import { nowMs } from '@/kit/time'

/** Every refusal the server knows, and the few the network adds, as one error. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly detail: string,
    readonly facts: Record<string, unknown> = {},
  ) {
    super(`${code}: ${detail}`)
    this.name = 'Problem'
  }

  /** Nothing reached the server, or it was too busy: the same request may be sent again. */
  get retryable(): boolean {
    return this.code === 'offline' || this.status === 503 || this.status === 429 || this.status === 502 || this.status === 504
  }
}

/** What a failed answer says, whatever its form. */
export function problemOf(status: number, body: unknown): Problem {
  if (body && typeof body === 'object' && 'code' in body) {
    const { code, title, status: _status, type: _type, ...facts } = body as Record<string, unknown>
    // By the clock, rounded up: seconds would be wrong a second after they were read.
    if (typeof facts.wait_s === 'number') facts.again_at = new Date(Math.ceil((nowMs() + facts.wait_s * 1000) / 60_000) * 60_000).toISOString()
    return new Problem(String(code), status, String(title ?? ''), facts)
  }
  return new Problem(`http.${status}`, status, typeof body === 'string' ? body.slice(0, 200) : '')
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof TypeError) return new Problem('offline', 0, error.message)
  // Given up by hand, or by a time limit of ours.
  if (error instanceof DOMException && ['AbortError', 'TimeoutError'].includes(error.name)) return new Problem('offline', 0, 'time-out')
  return new Problem('unexpected', 0, error instanceof Error ? error.message : String(error))
}
