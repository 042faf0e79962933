/** What the desk knows: the server's screen, riders moving between readings, and what is chosen or filtered here. */
import { useQuery } from '@tanstack/vue-query'
import { defineStore } from 'pinia'
import { computed, reactive, ref } from 'vue'
import { api, got } from '@/api/client'
import type { Got } from '@/api/types'
import type { Point } from '@/kit/geo'
import { useLive } from '@/live/stream'

export type Desk = Got<'/api/screens/dispatcher'>
export type Delivery = Desk['deliveries'][number]
export type RiderOnMap = Desk['riders'][number]
export type StoreOnMap = Desk['stores'][number]
export type Trip = Desk['trips'][number]
export type Chosen = { kind: 'delivery' | 'rider' | 'store'; id: string } | null

export const useChoice = defineStore('choice', () => {
  const areaId = ref<string | undefined>(undefined)
  const chosen = ref<Chosen>(null)
  const words = ref('')
  const states = ref<string[]>([])
  const risks = ref<string[]>([])
  const storeId = ref('')
  function choose(next: Chosen): void {
    chosen.value = next && chosen.value?.kind === next.kind && chosen.value.id === next.id ? null : next
  }
  function clear(): void {
    chosen.value = null
    words.value = ''
    states.value = []
    risks.value = []
    storeId.value = ''
  }
  return { areaId, chosen, words, states, risks, storeId, choose, clear }
})

export function useDesk() {
  const choice = useChoice()
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
    [['desk'], ['rounds']],
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
  const deliveries = computed(() => {
    const words = choice.words.trim().toLowerCase()
    return (data.value?.deliveries ?? []).filter(
      (one) =>
        (!words || `${one.order_no} ${one.address} ${riderName(one.rider_id)}`.toLowerCase().includes(words)) &&
        (!choice.states.length || choice.states.includes(one.state)) &&
        (!choice.risks.length || choice.risks.includes(one.risk)) &&
        (!choice.storeId || one.store_id === choice.storeId),
    )
  })
  const riderName = (id: string | null) => data.value?.riders.find((rider) => rider.id === id)?.name ?? ''
  const store = (id: string) => data.value?.stores.find((one) => one.id === id)
  const tripOf = (riderId: string | null) => data.value?.trips.find((trip) => trip.rider_id === riderId) ?? null
  return { screen, data, riders, deliveries, riderName, store, tripOf }
}
export type DeskView = ReturnType<typeof useDesk>
