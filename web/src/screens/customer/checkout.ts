/** The live quote of the basket: which store, what price, when. */
import { useQuery } from '@tanstack/vue-query'
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { api, got } from '@/api/client'
import { asProblem } from '@/api/problem'
import type { Got } from '@/api/types'
import { useBasket } from './basket'
import { usePlace } from './place'

export type Quote = Got<'/api/quotes', 'post'>
export type Coupon = Got<'/api/member/coupons'>[number]
export type Slot = Got<'/api/slots'>[number]
export interface Considered {
  store_id: string
  verdict: string | null
  facts: Record<string, unknown>
  score_fen: number | null
  terms: Record<string, number>
}
export interface Short {
  sku: string
  wanted: number
  left: number
}

/** What the customer chose on the way to the order; who receives it is kept for the next time. */
export const useChoices = defineStore('choices', () => {
  const method = ref<'delivery' | 'pickup'>('delivery')
  const storeId = ref<string | null>(null)
  const slotId = ref<string | null>(null)
  const couponId = ref<string | null>(null)
  const usePoints = ref(false)
  const preference = ref<'ask' | 'substitute' | 'refund'>('ask')
  const note = ref('')
  const KEY = 'o2o.contact'
  const contact = ref(JSON.parse(localStorage.getItem(KEY) ?? '{"name":"","phone":""}') as { name: string; phone: string })
  watch(contact, (now) => localStorage.setItem(KEY, JSON.stringify(now)), { deep: true })
  return { method, storeId, slotId, couponId, usePoints, preference, note, contact }
})

export function useCheckout() {
  const basket = useBasket()
  const kept = usePlace()
  const choices = useChoices()
  const member = useQuery({ queryKey: ['member'], queryFn: () => got(api.GET('/api/member')) })
  const coupons = useQuery({ queryKey: ['coupons'], queryFn: () => got(api.GET('/api/member/coupons')) })
  const usable = computed(() => (coupons.data.value ?? []).filter((one) => one.state === 'issued' && one.threshold_fen <= basket.mostFen))
  const points = computed(() => {
    const mine = member.data.value
    if (!choices.usePoints || !mine || mine.spendable <= 0 || mine.worth_fen <= 0) return 0
    return Math.min(mine.spendable, Math.ceil((basket.mostFen * mine.spendable) / mine.worth_fen))
  })
  const asked = computed(() => ({
    lines: basket.list.map(({ good, quantity }) => ({ sku: good.sku, quantity })),
    method: choices.method,
    point: kept.place?.at ?? null,
    store_id: choices.method === 'pickup' ? choices.storeId : null,
    coupon_id: choices.couponId,
    points: points.value,
    slot_id: choices.slotId,
  }))
  const quote = useQuery({
    queryKey: computed(() => ['quote', asked.value]),
    queryFn: () => got(api.POST('/api/quotes', { body: asked.value })),
    enabled: computed(() => basket.list.length > 0 && (choices.method === 'pickup' ? !!choices.storeId : !!kept.place)),
    refetchInterval: 60_000,
    placeholderData: (before: Quote | undefined) => before,
    retry: (times, error) => asProblem(error).retryable && times < 2,
  })
  const slots = useQuery({
    queryKey: computed(() => ['slots', choices.method === 'pickup' ? choices.storeId : [kept.place?.at.lon, kept.place?.at.lat]]),
    queryFn: () => got(api.GET('/api/slots', { params: { query: choices.method === 'pickup' ? { store_id: choices.storeId! } : { lon: kept.place!.at.lon, lat: kept.place!.at.lat } } })),
    enabled: computed(() => (choices.method === 'pickup' ? !!choices.storeId : !!kept.place)),
    refetchInterval: 60_000,
  })
  // A window belongs to its place: elsewhere, or gone, it is not wished for any more.
  watch([() => choices.method, () => choices.storeId, () => kept.place?.at.lon], () => (choices.slotId = null))
  watch(() => slots.data.value, (found) => found && choices.slotId && !found.some((slot) => slot.slot_id === choices.slotId) && (choices.slotId = null))
  const trouble = computed(() => (quote.error.value ? asProblem(quote.error.value) : null))
  const considered = computed<Considered[]>(() => ((trouble.value ? trouble.value.facts.considered : quote.data.value?.why.considered) ?? []) as Considered[])
  /** What is short at the store that could do the most of it. */
  const shorts = computed<Short[]>(() => {
    if (!trouble.value) return []
    const lists = considered.value.filter((one) => one.verdict === 'no_stock').map((one) => (one.facts.short ?? []) as Short[])
    return lists.sort((a, b) => a.length - b.length)[0] ?? []
  })
  return { member, coupons, usable, slots, quote, trouble, considered, shorts, points }
}
