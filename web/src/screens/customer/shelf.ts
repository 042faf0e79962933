/** Goods as the shop shows them. */
import { api, got } from '@/api/client'
import type { Point } from '@/kit/geo'
import type { Good } from './basket'

interface Asked {
  category: string
  words: string
  page: string | undefined
  at: Point | null
}

export async function readShelf({ category, words, page }: Asked): Promise<{ items: Good[]; next_page: string | null }> {
  const query = { category: category || undefined, q: words || undefined, page, limit: 40 }
  return got(api.GET('/api/goods', { params: { query } }))
}
