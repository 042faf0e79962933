import { describe, expect, it } from 'vitest'

const files = import.meta.glob<{ default: object }>('../src/i18n/*/*.ts', { eager: true })
const keys = (thing: unknown, at = ''): string[] =>
  thing && typeof thing === 'object' ? Object.entries(thing).flatMap(([key, value]) => keys(value, `${at}.${key}`)) : [at]
const blanks = (thing: unknown): string[] =>
  thing && typeof thing === 'object' ? Object.entries(thing).flatMap(([key, value]) => blanks(value).map((blank) => `${key}${blank}`)) : [...String(thing).matchAll(/\{\w+\}/g)].map(([blank]) => blank).sort()

const flat = (thing: unknown, at = ''): Record<string, string> =>
  thing && typeof thing === 'object' ? Object.assign({}, ...Object.entries(thing).map(([key, value]) => flat(value, `${at}.${key}`))) : { [at]: String(thing) }

describe('the words', () => {
  const names = Object.keys(files).filter((path) => path.includes('/zh/'))
  it('are there for every screen', () => expect(names.length).toBe(7))
  it.each(names)('%s is complete in English, blanks and all', (path) => {
    const [zh, en] = [files[path]!.default, files[path.replace('/zh/', '/en/')]!.default]
    expect(keys(en).sort()).toEqual(keys(zh).sort())
    expect([...new Set(blanks(en))].sort()).toEqual([...new Set(blanks(zh))].sort())
  })
  it('say one thing and two things in English', () => {
    const things = 'orders|stops|jobs|riders|stores|pieces|lots|homes|zones|parcels|trips|hands|pcs|lines|items|deliveries|decisions|faults|corners|points pending|tries|days left|days'
    const plain = names.flatMap((path) => Object.entries(flat(files[path.replace('/zh/', '/en/')]!.default))).filter(([, text]) => new RegExp(`\\{n\\} (more )?(${things})\\b`).test(text) && !text.includes(' | '))
    expect(plain).toEqual([])
  })
})
