/** The catalogue, for names and choices at head office. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, got } from '@/api/client'
import type { Got } from '@/api/types'
import { named } from '@/i18n'

export type Good = Got<'/api/goods'>['items'][number]
const MOST_PAGES = 40

async function readAll(): Promise<Good[]> {
  const all: Good[] = []
  let page: string | undefined
  for (let n = 0; n < MOST_PAGES; n += 1) {
    const shelf = await got(api.GET('/api/goods', { params: { query: { page, limit: 200 } } }))
    all.push(...shelf.items)
    if (!shelf.next_page) break
    page = shelf.next_page
  }
  return all
}

export function useGoods() {
  const goods = useQuery({ queryKey: ['catalogue'], queryFn: readAll, staleTime: 300_000 })
  const aisles = useQuery({ queryKey: ['categories'], queryFn: () => got(api.GET('/api/categories')), staleTime: 600_000 })
  const bySku = computed(() => new Map((goods.data.value ?? []).map((good) => [good.sku, good])))
  const nameOf = (sku: string) => named(bySku.value.get(sku)) || sku
  const aisleName = (code: string) => named(aisles.data.value?.find((one) => one.code === code)) || code
  return { goods: goods.data, aisles: aisles.data, bySku, nameOf, aisleName }
}
