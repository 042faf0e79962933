/** The catalogue on this device: pictures, prices and barcodes at hand, with or without a network. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { allGoods, type Good } from '@/api/catalogue'
import { api, got } from '@/api/client'
import { asProblem, Problem } from '@/api/problem'
import { until } from '@/kit/until'
import { remembered } from '@/offline/store'

export function useGoods() {
  const away = (error: unknown) => asProblem(error).retryable
  const goods = useQuery({ queryKey: ['catalogue'], queryFn: () => remembered('catalogue', allGoods, away), staleTime: 300_000 })
  const aisles = useQuery({
    queryKey: ['categories'],
    queryFn: () => remembered('categories', () => got(api.GET('/api/categories')), away),
    staleTime: 600_000,
  })
  const all = computed(() => goods.data.value?.value ?? [])
  const ways = computed(() => aisles.data.value?.value ?? [])
  const bySku = computed(() => new Map(all.value.map((good) => [good.sku, good])))
  const byBarcode = computed(() => new Map(all.value.filter((good) => good.barcode).map((good) => [good.barcode!, good])))
  const rank = computed(() => new Map(ways.value.map((aisle, place) => [aisle.code, place])))
  const aisle = (sku: string) => bySku.value.get(sku)?.category ?? ''
  const aisleName = computed(() => new Map(ways.value.map((one) => [one.code, one])))

  /** Whether goods and aisles are as known as they will be: lists by aisle lie still from now on. */
  const settled = computed(() => !goods.isPending.value && !aisles.isPending.value)

  /** What a code means. In-store labels (20 to 29) carry a weight and are read by the server. A code read early waits for the catalogue. */
  async function read(code: string): Promise<{ good: Good; weight_g: number | null }> {
    await until(settled)
    const known = byBarcode.value.get(code) ?? bySku.value.get(code)
    if (known) return { good: known, weight_g: null }
    if (!/^\d{8,14}$/.test(code)) throw new Problem('catalogue.bad_barcode', 422, '')
    return got(api.GET('/api/barcodes/{code}', { params: { path: { code } } }))
  }
  return { goods: all, aisles: ways, settled, aisleName, bySku, rank, aisle, read }
}
