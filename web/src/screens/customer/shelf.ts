/** Goods as the shop shows them, with what is left of each at the stores around the address. */
import { api, got } from '@/api/client'
import type { Got } from '@/api/types'
import type { Point } from '@/kit/geo'
import type { Good } from './basket'

type Places = Got<'/api/screens/customer/shelf'>['places']
export interface LeftAt {
  place: Places[number]
  left: number
}
interface Asked {
  category: string
  words: string
  page: string | undefined
  at: Point | null
}

export async function readShelf({ category, words, page, at }: Asked): Promise<{ items: Good[]; next_page: string | null }> {
  const query = { category: category || undefined, q: words || undefined, page, limit: 40 }
  const shelf = await got(api.GET('/api/goods', { params: { query } }))
  if (!at || !shelf.items.length) return shelf
  // Without these numbers the shop still opens: the quote says what holds.
  const left = await got(api.GET('/api/screens/customer/shelf', { params: { query: { lon: at.lon, lat: at.lat, skus: shelf.items.map((good) => good.sku).join() } } })).catch(() => null)
  if (!left?.places.length) return shelf
  const bySku = new Map(left.goods.map((one) => [one.sku, one]))
  const items = shelf.items.map<Good>((good) => {
    const found = bySku.get(good.sku)
    return found ? { ...good, left: found.most, at: left.places.map((place, n) => ({ place, left: found.left[n] ?? 0 })) } : good
  })
  return { ...shelf, items }
}
