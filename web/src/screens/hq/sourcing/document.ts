/** What head office may say to sourcing: the words of a rules document, and the units people write them in. */
export interface Condition {
  fact: string
  over?: number
  under?: number
  is?: number
}
export interface Filter {
  name: string
  if: Condition[]
}
export interface Section {
  when: { channel?: string | null; method?: string | null; area_ids?: string[] | null }
  set: Record<string, number | boolean>
  refuse: Filter[]
}
export interface Rules {
  sort: string[]
  sections: Section[]
}
export type Unit = 'yuan' | 'min' | 'm' | 'kg' | 'percent' | 'n' | 'flag'

export const SORTS = ['score', 'promise', 'distance', 'backlog', 'fee'] as const
export const SETTINGS: Record<string, Unit> = {
  farthest_m: 'm', most_detour_percent: 'percent', detour_from_m: 'm', longest_promise_s: 'min', latest_window_s: 'min', most_backlog_s: 'min', heaviest_g: 'kg', needs_riders: 'flag', keep_ring_speed: 'flag',
  fen_per_promised_minute: 'yuan', fen_per_km: 'yuan', fen_per_backlog_minute: 'yuan', fen_per_waiting_delivery: 'yuan', fen_without_riders: 'yuan', fen_for_last_pieces: 'yuan', healthy_left: 'n', fen_for_expiring: 'yuan',
  most_shipments: 'n', split_fen: 'yuan', least_split_fen: 'yuan', least_part_fen: 'yuan',
}
export const FACTS: Record<string, Unit> = {
  distance_m: 'm', ride_m: 'm', ride_s: 'min', fee_fen: 'yuan', arrive_s: 'min', ready_s: 'min', backlog_s: 'min', riders: 'n', open_deliveries: 'n', window_s: 'min', goods_fen: 'yuan', weight_g: 'kg', lines: 'n',
}
export const HOWS = ['over', 'under', 'is'] as const
export type How = (typeof HOWS)[number]
const SCALE: Record<Unit, number> = { yuan: 100, min: 60, m: 1, kg: 1000, percent: 1, n: 1, flag: 1 }

/** Between what is kept (fen, seconds, grams) and what is written (yuan, minutes, kilograms). */
export const toPeople = (kept: number, unit: Unit): number => kept / SCALE[unit]
export const fromPeople = (written: number, unit: Unit): number => Math.round(written * SCALE[unit])

export const howOf = (condition: Condition): How => HOWS.find((how) => condition[how] !== undefined) ?? 'over'
export const numberOf = (condition: Condition): number => condition[howOf(condition)] ?? 0
export const condition = (fact: string, how: How, number: number): Condition => ({ fact, [how]: number })

/** A document as it came, with every part there. */
export function whole(document: unknown): Rules {
  const found = (document ?? {}) as Partial<Rules>
  return {
    sort: found.sort?.length ? [...found.sort] : ['score'],
    sections: (found.sections ?? []).map((one) => ({ when: { ...one.when }, set: { ...one.set }, refuse: (one.refuse ?? []).map((filter) => ({ name: filter.name, if: filter.if.map((part) => ({ ...part })) })) })),
  }
}

/** Without what says nothing. */
export function spare(rules: Rules): Rules {
  const when = (one: Section['when']) => Object.fromEntries(Object.entries(one).filter(([, value]) => value != null && (!Array.isArray(value) || value.length)))
  return { sort: rules.sort, sections: rules.sections.map((one) => ({ when: when(one.when), set: one.set, refuse: one.refuse.filter((filter) => filter.if.length) })) }
}
