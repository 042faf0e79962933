/** Why a store was chosen or refused, in people's words. */
import { say, word } from '@/i18n'
import { distance, duration, weight } from '@/kit/measure'
import { money } from '@/kit/money'
import { dayTime } from '@/kit/time'

export interface Considered {
  store_id: string
  verdict: string | null
  facts: Record<string, unknown>
  score_fen: number | null
  terms: Record<string, number>
}
interface Short {
  sku: string
  wanted: number
  left: number
}
const MOST_NAMED = 3

function joined(names: string[]): string {
  const shown = names.slice(0, MOST_NAMED).join(say('why.and'))
  return names.length > MOST_NAMED ? say('why.and_more', { names: shown, n: names.length - MOST_NAMED }) : shown
}

/** A refusal with its facts: what is short, until when, how far. */
export function refusal({ verdict, facts }: Considered, nameOf: (sku: string) => string): string {
  if (!verdict) return ''
  const short = (facts.short ?? []) as Short[]
  const skus = (facts.skus ?? []) as string[]
  const time = (key: string) => (typeof facts[key] === 'string' ? dayTime(facts[key]) : '–')
  const written = {
    goods: joined(short.length ? short.map((one) => say('why.short', { name: nameOf(one.sku), left: Math.max(0, one.left), wanted: one.wanted })) : skus.map(nameOf)),
    distance: distance(facts.distance_m as number | undefined), ride: distance(facts.ride_m as number | undefined), most: distance(facts.most_m as number | undefined),
    missing: money(facts.missing_fen as number | undefined), weight: weight(facts.weight_g as number | undefined), backlog: duration(facts.backlog_s as number | undefined), speed: duration(facts.speed_s as number | undefined),
    until: time('until'), opens: time('opens_at'), closes: time('closes_at'), by: time('arrive_by'), name: String(facts.name ?? facts.filter ?? facts.rule ?? ''),
  }
  const full = Object.keys(facts).length ? word(`why.told.${verdict}`, '', written) : ''
  return full || word(`why.verdict.${verdict}`, verdict)
}

export const TERMS = ['promise', 'ride', 'fee', 'distance', 'backlog', 'riders', 'stock', 'split', 'expiry'] as const
export const TERM_COLOURS: Record<string, string> = { promise: '#1971c2', ride: '#0e8a5f', fee: '#e8890c', distance: '#7048e8', backlog: '#c2255c', riders: '#a61e4d', stock: '#868e96', split: '#0b8aa3', expiry: '#74b816' }
