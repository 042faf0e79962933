/** How far what came is from what was announced, in words; what went back with the driver is not short besides. */
import { say } from '@/i18n'

export interface Came {
  announced: number
  received: number
  damaged: number
  refused: number
}

export function gapOf(one: Came): string {
  const n = one.received + one.refused - one.announced
  const parts: [string, number][] = [['less', -n], ['extra', n], ['bad', one.damaged], ['no', one.refused]]
  return parts.filter(([, units]) => units > 0).map(([what, units]) => say(`supply_gap.${what}`, { n: units })).join(' · ')
}
