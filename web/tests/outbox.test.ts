import Dexie from 'dexie'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { begin, openSession } from '@/api/session'
import { newId } from '@/kit/ids'
import { flush, openOutbox, takeBack, waiting, withWrites, write } from '@/offline/outbox'
import { device, remembered, type Read, type Waiting } from '@/offline/store'
import { laidOver, type Task } from '@/screens/clerk/task'

type Say = { status: number; body?: unknown } | 'away' | 'late'
let sent: { path: string; key: string; body: unknown }[] = []
let say: (path: string) => Say = () => ({ status: 200, body: {} })
/** On a machine that does other work as well. */
const PATIENT = { timeout: 60_000 }

const left = async () => (await device.waiting.toArray()).filter((row) => !row.answered).map(({ path }) => path)

beforeEach(async () => {
  sent = []
  await device.waiting.clear()
  openSession('test')
  begin({ access_token: 'a', refresh_token: 'r', expires_in_s: 600, account: { id: 'me', role: 'rider', name: 'x' } })
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    const answer = say(path)
    if (answer === 'away') throw new TypeError('network')
    if (answer === 'late') throw new DOMException('', 'TimeoutError')
    sent.push({ path, key: new Headers(init.headers).get('Idempotency-Key')!, body: JSON.parse(String(init.body)) })
    return new Response(JSON.stringify(answer.body ?? {}), { status: answer.status })
  })
})
afterEach(() => vi.unstubAllGlobals())

