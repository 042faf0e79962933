/** The layers a sketch draws on: filled zones, outlines of the chosen one, handles, and the line being drawn. */
import type { GeoJSONSource, Map as Engine } from 'maplibre-gl'
import type { Pair } from '@/kit/geo'
import { corners, middles, type Area } from './geometry'
import { colourOf, drawn, outline, type Editor } from './editor'

const NONE = { type: 'FeatureCollection' as const, features: [] }
const SOURCES = ['sketch-areas', 'sketch-shapes', 'sketch-trail', 'sketch-handles', 'sketch-faults'] as const
type Source = (typeof SOURCES)[number]
export const MOST_HANDLES = 1500

/** Slanting lines for where nobody delivers. */
function hatch(): { width: number; height: number; data: Uint8ClampedArray } {
  const side = 12
  const data = new Uint8ClampedArray(side * side * 4)
  for (let y = 0; y < side; y += 1) for (let x = 0; x < side; x += 1) if ((x + y) % side < 3) data.set([214, 51, 108, 190], (y * side + x) * 4)
  return { width: side, height: side, data }
}

export function addLayers(map: Engine): void {
  if (map.getSource(SOURCES[0])) return
  if (!map.hasImage('hatch')) map.addImage('hatch', hatch(), { pixelRatio: 2 })
  for (const id of SOURCES) map.addSource(id, { type: 'geojson', data: NONE })
  const barred = ['get', 'excluded'] as never
  map.addLayer({ id: 'sketch-fill', type: 'fill', source: 'sketch-areas', filter: ['!', barred], paint: { 'fill-color': ['get', 'colour'], 'fill-opacity': ['case', ['get', 'on'], 0.3, 0.14] } })
  map.addLayer({ id: 'sketch-hatch', type: 'fill', source: 'sketch-areas', filter: barred, paint: { 'fill-pattern': 'hatch', 'fill-opacity': 0.75 } })
  map.addLayer({ id: 'sketch-edge', type: 'line', source: 'sketch-areas', layout: { 'line-join': 'round' }, paint: { 'line-color': ['get', 'colour'], 'line-width': ['case', ['get', 'on'], 3, 1.6] } })
  map.addLayer({ id: 'sketch-shape', type: 'line', source: 'sketch-shapes', layout: { 'line-join': 'round' }, paint: { 'line-color': ['get', 'colour'], 'line-width': ['case', ['get', 'on'], 2.5, 1.5], 'line-dasharray': [2, 1.6] } })
  map.addLayer({ id: 'sketch-trail', type: 'line', source: 'sketch-trail', layout: { 'line-cap': 'round' }, paint: { 'line-color': '#1971c2', 'line-width': 2.5 } })
  map.addLayer({ id: 'sketch-middle', type: 'circle', source: 'sketch-handles', filter: ['==', ['get', 'kind'], 'middle'], paint: { 'circle-radius': 4, 'circle-color': '#ffffff', 'circle-opacity': 0.85, 'circle-stroke-color': '#1971c2', 'circle-stroke-width': 1.2 } })
  map.addLayer({ id: 'sketch-corner', type: 'circle', source: 'sketch-handles', filter: ['!=', ['get', 'kind'], 'middle'], paint: { 'circle-radius': ['case', ['get', 'on'], 8, 6], 'circle-color': ['case', ['get', 'on'], '#1971c2', '#ffffff'], 'circle-stroke-color': ['case', ['get', 'on'], '#ffffff', '#1971c2'], 'circle-stroke-width': 2.4 } })
  map.addLayer({ id: 'sketch-fault', type: 'circle', source: 'sketch-faults', paint: { 'circle-radius': 14, 'circle-color': '#d6336c', 'circle-opacity': 0.25, 'circle-stroke-color': '#d6336c', 'circle-stroke-width': 3 } })
}

const put = (map: Engine, source: Source, features: unknown[]) => (map.getSource(source) as GeoJSONSource | undefined)?.setData({ type: 'FeatureCollection', features } as never)
const feature = (geometry: unknown, properties: object) => ({ type: 'Feature', geometry, properties })
const point = (coordinates: Pair, properties: object) => feature({ type: 'Point', coordinates }, properties)

export interface Drawing {
  points: Pair[]
  cursor: Pair | null
  circle: Area | null
}

/** Everything of the editor that lies on the map. `store` is the store's place, `held` the corner under the hand. */
export function showSketch(map: Engine, editor: Editor, store: Pair, held: string, drawing: Drawing | null): void {
  const zones = editor.zones.value
  const chosen = editor.chosen.value
  const order = [...zones].sort((a, b) => Number(a.excluded) - Number(b.excluded) || Number(a.key === chosen?.key) - Number(b.key === chosen?.key))
  put(map, 'sketch-areas', order.flatMap((zone) => {
    const area = drawn(zone, store)
    return area ? [feature(area, { key: zone.key, colour: colourOf(zones, zone.key), excluded: zone.excluded, on: zone.key === chosen?.key })] : []
  }))
  put(map, 'sketch-shapes', (chosen?.shapes ?? []).flatMap((shape, n) => {
    const area = (chosen!.shapes.length > 1 || !chosen!.resolved) && outline(shape, store)
    return area ? [feature(area, { colour: colourOf(zones, chosen!.key), on: n === editor.chosenShape.value })] : []
  }))
  put(map, 'sketch-handles', drawing ? drawing.points.map((at, n) => point(at, { kind: 'draft', on: n === 0 })) : handles(editor, store, held))
  const trail = drawing ? [...drawing.points, ...(drawing.cursor && drawing.points.length ? [drawing.cursor] : [])] : []
  put(map, 'sketch-trail', [
    ...(trail.length > 1 ? [feature({ type: 'LineString', coordinates: trail }, {})] : []),
    ...(drawing?.circle ? [feature(drawing.circle, {})] : []),
  ])
}

/** Corners and middles of the chosen polygon; edge and centre of the chosen circle. */
function handles(editor: Editor, store: Pair, held: string): unknown[] {
  const shape = editor.chosen.value?.shapes[editor.chosenShape.value]
  if (!shape || shape.kind === 'drive_time') return []
  if (shape.kind === 'radius') {
    const edge = (outline(shape, store) as { coordinates: Pair[][] }).coordinates[0]!
    return [...[0, 24, 48, 72].map((n) => point(edge[n]!, { kind: 'edge', on: held === 'edge' })), ...(shape.centre ? [point(shape.centre, { kind: 'centre', on: held === 'centre' })] : [])]
  }
  const found = corners(shape.polygon)
  if (found.length > MOST_HANDLES) return []
  return [
    ...(found.length > MOST_HANDLES / 4 ? [] : middles(shape.polygon).map(({ point: at, ...corner }) => point(at, { kind: 'middle', corner, on: false }))),
    ...found.map(({ point: at, ...corner }) => point(at, { kind: 'corner', corner, on: held === JSON.stringify(corner) })),
  ]
}

export function showFaults(map: Engine, faults: Pair[]): void {
  put(map, 'sketch-faults', faults.map((at) => point(at, {})))
}
