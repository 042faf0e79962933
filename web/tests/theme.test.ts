/** The colours of letters on what they stand on: WCAG 2.2, 1.4.3 (AA), in light and in dark. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const css = readFileSync(resolve('src/theme.css'), 'utf8')
const tokensOf = (opening: string) => {
  const block = css.slice(css.indexOf(opening) + opening.length).split('}')[0] ?? ''
  return Object.fromEntries([...block.matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, value]) => [name!, value!]))
}
const THEMES = { light: tokensOf(':root {'), system: tokensOf(":root:not([data-theme='light']) {"), chosen: tokensOf(":root[data-theme='dark'] {") }
const LETTERS = ['ink', 'ink-2', 'ink-3', 'brand', 'brand-deep', 'price', 'accent-ink', 'bad', 'info']
const GROUNDS = ['card', 'card-2', 'ground', 'brand-soft']

/** Relative luminance and contrast ratio as WCAG 2.2 defines them. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light! + 0.05) / (dark! + 0.05)
}

describe('colours', () => {
  it.each(Object.entries(THEMES))('can be read: %s', (_, tokens) => {
    const pairs = [
      ...LETTERS.flatMap((ink) => GROUNDS.map((ground) => [ink, ground])),
      ['on-brand', 'brand'],
      ['accent-ink', 'accent-soft'],
      ['bad', 'bad-soft'],
      ['info', 'info-soft'],
      ['ink-2', 'accent-soft'],
      ['ink-2', 'bad-soft'],
    ]
    const faint = pairs.filter(([ink, ground]) => !(contrast(tokens[ink!]!, tokens[ground!]!) >= 4.5))
    expect(faint).toEqual([])
  })

  it('are the same whether the system is dark or the person chose dark', () => {
    expect(THEMES.system).toEqual(THEMES.chosen)
  })
})
