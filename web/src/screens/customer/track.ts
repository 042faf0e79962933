/** Who brings it and how far they are, from the customer's own screen. */
import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, got } from '@/api/client'
import type { Got } from '@/api/types'
import { pointOf } from '@/kit/geo'
import { lineOf } from '@/map/things'
import type { Order } from './order'

type Screen = Got<'/api/screens/customer/orders/{order_id}'>

export function useTrack(id: Ref<string>, order: Ref<Order | undefined>) {
  const query = useQuery({
    queryKey: computed(() => ['track', id.value]),
    queryFn: () => got(api.GET('/api/screens/customer/orders/{order_id}', { params: { path: { order_id: id.value } } })),
    enabled: computed(() => !!order.value && ['paid', 'picking', 'packed', 'delivered', 'completed'].includes(order.value.state)),
    refetchInterval: 20_000,
  })
  return computed(() => (query.data.value ? trackOf(query.data.value) : null))
}

function trackOf({ delivery, stages, parts, questions, parked, owed }: Screen) {
  return {
    state: delivery?.state ?? null,
    code: delivery?.code ?? null,
    failed: delivery?.failed ?? null,
    again_from: delivery?.again_from ?? null,
    again_by: delivery?.again_by ?? null,
    eta_at: delivery?.eta_at ?? null,
    eta_from: delivery?.eta_from ?? null,
    eta_by: delivery?.eta_by ?? null,
    parts,
    questions,
    parked,
    owed,
    rider_name: delivery?.rider?.name ?? null,
    rider_at: pointOf(delivery?.rider),
    stops_before: delivery?.stops_before ?? 0,
    line: lineOf(delivery?.geometry),
    picked_up_at: stages.find((stage) => stage.name === 'picked_up')?.at ?? null,
  }
}
export type Track = ReturnType<typeof trackOf>
export type Question = Track['questions'][number]
export type Part = Track['parts'][number]
