/** Zones in people's words. */
import { say } from '@/i18n'
import { distance } from '@/kit/measure'
import type { Shape, Zone } from './editor'
import { corners } from './geometry'

export function shapeTold(shape: Shape): string {
  if (shape.kind === 'radius') return say('hq.zones.told.radius', { distance: distance(shape.radius_m) })
  if (shape.kind === 'drive_time') return say('hq.zones.told.drive_time', { n: shape.minutes })
  return say('hq.zones.told.polygon', { n: corners(shape.polygon).length })
}

/** The zone's own name, or what it is made of. */
export const zoneTold = (zone: Zone): string => zone.name.trim() || zone.shapes.map(shapeTold).join(' ∩ ')

export const clock = (minutes: number): string => `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
export const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5))
