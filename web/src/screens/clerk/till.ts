/** The sale at the counter. It is kept on this device before it is told, so a till sells through any network. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { Got, Sent } from '@/api/types'
import { newId } from '@/kit/ids'
import { nowIso } from '@/kit/time'
import { write } from '@/offline/outbox'
import type { Good } from '@/api/catalogue'

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
  way: Tender
  member: string | null
  /** The server's receipt, once it has heard of the sale. */
  receipt: Receipt | null
}
export type Sale = Sent<'/api/till/sales'>
export type Receipt = Got<'/api/till/sales', 'post'>
export type Tender = 'cash' | 'sandbox'

/** The price of a line; grams at a price a kilogram, half a fen rounded up, as the server counts. */
export function lineFen(line: Pick<TillLine, 'good' | 'quantity' | 'weight_g'>): number {
  return line.good.weighed ? Math.floor((line.good.price_fen * (line.weight_g || 0) + 500) / 1000) : line.good.price_fen * line.quantity
}

export const useTill = defineStore('till', () => {
  const lines = ref<TillLine[]>([])
  const member = ref<(Got<'/api/members/{code}'> & { code: string }) | null>(null)
  const sold = ref<Sold | null>(null)
  const selling = ref(false)
  const usePoints = ref(false)
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
    usePoints.value = false
  }
  /** Nothing is sold by no weight: the house would not book it. */
  const weighed = computed(() => lines.value.every((line) => !line.good.weighed || (Number.isInteger(line.weight_g) && line.weight_g > 0)))
  async function sell(way: Tender): Promise<void> {
    if (selling.value || !lines.value.length || !weighed.value) return
    selling.value = true
    const sale_id = newId()
    const at = nowIso()
    const offline = !navigator.onLine
    const items = lines.value.map(({ good, quantity, weight_g }) => ({
      sku: good.sku, quantity, weight_g: good.weighed ? weight_g : null, price_fen: offline ? good.price_fen : null,
    }))
    const points = usePoints.value && member.value ? Math.max(0, member.value.spendable) : 0
    const body: Sale = { sale_id, items, tender: way, at, member_code: member.value?.code ?? null, points, offline }
    await write({ lane: 'till', path: '/api/till/sales', body, id: sale_id, apart: true })
    sold.value = { sale_id, at, lines: lines.value, totalFen: totalFen.value, way, member: member.value?.name ?? null, receipt: null }
    clear()
    selling.value = false
  }
  /** The server has booked a sale: its receipt leads. */
  function booked(saleId: string, receipt: Receipt): void {
    if (sold.value?.sale_id === saleId) sold.value.receipt = receipt
  }
  return { lines, member, sold, selling, usePoints, totalFen, weighed, booked, add, count, clear, sell }
})
