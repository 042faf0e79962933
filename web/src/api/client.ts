/** The one way to the server: typed from its own OpenAPI, signed, and with every failure as a Problem. */
import createClient from 'openapi-fetch'
import { newId } from '@/kit/ids'
import { learnClock } from '@/kit/time'
import { Problem, asProblem, problemOf } from './problem'
import type { paths } from './schema'
import { renew, token } from './session'

const PATIENCE_MS = 15_000

async function signedFetch(request: Request): Promise<Response> {
  const again = request.clone()
  const bearer = await token()
  const answer = await send(request, bearer)
  if (answer.status !== 401 || !bearer) return answer
  return send(again, await renew(bearer))
}

async function send(request: Request, bearer: string | null): Promise<Response> {
  if (bearer) request.headers.set('Authorization', `Bearer ${bearer}`)
  const sentAt = Date.now()
  const answer = await fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(PATIENCE_MS)]) })
  learnClock(answer.headers.get('Date'), sentAt)
  return answer
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: signedFetch })

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The body of a good answer; raises a Problem for any other. */
export async function got<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>
  try {
    answer = await asked
  } catch (error) {
    throw asProblem(error)
  }
  if (!answer.response.ok) throw problemOf(answer.response.status, answer.error)
  return answer.data as T
}

/** The header that makes a write safe to send twice. Keep the id as long as you mean the same write. */
export function once(id: string = newId()): { 'Idempotency-Key': string } {
  return { 'Idempotency-Key': id }
}

/** Such headers for a form: what is sent again because its answer was lost keeps its id, what was changed meanwhile has another.
 * Tell it when the write is `done`, for then the same once more is meant twice. */
export function onceEach(): { of: (meant: unknown) => { 'Idempotency-Key': string }; done: () => void } {
  let last = { meant: '', id: '' }
  return {
    of: (meant) => {
      const text = JSON.stringify(meant)
      if (text !== last.meant) last = { meant: text, id: newId() }
      return once(last.id)
    },
    done: () => (last = { meant: '', id: '' }),
  }
}

export { Problem }
