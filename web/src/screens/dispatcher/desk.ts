/** What the desk knows: the server's screen, riders moving between readings, and the deliveries that pass the filters. */
import { useQuery } from '@tanstack/vue-query'
import { computed, reactive, watch } from 'vue'
import { api, got } from '@/api/client'
import type { Got } from '@/api/types'
import type { Point } from '@/kit/geo'
import { useNow } from '@/kit/time'
import { useLive } from '@/live/stream'
import { useChoice, type Chip, type Sort } from './choice'
import { useTours } from './tours'

export type Desk = Got<'/api/screens/dispatcher'>
export type Delivery = Desk['deliveries'][number]
export type RiderOnMap = Desk['riders'][number]
export type StoreOnMap = Desk['stores'][number]
export type Trip = Desk['trips'][number]
export type TripStop = Trip['stops'][number]

/** When it will be there: from where the rider is, else as planned, else as the last round means it. */
export const etaOf = (one: Delivery): string | null => one.live_at ?? one.eta_at ?? one.courier?.deliver_at ?? one.intended?.door_at ?? null
/** Not before then: by itself, for a booked window or goods still being put aside; or because somebody holds it. */
export const isEarly = (one: Delivery, nowMs: number): boolean => !!one.hold_until && Date.parse(one.hold_until) > nowMs
export const isHeld = (one: Delivery, nowMs: number): boolean => isEarly(one, nowMs) && one.hold_until! > (one.booked ? one.due_from : one.kind === 'delivery' ? '' : one.ready_at)
export const riskTone = (risk: string): 'bad' | 'warm' | 'good' => (risk === 'late' ? 'bad' : risk === 'tight' ? 'warm' : 'good')
/** Not in anybody's bag yet: hands may still move it. */
export const isOpen = (one: Delivery): boolean => one.state === 'waiting' || one.state === 'assigned'

export function useDesk() {
  const choice = useChoice()
  const now = useNow()
  const screen = useQuery({
    queryKey: computed(() => ['desk', choice.areaId]),
    queryFn: () => got(api.GET('/api/screens/dispatcher', { params: { query: { area_id: choice.areaId } } })),
    refetchInterval: 15_000,
    placeholderData: (before: Desk | undefined) => before,
  })
  const data = screen.data
  const moved = reactive(new Map<string, Point>())
  const area = computed(() => data.value?.area.id ?? '')
  useLive(
    computed(() => (area.value ? [`area:${area.value}`] : [])),
    [['desk'], ['rounds'], ['hand']],
    ({ name, payload }) => {
      if (name !== 'dispatch.rider_moved') return false
      moved.set(String(payload.rider_id), { lon: Number(payload.lon), lat: Number(payload.lat) })
      return true
    },
  )
  const riders = computed(() =>
    (data.value?.riders ?? []).map((rider) => {
      const at = moved.get(rider.id)
      return at ? { ...rider, ...at } : rider
    }),
  )
  const byId = computed(() => new Map((data.value?.deliveries ?? []).map((one) => [one.id, one])))
  const trips = computed(() => new Map((data.value?.trips ?? []).map((trip) => [trip.id, trip])))
  const tripByRider = computed(() => new Map((data.value?.trips ?? []).map((trip) => [trip.rider_id, trip])))
  const names = computed(() => new Map((data.value?.riders ?? []).map((rider) => [rider.id, rider.name])))
  const stores = computed(() => new Map((data.value?.stores ?? []).map((store) => [store.id, store])))

  const locked = (one: Delivery) => !!one.trip_id && !!trips.value.get(one.trip_id)?.locked
  const passes: Record<Chip, (one: Delivery) => boolean> = {
    late: (one) => one.risk === 'late',
    waiting: (one) => one.state === 'waiting',
    pool: (one) => one.pooled,
    held: (one) => isHeld(one, now.value) || !!one.only_for,
    locked,
    courier: (one) => !!one.courier,
    failed: (one) => one.state === 'failed',
  }
  const riderName = (id: string | null) => (id && names.value.get(id)) || ''
  const store = (id: string | null) => (id ? stores.value.get(id) : undefined)
  const deliveries = computed(() => {
    const words = choice.words.trim().toLowerCase()
    const found = (data.value?.deliveries ?? []).filter(
      (one) =>
        (!words || `${one.order_no} ${one.address} ${riderName(one.rider_id)}`.toLowerCase().includes(words)) &&
        (!choice.states.length || choice.states.includes(one.state)) &&
        (!choice.storeIds.length || choice.storeIds.includes(one.store_id)) &&
        (!choice.chips.length || choice.chips.some((chip) => passes[chip](one))),
    )
    return found.sort(order(choice.sort.by, choice.sort.down))
  })
  const chipCounts = computed(() => {
    const all = data.value?.deliveries ?? []
    return Object.fromEntries(Object.entries(passes).map(([chip, test]) => [chip, all.filter(test).length])) as Record<Chip, number>
  })
  // What has ended meanwhile is not picked any more.
  watch(byId, (known) => {
    if (data.value && choice.picked.some((id) => !known.has(id))) choice.picked = choice.picked.filter((id) => known.has(id))
  })
  const tripOf = (riderId: string | null) => (riderId && tripByRider.value.get(riderId)) || null
  const trip = (id: string | null) => (id && trips.value.get(id)) || null
  const { tours, tour, tourWay } = useTours(choice, area)
  const delivery = (id: string) => byId.value.get(id)
  return { screen, data, area, riders, deliveries, chipCounts, riderName, store, tripOf, trip, delivery, locked, tours, tour, tourWay }
}
export type DeskView = ReturnType<typeof useDesk>

function order(by: Sort, down: boolean): (a: Delivery, b: Delivery) => number {
  const key = (one: Delivery): string | number => (by === 'eta' ? (etaOf(one) ?? '9999') : one[by])
  return (a, b) => {
    const [x, y] = [key(a), key(b)]
    const way = x < y ? -1 : x > y ? 1 : a.id < b.id ? -1 : 1
    return down ? -way : way
  }
}
