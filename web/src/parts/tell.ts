/** Problems in people's words, by code; the facts fill the blanks. */
import { asProblem } from '@/api/problem'
import { say, word } from '@/i18n'
import { money } from '@/kit/money'
import { dayTime } from '@/kit/time'

/** Facts as they are written for people: fen as money, times as times. */
function shown(facts: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => {
      if (name.endsWith('_fen') && typeof value === 'number') return [name, money(value)]
      if (name.endsWith('_at') && typeof value === 'string') return [name, dayTime(value)]
      if (name === 'field' && typeof value === 'string') return [name, word(`field.${value.split('.').pop()}`, value)]
      // A place: five decimals are a metre.
      if (Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === 'number')) return [name, value.map((one: number) => one.toFixed(5)).join(', ')]
      return [name, value]
    }),
  )
}

export function told(error: unknown): string {
  const problem = asProblem(error)
  const otherwise = problem.status >= 500 ? say('problem.server') : word(`problem.http_${problem.status}`, problem.detail || say('problem.unexpected'))
  return word(`problem.${problem.code.replaceAll('.', '_')}`, otherwise, shown(problem.facts))
}
