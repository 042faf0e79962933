/** Where the customer wants things: chosen once, kept on this device. */
import { useQuery } from '@tanstack/vue-query'
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { api, got } from '@/api/client'
import { pointOf, type Point } from '@/kit/geo'

export interface Place {
  at: Point
  text: string
}
const KEY = 'o2o.place'

export const usePlace = defineStore('place', () => {
  const place = ref<Place | null>(JSON.parse(localStorage.getItem(KEY) ?? 'null') as Place | null)
  watch(place, (now) => localStorage.setItem(KEY, JSON.stringify(now)))
  return { place }
})

/** Who delivers to the place, and where one could collect. */
export function useAround() {
  const kept = usePlace()
  return useQuery({
    queryKey: computed(() => ['around', kept.place?.at.lon, kept.place?.at.lat]),
    queryFn: () => got(api.GET('/api/stores/near', { params: { query: { lon: kept.place!.at.lon, lat: kept.place!.at.lat } } })),
    enabled: computed(() => !!kept.place),
    staleTime: 60_000,
  })
}

/** How soon the place can have it: minutes, a time of day, or only where to fetch it. */
export function useAvailability() {
  const kept = usePlace()
  return useQuery({
    queryKey: computed(() => ['availability', kept.place?.at.lon, kept.place?.at.lat]),
    queryFn: () => got(api.GET('/api/availability', { params: { query: { lon: kept.place!.at.lon, lat: kept.place!.at.lat } } })),
    enabled: computed(() => !!kept.place),
    staleTime: 20_000,
    refetchInterval: 60_000,
  })
}

/** Doors to try, where this installation tells some (a demo does). */
export function doorsOf(config: unknown): Place[] {
  const told = (config as { doors?: { address: string }[] } | undefined)?.doors ?? []
  return told.flatMap((door) => {
    const at = pointOf(door)
    return at ? [{ at, text: door.address }] : []
  })
}
