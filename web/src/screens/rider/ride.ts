/** What the rider's phone knows: the server's screen, with what was done here and not yet heard laid over it. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, got } from '@/api/client'
import { asProblem } from '@/api/problem'
import { account } from '@/api/session'
import type { Got } from '@/api/types'
import { nowIso } from '@/kit/time'
import { useLive } from '@/live/stream'
import { withWrites, type Write } from '@/offline/outbox'
import { remembered, type Waiting } from '@/offline/store'

export type RiderScreen = Got<'/api/screens/rider'>
export type Trip = NonNullable<RiderScreen['trip']>
export type Stop = Trip['stops'][number]
export type Act = 'arrive' | 'complete' | 'fail'

export function useRide() {
  const screen = useQuery({
    queryKey: ['rider'],
    queryFn: () => remembered(`rider.${account.value?.id}`, () => got(api.GET('/api/screens/rider')), (e) => asProblem(e).retryable),
    refetchInterval: 15_000,
  })
  useLive(
    computed(() => (account.value ? [`rider:${account.value.id}`] : [])),
    [['rider']],
  )
  const data = computed(() => withWrites(screen.data.value, asDoneHere))
  const trip = computed(() => data.value?.trip ?? null)
  const offer = computed(() => (trip.value?.state === 'offered' ? trip.value : null))
  const riding = computed(() => (trip.value?.state === 'accepted' ? trip.value : null))
  const next = computed(() => riding.value?.stops.find((stop) => stop.state === 'pending' || stop.state === 'arrived') ?? null)
  return { screen, data, trip, offer, riding, next }
}

const DONE: Record<Act, string> = { arrive: 'arrived', complete: 'done', fail: 'failed' }

/** Every stop as the rider left it, whether or not the server has heard. */
function asDoneHere(screen: RiderScreen, rows: Waiting[]): RiderScreen {
  const left = new Map<string, string>()
  for (const row of rows) {
    const match = /^\/api\/stops\/([^/]+)\/(arrive|complete|fail)$/.exec(row.path)
    if (match) left.set(match[1]!, DONE[match[2] as Act])
  }
  if (!screen.trip || !left.size) return screen
  return { ...screen, trip: { ...screen.trip, stops: screen.trip.stops.map((stop) => ({ ...stop, state: left.get(stop.id) ?? stop.state })) } }
}

/** What was done at a stop, with the time it was done, to be written. */
export function deedOf(trip: Trip, stop: Stop, kind: Act, more: Record<string, unknown> = {}, after?: string): Write {
  return { lane: trip.id, path: `/api/stops/${stop.id}/${kind}`, body: { at: nowIso(), ...more }, after }
}
