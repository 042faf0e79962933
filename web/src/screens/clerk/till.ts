/** The sale at the counter. It is kept on this device before it is told, so a till sells through any network. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { Got } from '@/api/types'
import { newId } from '@/kit/ids'
import { nowIso } from '@/kit/time'
import { write } from '@/offline/outbox'
import type { Good } from './goods'

export interface TillLine {
  key: string
  good: Good
  quantity: number
  weight_g: number
}
export interface Sold {
  sale_id: string
  at: string
  lines: TillLine[]
  totalFen: number
  way: 'cash' | 'code'
  member: string | null
}

/** The price of a line; grams at a price a kilogram, half a fen rounded up, as the server counts. */
export function lineFen(line: Pick<TillLine, 'good' | 'quantity' | 'weight_g'>): number {
  return line.good.weighed ? Math.floor((line.good.price_fen * (line.weight_g || 0) + 500) / 1000) : line.good.price_fen * line.quantity
}

export const useTill = defineStore('till', () => {
  const lines = ref<TillLine[]>([])
  const member = ref<(Got<'/api/members/{code}'> & { code: string }) | null>(null)
  const sold = ref<Sold | null>(null)
  const selling = ref(false)
  const totalFen = computed(() => lines.value.reduce((sum, line) => sum + lineFen(line), 0))

  function add(good: Good, grams: number | null): void {
    const same = good.weighed ? undefined : lines.value.find((line) => line.good.sku === good.sku)
    if (same) same.quantity += 1
    else lines.value.push({ key: newId(), good, quantity: 1, weight_g: grams ?? (good.weighed ? good.weight_g || 500 : 0) })
  }
  function count(place: number, quantity: number): void {
    if (quantity > 0) lines.value[place]!.quantity = quantity
    else lines.value.splice(place, 1)
  }
  function clear(): void {
    lines.value = []
    member.value = null
  }
  async function sell(way: 'cash' | 'code'): Promise<void> {
    selling.value = true
    const sale_id = newId()
    const at = nowIso()
    const told = lines.value.map(({ good, quantity, weight_g }) => ({ sku: good.sku, quantity, weight_g: good.weighed ? weight_g : null }))
    const body = { sale_id, lines: told, member_code: member.value?.code ?? null, at, pay: way }
    await write({ lane: 'till', path: '/api/till/sales', body, id: sale_id })
    sold.value = { sale_id, at, lines: lines.value, totalFen: totalFen.value, way, member: member.value?.name ?? null }
    clear()
    selling.value = false
  }
  return { lines, member, sold, selling, totalFen, add, count, clear, sell }
})
