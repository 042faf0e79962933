/** What this device keeps when the network goes away: writes not yet sent, and the last answers read. */
import Dexie, { type EntityTable } from 'dexie'

export interface Waiting {
  id: string
  owner: string
  /** Writes of one lane go in order, one at a time: a stop's arrival before its hand-over. */
  lane: string
  method: 'POST' | 'PUT'
  path: string
  body: unknown
  at: string
  /** How often it has been sent. */
  tries: number
  /** Nothing that follows in its lane needs it: where the house fails over it, the others go on. */
  apart?: boolean
  /** How often the house failed over it. */
  faults?: number
  /** The house failed over it too often: it stands aside, is tried again from time to time, and by hand. */
  aside?: Said | null
  /** Milliseconds before which it is not sent again by itself. */
  rests?: number
  /** When its answer came, as `moment` tells; kept until the screens have read what it did. */
  answered?: number
  /** A write that is answered before this one is sent, as long as `outbox` waits for it. */
  after?: string
  refused: Said | null
}
/** What the house said against a write. */
export interface Said {
  code: string
  status?: number
  detail: string
  facts: Record<string, unknown>
}
export interface Remembered {
  key: string
  value: unknown
  at: number
}

// What a screen shows as done must have been written: without this, a live query answers before the write is on the device.
export const device = new Dexie('o2o', { cache: 'disabled' }) as Dexie & {
  waiting: EntityTable<Waiting, 'id'>
  remembered: EntityTable<Remembered, 'key'>
}
device.version(1).stores({ waiting: 'id, owner, lane', remembered: 'key, at' })

const KEEP_MS = 24 * 3600 * 1000
/** Whoever shows what an answered write changed has read it anew by then. */
const READ_ANEW_MS = 60_000

/** What was read, and when that was asked for: writes answered later are not in it. */
export interface Read<T> {
  value: T
  at: number
}
let last = 0
/** Milliseconds now; never the same twice. */
export function moment(): number {
  last = Math.max(Date.now(), last + 0.001)
  return last
}

/** Read through to the server; when it is away, answer what it said last. */
export async function remembered<T>(key: string, read: () => Promise<T>, away: (error: unknown) => boolean): Promise<Read<T>> {
  const at = moment()
  try {
    const value = await read()
    await device.remembered.put({ key, value: JSON.parse(JSON.stringify(value)), at })
    await device.waiting.filter((row) => (row.answered ?? at) < at - READ_ANEW_MS).delete()
    return { value, at }
  } catch (error) {
    if (!away(error)) throw error
    const kept = await device.remembered.get(key)
    if (!kept || Date.now() - kept.at > KEEP_MS) throw error
    return { value: kept.value as T, at: kept.at }
  }
}

export async function forgetOld(): Promise<void> {
  await device.remembered.where('at').below(Date.now() - KEEP_MS).delete()
}
