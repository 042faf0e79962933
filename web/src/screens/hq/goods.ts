/** The catalogue, for names and choices at head office. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { allGoods } from '@/api/catalogue'
import { api, got } from '@/api/client'
import { named } from '@/i18n'

export function useGoods() {
  const goods = useQuery({ queryKey: ['catalogue'], queryFn: allGoods, staleTime: 300_000 })
  const aisles = useQuery({ queryKey: ['categories'], queryFn: () => got(api.GET('/api/categories')), staleTime: 600_000 })
  const bySku = computed(() => new Map((goods.data.value ?? []).map((good) => [good.sku, good])))
  const nameOf = (sku: string) => named(bySku.value.get(sku)) || sku
  const aisleName = (code: string) => named(aisles.data.value?.find((one) => one.code === code)) || code
  return { goods: goods.data, trouble: goods.error, again: () => goods.refetch(), aisles: aisles.data, bySku, nameOf, aisleName }
}
