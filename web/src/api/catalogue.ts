/** The whole catalogue, page by page. */
import { api, got } from './client'
import type { Got } from './types'

export type Good = Got<'/api/goods'>['items'][number]
const MOST_PAGES = 40

export async function allGoods(): Promise<Good[]> {
  const all: Good[] = []
  let page: string | undefined
  for (let n = 0; n < MOST_PAGES; n += 1) {
    const shelf = await got(api.GET('/api/goods', { params: { query: { page, limit: 200 } } }))
    all.push(...shelf.items)
    if (!shelf.next_page) break
    page = shelf.next_page
  }
  return all
}
