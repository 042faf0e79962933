/** A shipment's plan beside what happened, as bars on one line of time. */
import type { Got } from '@/api/types'
import { say } from '@/i18n'
import { duration } from '@/kit/measure'

export type Order = Got<'/api/screens/hq/orders/{order_id}'>
export type Shipment = Order['shipments'][number]
type Listed = Got<'/api/screens/hq/orders'>[number]

/** "4 分钟 early/late" once there is something to say; open orders speak only when they are late. */
export function lateness(one: Pick<Listed, 'late_s' | 'delivered_at' | 'state'>): string {
  if (one.late_s === null || (one.late_s <= 0 && !one.delivered_at)) return ''
  const minutes = duration(Math.abs(one.late_s))
  return Math.abs(one.late_s) < 60 ? say('hq.orders.just') : say(one.late_s > 0 ? 'hq.orders.late' : 'hq.orders.early', { time: minutes })
}

export interface Bar {
  stage: 'queue' | 'pick' | 'rider' | 'ride'
  from: number
  until: number
}
const STAGES: Bar['stage'][] = ['queue', 'pick', 'rider', 'ride']
const at = (value: unknown): number | null => (typeof value === 'string' ? Date.parse(value) : null)

/** One bar from each known mark to the next; a stage whose beginning nobody timed begins where the last one ended. */
function bars(marks: (number | null)[]): Bar[] {
  let from = marks[0] ?? null
  return STAGES.flatMap((stage, n) => {
    const until = marks[n + 1] ?? null
    if (until === null) return []
    const bar = from !== null && until >= from ? [{ stage, from, until }] : []
    from = until
    return bar
  })
}

/** The promised way: paid, pick begun, packed, rider there, at the door. */
export function planned({ plan, happened }: Shipment, order: Order): Bar[] {
  return bars([at(happened.paid_at) ?? at(order.placed_at), at(plan.pick_start_at), at(plan.ready_at), at(plan.rider_at), at(plan.expected_at)])
}

/** What came of it. */
export function real({ happened }: Shipment, order: Order): Bar[] {
  const started = at(order.history.find((move) => move.state === 'picking')?.at)
  const picked = at(happened.picked_up_at)
  return bars([at(happened.paid_at), started, at(happened.picked_at), picked, at(happened.delivered_at)])
}
