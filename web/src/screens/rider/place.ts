/** A stop in words: a customer's door by its address, else the store. */
import { named } from '@/i18n'
import type { Stop } from './ride'

export const placeName = (stop: Stop): string => stop.address || named({ name_zh: stop.store_zh, name_en: stop.store_en })
/** The customer's code is asked for only where goods go to a customer. */
export const needsCode = (stop: Stop): boolean => stop.kind === 'dropoff' && stop.delivery_kind === 'delivery'
/** What cannot be done here: handing over, or fetching a return from its customer. */
export const mayFail = (stop: Stop): boolean => needsCode(stop) || (stop.kind === 'pickup' && stop.delivery_kind === 'return')
/** Which words tell what is done here: `pickup`, `dropoff`, `return` (back to its store), `fetch` (from a customer), `bring` (to a store). */
export function deed(stop: Stop): 'pickup' | 'dropoff' | 'return' | 'fetch' | 'bring' {
  if (stop.kind === 'pickup') return stop.delivery_kind === 'return' ? 'fetch' : 'pickup'
  if (stop.kind === 'return') return 'return'
  return stop.delivery_kind === 'delivery' ? 'dropoff' : 'bring'
}
