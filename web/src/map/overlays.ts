/** Zones and ways over the base map, as two GeoJSON sources. */
import type { GeoJSONSource, Map as Engine } from 'maplibre-gl'
import type { Path, Tone, Zone } from './things'

const COLOURS: Record<'light' | 'dark', Record<Tone, string>> = {
  light: { brand: '#0e8a5f', warm: '#e8890c', bad: '#d6336c', info: '#1971c2', quiet: '#7b8a83' },
  dark: { brand: '#34c38f', warm: '#ffb938', bad: '#ff7aa8', info: '#74b8f5', quiet: '#8b9a93' },
}

export function addOverlays(map: Engine, dark: boolean): void {
  const empty = { type: 'FeatureCollection' as const, features: [] }
  map.addSource('zones', { type: 'geojson', data: empty })
  map.addSource('ways', { type: 'geojson', data: empty })
  map.addLayer({ id: 'zone-fill', type: 'fill', source: 'zones', paint: { 'fill-color': ['get', 'colour'], 'fill-opacity': 0.07 } })
  map.addLayer({ id: 'zone-edge', type: 'line', source: 'zones', paint: { 'line-color': ['get', 'colour'], 'line-width': 1.5, 'line-opacity': 0.5, 'line-dasharray': [3, 2] } })
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const
  map.addLayer({ id: 'way-halo', type: 'line', source: 'ways', layout: round, paint: { 'line-color': dark ? '#0f1412' : '#ffffff', 'line-width': ['+', ['get', 'width'], 3.5], 'line-opacity': 0.85 } })
  map.addLayer({ id: 'way', type: 'line', source: 'ways', layout: round, filter: ['!', ['get', 'dashed']], paint: { 'line-color': ['get', 'colour'], 'line-width': ['get', 'width'], 'line-opacity': ['get', 'opacity'] } })
  map.addLayer({ id: 'way-dashed', type: 'line', source: 'ways', layout: round, filter: ['get', 'dashed'], paint: { 'line-color': ['get', 'colour'], 'line-width': ['get', 'width'], 'line-opacity': ['get', 'opacity'], 'line-dasharray': [1, 2] } })
}

export function showOverlays(map: Engine, zones: Zone[], paths: Path[], dark: boolean): void {
  const colour = COLOURS[dark ? 'dark' : 'light']
  const shapes = zones.map(({ geometry, tone }) => ({ type: 'Feature', geometry, properties: { colour: colour[tone ?? 'brand'] } }))
  const someActive = paths.some((path) => path.active)
  const ways = paths
    .filter((path) => path.line.length > 1)
    .sort((a, b) => Number(a.active ?? 0) - Number(b.active ?? 0))
    .map(({ id, line, tone, dashed, active }) => ({
      type: 'Feature',
      geometry: { type: 'LineString', coordinates: line },
      properties: { id, colour: colour[tone ?? 'brand'], dashed: dashed ?? false, width: active ? 5.5 : 3.2, opacity: someActive && !active ? 0.35 : 0.9 },
    }))
  const put = (source: string, features: unknown[]) =>
    (map.getSource(source) as GeoJSONSource | undefined)?.setData({ type: 'FeatureCollection', features } as never)
  put('zones', shapes)
  put('ways', ways)
}
