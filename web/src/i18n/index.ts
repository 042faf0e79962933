/** Words: 中文 first, English complete. Each screen brings its own dictionary and shares `common` and `problems`. */
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
  locale: first(),
  fallbackLocale: 'zh-CN',
  messages: {
    'zh-CN': { ...zhCommon, problem: zhProblems } as Record<string, unknown>,
    en: { ...enCommon, problem: enProblems } as Record<string, unknown>,
  },
})

export function addWords(zh: object, en: object): void {
  i18n.global.mergeLocaleMessage('zh-CN', zh)
  i18n.global.mergeLocaleMessage('en', en)
}

export const locale = (): Locale => i18n.global.locale.value as Locale

export function setLocale(next: Locale): void {
  i18n.global.locale.value = next
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
export function word(key: string, fallback: string): string {
  return i18n.global.te(key, locale()) || i18n.global.te(key, 'zh-CN') ? i18n.global.t(key) : fallback
}
