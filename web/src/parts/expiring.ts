/** Lots by their last day, the soonest first, and how far off a day is by the device's own midnight. */
export function byDay<L extends { expires_on: string }>(lots: readonly L[]): [string, L[]][] {
  const found = new Map<string, L[]>()
  for (const lot of lots) found.set(lot.expires_on, [...(found.get(lot.expires_on) ?? []), lot])
  return [...found]
}

export function daysLeft(day: string, now: number): number {
  return Math.ceil((Date.parse(`${day}T00:00:00`) - now) / 86_400_000)
}
