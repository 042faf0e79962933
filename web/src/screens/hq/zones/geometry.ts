/** Shapes on the ground: circles as rings, corners that move, lines that cross. WGS84 degrees, metres. */
import type { Pair } from '@/kit/geo'

export interface Polygon {
  type: 'Polygon'
  coordinates: Pair[][]
}
export interface MultiPolygon {
  type: 'MultiPolygon'
  coordinates: Pair[][][]
}
export type Area = Polygon | MultiPolygon
/** Which corner: part of a multi-polygon, ring of the part (0 is the outline), place in the ring. */
export interface Corner {
  part: number
  ring: number
  at: number
}

const RADIUS_M = 6_371_008.8
const rad = (degrees: number) => (degrees * Math.PI) / 180
const deg = (radians: number) => (radians * 180) / Math.PI

/** The point `metres` from `centre` towards `bearing` (degrees from north), on the sphere. */
export function towards([lon, lat]: Pair, bearing: number, metres: number): Pair {
  const [angle, way, phi] = [metres / RADIUS_M, rad(bearing), rad(lat)]
  const there = Math.asin(Math.sin(phi) * Math.cos(angle) + Math.cos(phi) * Math.sin(angle) * Math.cos(way))
  const turn = Math.atan2(Math.sin(way) * Math.sin(angle) * Math.cos(phi), Math.cos(angle) - Math.sin(phi) * Math.sin(there))
  return [lon + deg(turn), deg(there)]
}

export function circle(centre: Pair, metres: number, corners = 96): Polygon {
  const ring = Array.from({ length: corners }, (_, n) => towards(centre, 360 - (n * 360) / corners, metres))
  return { type: 'Polygon', coordinates: [[...ring, ring[0]!]] }
}

/** Six decimals are a decimetre: what a hand can mean on a map. */
export const rounded = ([lon, lat]: Pair): Pair => [Math.round(lon * 1e6) / 1e6, Math.round(lat * 1e6) / 1e6]

export const parts = (area: Area): Pair[][][] => (area.type === 'Polygon' ? [area.coordinates] : area.coordinates)

function rebuilt(area: Area, all: Pair[][][]): Area {
  return area.type === 'Polygon' ? { type: 'Polygon', coordinates: all[0]! } : { type: 'MultiPolygon', coordinates: all }
}

/** Every corner once: the last of a closed ring is its first. */
export function corners(area: Area): (Corner & { point: Pair })[] {
  return parts(area).flatMap((rings, part) => rings.flatMap((ring, at) => ring.slice(0, -1).map((point, n) => ({ part, ring: at, at: n, point }))))
}

/** The middle of each side, with the corner before it. */
export function middles(area: Area): (Corner & { point: Pair })[] {
  return parts(area).flatMap((rings, part) =>
    rings.flatMap((ring, at) =>
      ring.slice(0, -1).map((point, n) => ({ part, ring: at, at: n, point: [(point[0] + ring[n + 1]![0]) / 2, (point[1] + ring[n + 1]![1]) / 2] as Pair })),
    ),
  )
}

function withRing(area: Area, { part, ring }: Corner, change: (open: Pair[]) => Pair[]): Area {
  const all = parts(area).map((rings, p) =>
    p !== part
      ? rings
      : rings.map((closed, r) => {
          if (r !== ring) return closed
          const open = change(closed.slice(0, -1))
          return [...open, open[0]!]
        }),
  )
  return rebuilt(area, all)
}

export const moved = (area: Area, corner: Corner, to: Pair): Area => withRing(area, corner, (open) => open.map((point, n) => (n === corner.at ? rounded(to) : point)))

export const inserted = (area: Area, after: Corner, point: Pair): Area => withRing(area, after, (open) => [...open.slice(0, after.at + 1), rounded(point), ...open.slice(after.at + 1)])

/** Without the corner; a hole of three corners goes with it, an outline of three stays as it is. */
export function without(area: Area, corner: Corner): Area {
  const ring = parts(area)[corner.part]?.[corner.ring]
  if (!ring) return area
  if (ring.length > 4) return withRing(area, corner, (open) => open.filter((_, n) => n !== corner.at))
  if (corner.ring === 0) return area
  return rebuilt(area, parts(area).map((rings, p) => (p === corner.part ? rings.filter((_, r) => r !== corner.ring) : rings)))
}

export function polygonOf(points: Pair[]): Polygon {
  const ring = points.map(rounded)
  return { type: 'Polygon', coordinates: [[...ring, ring[0]!]] }
}

const MOST_LOOKED_AT = 400

/** Where two sides of an outline cross (a bow-tie), or null. Large outlines are left to the server. */
export function crossing(area: Area): Pair | null {
  for (const rings of parts(area)) {
    for (const ring of rings) {
      if (ring.length > MOST_LOOKED_AT) continue
      for (let i = 0; i < ring.length - 1; i += 1) {
        for (let j = i + 2; j < ring.length - 1; j += 1) {
          if (i === 0 && j === ring.length - 2) continue
          const at = meeting(ring[i]!, ring[i + 1]!, ring[j]!, ring[j + 1]!)
          if (at) return at
        }
      }
    }
  }
  return null
}

function meeting(a: Pair, b: Pair, c: Pair, d: Pair): Pair | null {
  const [rx, ry, sx, sy] = [b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]]
  const across = rx * sy - ry * sx
  if (across === 0) return null
  const t = ((c[0] - a[0]) * sy - (c[1] - a[1]) * sx) / across
  const u = ((c[0] - a[0]) * ry - (c[1] - a[1]) * rx) / across
  return t >= 0 && t <= 1 && u >= 0 && u <= 1 ? [a[0] + t * rx, a[1] + t * ry] : null
}
