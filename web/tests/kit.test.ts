import { afterEach, describe, expect, it, vi } from 'vitest'
import { code128 } from '@/kit/code128'
import { bearing, bounds, metres, pointOf } from '@/kit/geo'
import { newId } from '@/kit/ids'
import { fenOf, money, moneyParts } from '@/kit/money'
import { wedge } from '@/kit/scanner'
import { setLocale } from '@/i18n'
import { clockTime, countdown, dayIn, dayRange, learnClock, nowMs, range, secondsLeft } from '@/kit/time'

describe('money', () => {
  it('is written in yuan from whole fen', () => {
    expect([money(0), money(5), money(1280), money(123456789), money(-300), money(null)]).toEqual(['¥0.00', '¥0.05', '¥12.80', '¥1,234,567.89', '-¥3.00', '–'])
    expect(moneyParts(1280)).toEqual(['12', '80'])
  })
  it('is read from what a till types, without floats', () => {
    expect([fenOf('12.8'), fenOf('0.07'), fenOf('19'), fenOf('1.005'), fenOf('-1'), fenOf('')]).toEqual([1280, 7, 1900, null, null, null])
  })
})

describe('time', () => {
  afterEach(() => void vi.useRealTimers())
  it('counts down, and past zero', () => {
    expect([countdown(249), countdown(0), countdown(-80), countdown(3725)]).toEqual(['4:09', '0:00', '-1:20', '1:02:05'])
    expect(secondsLeft('2026-03-02T02:00:10Z', Date.parse('2026-03-02T02:00:00Z'))).toBe(10)
  })
  it("knows a chain's day wherever the reader sits, and midnight is 00", () => {
    const late = Date.parse('2026-03-02T16:05:00Z') // five past midnight in Beijing, five past eleven in New York
    expect([dayIn('Asia/Shanghai', late), dayIn('America/New_York', late), dayIn('Asia/Shanghai', late, 2)]).toEqual(['2026-03-03', '2026-03-02', '2026-03-01'])
    setLocale('en')
    expect([clockTime(late, 'Asia/Shanghai'), clockTime(late, 'America/New_York')]).toEqual(['00:05', '11:05'])
    setLocale('zh-CN')
    expect(clockTime(late, 'Asia/Shanghai')).toBe('00:05')
  })
  it('learns from an answer that this clock is off, and not from one that was only slow', () => {
    vi.useFakeTimers()
    const now = Date.parse('2026-03-02T02:00:12Z')
    vi.setSystemTime(now)
    learnClock('Mon, 02 Mar 2026 02:00:11 GMT', now - 12_000) // asked twelve seconds ago, answered just now
    expect(nowMs() - now).toBe(0)
    learnClock('Mon, 02 Mar 2026 02:05:12 GMT', now - 200)
    expect(nowMs() - now).toBe(300_600)
    learnClock('Mon, 02 Mar 2026 02:00:12 GMT', now - 200)
    expect(nowMs() - now).toBe(0)
  })
  it('writes one time when a range is one minute', () => {
    expect(range('2026-03-02T02:00:10Z', '2026-03-02T02:00:50Z')).not.toContain('–')
    expect(range('2026-03-02T02:00:10Z', '2026-03-02T02:20:50Z')).toContain('–')
  })
  it('names the day of a window that is not today', () => {
    const noon = new Date(new Date().setHours(12, 0, 0, 0)).getTime()
    const hours = (n: number) => new Date(noon + n * 3_600_000).toISOString()
    expect(dayRange(hours(0), hours(1))).toBe('12:00 – 13:00')
    const tomorrow = new Date(noon + 86_400_000)
    expect(dayRange(hours(24), hours(25))).toBe(`${tomorrow.getMonth() + 1}月${tomorrow.getDate()}日 12:00 – 13:00`)
  })
})

describe('geo', () => {
  it('measures a degree of latitude', () => {
    expect(metres({ lon: 116, lat: 40 }, { lon: 116, lat: 41 })).toBeCloseTo(111195, -1)
    expect(bearing({ lon: 0, lat: 0 }, { lon: 1, lat: 0 })).toBeCloseTo(90)
  })
  it('reads points as they come and bounds them', () => {
    expect([pointOf([1, 2]), pointOf({ lon: 1, lat: 2 }), pointOf({ type: 'Point', coordinates: [1, 2] }), pointOf(null)]).toEqual([{ lon: 1, lat: 2 }, { lon: 1, lat: 2 }, { lon: 1, lat: 2 }, null])
    expect(bounds([{ lon: 1, lat: 5 }, { lon: 3, lat: 4 }])).toEqual([1, 4, 3, 5])
  })
})

describe('ids', () => {
  it('are UUIDv7 and sort by the time they were made, within a millisecond too', () => {
    const made = Array.from({ length: 500 }, () => newId())
    expect(made.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(true)
    expect([...made].sort()).toEqual(made)
    expect(new Set(made).size).toBe(500)
  })
})

describe('code 128', () => {
  it('adds the check symbol and the stop', () => {
    // Start B 211214, "A" 111323, check (104 + 33) % 103 = 34 -> 131123, stop 2331112.
    expect(code128('A')!.join('')).toBe('211214' + '111323' + '131123' + '2331112')
    expect(code128('码')).toBeNull()
  })
  it('has eleven modules a symbol, thirteen the stop', () => {
    const widths = code128('M123456789015')!
    expect(widths.reduce((sum, width) => sum + width, 0)).toBe(15 * 11 + 13)
  })
})

describe('a hand scanner', () => {
  const type = (text: string, gapMs: number) => {
    const heard: string[] = []
    const hear = wedge((code) => heard.push(code))
    ;[...text, 'Enter'].forEach((key, n) => {
      const event = new KeyboardEvent('keydown', { key })
      Object.defineProperty(event, 'timeStamp', { value: 1000 + n * gapMs })
      hear(event)
    })
    return heard
  }
  it('is told from a person by its speed', () => {
    expect(type('6901234567892', 8)).toEqual(['6901234567892'])
    expect(type('6901234567892', 180)).toEqual([])
  })
})
