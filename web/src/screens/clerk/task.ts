/** A pick task as this tablet knows it: the server's word, with what was done here and is still on its way laid over it. */
import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, got } from '@/api/client'
import { asProblem } from '@/api/problem'
import { account } from '@/api/session'
import type { Got } from '@/api/types'
import { newId } from '@/kit/ids'
import { useLive } from '@/live/stream'
import { withWrites, write } from '@/offline/outbox'
import { remembered, type Waiting } from '@/offline/store'

export type Task = Got<'/api/pick-tasks/{task_id}'>
export type Line = Task['lines'][number]
export type ShortReason = 'NOT_IN_STOCK' | 'MISMATCH' | 'DAMAGE'
const away = (error: unknown) => asProblem(error).retryable

export function useStoreLive(): void {
  useLive(
    computed(() => (account.value?.store_id ? [`store:${account.value.store_id}`] : [])),
    [['tasks'], ['task'], ['store'], ['stock'], ['todo'], ['unpaid'], ['till-code']],
  )
}

export function useTasks(state: 'open' | 'picked') {
  const me = account.value?.id
  const read = () => got(api.GET('/api/pick-tasks', { params: { query: { state } } }))
  const tasks = useQuery({ queryKey: ['tasks', state], queryFn: () => remembered(`tasks.${me}.${state}`, read, away), refetchInterval: 20_000 })
  return { tasks, list: computed(() => withWrites(tasks.data.value, (found, rows) => found.map((task) => laidOver(task, rows)))) }
}

export function useTask(id: Ref<string>) {
  const query = useQuery({
    queryKey: computed(() => ['task', id.value]),
    queryFn: () => remembered(`task.${id.value}`, () => got(api.GET('/api/pick-tasks/{task_id}', { params: { path: { task_id: id.value } } })), away),
    refetchInterval: 20_000,
  })
  return { query, task: computed(() => withWrites(query.data.value, laidOver)) }
}

/** The task as it will be once everything that waits has been heard. */
export function laidOver(task: Task, rows: Waiting[]): Task {
  let next = task
  for (const row of rows) {
    if (row.lane !== task.id) continue
    const what = row.path.split('/').pop()
    if (what === 'start') next = { ...next, state: 'picking', assigned_to: row.owner }
    else if (what === 'finish') next = { ...next, state: 'picked' }
    else if (what === 'reject') next = { ...next, state: 'rejected' }
    else next = { ...next, lines: next.lines.map((line) => lineAfter(line, what ?? '', row.body as Told)) }
  }
  return next
}

interface Told {
  sku: string
  quantity?: number
  weight_g?: number
}
function lineAfter(line: Line, what: string, told: Told): Line {
  if (told.sku !== line.sku) return line
  if (what === 'scans') {
    const picked = Math.min(line.quantity, line.picked + (told.quantity ?? 1))
    return { ...line, picked, weight_g: line.weight_g + (told.weight_g ?? 0), short: Math.min(line.short, line.quantity - picked) }
  }
  if (what === 'short') return { ...line, short: told.quantity ?? 0 }
  return line
}

export const left = (line: Line) => line.quantity - line.picked - line.short
export const settled = (line: Line) => left(line) <= 0 && line.consent !== 'waiting'

const path = (task: Task, what: string) => `/api/pick-tasks/${task.id}/${what}`
const tell = (task: Task, what: string, body: unknown = {}, id = newId()) => write({ lane: task.id, path: path(task, what), body, id })

export const start = (task: Task) => tell(task, 'start')
export const finish = (task: Task) => tell(task, 'finish')
export const reject = (task: Task, reason: string) => tell(task, 'reject', { reason, missing: task.lines.filter((line) => line.short).map(({ sku, short }) => ({ sku, quantity: short })) })
export const short = (task: Task, sku: string, quantity: number, reason: ShortReason) => tell(task, 'short', { sku, quantity, reason })
export const substitute = (task: Task, sku: string, substitute_sku: string, quantity: number) => tell(task, 'substitutes', { sku, substitute_sku, quantity })
export async function scan(task: Task, sku: string, quantity: number, weight_g = 0): Promise<string> {
  const scan_id = newId()
  await tell(task, 'scans', { scan_id, sku, quantity, weight_g }, scan_id)
  return scan_id
}
