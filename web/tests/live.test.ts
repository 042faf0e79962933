import { describe, expect, it } from 'vitest'
import { frameReader, type Frame } from '@/live/stream'
import { Glide } from '@/map/glide'

describe('the stream reader', () => {
  const read = (pieces: string[]) => {
    const frames: Frame[] = []
    const feed = frameReader((frame) => frames.push(frame))
    pieces.forEach(feed)
    return frames
  }
  it('puts frames together however the network cuts them', () => {
    const text = 'retry: 1000\n: listening\n\nid: 7\nevent: change\ndata: {"a":1}\n\nevent: change\r\ndata: x\r\ndata: y\r\n\r\n'
    const whole = read([text])
    expect(whole).toEqual([{ event: 'change', data: '{"a":1}', id: '7' }, { event: 'change', data: 'x\ny', id: undefined }])
    expect(read([...text])).toEqual(whole)
  })
  it('keeps an unfinished frame to itself', () => {
    expect(read(['data: half'])).toEqual([])
  })
})

describe('gliding', () => {
  const [a, b] = [{ lon: 0, lat: 0 }, { lon: 0.001, lat: 0 }]
  it('moves evenly to where a rider is said to be', () => {
    const glide = new Glide()
    glide.to('r', a, 0)
    glide.to('r', b, 1000)
    expect(glide.at('r', 1000)).toEqual(a)
    expect(glide.at('r', 1750)!.lon).toBeCloseTo(0.0005)
    expect(glide.at('r', 9000)).toEqual(b)
    expect(glide.moving('r', 9000)).toBe(false)
  })
  it('does not fly over the city when a position is corrected', () => {
    const glide = new Glide()
    glide.to('r', a, 0)
    glide.to('r', { lon: 1, lat: 1 }, 1000)
    expect(glide.at('r', 1001)).toEqual({ lon: 1, lat: 1 })
  })
})
