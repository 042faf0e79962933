/** Words: 中文 first, English complete. Each screen brings its own dictionary and shares `common` and `problems`. */
import type { Ref } from 'vue'
import { createI18n } from 'vue-i18n'
import enCommon from './en/common'
import enProblems from './en/problems'
import zhCommon from './zh/common'
import zhProblems from './zh/problems'

export type Locale = 'zh-CN' | 'en'
const PLACE = 'o2o.locale'

function first(): Locale {
  const chosen = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(PLACE)
  return chosen === 'en' ? 'en' : 'zh-CN'
}

export const i18n = createI18n({
  legacy: false,
  locale: first() as string,
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': { ...zhCommon, problem: zhProblems }, en: { ...enCommon, problem: enProblems } } as unknown as Record<string, never>,
})

/** The words themselves, for use outside components. Dictionaries are merged as screens open, so their keys are not in the types. */
const words = i18n.global as unknown as {
  locale: Ref<string>
  t: (key: string, facts?: Record<string, unknown>) => string
  te: (key: string, locale?: string) => boolean
  mergeLocaleMessage: (locale: string, more: object) => void
}
export const say = words.t

export function addWords(zh: object, en: object): void {
  words.mergeLocaleMessage('zh-CN', zh)
  words.mergeLocaleMessage('en', en)
}

export const locale = (): Locale => words.locale.value as Locale

export function setLocale(next: Locale): void {
  words.locale.value = next
  localStorage.setItem(PLACE, next)
  document.documentElement.lang = next
}

/** The name of a thing in the reader's language, the other one when it has none. */
export function named(thing: { name_zh?: string | null; name_en?: string | null; name?: string | null } | null | undefined): string {
  if (!thing) return ''
  const [a, b] = locale() === 'en' ? [thing.name_en, thing.name_zh] : [thing.name_zh, thing.name_en]
  return a || b || thing.name || ''
}

/** A word by its code when we know it, else the fallback. */
export function word(key: string, fallback: string, facts: Record<string, unknown> = {}): string {
  return words.te(key, 'zh-CN') ? words.t(key, facts) : fallback
}
