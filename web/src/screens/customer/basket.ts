/** The basket: what and how many, kept on this device. Prices in it are only for show; the quote says what holds. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { useConfig } from '@/api/config'
import type { Got } from '@/api/types'
import type { LeftAt } from './shelf'

export type Good = Got<'/api/goods'>['items'][number] & { left?: number | null; at?: LeftAt[] }
export interface Kept {
  good: Good
  quantity: number
}
const KEY = 'o2o.basket'
export const useBasket = defineStore('basket', () => {
  const lines = ref<Record<string, Kept>>(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, Kept>)
  watch(lines, (now) => localStorage.setItem(KEY, JSON.stringify(now)), { deep: true })

  const list = computed(() => Object.values(lines.value))
  const pieces = computed(() => list.value.reduce((sum, line) => sum + line.quantity, 0))
  const goodsFen = computed(() => list.value.reduce((sum, line) => sum + amount(line), 0))
  const { config } = useConfig()
  /** What the house counts, for minimum baskets and coupons too: weighed goods at the most they may cost. */
  const mostFen = computed(() => list.value.reduce((sum, line) => sum + most(line, config.value?.weight_tolerance_pct ?? 0), 0))

  function of(sku: string): number {
    return lines.value[sku]?.quantity ?? 0
  }
  function put(good: Good, quantity: number): void {
    if (quantity > 0) lines.value[good.sku] = { good, quantity }
    else delete lines.value[good.sku]
  }
  function clear(): void {
    lines.value = {}
  }
  return { lines, list, pieces, goodsFen, mostFen, of, put, clear }
})

/** Fen of a line. Weighed goods are wanted by the piece and priced by the kilogram: about `weight_g` a piece, half a fen rounded up. */
export function amount({ good, quantity }: Kept): number {
  return good.weighed ? Math.floor((good.price_fen * good.weight_g * quantity + 500) / 1000) : good.price_fen * quantity
}

/** The most a line may cost, where a weighed piece may be charged so much heavier than usual, in percent. */
function most(line: Kept, tolerancePct: number): number {
  const { good, quantity } = line
  return good.weighed ? Math.ceil((good.price_fen * good.weight_g * quantity * (100 + tolerancePct)) / 100_000) : amount(line)
}
