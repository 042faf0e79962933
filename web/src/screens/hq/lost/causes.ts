/** Why baskets found no store, in groups that somebody can do something about, and the colour of each. */
import type { Got } from '@/api/types'

export type Lost = Got<'/api/sourcing/lost'>
export type Cause = Lost['causes'][number]['cause']
export type Group = 'reach' | 'goods' | 'capacity' | 'hours' | 'rules'
export const COLOURS: Record<Group, string> = { reach: '#d6336c', goods: '#f59f00', capacity: '#1971c2', hours: '#7048e8', rules: '#868e96' }
export const GROUPS = Object.keys(COLOURS) as Group[]
const GROUP_OF: Record<Cause, Group> = {
  outside_area: 'reach', excluded_zone: 'reach', too_far: 'reach', detour_too_long: 'reach',
  not_sold_here: 'goods', no_stock: 'goods', too_heavy: 'goods',
  capacity_full: 'capacity', no_riders: 'capacity', too_slow: 'capacity', too_late: 'capacity',
  ring_hours: 'hours', emergency_closed: 'hours', closed: 'hours', closes_before_ready: 'hours',
  below_minimum: 'rules', ruled_out: 'rules', not_chosen: 'rules', rejected_before: 'rules',
}
export const groupOf = (cause: Cause): Group => GROUP_OF[cause]
/** Where something can be done about a group. */
export const PLACE: Record<Group, string> = { reach: '/coverage', goods: '/stock', capacity: '/promises', hours: '/stores', rules: '/sourcing' }
