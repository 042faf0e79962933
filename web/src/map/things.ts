/** What can lie on a map. */
import type { Pair, Point } from '@/kit/geo'

export type Tone = 'brand' | 'warm' | 'bad' | 'info' | 'quiet'
export interface Spot {
  id: string
  kind: 'store' | 'rider' | 'door' | 'me' | 'stop'
  at: Point
  tone?: Tone
  /** A short text under the sign. */
  label?: string
  /** One or two characters on the sign instead of its picture. */
  sign?: string
  badge?: string
  active?: boolean
  faded?: boolean
  /** Drawn small: there, but nothing to look at. */
  small?: boolean
  title?: string
}
export interface Path {
  id: string
  line: Pair[]
  tone?: Tone
  dashed?: boolean
  active?: boolean
}
export interface Zone {
  id: string
  geometry: { type: 'Polygon' | 'MultiPolygon'; coordinates: unknown }
  tone?: Tone
}

/** A GeoJSON LineString, a Feature of one, or plain pairs -> pairs. */
export function lineOf(value: unknown): Pair[] {
  if (!value || typeof value !== 'object') return []
  if (Array.isArray(value)) return value.filter((p): p is Pair => Array.isArray(p) && p.length >= 2)
  const thing = value as { geometry?: unknown; type?: string; coordinates?: unknown }
  if (thing.geometry) return lineOf(thing.geometry)
  if (thing.type === 'MultiLineString' && Array.isArray(thing.coordinates)) return (thing.coordinates as unknown[]).flatMap(lineOf)
  return lineOf(thing.coordinates ?? null)
}
