/** Live news by SSE over fetch (so the token travels in a header). News says what changed; screens read it again. */
import { useQueryClient } from '@tanstack/vue-query'
import { onScopeDispose, readonly, ref, watch, type Ref } from 'vue'
import { token } from '@/api/session'

export interface News {
  name: string
  channel: string
  payload: Record<string, unknown>
  at: string
}
export interface Frame {
  event: string
  data: string
  id?: string
}

/** Cuts a text stream into SSE frames (WHATWG HTML, section 9.2). Feed it pieces; it keeps what is unfinished. */
export function frameReader(onFrame: (frame: Frame) => void): (piece: string) => void {
  let rest = ''
  let event = 'message'
  let id: string | undefined
  let data: string[] = []
  return (piece) => {
    rest += piece
    const lines = rest.split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        if (data.length) onFrame({ event, data: data.join('\n'), id })
        event = 'message'
        id = undefined
        data = []
      } else if (!line.startsWith(':')) {
        const colon = line.indexOf(':')
        const field = colon < 0 ? line : line.slice(0, colon)
        const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
        if (field === 'data') data.push(value)
        else if (field === 'event') event = value
        else if (field === 'id') id = value
      }
    }
  }
}

const connected = ref(true)
/** Whether live news is coming in; screens show a quiet line when it is not. */
export const live = readonly(connected)

interface Ears {
  onNews: (news: News) => void
  onGap: () => void
}

/** Listens until `signal` aborts: comes back after each break, asking for what was missed. */
export async function listen(channels: string[], ears: Ears, signal: AbortSignal): Promise<void> {
  let last: string | undefined
  let waitMs = 500
  const read = frameReader((frame) => {
    if (frame.id) last = frame.id
    if (frame.event === 'reload') ears.onGap()
    else if (frame.event === 'change') ears.onNews(JSON.parse(frame.data) as News)
  })
  try {
    while (!signal.aborted) {
      try {
        const bearer = await token()
        if (!bearer) return
        const headers: Record<string, string> = { Authorization: `Bearer ${bearer}`, Accept: 'text/event-stream' }
        if (last) headers['Last-Event-ID'] = last
        const answer = await fetch(`/api/stream?channels=${channels.join(',')}`, { headers, signal })
        if (answer.status === 403 || answer.status === 422) return
        if (!answer.ok || !answer.body) throw new Error(`stream ${answer.status}`)
        let listening = !!last
        connected.value = true
        waitMs = 500
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
        for (;;) {
          const { done, value } = await reader.read()
          if (done) break
          // Its first words say that it listens: what is read from now on misses nothing.
          if (!listening) ears.onGap()
          listening = true
          read(value)
        }
      } catch {
        if (signal.aborted) return
        connected.value = false
      }
      await new Promise((wake) => setTimeout(wake, waitMs * (0.7 + Math.random() * 0.6)))
      waitMs = Math.min(waitMs * 2, 15_000)
    }
  } finally {
    connected.value = true // who does not listen misses nothing
  }
}

/** While mounted: news on `channels` re-reads the queries under `keys`; fleeting news may be used directly by `onNews` (true = used). */
export function useLive(channels: Ref<string[]>, keys: unknown[][], onNews?: (news: News) => boolean | void): void {
  const cache = useQueryClient()
  let stop: AbortController | undefined
  let planned: ReturnType<typeof setTimeout> | undefined
  const reread = () => {
    planned ??= setTimeout(() => {
      planned = undefined
      for (const queryKey of keys) void cache.invalidateQueries({ queryKey })
    }, 120)
  }
  const restart = () => {
    stop?.abort()
    if (!channels.value.length) return
    stop = new AbortController()
    const ears = { onNews: (news: News) => onNews?.(news) || reread(), onGap: reread }
    void listen(channels.value, ears as Ears, stop.signal)
  }
  watch(() => channels.value.join(','), restart, { immediate: true })
  onScopeDispose(() => {
    stop?.abort()
    clearTimeout(planned)
  })
}
