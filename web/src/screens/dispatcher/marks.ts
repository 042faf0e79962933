/** What sets a delivery apart at a glance: carried by another house, given back, between stores, riding back to its store. */
import { named, say, word } from '@/i18n'
import type { Path, Spot } from '@/map/things'
import type { Delivery, StoreOnMap } from './desk'

export type Mark = 'courier' | 'return' | 'transfer' | 'back'

export function markOf(one: Delivery): Mark | null {
  if (one.courier) return 'courier'
  if (one.kind === 'return' || one.kind === 'transfer') return one.kind
  return one.state === 'failed' ? 'back' : null
}
/** A courier's name in words where we know him; else as his house calls itself. */
export const courierName = (name: string): string => word(`desk.courier_name.${name}`, name)

/** From where to where, in words. */
export function routeOf(one: Delivery, store: (id: string | null) => StoreOnMap | undefined): string {
  const [here, there] = [named(store(one.store_id)), one.to_store_id ? named(store(one.to_store_id)) : one.address]
  return one.kind === 'return' ? `${there} → ${here}` : `${here} → ${there}`
}

/** Where it is drawn: a return at the customer who gives it back, a transfer half way between its stores. */
function placeOf(one: Delivery): { lon: number; lat: number } {
  if (one.kind === 'return') return { lon: one.pickup_lon, lat: one.pickup_lat }
  if (one.kind === 'transfer') return { lon: (one.pickup_lon + one.lon) / 2, lat: (one.pickup_lat + one.lat) / 2 }
  return { lon: one.lon, lat: one.lat }
}

export function doorSpot(one: Delivery, active: boolean): Spot {
  const mark = markOf(one)
  const tone = one.risk === 'late' ? 'bad' : one.risk === 'tight' ? 'warm' : mark ? 'info' : 'quiet'
  const told = mark ? ` · ${say(`desk.mark.${mark}`)}` : ''
  return { id: one.id, kind: 'door', at: placeOf(one), title: `${one.order_no} ${one.address}${told}`, active, tone, sign: mark ? say(`desk.mark_short.${mark}`) : undefined }
}

/** Nobody's trip shows where a courier goes or what a waiting transfer joins: a dashed line from end to end does. */
export function markPath(one: Delivery, active: boolean): Path | null {
  const mark = markOf(one)
  if ((mark !== 'courier' && mark !== 'transfer') || one.trip_id) return null
  return { id: `mark:${one.id}`, line: [[one.pickup_lon, one.pickup_lat], [one.lon, one.lat]], tone: 'quiet', dashed: true, active }
}
