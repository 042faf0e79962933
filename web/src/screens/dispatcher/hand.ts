/** What a hand means to do, before it is done (a wish), and what it did last (to be undone). */
import { useQueryClient } from '@tanstack/vue-query'
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api, got, once, Problem } from '@/api/client'
import { asProblem } from '@/api/problem'
import type { Got, Sent } from '@/api/types'
import { newId } from '@/kit/ids'
import { useChoice } from './choice'

export type Act = Sent<'/api/areas/{area_id}/hand'>['acts'][number]
export type Preview = Got<'/api/areas/{area_id}/hand/preview', 'post'>
export type Effect = Preview['effects'][number]
export type Failure = Preview['failures'][number]
export type Kind = 'assign' | 'reserve' | 'take_back' | 'hold' | 'release' | 'lock' | 'unlock' | 'split' | 'move_stop'

export interface Wish {
  kind: Kind
  /** Deliveries meant; for lock and unlock the trips are. */
  deliveryIds: string[]
  tripIds?: string[]
  stopId?: string
  position?: number
  riderId?: string | null
  until?: string
}
/** Kinds that need a rider before they mean anything; a split may also go without one. */
export const FOR_A_RIDER: Kind[] = ['assign', 'reserve', 'split']

/** The acts of a wish, in order; none while something is still to be said. */
export function actsOf(wish: Wish): Act[] {
  const { riderId, until, tripIds = [], deliveryIds } = wish
  switch (wish.kind) {
    case 'assign':
    case 'reserve':
      return riderId ? deliveryIds.map((delivery_id) => ({ act: wish.kind as 'assign' | 'reserve', delivery_id, rider_id: riderId })) : []
    case 'hold':
      return until ? deliveryIds.map((delivery_id) => ({ act: 'hold', delivery_id, until })) : []
    case 'take_back':
    case 'release':
      return deliveryIds.map((delivery_id) => ({ act: wish.kind as 'take_back' | 'release', delivery_id }))
    case 'lock':
    case 'unlock':
      return tripIds.map((trip_id) => ({ act: wish.kind as 'lock' | 'unlock', trip_id }))
    case 'split':
      return riderId === undefined || !deliveryIds.length ? [] : [{ act: 'split', trip_id: tripIds[0]!, delivery_ids: deliveryIds, rider_id: riderId }]
    case 'move_stop':
      return wish.stopId && wish.position !== undefined ? [{ act: 'move_stop', stop_id: wish.stopId, position: wish.position }] : []
  }
}

export interface DoneByHand {
  id: string
  kind: Kind
  count: number
  riderName: string
  undoUntil: string
}

export const useHand = defineStore('hand', () => {
  const cache = useQueryClient()
  const choice = useChoice()
  const wish = ref<Wish | null>(null)
  const last = ref<DoneByHand | null>(null)
  const undone = ref(false)
  const error = ref<Problem | null>(null)
  const busy = ref(false)
  const dragging = ref<string[]>([])
  /** Named once a wish: pressing twice does it once. */
  let key = newId()

  function begin(next: Wish): void {
    wish.value = next
    error.value = null
    key = newId()
  }
  function drop(riderId: string): void {
    if (dragging.value.length) begin({ kind: 'assign', deliveryIds: dragging.value, riderId })
    dragging.value = []
  }
  const reread = () => Promise.all([['desk'], ['hand'], ['rounds']].map((queryKey) => cache.invalidateQueries({ queryKey })))

  /** Do it. What could not be done is in the answer's failures, and nothing was. */
  async function perform(areaId: string, acts: Act[], riderName: string): Promise<Failure[]> {
    if (!wish.value || busy.value) return []
    busy.value = true
    error.value = null
    const meant = wish.value
    try {
      const done = await got(api.POST('/api/areas/{area_id}/hand', { params: { path: { area_id: areaId }, header: once(key) }, body: { acts } }))
      // What may be taken only later on was kept for him, not given.
      const kept = meant.kind === 'assign' && meant.deliveryIds.every((id) => done.effects.some((one) => one.delivery_id === id && !one.rider_after && one.kept_for))
      last.value = { id: done.action_id, kind: kept ? 'reserve' : meant.kind, count: acts.length, riderName, undoUntil: done.undo_until }
      undone.value = false
      wish.value = null
      choice.picked = []
      return []
    } catch (cause) {
      const problem = asProblem(cause)
      if (!problem.retryable) key = newId()
      if (problem.code === 'dispatch.not_all_done') return problem.facts.failures as Failure[]
      error.value = problem
      return []
    } finally {
      busy.value = false
      void reread()
    }
  }
  async function undo(): Promise<void> {
    const action = last.value
    if (!action || undone.value || busy.value) return
    busy.value = true
    error.value = null
    try {
      await got(api.POST('/api/hand/{action_id}/undo', { params: { path: { action_id: action.id }, header: once(action.id) } }))
      undone.value = true
    } catch (cause) {
      error.value = asProblem(cause)
    } finally {
      busy.value = false
      void reread()
    }
  }
  const open = computed(() => wish.value !== null)
  return { wish, last, undone, error, busy, dragging, open, begin, drop, perform, undo }
})
