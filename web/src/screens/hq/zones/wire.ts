/** Zones between this editor and the server: read, previewed, saved by version, taken back. Of a store, or shared by an area. */
import { api, got, once } from '@/api/client'
import type { Got, Sent } from '@/api/types'
import { newId } from '@/kit/ids'
import type { Area } from './geometry'
import type { Shape, Zone } from './editor'

export type Kept = Got<'/api/stores/{store_id}/zones'>
type KeptZone = Kept['zones'][number]
type Body = Sent<'/api/stores/{store_id}/zones', 'put'>['zones'][number]
export type Draft = Got<'/api/stores/{store_id}/zones/preview', 'post'>
export type Version = Got<'/api/stores/{store_id}/zones/history'>[number]
export interface Owner {
  kind: 'store' | 'area'
  id: string
}

export function fromWire(zone: KeptZone): Zone {
  const { id, name, excluded, fee_fen, min_basket_fen, speed_s, windows } = zone
  const shapes = zone.shapes.map<Shape>((shape) => {
    if (shape.kind === 'radius') return { kind: 'radius', radius_m: shape.radius_m, centre: shape.centre ? [shape.centre.lon, shape.centre.lat] : null }
    if (shape.kind === 'polygon') return { kind: 'polygon', polygon: shape.polygon as unknown as Area }
    return { kind: 'drive_time', minutes: shape.minutes }
  })
  const arrives: Zone['arrives'] = zone.arrives_from && zone.arrives_until ? [zone.arrives_from, zone.arrives_until] : null
  return { key: id, name, excluded, fee_fen, min_basket_fen, speed_s, windows, shapes, arrives, resolved: zone.polygon as unknown as Area }
}

export function toWire(zone: Zone): Body {
  const { name, excluded, fee_fen, min_basket_fen, speed_s, windows } = zone
  const shapes = zone.shapes.map((shape) => {
    if (shape.kind === 'radius') return { ...shape, centre: shape.centre ? { lon: shape.centre[0], lat: shape.centre[1] } : null }
    if (shape.kind === 'polygon') return { kind: shape.kind, polygon: shape.polygon as unknown as Record<string, never> }
    return shape
  })
  return { name, excluded, fee_fen, min_basket_fen, speed_s, windows, shapes, arrives_from: zone.arrives?.[0] ?? null, arrives_until: zone.arrives?.[1] ?? null }
}

export function readZones({ kind, id }: Owner): Promise<Kept> {
  if (kind === 'area') return got(api.GET('/api/areas/{area_id}/exclusions', { params: { path: { area_id: id } } }))
  return got(api.GET('/api/stores/{store_id}/zones', { params: { path: { store_id: id } } }))
}

export function saveZones({ kind, id }: Owner, version: number, zones: Zone[], note: string, key: string): Promise<Kept> {
  const body = { version, note, zones: zones.map(toWire) }
  const header = once(key)
  if (kind === 'area') return got(api.PUT('/api/areas/{area_id}/exclusions', { params: { path: { area_id: id }, header }, body }))
  return got(api.PUT('/api/stores/{store_id}/zones', { params: { path: { store_id: id }, header }, body }))
}

export function previewZones({ kind, id }: Owner, zones: Zone[], signal?: AbortSignal): Promise<Draft> {
  const body = { zones: zones.map(toWire) }
  if (kind === 'area') return got(api.POST('/api/areas/{area_id}/exclusions/preview', { params: { path: { area_id: id } }, body, signal }))
  return got(api.POST('/api/stores/{store_id}/zones/preview', { params: { path: { store_id: id } }, body, signal }))
}

export function readVersions({ kind, id }: Owner): Promise<Version[]> {
  if (kind === 'area') return got(api.GET('/api/areas/{area_id}/exclusions/history', { params: { path: { area_id: id } } }))
  return got(api.GET('/api/stores/{store_id}/zones/history', { params: { path: { store_id: id } } }))
}

export function restoreZones({ kind, id }: Owner, back_to: number, version: number): Promise<Kept> {
  const header = once(newId())
  const body = { back_to, version }
  if (kind === 'area') return got(api.POST('/api/areas/{area_id}/exclusions/restore', { params: { path: { area_id: id }, header }, body }))
  return got(api.POST('/api/stores/{store_id}/zones/restore', { params: { path: { store_id: id }, header }, body }))
}
