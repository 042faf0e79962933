/** Shares of kept promises. Below the band we lie; above it we could promise sooner. */
import type { Got } from '@/api/types'

export type Report = Got<'/api/promises/report'>
export type Kept = Pick<Report['all'], 'orders' | 'kept' | 'kept_from' | 'kept_to'>
export const BAND = { from: 0.88, to: 0.95 }

export const share = (part: number | null | undefined): string => (part == null ? '–' : `${(part * 100).toFixed(1).replace(/\.0$/, '')}%`)

/** In the band; or outside it: perhaps by chance (few orders say little), or surely too late, or surely too cautious. */
export function tone({ kept, kept_from, kept_to }: Kept): 'good' | 'warm' | 'bad' | 'info' | '' {
  if (kept === null || kept_from === null || kept_to === null) return ''
  if (kept < BAND.from) return kept_to < BAND.from ? 'bad' : 'warm'
  return kept > BAND.to && kept_from > BAND.to ? 'info' : 'good'
}
