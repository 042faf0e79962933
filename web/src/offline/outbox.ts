/** Writes that must not be lost: kept on the device first, sent in order, again and again with the same key until answered. */
import { liveQuery } from 'dexie'
import { computed, ref } from 'vue'
import { Problem, asProblem, problemOf } from '@/api/problem'
import { account, renew, token } from '@/api/session'
import { newId } from '@/kit/ids'
import { nowIso, nowMs } from '@/kit/time'
import { device, moment, type Read, type Said, type Waiting } from './store'

export interface Write {
  lane: string
  path: string
  body: unknown
  /** The write's own id, also its Idempotency-Key. */
  id?: string
  method?: 'POST' | 'PUT'
  /** Sent after the write of this id is answered; after a minute without it; never when that was refused. */
  after?: string
  /** Nothing that follows in its lane needs it. */
  apart?: boolean
}
/** A write that stands alone and that the house failed over so often is set aside; then it is tried again every so often. */
const FAULTS = 3
const REST_MS = 600_000
/** So long a write waits for the one it comes after: a slow picture does not hold up the ride for ever. */
const PATIENCE_MS = 75_000
const ANSWERED_MS = { json: 15_000, bytes: 60_000 }

const all = ref<Waiting[] | null>(null)
let watching = false

/** Begin to mirror the outbox and to send it whenever the network may be back. */
export function openOutbox(onSent: (write: Waiting, answer: unknown) => void): void {
  sentTo = onSent
  if (watching) return
  watching = true
  liveQuery(() => device.waiting.orderBy('id').toArray()).subscribe({ next: (rows) => (all.value = rows) })
  window.addEventListener('online', () => void flush())
  setInterval(() => void flush(), 4000)
  void flush()
}
let sentTo: (write: Waiting, answer: unknown) => void = () => undefined

const mine = computed(() => (all.value ?? []).filter((row) => row.owner === account.value?.id))
export const waiting = computed(() => mine.value.filter((row) => !row.refused && !row.aside && !row.answered))
/** Writes that did not get through: a plain no, or the house failed over them again and again. None is dropped before somebody saw it. */
export const stopped = computed(() => mine.value.filter((row) => row.refused || (row.aside && !row.answered)))
/** So many writes of a lane wait on this device for somebody else to sign in. */
export const othersIn = (lane: string) => (all.value ?? []).filter((row) => row.lane === lane && row.owner !== account.value?.id && !row.answered).length
/** Writes of this device that are not in what was read, oldest first: not answered yet, or only since then. */
const unheard = (at: number) => mine.value.filter((row) => !row.refused && (row.answered ?? Infinity) > at)

/** What was read with what was written here laid over it; null until both are known. */
export function withWrites<T, Shown>(read: Read<T> | undefined, lay: (value: T, rows: Waiting[]) => Shown): Shown | null {
  return read && all.value ? lay(read.value, unheard(read.at)) : null
}
/** Not yet answered writes of a lane, oldest first. */
export const waitingIn = (lane: string) => waiting.value.filter((row) => row.lane === lane)

/** Keep the writes, all or none of them, then try to send them at once. Bytes are kept and sent as they are, all else as JSON. */
export async function write(...writes: Write[]): Promise<void> {
  const owner = account.value?.id ?? ''
  const at = nowIso()
  const rows = writes.map(({ lane, path, body, id = newId(), method = 'POST' as const, after, apart }): Waiting => {
    const plain = body instanceof Uint8Array ? body : (JSON.parse(JSON.stringify(body)) as unknown)
    return { id, owner, lane, method, path, body: plain, at, tries: 0, refused: null, after, apart }
  })
  await device.waiting.bulkPut(rows)
  void flush()
}

export async function dismiss(id: string): Promise<void> {
  await device.waiting.delete(id)
}

/** Send these once more, now: what was refused may be taken by now, what the house failed over may work. Until then they stand aside. */
export async function sendAgain(...ids: string[]): Promise<void> {
  await device.waiting.where('id').anyOf(ids).modify((row) => {
    row.aside = row.refused ?? row.aside
    row.refused = null
    row.rests = 0
  })
  await flush()
}

