/** Tours planned ahead for booked windows; while nobody looks at them, they are only counted. */
import { useQuery } from '@tanstack/vue-query'
import { computed, watch, type Ref } from 'vue'
import { api, got } from '@/api/client'
import type { Got } from '@/api/types'
import { lineOf, type Path, type Spot } from '@/map/things'
import type { useChoice } from './choice'

export type Tour = Got<'/api/areas/{area_id}/tours'>['tours'][number]
export type TourWay = Got<'/api/screens/areas/{area_id}/tours/{tour_id}'>
export type TourStop = Tour['stops'][number]
/** One halt: what changes hands at one place, one stop after the other. */
export interface Halt {
  place: number
  kind: string
  stops: TourStop[]
}

export function haltsOf(tour: Tour): Halt[] {
  const halts: Halt[] = []
  for (const stop of tour.stops) {
    const last = halts.at(-1)
    const before = last?.stops[0]
    if (last && before && last.kind === stop.kind && before.lon === stop.lon && before.lat === stop.lat) last.stops.push(stop)
    else halts.push({ place: halts.length + 1, kind: stop.kind, stops: [stop] })
  }
  return halts
}

/** From when to when its customers were promised it. */
export function windowOf(tour: Tour): { from: string; until: string } | null {
  const doors = tour.stops.filter((stop) => stop.kind !== 'pickup')
  if (!doors.length) return null
  const times = (of: (stop: TourStop) => string) => doors.map(of).sort()
  return { from: times((stop) => stop.due_from)[0]!, until: times((stop) => stop.due_at).at(-1)! }
}

export const tourSpots = (tour: Tour): Spot[] => haltsOf(tour).map((halt) => ({ id: `${tour.tour_id}/${halt.place}`, kind: 'stop', at: halt.stops[0]!, sign: String(halt.place), tone: halt.kind === 'pickup' ? 'brand' : 'warm', active: true, title: halt.stops.map((stop) => stop.order_no).join(' ') }))
/** Along the road as soon as it is known; until then, and where none leads, the order of its halts as a dashed line. */
export const tourPath = (tour: Tour, way: TourWay | undefined): Path => {
  const road = lineOf(way?.geometry)
  const known = road.length > 1 && !way?.estimated
  return { id: tour.tour_id, line: known ? road : haltsOf(tour).map(({ stops: [at] }) => [at!.lon, at!.lat]), tone: 'brand', dashed: !known, active: true }
}

export function useTours(choice: ReturnType<typeof useChoice>, area: Ref<string>) {
  const tours = useQuery({
    queryKey: computed(() => ['tours', area.value]),
    queryFn: () => got(api.GET('/api/areas/{area_id}/tours', { params: { path: { area_id: area.value } } })),
    enabled: computed(() => !!area.value),
    refetchInterval: () => (choice.tab === 'tours' ? 30_000 : 120_000),
  })
  watch(() => choice.tab === 'tours', (looked) => looked && area.value && void tours.refetch())
  const tour = computed(() => (choice.chosen?.kind === 'tour' && choice.tab === 'tours' ? tours.data.value?.tours.find((one) => one.tour_id === choice.chosen!.id) : undefined))
  const way = useQuery({
    queryKey: computed(() => ['tour-way', area.value, tour.value?.tour_id, tour.value?.stops.map((stop) => `${stop.delivery_id}${stop.kind}`).join()]),
    queryFn: () => got(api.GET('/api/screens/areas/{area_id}/tours/{tour_id}', { params: { path: { area_id: area.value, tour_id: tour.value!.tour_id } } })),
    enabled: computed(() => !!tour.value),
    staleTime: Infinity,
  })
  return { tours, tour, tourWay: way.data }
}
