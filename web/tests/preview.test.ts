import { describe, expect, it } from 'vitest'
import { together, type Preview } from '@/screens/hq/sourcing/preview'

const part = (over: Partial<Preview>): Preview => ({
  day: '2026-03-01', of: 5, next: null, promises_before_s: [], promises_after_s: [], decisions: 0, same: 0, moved: 0, lost: 0, promise_before_s: 0, promise_after_s: 0, cost_before_fen: 0,
  cost_after_fen: 0, fee_before_fen: 0, fee_after_fen: 0, parcels_before: 0, parcels_after: 0, refused: 0, won: 0, won_fen: 0, changed: [], gained: [], complete: true, ...over,
})

describe('a day tried in parts', () => {
  it('adds up, and its medians are those of all orders, not of the parts', () => {
    const first = part({ next: { decisions: 3, baskets: 0 }, decisions: 3, moved: 2, promises_before_s: [900, 1000, 5000], promises_after_s: [600, 700, 900], promise_before_s: 1000 })
    const last = part({ decisions: 2, moved: 1, won: 1, promises_before_s: [10, 20], promises_after_s: [1000, 1100], complete: false })
    const sum = together(first, last)
    expect([sum.decisions, sum.moved, sum.won, sum.next, sum.complete]).toEqual([5, 3, 1, null, false])
    expect([sum.promise_before_s, sum.promise_after_s]).toEqual([900, 900])
  })
})
