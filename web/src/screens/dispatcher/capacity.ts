/** A day's half hours and planned shifts, and the writes that change them. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref, type Ref } from 'vue'
import { api, got, once } from '@/api/client'
import type { Got } from '@/api/types'
import { nowMs } from '@/kit/time'

export type HalfHour = Got<'/api/areas/{area_id}/capacity'>['half_hours'][number]
export type Shift = Got<'/api/areas/{area_id}/shifts'>['shifts'][number]
export const HALF_MS = 1_800_000
export const HALF_HOURS = 36
const FIRST_HOUR = 6

export function useCapacity(areaId: Ref<string>) {
  const cache = useQueryClient()
  const day = ref(0)
  /** Six in the morning of the chosen day, here. */
  const from = computed(() => {
    const at = new Date(nowMs())
    at.setHours(FIRST_HOUR, 0, 0, 0)
    at.setDate(at.getDate() + day.value)
    return at
  })
  const fromAt = computed(() => from.value.toISOString())
  const path = computed(() => ({ area_id: areaId.value }))
  const query = computed(() => ({ from_at: fromAt.value, half_hours: HALF_HOURS }))
  const enabled = computed(() => !!areaId.value)
  const capacity = useQuery({
    queryKey: computed(() => ['capacity', areaId.value, fromAt.value]),
    queryFn: () => got(api.GET('/api/areas/{area_id}/capacity', { params: { path: path.value, query: query.value } })),
    enabled,
    refetchInterval: 60_000,
  })
  /** What one rider brings in a half hour, as riders did lately. */
  const carriedEach = computed(() => capacity.data.value?.carried_each ?? 2)
  const shifts = useQuery({
    queryKey: computed(() => ['shifts', areaId.value, fromAt.value]),
    queryFn: () => got(api.GET('/api/areas/{area_id}/shifts', { params: { path: path.value, query: query.value } })),
    enabled,
  })
  const crew = useQuery({
    queryKey: computed(() => ['crew', areaId.value]),
    queryFn: () => got(api.GET('/api/screens/crew', { params: { query: { area_id: areaId.value } } })),
    enabled,
  })
  const reread = () => Promise.all(['capacity', 'shifts'].map((name) => cache.invalidateQueries({ queryKey: [name, areaId.value] })))
  const want = useMutation({
    mutationFn: (wish: { starts_at: string; riders: number }) => got(api.PUT('/api/areas/{area_id}/capacity', { params: { path: path.value }, body: wish })),
    onSettled: reread,
  })
  const plan = useMutation({
    mutationFn: (shift: { rider_id: string; starts_at: string; ends_at: string }) => got(api.POST('/api/areas/{area_id}/shifts', { params: { path: path.value, header: once() }, body: shift })),
    onSettled: reread,
  })
  const cancel = useMutation({
    mutationFn: (shiftId: string) => got(api.POST('/api/shifts/{shift_id}/cancel', { params: { path: { shift_id: shiftId }, header: once() } })),
    onSettled: reread,
  })
  return { day, from, capacity, carriedEach, shifts, crew, want, plan, cancel }
}
