/** Where each sign's name goes, so that none lies on another name or a named sign: below it, else beside or above it, else nowhere. */
export type Side = 'below' | 'right' | 'left' | 'above'
export interface Sign {
  /** Pixels on the map: the middle of the sign, and half its width. */
  x: number
  y: number
  half: number
}
export interface Named extends Sign {
  /** The name's own size. */
  width: number
  height: number
  /** Signs of one name at one place are named once. */
  text: string
  /** Named before the others. */
  first?: boolean
}
interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

const SIDES: Side[] = ['below', 'right', 'left', 'above']
const GAP = 2

function boxOf({ x, y, half, width, height }: Named, side: Side): Box {
  const [left, top] = {
    below: [x - width / 2, y + half + GAP],
    above: [x - width / 2, y - half - GAP - height],
    right: [x + half + GAP, y - height / 2],
    left: [x - half - GAP - width, y - height / 2],
  }[side] as [number, number]
  return { left, top, right: left + width, bottom: top + height }
}
const around = ({ x, y, half }: Sign): Box => ({ left: x - half, top: y - half, right: x + half, bottom: y + half })
const meet = (a: Box, b: Box) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

/** A side for each name, in their order; null where there is no room until the map is drawn larger. Names keep clear of `nameless` signs where they can. */
export function sidesOf(named: Named[], map: { width: number; height: number }, nameless: Sign[] = []): (Side | null)[] {
  const signs = named.map(around)
  const others = nameless.map(around)
  const names: Box[] = []
  const found: (Side | null)[] = named.map(() => null)
  const turn = named.map((_, n) => n).sort((a, b) => Number(named[b]!.first ?? false) - Number(named[a]!.first ?? false))
  for (const n of turn) {
    const same = (k: number) => found[k] && named[k]!.text === named[n]!.text && Math.hypot(named[k]!.x - named[n]!.x, named[k]!.y - named[n]!.y) < 3 * named[n]!.half
    if (turn.some(same)) continue
    const free = SIDES.map((side) => ({ side, box: boxOf(named[n]!, side) })).filter(({ box }) => !names.some((other) => meet(other, box)) && !signs.some((sign, k) => k !== n && meet(sign, box)))
    const seen = free.filter(({ box }) => box.left >= 0 && box.top >= 0 && box.right <= map.width && box.bottom <= map.height)
    const best = seen.find(({ box }) => !others.some((other) => meet(other, box))) ?? seen[0]
    if (!best) continue
    found[n] = best.side
    names.push(best.box)
  }
  return found
}
