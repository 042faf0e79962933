/** What was in the bag and has not come back yet, the substitutes each for itself. */
import { named } from '@/i18n'

interface Named {
  sku: string
  name_zh: string
  name_en: string
}
interface Line extends Named {
  no: number
  picked: number | null
  returned: number
  substitutes: (Named & { quantity: number; returned: number })[]
}
export interface Returnable {
  no: number
  sku: string
  name: string
  left: number
}

export function returnable(lines: Line[]): Returnable[] {
  return lines
    .flatMap((line) => [
      ...line.substitutes.map((one) => ({ no: line.no, sku: one.sku, name: named(one), left: one.quantity - one.returned })),
      { no: line.no, sku: line.sku, name: named(line), left: (line.picked ?? 0) - (line.returned - line.substitutes.reduce((sum, one) => sum + one.returned, 0)) },
    ])
    .filter((one) => one.left > 0)
}

export const keyOf = (one: { no: number; sku: string }) => `${one.no}/${one.sku}`
export const RETURN_REASONS = ['damaged', 'wrong', 'missing', 'quality', 'unwanted'] as const
export const RETURN_OUTCOMES = [['restocked', '✅'], ['quarantined', '🔍'], ['wasted', '🗑'], ['rejected', '✋']] as const
/** Where goods that came back for that reason mostly belong: what was said to be broken or bad is not put back on the shelf unasked. */
export function usualOutcome(reason: string): (typeof RETURN_OUTCOMES)[number][0] {
  return ['damaged', 'quality', 'broken'].includes(reason) ? 'wasted' : 'restocked'
}
