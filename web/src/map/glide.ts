/** Riders move smoothly: a position that arrives is glided to over the time until the next is expected. */
import { between, metres, type Point } from '@/kit/geo'

interface Way {
  from: Point
  to: Point
  startMs: number
  lengthMs: number
  heardMs: number
}
const FIRST_MS = 1500
const LONGEST_MS = 6000
/** Farther than this in one step is a correction, not a ride. */
const JUMP_M = 1200

export class Glide {
  private ways = new Map<string, Way>()

  /** Tell where `id` is now. */
  to(id: string, at: Point, nowMs: number, still = false): void {
    const last = this.ways.get(id)
    if (!last || still) {
      this.ways.set(id, { from: at, to: at, startMs: nowMs, lengthMs: 0, heardMs: nowMs })
      return
    }
    if (last.to.lon === at.lon && last.to.lat === at.lat) return
    const from = this.at(id, nowMs)!
    const far = metres(from, at) > JUMP_M
    const gap = nowMs - last.heardMs
    const lengthMs = far ? 0 : Math.min(LONGEST_MS, Math.max(400, last.lengthMs ? gap * 1.1 : FIRST_MS))
    this.ways.set(id, { from: far ? at : from, to: at, startMs: nowMs, lengthMs, heardMs: nowMs })
  }

  /** Where `id` is to be drawn. */
  at(id: string, nowMs: number): Point | null {
    const way = this.ways.get(id)
    if (!way) return null
    const share = way.lengthMs ? Math.min(1, (nowMs - way.startMs) / way.lengthMs) : 1
    return share >= 1 ? way.to : between(way.from, way.to, share)
  }

  moving(id: string, nowMs: number): boolean {
    const way = this.ways.get(id)
    return !!way && nowMs < way.startMs + way.lengthMs
  }

  drop(id: string): void {
    this.ways.delete(id)
  }
}