describe('the outbox', () => {
  it('keeps writes while the network is away and sends them in order with the same keys', async () => {
    say = () => 'away'
    const ids = [newId(), newId()]
    await write({ id: ids[0], lane: 't', path: '/1', body: { n: 1 } }, { id: ids[1], lane: 't', path: '/2', body: { n: 2 } })
    await flush()
    expect(await device.waiting.count()).toBe(2)
    say = () => ({ status: 200 })
    await flush()
    expect(sent.map(({ path }) => path)).toEqual(['/1', '/2'])
    expect(sent.map(({ key }) => key)).toEqual(ids)
    expect(await left()).toEqual([])
  })
  it('shows nothing as done that is not on the device yet', async () => {
    say = () => 'away'
    openOutbox(() => undefined)
    const shown = () => waiting.value.map(({ path }) => path)
    await write({ lane: 't', path: '/0', body: {} })
    await vi.waitFor(() => expect(shown()).toEqual(['/0']), PATIENT)
    let kept: Promise<void> | undefined
    await device.transaction('rw', device.waiting, async () => {
      Dexie.ignoreTransaction(() => (kept = write({ lane: 't', path: '/1', body: {} })))
      for (let turns = 0; turns < 100; turns += 1) {
        await device.waiting.count()
        expect(shown()).toEqual(['/0'])
      }
    })
    await kept
    await vi.waitFor(() => expect(shown()).toEqual(['/0', '/1']), PATIENT)
  })
  it('keeps what was not answered in time, and what the house failed over', async () => {
    for (const trouble of ['late', { status: 500 }] as Say[]) {
      say = () => trouble
      await write({ lane: 't', path: '/sale', body: {} })
      await flush()
    }
    expect((await device.waiting.toArray()).map(({ path, refused }) => [path, refused])).toEqual([['/sale', null], ['/sale', null]])
  })
  it('holds a lane behind its first stuck write, and lets other lanes pass', async () => {
    say = (path) => (path === '/stuck' ? { status: 503, body: { code: 'busy', title: '' } } : { status: 200 })
    await write({ lane: 'a', path: '/stuck', body: {} })
    await write({ lane: 'a', path: '/behind', body: {} })
    await write({ lane: 'b', path: '/free', body: {} })
    await flush()
    expect(sent.map(({ path }) => path).filter((path) => path !== '/stuck')).toEqual(['/free'])
    expect(await left()).toEqual(['/stuck', '/behind'])
  })
  it('sends a hand-over after its photo, though their lanes differ', async () => {
    let slow = true
    say = (path) => (path === '/photo' && slow ? { status: 503, body: { code: 'busy', title: '' } } : { status: 200 })
    const photo = newId()
    await write({ id: photo, lane: 'proofs', path: '/photo', body: {} }, { lane: 't', path: '/done', body: {}, after: photo })
    await flush()
    expect(sent.map(({ path }) => path).includes('/done')).toBe(false)
    slow = false
    await flush()
    expect(sent.slice(-2).map(({ path }) => path)).toEqual(['/photo', '/done'])
  })
  it('sends a hand-over without its photo once it has waited over a minute', async () => {
    say = (path) => (path === '/photo' ? { status: 503, body: { code: 'busy', title: '' } } : { status: 200 })
    const [photo, done] = [newId(), newId()]
    await write({ id: photo, lane: 'proofs', path: '/photo', body: {} }, { id: done, lane: 't', path: '/done', body: {}, after: photo })
    await device.waiting.update(done, { at: new Date(Date.now() - 80_000).toISOString() })
    await flush()
    expect(sent.map(({ path }) => path)).toContain('/done')
  })
  it('never sends a hand-over whose photo was refused', async () => {
    say = (path) => (path === '/photo' ? { status: 422, body: { code: 'dispatch.not_a_picture', title: 'no' } } : { status: 200 })
    const photo = newId()
    await write({ id: photo, lane: 'proofs', path: '/photo', body: {} }, { lane: 't', path: '/done', body: {}, after: photo })
    await flush()
    await flush()
    expect(sent.map(({ path }) => path)).toEqual(['/photo'])
    expect((await device.waiting.toArray()).map(({ path }) => path)).toEqual(['/photo'])
  })
  it('lays an answered write over what was read before, until it has been read anew', async () => {
    openOutbox(() => undefined)
    let says = 'before'
    const look = () => remembered('screen', async () => says, (error) => error instanceof TypeError)
    const shown = (read: Read<string>) => withWrites(read, (value, rows) => [value, ...rows.map(({ path }) => path)])
    const old = await look()
    say = () => ({ status: 200 })
    await write({ lane: 't', path: '/done', body: {} })
    await flush()
    await vi.waitFor(() => expect(waiting.value).toEqual([]), PATIENT)
    expect(sent.map(({ path }) => path)).toEqual(['/done'])
    expect(shown(old)).toEqual(['before', '/done'])
    expect(shown(await remembered('screen', () => Promise.reject(new TypeError('away')), () => true))).toEqual(['before', '/done'])
    says = 'after'
    expect(shown(await look())).toEqual(['after'])
    await flush()
    expect(sent.length).toBe(1)
  })
  it('forgets an answered write once everything has been read anew', async () => {
    say = () => ({ status: 200 })
    await write({ lane: 't', path: '/done', body: {} })
    await flush()
    const look = () => remembered('screen', async () => '', () => false)
    await look()
    expect(await device.waiting.count()).toBe(1)
    await device.waiting.toCollection().modify({ answered: Date.now() - 61_000 })
    await look()
    expect(await device.waiting.count()).toBe(0)
  })
  it('takes back only what was never sent', async () => {
    say = () => 'away'
    const [first, second] = [newId(), newId()]
    await write({ id: first, lane: 't', path: '/1', body: {} }, { id: second, lane: 't', path: '/2', body: {} })
    await flush()
    expect([await takeBack(first), await takeBack(second)]).toEqual([false, true])
    say = () => ({ status: 200 })
    await flush()
    expect(sent.map(({ path }) => path)).toEqual(['/1'])
  })
  it('tells what was refused instead of sending it for ever', async () => {
    const heard: (Waiting | null)[] = []
    openOutbox((row) => heard.push(row))
    say = () => ({ status: 403, body: { code: 'dispatch.wrong_code', title: 'no', left: 2 } })
    await write({ lane: 't', path: '/no', body: {} })
    await flush()
    expect(heard.at(-1)?.refused).toMatchObject({ code: 'dispatch.wrong_code', facts: { left: 2 } })
    await flush()
    expect(sent.length).toBe(1)
  })
  it('sends nothing of somebody else who used this device', async () => {
    say = () => 'away'
    await write({ lane: 't', path: '/mine', body: {} })
    await flush()
    begin({ access_token: 'b', refresh_token: 'r', expires_in_s: 600, account: { id: 'other', role: 'rider', name: 'y' } })
    say = () => ({ status: 200 })
    await flush()
    expect(sent).toEqual([])
  })
})

describe('a pick task with scans on their way', () => {
  const line = { sku: 'A', quantity: 3, picked: 1, short: 0, weight_g: 0, consent: null }
  const task = { id: 't', state: 'queued', assigned_to: null, lines: [line] } as unknown as Task
  const row = (path: string, body: unknown, lane = 't') => ({ id: path, owner: 'me', lane, path: `/api/pick-tasks/t/${path}`, body }) as Waiting
  it('counts them at once', () => {
    const after = laidOver(task, [row('start', {}), row('scans', { sku: 'A', quantity: 1 }), row('short', { sku: 'A', quantity: 1 })])
    expect([after.state, after.lines[0]!.picked, after.lines[0]!.short]).toEqual(['picking', 2, 1])
  })
  it('never counts beyond what is wanted, nor for another task', () => {
    const scan = row('scans', { sku: 'A', quantity: 5 })
    expect(laidOver(task, [scan]).lines[0]!.picked).toBe(3)
    expect(laidOver(task, [{ ...scan, lane: 'other' }]).lines[0]!.picked).toBe(1)
  })
})
