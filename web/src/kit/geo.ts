/** Places: WGS84 (lon, lat), that order always. */
export interface Point {
  lon: number
  lat: number
}
export type Pair = [number, number]

const RADIUS_M = 6_371_008.8
const rad = (degrees: number) => (degrees * Math.PI) / 180

/** Great-circle metres (haversine). */
export function metres(a: Point, b: Point): number {
  const dLat = rad(b.lat - a.lat)
  const dLon = rad(b.lon - a.lon)
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.sin(dLon / 2) ** 2
  return 2 * RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** Compass bearing from a to b in degrees, 0 = north. */
export function bearing(a: Point, b: Point): number {
  const y = Math.sin(rad(b.lon - a.lon)) * Math.cos(rad(b.lat))
  const x =
    Math.cos(rad(a.lat)) * Math.sin(rad(b.lat)) - Math.sin(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.cos(rad(b.lon - a.lon))
  return ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360
}

export function between(a: Point, b: Point, share: number): Point {
  return { lon: a.lon + (b.lon - a.lon) * share, lat: a.lat + (b.lat - a.lat) * share }
}

export const pair = (point: Point): Pair => [point.lon, point.lat]

/** [west, south, east, north] around the points, or null for none. */
export function bounds(points: Point[]): [number, number, number, number] | null {
  if (!points.length) return null
  const lons = points.map((p) => p.lon)
  const lats = points.map((p) => p.lat)
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]
}

/** Reads {lon, lat}, [lon, lat] or a GeoJSON Point. */
export function pointOf(value: unknown): Point | null {
  if (!value || typeof value !== 'object') return null
  if (Array.isArray(value)) return value.length >= 2 ? { lon: Number(value[0]), lat: Number(value[1]) } : null
  const thing = value as Record<string, unknown>
  if (Array.isArray(thing.coordinates)) return pointOf(thing.coordinates)
  return typeof thing.lon === 'number' && typeof thing.lat === 'number' ? { lon: thing.lon, lat: thing.lat } : null
}
