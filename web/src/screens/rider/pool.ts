/** The open pool, breaks and shifts: a rider's working day beside the trip. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { showToast } from 'vant'
import { computed, type Ref } from 'vue'
import { api, got } from '@/api/client'
import { account } from '@/api/session'
import type { Got } from '@/api/types'
import { say } from '@/i18n'
import { play } from '@/kit/sound'
import { told } from '@/parts/tell'

export type Pooled = Got<'/api/rider/pool'>['deliveries'][number]

export function usePool(on: Ref<boolean>) {
  const cache = useQueryClient()
  const pool = useQuery({
    queryKey: computed(() => ['rider-pool', account.value?.id]),
    queryFn: () => got(api.GET('/api/rider/pool')),
    refetchInterval: 15_000,
    enabled: on,
  })
  const deliveries = computed<Pooled[]>(() => (on.value ? (pool.data.value?.deliveries ?? []) : []))
  const take = useMutation({
    mutationFn: (id: string) => got(api.POST('/api/rider/pool/{delivery_id}/take', { params: { path: { delivery_id: id } } })),
    onSuccess: () => {
      play('done')
      showToast(say('rider.pool.taken'))
    },
    onError: (error) => {
      play('bad')
      showToast(told(error))
    },
    onSettled: () => Promise.all(['rider', 'rider-pool'].map((name) => cache.invalidateQueries({ queryKey: [name] }))),
  })
  return { pool, deliveries, take }
}

export function useBreak() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (want: boolean) => got(want ? api.POST('/api/rider/break') : api.POST('/api/rider/back')),
    onError: (error) => showToast(told(error)),
    onSettled: () => cache.invalidateQueries({ queryKey: ['rider'] }),
  })
}

export function useShifts(on: Ref<boolean>) {
  return useQuery({ queryKey: ['rider-shifts'], queryFn: () => got(api.GET('/api/rider/shifts')), enabled: on, staleTime: 60_000 })
}
