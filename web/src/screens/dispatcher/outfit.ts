/** What a rider carries with, as people write it: kilograms, litres, a radius around a store; and what would change. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, reactive, ref, watch } from 'vue'
import { api, got } from '@/api/client'
import { asProblem } from '@/api/problem'
import type { Got, Sent } from '@/api/types'
import { towards } from '@/screens/hq/zones/geometry'
import type { StoreOnMap } from './desk'

export type Outfit = Got<'/api/riders/{rider_id}'>
export type Change = NonNullable<Sent<'/api/riders/{rider_id}', 'patch'>>
export const VEHICLES = ['ebike', 'bicycle', 'on_foot', 'motorcycle', 'cargo_trike'] as const
/** Numbers, with what people's unit is worth in ours. */
export const NUMBERS = { capacity_g: 1000, capacity_ml: 1000, insulated_boxes: 1, max_jobs: 1 } as const
export type NumberName = keyof typeof NUMBERS
/** `anywhere`, around a store, or the drawn one it has. */
export type ZoneKind = 'anywhere' | 'around' | 'kept'
const CORNERS = 48

export function zoneAround(store: StoreOnMap, km: number): Outfit['zone'] {
  if (!(km > 0)) return { type: 'Polygon', coordinates: [] } // the server says at the field that this is no zone
  const ring = Array.from({ length: CORNERS }, (_, n) => towards([store.lon, store.lat], 360 - (n * 360) / CORNERS, km * 1000).map((degrees) => Math.round(degrees * 1e6) / 1e6))
  return { type: 'Polygon', coordinates: [[...ring, ring[0]!]] }
}

export function useOutfit(riderId: string, stores: () => StoreOnMap[]) {
  const cache = useQueryClient()
  const key = ['outfit', riderId]
  const params = { path: { rider_id: riderId } }
  const now = useQuery({ queryKey: key, queryFn: () => got(api.GET('/api/riders/{rider_id}', { params })) })
  const wish = reactive({ vehicle: 'ebike', capacity_g: '', capacity_ml: '', insulated_boxes: '', max_jobs: '', age_check: true, zone: 'anywhere' as ZoneKind, storeId: '', km: '2' })
  const before = ref<Outfit | null>(null)

  function take(one: Outfit): void {
    const numbers = Object.fromEntries(Object.entries(NUMBERS).map(([name, unit]) => [name, String(one[name as NumberName] / unit)]))
    Object.assign(wish, numbers, { vehicle: one.vehicle, age_check: one.skills.includes('age_check'), zone: one.zone ? 'kept' : 'anywhere', storeId: stores()[0]?.id ?? '' })
  }
  watch(now.data, (one, was) => one && !was && take(one), { immediate: true })

  const store = computed(() => stores().find((one) => one.id === wish.storeId))
  const zone = computed(() => (wish.zone === 'anywhere' ? null : wish.zone === 'around' && store.value ? zoneAround(store.value, Number(wish.km)) : (now.data.value?.zone ?? null)))
  /** Only what differs is sent. What is no number is sent as it is written: the server says what it may be. */
  const change = computed<Change>(() => {
    const one = now.data.value
    if (!one) return {}
    const meant: Record<string, unknown> = {}
    if (wish.vehicle !== one.vehicle) meant.vehicle = wish.vehicle
    for (const [name, unit] of Object.entries(NUMBERS)) {
      const written = wish[name as NumberName]
      const value = String(written).trim() === '' ? null : Number(written) * unit
      if (value !== one[name as NumberName]) meant[name] = value === null || Number.isNaN(value) ? String(written) : Math.round(value * 1000) / 1000
    }
    if (wish.age_check !== one.skills.includes('age_check')) meant.skills = wish.age_check ? ['age_check'] : []
    if (JSON.stringify(zone.value) !== JSON.stringify(one.zone)) meant.zone = zone.value
    return meant as Change
  })
  const save = useMutation({
    mutationFn: (body: Change) => got(api.PATCH('/api/riders/{rider_id}', { params, body })),
    onSuccess: (one) => {
      before.value = now.data.value ?? null
      cache.setQueryData(key, one)
      take(one)
      void cache.invalidateQueries({ queryKey: ['desk'] })
    },
  })
  /** As it was before the last change. */
  function undo(): void {
    const was = before.value
    if (!was) return
    const { id: _id, name: _name, ...all } = was
    save.mutate(all as Change, { onSuccess: () => (before.value = null) })
  }
  /** Which fields the server refused. */
  const wrong = computed(() => {
    if (!save.error.value) return new Set<string>()
    const { facts } = asProblem(save.error.value)
    const named = [facts.field, ...((facts.errors as { field: string }[] | undefined) ?? []).map((one) => one.field)]
    return new Set(named.filter((one) => typeof one === 'string').map((one) => String(one).split('.')[0]!.replace('geometry', 'zone')))
  })
  /** Another vehicle brings its usual load with it: what was written for the old one is not sent. */
  watch(() => wish.vehicle, (vehicle) => {
    const one = now.data.value
    if (one && vehicle !== one.vehicle) Object.keys(NUMBERS).forEach((name) => (wish[name as NumberName] = String(one[name as NumberName] / NUMBERS[name as NumberName])))
  })
  return { now, wish, zone, change, save, before, undo, wrong }
}
