/** What a dispatcher chose to see: area, view, list, filters, columns, order; and what is picked. Remembered on this device. */
import { defineStore } from 'pinia'
import { ref, watch, type Ref } from 'vue'

export type Chosen = { kind: 'delivery' | 'rider' | 'store' | 'tour'; id: string } | null
export type View = 'live' | 'rounds' | 'capacity' | 'log'
export type Tab = 'deliveries' | 'waiting' | 'riders' | 'tours'
export const COLUMNS = ['state', 'store', 'rider', 'eta', 'address', 'weight', 'ready'] as const
export const SORTS = ['order_no', 'due_at', 'state', 'eta', 'weight_g'] as const
export type Sort = (typeof SORTS)[number]
/** Quick filters: what needs a look. */
export const CHIPS = ['late', 'waiting', 'pool', 'held', 'locked', 'courier', 'failed'] as const
export type Chip = (typeof CHIPS)[number]

/** A ref that survives the page. What cannot be read back is as if never said. */
export function kept<T>(key: string, first: T): Ref<T> {
  const place = `o2o.desk.${key}`
  let start = first
  try {
    const told = localStorage.getItem(place)
    if (told !== null) start = JSON.parse(told) as T
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  const it = ref(start) as Ref<T>
  watch(it, (now) => localStorage.setItem(place, JSON.stringify(now)), { deep: true })
  return it
}

export const useChoice = defineStore('choice', () => {
  const areaId = kept<string | undefined>('area', undefined)
  const view = ref<View>('live')
  const tab = ref<Tab>('deliveries')
  const chosen = ref<Chosen>(null)
  const picked = ref<string[]>([])
  const words = ref('')
  const states = kept<string[]>('states', [])
  const chips = kept<Chip[]>('chips', [])
  const storeIds = kept<string[]>('stores', [])
  const columns = kept<string[]>('columns', ['state', 'store', 'rider', 'eta'])
  const sort = kept<{ by: Sort; down: boolean }>('sort', { by: 'due_at', down: false })

  function choose(next: Chosen): void {
    chosen.value = next && chosen.value?.kind === next.kind && chosen.value.id === next.id ? null : next
  }
  function pick(id: string): void {
    picked.value = picked.value.includes(id) ? picked.value.filter((one) => one !== id) : [...picked.value, id]
  }
  function toggleChip(chip: Chip): void {
    chips.value = chips.value.includes(chip) ? chips.value.filter((one) => one !== chip) : [...chips.value, chip]
  }
  function unfilter(): void {
    words.value = ''
    states.value = []
    chips.value = []
    storeIds.value = []
  }
  return { areaId, view, tab, chosen, picked, words, states, chips, storeIds, columns, sort, choose, pick, toggleChip, unfilter }
})
