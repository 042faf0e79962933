/** Who brings it and how far they are, from the customer's own screen. */
import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { token } from '@/api/session'
import { pointOf, type Pair, type Point } from '@/kit/geo'
import { lineOf } from '@/map/things'
import type { Order } from './order'

export interface Track {
  state: string | null
  eta_at: string | null
  rider_name: string | null
  rider_at: Point | null
  stops_before: number
  line: Pair[]
}

export function useTrack(id: Ref<string>, order: Ref<Order | undefined>) {
  const query = useQuery({
    queryKey: computed(() => ['track', id.value]),
    queryFn: async (): Promise<Track | null> => {
      const answer = await fetch(`/api/screens/customer/orders/${id.value}`, { headers: { Authorization: `Bearer ${await token()}` } })
      if (!answer.ok) return null
      return trackOf(await answer.json())
    },
    enabled: computed(() => order.value?.method === 'delivery' && ['paid', 'picking', 'packed'].includes(order.value.state)),
    refetchInterval: 20_000,
  })
  return computed(() => query.data.value ?? null)
}

function trackOf(screen: { delivery?: Record<string, unknown> | null }): Track | null {
  const delivery = screen.delivery
  if (!delivery) return null
  const rider = (delivery.rider ?? {}) as Record<string, unknown>
  return {
    state: (delivery.state as string) ?? null,
    eta_at: (delivery.eta_at as string) ?? null,
    rider_name: (rider.name as string) ?? null,
    rider_at: pointOf(rider) ?? pointOf(rider.location),
    stops_before: Number(delivery.stops_before ?? 0),
    line: lineOf(delivery.geometry),
  }
}
