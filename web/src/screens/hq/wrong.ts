/** Which field of a form a refusal speaks of: the last part of what the server names. */
import { asProblem } from '@/api/problem'

export function fieldOf(error: unknown): string {
  return String(asProblem(error).facts.field ?? '').split('.').at(-1) ?? ''
}
/** A refusal that none of these fields shows. */
export function elsewhere(error: unknown, ...fields: string[]): unknown {
  return error && !fields.includes(fieldOf(error)) ? error : null
}