/** Take back a write that was never sent; false where it is too late. */
export async function takeBack(id: string): Promise<boolean> {
  return (await device.waiting.filter((row) => row.id === id && !row.tries).delete()) === 1
}

let running: Promise<void> | null = null
let next: Promise<void> | null = null

/** Send what waits, lane by lane. One sender at a time, over all tabs; asked while sending, it goes round once more. */
export function flush(): Promise<void> {
  if (!running) {
    running = alone(sendAll)
      .catch((error: unknown) => {
        // A sign-in that has ended, or a network gone in the middle of it: everything is kept for the next round.
        if (!(error instanceof Problem)) throw error
      })
      .finally(() => (running = null))
    return running
  }
  next ??= running.then(() => {
    next = null
    return flush()
  })
  return next
}

async function alone(work: () => Promise<void>): Promise<void> {
  await (navigator.locks ? navigator.locks.request('o2o.outbox', work) : work())
}

async function sendAll(): Promise<void> {
  const owner = account.value?.id
  if (!owner) return
  const stuck = new Set<string>()
  for (const row of await device.waiting.orderBy('id').toArray()) {
    if (row.owner !== owner || row.refused || row.answered || stuck.has(row.lane) || (row.rests ?? 0) > Date.now()) continue
    if (await waitsForAnother(row)) {
      stuck.add(row.lane)
      continue
    }
    const tries = row.tries + 1
    if (!(await device.waiting.update(row.id, { tries }))) continue // taken back in the meantime
    try {
      const answer = await post(row)
      // Its bytes are not needed any more; what it did is, until it has been read.
      await device.waiting.update(row.id, { answered: moment(), aside: null, body: row.body instanceof Uint8Array ? null : row.body })
      sentTo(row, answer)
    } catch (error) {
      const problem = asProblem(error)
      if (row.apart && failedOver(problem)) {
        await standAside(row, problem)
      } else if (mayStillCome(problem)) {
        stuck.add(row.lane)
      } else {
        const refused = said(problem)
        await device.waiting.update(row.id, { refused, aside: null })
        await device.waiting.filter((one) => one.after === row.id).delete()
        sentTo({ ...row, refused }, null)
      }
    }
  }
}

/** The house heard it and broke over it, which may be of this write alone; a house that is down or busy says so otherwise. */
function failedOver({ retryable, status }: Problem): boolean {
  return status >= 500 && !retryable
}

async function standAside(row: Waiting, problem: Problem): Promise<void> {
  const faults = (row.faults ?? 0) + 1
  const often = faults >= FAULTS
  await device.waiting.update(row.id, { faults, ...(often && { aside: said(problem), rests: Date.now() + REST_MS }) })
}

function said({ code, status, detail, facts }: Problem): Said {
  return { code, status, detail, facts: JSON.parse(JSON.stringify(facts)) as Record<string, unknown> }
}

/** Only a plain no is taken for one: no answer, a house in trouble or a sign-in that ended say nothing of the write. */
function mayStillCome({ retryable, status, code }: Problem): boolean {
  return retryable || status === 0 || status >= 500 || status === 401 || code === 'idempotency.still_running'
}

async function waitsForAnother(row: Waiting): Promise<boolean> {
  if (!row.after || nowMs() - Date.parse(row.at) > PATIENCE_MS) return false
  const first = await device.waiting.get(row.after)
  return first !== undefined && !first.answered
}

async function post(row: Waiting): Promise<unknown> {
  let bearer = await token()
  for (let tries = 0; ; tries += 1) {
    const bytes = row.body instanceof Uint8Array ? new Uint8Array(row.body) : null
    const answer = await fetch(row.path, {
      method: row.method,
      headers: { 'Content-Type': bytes ? 'application/octet-stream' : 'application/json', 'Idempotency-Key': row.id, Authorization: `Bearer ${bearer}` },
      body: bytes ?? JSON.stringify(row.body ?? {}),
      signal: AbortSignal.timeout(bytes ? ANSWERED_MS.bytes : ANSWERED_MS.json),
    }).catch((error: unknown) => {
      throw asProblem(error)
    })
    const body: unknown = await answer.json().catch(() => null)
    if (answer.ok) return body
    if (answer.status !== 401 || tries || !bearer) throw problemOf(answer.status, body)
    bearer = await renew(bearer)
  }
}
