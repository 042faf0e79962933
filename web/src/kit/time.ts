/** Times for people, and a clock that agrees with the server's. */
import { onScopeDispose, readonly, ref, type Ref } from 'vue'
import { locale } from '@/i18n'

let ahead = 0 // ms by which the server's clock is ahead of this device's

/** Learn from an answer's Date header how far this device's clock is off. */
export function learnClock(header: string | null, sentAt: number): void {
  const server = header ? Date.parse(header) : NaN
  if (Number.isNaN(server)) return
  // A Date has whole seconds, and was written at some moment between asking and hearing: a slow answer says little.
  const heardAt = Date.now()
  const difference = server + 500 - (sentAt + heardAt) / 2
  ahead = Math.abs(difference) < 1500 + (heardAt - sentAt) / 2 ? 0 : difference
}

/** Milliseconds now, by the server's clock. */
export function nowMs(): number {
  return Date.now() + ahead
}

export function nowIso(): string {
  return new Date(nowMs()).toISOString()
}

const ticking = ref(nowMs())
let listeners = 0
let timer: ReturnType<typeof setInterval> | undefined

/** The time, moving once a second while somebody looks. */
export function useNow(): Readonly<Ref<number>> {
  listeners += 1
  ticking.value = nowMs()
  timer ??= setInterval(() => (ticking.value = nowMs()), 1000)
  onScopeDispose(() => {
    listeners -= 1
    if (!listeners) {
      clearInterval(timer)
      timer = undefined
    }
  })
  return readonly(ticking)
}

/** "14:05", by this device's clock or that of `zone`. */
export function clockTime(at: string | number | null | undefined, zone?: string): string {
  if (at == null) return '–'
  return new Date(at).toLocaleTimeString(locale(), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone })
}

/** "14:05" today, "5月3日 14:05" otherwise. */
export function dayTime(at: string | null | undefined): string {
  return at ? onDay(at, clockTime(at)) : '–'
}

/** Said of today as it is, of another day with its date before it. */
function onDay(at: string, said: string): string {
  const date = new Date(at)
  if (date.toDateString() === new Date(nowMs()).toDateString()) return said
  return `${date.toLocaleDateString(locale(), { month: 'short', day: 'numeric' })} ${said}`
}

/** "11月24日周二" for "2026-11-24", with the year where it is another. */
export function dayName(day: string): string {
  const date = new Date(`${day}T00:00:00`)
  const year = date.getFullYear() === new Date(nowMs()).getFullYear() ? undefined : 'numeric'
  return date.toLocaleDateString(locale(), { year, month: 'short', day: 'numeric', weekday: 'short' })
}

/** The calendar day "2026-03-02" that it is at `at` by the clocks of `zone`, or so many days before. */
export function dayIn(zone: string | undefined, at: number, ago = 0): string {
  const today = new Date(at).toLocaleDateString('sv-SE', { timeZone: zone })
  return new Date(Date.parse(today) - ago * 86_400_000).toISOString().slice(0, 10)
}

/** "14:05 – 14:20"; one time when both are the same minute or one is missing. */
export function range(from: string | null | undefined, until: string | null | undefined): string {
  const [a, b] = [clockTime(from ?? until), clockTime(until ?? from)]
  return a === b ? a : `${a} – ${b}`
}

/** "14:05 – 14:20" today, "5月3日 14:05 – 14:20" of another day: whoever booked for tomorrow must not wait today. */
export function dayRange(from: string | null | undefined, until: string | null | undefined): string {
  const begin = from ?? until
  return begin ? onDay(begin, range(from, until)) : '–'
}

/** Whole seconds left until `at`; negative when it has passed. */
export function secondsLeft(at: string | null | undefined, now: number): number {
  return at ? Math.ceil((Date.parse(at) - now) / 1000) : 0
}

/** "4:09"; "-1:20" when late; hours only where needed. */
export function countdown(seconds: number): string {
  const sign = seconds < 0 ? '-' : ''
  const left = Math.abs(seconds)
  const hours = Math.floor(left / 3600)
  const minutes = Math.floor((left % 3600) / 60)
  const tail = `${String(minutes).padStart(hours ? 2 : 1, '0')}:${String(left % 60).padStart(2, '0')}`
  return sign + (hours ? `${hours}:${tail}` : tail)
}
