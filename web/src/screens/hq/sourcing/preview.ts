/** A day tried by other rules. A large day comes in parts of a few seconds: added up here, so that it is seen how far it is. */
import { api, got } from '@/api/client'
import type { Got } from '@/api/types'

export type Preview = Got<'/api/sourcing/rules/{rules_id}/preview', 'post'>
const SUMS = ['decisions', 'same', 'moved', 'lost', 'cost_before_fen', 'cost_after_fen', 'fee_before_fen', 'fee_after_fen', 'parcels_before', 'parcels_after', 'refused', 'won', 'won_fen'] as const
/** As many orders as one part names. */
const NAMED = 50

export async function tried(rulesId: string, day: string | undefined, seen: (done: number, of: number) => void, wanted: () => boolean): Promise<Preview | null> {
  let sum: Preview | null = null
  let after: Preview['next'] = { decisions: 0, baskets: 0 }
  do {
    const part: Preview = await got(api.POST('/api/sourcing/rules/{rules_id}/preview', { params: { path: { rules_id: rulesId } }, body: { day: day ?? sum?.day, after } }))
    sum = sum ? together(sum, part) : part
    after = part.next
    if (after) seen(sum.decisions + sum.refused, part.of)
  } while (after && wanted())
  return after ? null : sum
}

export function together(one: Preview, other: Preview): Preview {
  const sums = Object.fromEntries(SUMS.map((key) => [key, one[key] + other[key]])) as Pick<Preview, (typeof SUMS)[number]>
  const before = [...one.promises_before_s, ...other.promises_before_s]
  const after = [...one.promises_after_s, ...other.promises_after_s]
  return {
    ...other,
    ...sums,
    promises_before_s: before,
    promises_after_s: after,
    promise_before_s: median(before),
    promise_after_s: median(after),
    changed: [...one.changed, ...other.changed].slice(0, NAMED),
    gained: [...one.gained, ...other.gained].slice(0, NAMED),
    complete: one.complete && other.complete,
  }
}

/** Of two in the middle the lower, as the house has it. */
function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[(sorted.length - 1) >> 1] ?? 0
}
