/** Why a delivery waits, in words: the round's reason, whom it is meant for, or what has to come first. */
import { locale, say } from '@/i18n'
import { clockTime, dayTime } from '@/kit/time'
import { isEarly, type Delivery } from './desk'

export function waitsFor(one: Delivery, nowMs: number, riderName: (id: string | null) => string): string {
  if (one.state !== 'waiting') return ''
  if (one.waiting) {
    const from = one.waiting.until ? ` · ${say('desk.from', { at: dayTime(one.waiting.until) })}` : ''
    return (locale().startsWith('en') ? one.waiting.en : one.waiting.zh) + from
  }
  if (isEarly(one, nowMs)) return say('desk.not_before', { at: dayTime(one.hold_until) })
  const packed = one.goods_ready ? '' : `${say('desk.being_packed', { at: clockTime(one.ready_at) })} · `
  if (one.intended) {
    const { rider_id, pickup_at, door_at, late_s } = one.intended
    const late = late_s >= 60 ? say('desk.meant_late', { n: Math.round(late_s / 60) }) : ''
    return packed + say('desk.meant', { rider: riderName(rider_id) || '?', pickup: clockTime(pickup_at), door: clockTime(door_at) }) + late
  }
  return packed ? packed.slice(0, -3) : say('desk.next_round')
}
