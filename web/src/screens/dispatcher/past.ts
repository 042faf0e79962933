/** What is over: found by words while somebody looks, and one delivery's whole story. */
import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, got } from '@/api/client'
import type { Got } from '@/api/types'

export type Past = Got<'/api/screens/dispatcher/past'>['deliveries'][number]

export function usePast(area: Ref<string>, words: Ref<string>, on: Ref<boolean>) {
  return useQuery({
    queryKey: computed(() => ['past', area.value, words.value]),
    queryFn: () => got(api.GET('/api/screens/dispatcher/past', { params: { query: { area_id: area.value, words: words.value } } })),
    enabled: computed(() => !!area.value && on.value),
    refetchInterval: 30_000,
  })
}

export function useStory(id: Ref<string>) {
  return useQuery({
    queryKey: computed(() => ['story', id.value]),
    queryFn: () => got(api.GET('/api/screens/deliveries/{delivery_id}', { params: { path: { delivery_id: id.value } } })),
    enabled: computed(() => !!id.value),
  })
}
