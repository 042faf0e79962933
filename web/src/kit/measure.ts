/** Lengths, weights and counts for people. */
import { locale } from '@/i18n'

export function distance(metres: number | null | undefined): string {
  if (metres == null) return '–'
  if (metres < 1000) return `${Math.round(metres / 10) * 10} m`
  return `${(metres / 1000).toFixed(metres < 10_000 ? 1 : 0)} km`
}

export function weight(grams: number | null | undefined): string {
  if (grams == null) return '–'
  return grams < 1000 ? `${grams} g` : `${(grams / 1000).toFixed(grams % 100 ? 2 : 1)} kg`
}

/** How many of a thing: pieces as they are, goods by weight (counted in grams) as a weight. */
export function quantity(count: number, weighed: boolean): string {
  return weighed ? weight(count) : `×${count}`
}

export function duration(seconds: number | null | undefined): string {
  if (seconds == null) return '–'
  const zh = locale() === 'zh-CN'
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return zh ? `${minutes} 分钟` : `${minutes} min`
  const hours = Math.floor(minutes / 60)
  const rest = minutes % 60
  if (!rest) return zh ? `${hours} 小时` : `${hours} h`
  return zh ? `${hours} 小时 ${rest} 分` : `${hours} h ${rest} min`
}

export function percent(share: number | null | undefined): string {
  return share == null ? '–' : `${Math.round(share * 100)}%`
}
