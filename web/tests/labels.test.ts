import { describe, expect, it } from 'vitest'
import { sidesOf, type Named } from '@/map/labels'

const MAP = { width: 360, height: 300 }
const at = (x: number, y: number, more: Partial<Named> = {}): Named => ({ x, y, half: 17, width: 100, height: 18, text: `${x},${y}`, ...more })

describe('names on a map', () => {
  it('stand below their signs where there is room', () => expect(sidesOf([at(100, 100), at(300, 200)], MAP)).toEqual(['below', 'below']))
  it('step aside for another sign and another name, or are left out', () => {
    expect(sidesOf([at(180, 100), at(180, 130)], MAP)).toEqual(['right', 'below'])
    const heap = Array.from({ length: 12 }, (_, n) => at(180 + n, 150 + n))
    expect(sidesOf(heap, MAP).filter((side) => side).length).toBeLessThan(5)
  })
  it('stay on the map, or are left out', () => {
    expect(sidesOf([at(-40, 100)], MAP)).toEqual([null])
    expect(sidesOf([at(20, 100)], MAP)).toEqual(['right'])
    expect(sidesOf([at(345, 100)], MAP)).toEqual(['left'])
    expect(sidesOf([at(180, 290)], MAP)).toEqual(['right'])
  })
  it('keep clear of nameless signs while there is another side', () => {
    const rider = { x: 100, y: 128, half: 9 }
    expect(sidesOf([at(100, 100)], MAP, [rider])).toEqual(['right'])
    const all = [rider, { x: 170, y: 100, half: 9 }, { x: 30, y: 100, half: 9 }, { x: 100, y: 72, half: 9 }]
    expect(sidesOf([at(100, 100)], MAP, all)).toEqual(['below'])
  })
  it('are not said twice at one place', () => expect(sidesOf([at(100, 100, { text: 'K Market' }), at(104, 102, { text: 'K Market' })], MAP)).toEqual(['below', null]))
  it('belong first to whom it is about', () => expect(sidesOf([at(180, 100, { width: 340 }), at(180, 140, { width: 340, first: true })], MAP)).toEqual(['above', 'below']))
})
