/** Which acts make sense for the deliveries meant, and how each begins. */
import { computed } from 'vue'
import { useNow } from '@/kit/time'
import { useChoice } from './choice'
import { isHeld, isOpen, type Delivery, type DeskView } from './desk'
import { useHand, type Kind } from './hand'

export type ActName = 'assign' | 'reserve' | 'hold' | 'release' | 'take_back' | 'lock' | 'split'
export const ACT_KEYS: Record<ActName, string> = { assign: 'a', reserve: 'g', hold: 'h', release: 'r', take_back: 'b', lock: 'l', split: 's' }

export function useActs(desk: DeskView) {
  const choice = useChoice()
  const hand = useHand()
  const now = useNow()
  /** What is meant: all that is picked, else the one that is chosen. */
  const meant = computed<Delivery[]>(() => {
    const ids = choice.picked.length ? choice.picked : choice.chosen?.kind === 'delivery' ? [choice.chosen.id] : []
    return ids.flatMap((id) => desk.delivery(id) ?? [])
  })
  const tripIds = computed(() => {
    const ofRider = choice.chosen?.kind === 'rider' && !choice.picked.length ? desk.tripOf(choice.chosen.id)?.id : undefined
    return [...new Set([...(ofRider ? [ofRider] : []), ...meant.value.flatMap((one) => (one.trip_id && desk.trip(one.trip_id) ? [one.trip_id] : []))])]
  })
  const allLocked = computed(() => tripIds.value.length > 0 && tripIds.value.every((id) => desk.trip(id)?.locked))
  const can = computed<Record<ActName, boolean>>(() => {
    const open = meant.value.some(isOpen)
    const aboard = meant.value.length > 0 && meant.value.every((one) => one.state === 'assigned')
    return {
      assign: open,
      reserve: open,
      hold: open,
      release: meant.value.some((one) => isHeld(one, now.value) || !!one.only_for),
      take_back: meant.value.some((one) => one.state === 'assigned'),
      lock: tripIds.value.length > 0,
      split: aboard && tripIds.value.length === 1,
    }
  })
  function start(name: ActName): void {
    if (!can.value[name]) return
    const ids = (test: (one: Delivery) => boolean) => meant.value.filter(test).map((one) => one.id)
    if (name === 'lock') hand.begin({ kind: allLocked.value ? 'unlock' : 'lock', deliveryIds: [], tripIds: tripIds.value })
    else if (name === 'split') hand.begin({ kind: 'split', deliveryIds: ids(() => true), tripIds: tripIds.value })
    else if (name === 'release') hand.begin({ kind: 'release', deliveryIds: ids((one) => isHeld(one, now.value) || !!one.only_for) })
    else if (name === 'take_back') hand.begin({ kind: 'take_back', deliveryIds: ids((one) => one.state === 'assigned') })
    else hand.begin({ kind: name as Kind, deliveryIds: ids(isOpen) })
  }
  return { meant, tripIds, allLocked, can, start }
}
