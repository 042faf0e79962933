/** The chain today, read again every quarter of a minute. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, got } from '@/api/client'
import type { Got } from '@/api/types'

export type Overview = Got<'/api/screens/hq'>
export type StoreLine = Overview['stores'][number]
export type Hour = Overview['hours'][number]

export function useOverview() {
  return useQuery({ queryKey: ['hq', 'overview'], queryFn: () => got(api.GET('/api/screens/hq')), refetchInterval: 15_000 })
}

/** Every store by id, for names beside ids. */
export function useStores() {
  return useQuery({ queryKey: ['stores'], queryFn: () => got(api.GET('/api/stores')), staleTime: 60_000 })
}
/** The clock the chain's days go by: its stores', wherever head office sits. */
export function useChainZone() {
  const stores = useStores()
  return computed(() => stores.data.value?.[0]?.timezone)
}
export type Store = Got<'/api/stores'>[number]
