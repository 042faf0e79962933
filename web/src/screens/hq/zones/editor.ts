/** The zones of one store as they are being changed: every step can be undone, nothing is sent before it is saved. */
import { computed, ref, shallowRef } from 'vue'
import { newId } from '@/kit/ids'
import type { Pair } from '@/kit/geo'
import { circle, type Area } from './geometry'

export type Shape =
  | { kind: 'radius'; radius_m: number; centre: Pair | null }
  | { kind: 'polygon'; polygon: Area }
  | { kind: 'drive_time'; minutes: number }
export interface Window {
  weekday: number
  opens_min: number
  closes_min: number
}
/** A zone: where all of `shapes` overlap. `resolved` is what the server made of them, null where it has not said yet. */
export interface Zone {
  key: string
  name: string
  excluded: boolean
  shapes: Shape[]
  fee_fen: number
  min_basket_fen: number
  speed_s: number | null
  arrives: [string, string] | null
  windows: Window[]
  resolved: Area | null
}

export const COLOURS = ['#0e8a5f', '#1971c2', '#e8890c', '#7048e8', '#0b8aa3', '#a9590b', '#5c940d', '#ae3ec9']
export const BARRED = '#d6336c'
const MOST_STEPS = 200
const TYPING_MS = 900

export function blank(shape: Shape, excluded = false): Zone {
  return { key: newId(), name: '', excluded, shapes: [shape], fee_fen: excluded ? 0 : 300, min_basket_fen: excluded ? 0 : 2000, speed_s: excluded ? null : 1800, arrives: null, windows: [], resolved: null }
}

/** The outline of a shape as far as this device knows it: a drive-time area only the server does. */
export function outline(shape: Shape, store: Pair): Area | null {
  if (shape.kind === 'polygon') return shape.polygon
  if (shape.kind === 'radius') return circle(shape.centre ?? store, shape.radius_m)
  return null
}

/** What to draw of a zone: the server's answer, or its only outline, or nothing yet. */
export function drawn(zone: Zone, store: Pair): Area | null {
  if (zone.resolved) return zone.resolved
  return zone.shapes.length === 1 ? outline(zone.shapes[0]!, store) : null
}

export function useEditor() {
  const zones = shallowRef<Zone[]>([])
  const kept = shallowRef<Zone[]>([])
  const past = shallowRef<Zone[][]>([])
  const future = shallowRef<Zone[][]>([])
  const chosenKey = ref<string | null>(null)
  const chosenShape = ref(0)
  let before: Zone[] | null = null
  let lastTyping = { what: '', at: 0 }

  function remember(state: Zone[]): void {
    past.value = [...past.value.slice(1 - MOST_STEPS), state]
    future.value = []
  }
  /** One step. Steps of the same `typing` that follow one another closely are undone together. */
  function change(next: (now: Zone[]) => Zone[], typing = ''): void {
    const now = Date.now()
    const same = typing !== '' && lastTyping.what === typing && now - lastTyping.at < TYPING_MS
    lastTyping = { what: typing, at: now }
    if (!same) remember(zones.value)
    zones.value = next(zones.value)
  }
  /** While something is dragged: shown, but no step until `drop`. */
  function drag(next: (now: Zone[]) => Zone[]): void {
    before ??= zones.value
    zones.value = next(zones.value)
  }
  function drop(): void {
    if (before && before !== zones.value) remember(before)
    before = null
  }
  function undo(): void {
    const last = past.value.at(-1)
    if (!last) return
    future.value = [zones.value, ...future.value]
    past.value = past.value.slice(0, -1)
    zones.value = last
    settle()
  }
  function redo(): void {
    const [next, ...rest] = future.value
    if (!next) return
    past.value = [...past.value, zones.value]
    future.value = rest
    zones.value = next
    settle()
  }
  function settle(): void {
    lastTyping = { what: '', at: 0 }
    if (!zones.value.some((zone) => zone.key === chosenKey.value)) chosenKey.value = null
  }
  /** Begin anew from what the server has. */
  function load(from: Zone[]): void {
    zones.value = from
    kept.value = from
    past.value = []
    future.value = []
    settle()
  }
  function choose(key: string | null, shape = 0): void {
    chosenKey.value = key
    chosenShape.value = shape
  }
  const chosen = computed(() => zones.value.find((zone) => zone.key === chosenKey.value) ?? null)
  function patch(key: string, part: Partial<Zone>, typing = ''): void {
    change((now) => now.map((zone) => (zone.key === key ? { ...zone, ...part } : zone)), typing && `${key}.${typing}`)
  }
  function withShape(now: Zone[], key: string, place: number, shape: Shape): Zone[] {
    return now.map((zone) => (zone.key === key ? { ...zone, resolved: null, shapes: zone.shapes.map((one, n) => (n === place ? shape : one)) } : zone))
  }
  function add(zone: Zone): void {
    change((now) => [...now, zone])
    choose(zone.key)
  }
  function remove(key: string): void {
    change((now) => now.filter((zone) => zone.key !== key))
    settle()
  }
  const dirty = computed(() => JSON.stringify(plain(zones.value)) !== JSON.stringify(plain(kept.value)))
  return { zones, kept, past, future, chosen, chosenKey, chosenShape, dirty, change, drag, drop, undo, redo, load, choose, patch, withShape, add, remove }
}
export type Editor = ReturnType<typeof useEditor>

const plain = (zones: Zone[]) => zones.map(({ key: _key, resolved: _resolved, ...rest }) => rest)

/** The colour of each zone: rings in their order, exclusions all alike. */
export function colourOf(zones: Zone[], key: string): string {
  const zone = zones.find((one) => one.key === key)
  if (zone?.excluded) return BARRED
  const place = zones.filter((one) => !one.excluded).findIndex((one) => one.key === key)
  return COLOURS[Math.max(0, place) % COLOURS.length]!
}
