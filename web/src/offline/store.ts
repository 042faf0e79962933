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
  tries: number
  /** A write that is answered before this one is sent, as long as `outbox` waits for it. */
  after?: string
  refused: { code: string; detail: string; facts: Record<string, unknown> } | null
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

/** Read through to the server; when it is away, answer what it said last. */
export async function remembered<T>(key: string, read: () => Promise<T>, away: (error: unknown) => boolean): Promise<T> {
  try {
    const value = await read()
    await device.remembered.put({ key, value: JSON.parse(JSON.stringify(value)), at: Date.now() })
    return value
  } catch (error) {
    if (!away(error)) throw error
    const last = await device.remembered.get(key)
    if (!last || Date.now() - last.at > KEEP_MS) throw error
    return last.value as T
  }
}

export async function forgetOld(): Promise<void> {
  await device.remembered.where('at').below(Date.now() - KEEP_MS).delete()
}
