/** The base map's look, light and dark. No glyphs and no sprites: labels are drawn from fonts of this device. */
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'

const LIGHT = {
  ground: '#f3f4ee', water: '#bcdcec', green: '#d7ead0', grass: '#e2efda', built: '#eceae3', building: '#e2dfd6', edge: '#d3cfc3',
  road: '#ffffff', casing: '#dcd9cf', main: '#fff1c9', mainCasing: '#ecd9a0', path: '#cfc9bb', rail: '#b9b7b0', text: '#5d6a63', halo: '#ffffffcc',
}
const DARK: typeof LIGHT = {
  ground: '#141a18', water: '#16303d', green: '#1a2b20', grass: '#18261d', built: '#1a211e', building: '#222b27', edge: '#2d3833',
  road: '#33403a', casing: '#1c2420', main: '#4a4a35', mainCasing: '#25271d', path: '#2b3632', rail: '#3a4440', text: '#93a29a', halo: '#0f1412cc',
}

const BIG = ['motorway', 'trunk', 'primary', 'secondary', 'motorway_link', 'trunk_link', 'primary_link', 'secondary_link']
const PATHS = ['footway', 'path', 'steps', 'cycleway', 'pedestrian', 'track', 'corridor', 'bridleway']
const GREENS = ['park', 'garden', 'forest', 'wood', 'cemetery', 'nature_reserve', 'scrub']
const GRASSES = ['grass', 'meadow', 'grassland', 'pitch', 'recreation_ground', 'playground', 'village_green', 'farmland']

type Filter = Extract<LayerSpecification, { type: 'line' }>['filter']
const kindIn = (kinds: string[]): Filter => ['in', ['get', 'kind'], ['literal', kinds]] as Filter
const kindNot = (kinds: string[]): Filter => ['!', ['in', ['get', 'kind'], ['literal', kinds]]] as Filter
const wide = (at12: number, at16: number, at19: number) => ['interpolate', ['exponential', 1.6], ['zoom'], 12, at12, 16, at16, 19, at19] as never

/** A style over the archive at `url`; `layers` are the vector layers it really has. Without an archive: plain ground. */
export function baseStyle(url: string | null, layers: Set<string>, dark: boolean): StyleSpecification {
  const c = dark ? DARK : LIGHT
  const from = { source: 'base' }
  const road = (id: string, filter: Filter, color: string, width: never, extra: object = {}): LayerSpecification =>
    ({
      id, type: 'line', ...from, 'source-layer': 'roads', filter,
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': color, 'line-width': width, ...extra },
    }) as LayerSpecification
  const drawn: LayerSpecification[] = [
    { id: 'landuse', type: 'fill', ...from, 'source-layer': 'landuse', paint: { 'fill-color': c.built } },
    { id: 'grass', type: 'fill', ...from, 'source-layer': 'landuse', filter: kindIn(GRASSES), paint: { 'fill-color': c.grass } },
    { id: 'green', type: 'fill', ...from, 'source-layer': 'landuse', filter: kindIn(GREENS), paint: { 'fill-color': c.green } },
    { id: 'water', type: 'fill', ...from, 'source-layer': 'water', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': c.water } },
    { id: 'stream', type: 'line', ...from, 'source-layer': 'water', filter: ['==', ['geometry-type'], 'LineString'], paint: { 'line-color': c.water, 'line-width': 2 } },
    { id: 'rail', type: 'line', ...from, 'source-layer': 'rail', paint: { 'line-color': c.rail, 'line-width': 1, 'line-dasharray': [4, 3] } },
    { id: 'building', type: 'fill', ...from, 'source-layer': 'buildings', minzoom: 13, paint: { 'fill-color': c.building, 'fill-outline-color': c.edge } },
    road('path', kindIn(PATHS), c.path, wide(0.3, 1.2, 4), { 'line-dasharray': [2, 1.5] }),
    road('casing', kindNot(PATHS), c.casing, wide(0.8, 6.5, 26)),
    road('street', kindNot([...PATHS, ...BIG]), c.road, wide(0.5, 5, 23)),
    road('main-casing', kindIn(BIG), c.mainCasing, wide(2, 11, 38)),
    road('main', kindIn(BIG), c.main, wide(1.4, 9, 34)),
    {
      id: 'road-name', type: 'symbol', ...from, 'source-layer': 'roads', minzoom: 14, filter: ['has', 'name'],
      layout: { 'symbol-placement': 'line', 'text-field': ['get', 'name'], 'text-font': ['sans-serif'], 'text-size': 11.5, 'symbol-spacing': 320 },
      paint: { 'text-color': c.text, 'text-halo-color': c.halo, 'text-halo-width': 1.4 },
    },
  ]
  return {
    version: 8,
    sources: url ? { base: { type: 'vector', url: `pmtiles://${url}`, attribution: '© OpenStreetMap contributors' } } : {},
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': c.ground } },
      ...(url ? drawn.filter((layer) => 'source-layer' in layer && layers.has(String(layer['source-layer']))) : []),
    ],
  }
}
