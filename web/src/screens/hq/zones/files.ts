/** Files of zones to and from the server. */
import { token } from '@/api/session'
import { asProblem, problemOf } from '@/api/problem'
import { once } from '@/api/client'
import type { Got } from '@/api/types'
import type { Pair } from '@/kit/geo'

export const FORMATS = ['geojson', 'gpkg', 'shp'] as const
export type FileFormat = (typeof FORMATS)[number]
export const DATUMS = ['wgs84', 'gcj02', 'bd09'] as const
export type Datum = (typeof DATUMS)[number]
export type Import = Got<'/api/zones/import', 'post'>
export type Fault = Import['problems'][number]
/** The place of a fault, where it has one on the map. */
export const placeOf = (fault: Fault): Pair | null => (Array.isArray(fault.at) ? fault.at : null)
interface How {
  format: FileFormat
  datum: Datum
  repair: boolean
  sure: boolean
}
const ENDINGS: Record<FileFormat, string> = { geojson: 'geojson', gpkg: 'gpkg', shp: 'zip' }

export function formatOf(name: string): FileFormat {
  const ending = name.toLowerCase().split('.').at(-1)
  return ending === 'gpkg' ? 'gpkg' : ending === 'zip' ? 'shp' : 'geojson'
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  const bearer = await token()
  const headers = { ...(init.headers as Record<string, string>), ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}) }
  const answer = await fetch(path, { ...init, headers }).catch((error: unknown) => {
    throw asProblem(error)
  })
  if (!answer.ok) throw problemOf(answer.status, await answer.json().catch(() => null))
  return answer
}

/** Tries a file, or takes it. The bytes go as they are. */
export async function sendFile(what: 'preview' | 'import', file: File, { format, datum, repair, sure }: How): Promise<Import> {
  const path = `/api/zones/import${what === 'preview' ? '/preview' : ''}?${new URLSearchParams({ format, datum, repair: String(repair), sure: String(sure) })}`
  const answer = await ask(path, { method: 'POST', body: file, headers: { 'Content-Type': 'application/octet-stream', ...once() } })
  return (await answer.json()) as Import
}

export async function exportZones(format: FileFormat, datum: Datum): Promise<void> {
  const answer = await ask(`/api/zones/export?${new URLSearchParams({ format, datum })}`, {})
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await answer.blob())
  link.download = `zones.${ENDINGS[format]}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
