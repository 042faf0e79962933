/** One order as its owner sees it, with the rider moving between readings. */
import { useQuery } from '@tanstack/vue-query'
import { computed, ref, type Ref } from 'vue'
import { api, got } from '@/api/client'
import type { Got } from '@/api/types'
import type { Point } from '@/kit/geo'
import { useLive } from '@/live/stream'

export type Order = Got<'/api/orders/{order_id}'>

type Line = Order['lines'][number]
/** What a line was said to cost when it was ordered: weighed goods by their usual weight, not by the ceiling held for them. */
export function saidFen(line: Line): number {
  return line.weighed ? Math.floor((line.unit_price_fen * line.piece_g * line.quantity + 500) / 1000) : line.gross_fen
}
/** What it costs, its share of every discount off: what was charged, until then what was said. */
export function costsFen(line: Line): number {
  return line.charged_fen ?? Math.max(0, saidFen(line) - line.coupon_fen - line.points_fen)
}

export function stateTone(state: string): string {
  if (['placed', 'unfillable'].includes(state)) return 'warm'
  if (['expired', 'cancelled'].includes(state)) return ''
  return ['delivered', 'completed'].includes(state) ? 'good' : 'info'
}

/** What an order's state is called by whom it belongs to: who fetches it is not told that it is delivered. */
export function stateWord({ state, method, channel }: Pick<Order, 'state' | 'method' | 'channel'>): string {
  const over = ['delivered', 'completed'].includes(state)
  if (over && channel === 'till') return 'customer.order.bought'
  if (over && method === 'pickup') return 'order_state.collected'
  if (state === 'packed') return method === 'pickup' ? 'customer.order.to_collect' : 'customer.order.to_ride'
  return `order_state.${state}`
}

export interface Stage {
  key: string
  word: string
  at: string | null
  state: 'done' | 'now' | 'next'
}

/** The stages of an order's way, each with its time once it is reached. */
export function stagesOf(order: Order, underWay: boolean, pickedUpAt: string | null = null): Stage[] {
  const at = (state: string) => order.history.findLast((move) => move.state === state)?.at ?? null
  const word = (key: string) => (key === 'delivered' && order.method === 'pickup' ? stateWord({ ...order, state: key }) : `customer.order.stage.${key}`)
  const ended = ['cancelled', 'expired', 'unfillable'].includes(order.state)
  const way = order.channel === 'till' ? ['delivered'] : ['placed', 'paid', 'picking', 'packed', ...(order.method === 'delivery' ? ['delivering'] : []), 'delivered']
  if (ended) {
    const reached = way.filter((key) => at(key)).map<Stage>((key) => ({ key, word: word(key), at: at(key), state: 'done' }))
    return [...reached, { key: order.state, word: word(order.state), at: at(order.state), state: 'now' }]
  }
  const current = order.state === 'completed' ? 'delivered' : order.state === 'packed' && underWay ? 'delivering' : order.state
  const place = way.indexOf(current)
  return way.map((key, n) => ({
    key,
    word: word(key),
    at: key === 'delivering' ? pickedUpAt : at(key),
    state: n < place || (n === place && key === 'delivered') ? 'done' : n === place ? 'now' : 'next',
  }))
}

export function useOrder(id: Ref<string>) {
  const order = useQuery({
    queryKey: computed(() => ['order', id.value]),
    queryFn: () => got(api.GET('/api/orders/{order_id}', { params: { path: { order_id: id.value } } })),
    refetchInterval: 20_000,
  })
  const rider = ref<Point | null>(null)
  useLive(
    computed(() => [`order:${id.value}`]),
    [['order', id.value], ['track', id.value]],
    ({ name, payload }) => {
      if (name === 'dispatch.rider_moved') {
        rider.value = { lon: Number(payload.lon), lat: Number(payload.lat) }
        return true
      }
      return false
    },
  )
  return { order, rider }
}
