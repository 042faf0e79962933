/** Suppliers are known by one name; readers of English see another where there is one. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, got } from '@/api/client'
import { locale } from '@/i18n'

export function useSuppliers() {
  const named = useQuery({ queryKey: ['suppliers'], queryFn: () => got(api.GET('/api/suppliers')), staleTime: 300_000 })
  const english = computed(() => new Map((named.data.value ?? []).map((one) => [one.supplier, one.name_en])))
  const supplierName = (name: string) => (locale() === 'en' && english.value.get(name)) || name
  return { english, supplierName }
}
