/** Who picks when, for the week ahead. */
import { useQuery } from '@tanstack/vue-query'
import { api, got } from '@/api/client'
import type { Got } from '@/api/types'

export type PickerShift = Got<'/api/picker-shifts'>[number]
export const ROTA_DAYS = 7

export function useRota() {
  return useQuery({ queryKey: ['rota'], queryFn: () => got(api.GET('/api/picker-shifts', { params: { query: { days: ROTA_DAYS } } })), refetchInterval: 60_000 })
}

/** Shifts at one time add up. */
export const handsAt = (shifts: PickerShift[], at: number): number => shifts.filter((one) => Date.parse(one.starts_at) <= at && at < Date.parse(one.ends_at)).reduce((sum, one) => sum + one.hands, 0)
