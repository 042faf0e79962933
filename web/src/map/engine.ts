/** Opens MapLibre on our own archive: worker and all from this server, labels from this device. */
import { Map as Engine, addProtocol, setWorkerUrl, type StyleSpecification } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import 'maplibre-gl/dist/maplibre-gl.css'
import { PMTiles, Protocol } from 'pmtiles'
import { baseStyle } from './style'

let protocol: Protocol | undefined
const known = new Map<string, Promise<Set<string> | null>>()

function prepare(): Protocol {
  if (!protocol) {
    protocol = new Protocol()
    addProtocol('pmtiles', protocol.tile)
    setWorkerUrl(workerUrl)
  }
  return protocol
}

/** The vector layers an archive has; null when there is no archive. */
function layersOf(url: string): Promise<Set<string> | null> {
  let asked = known.get(url)
  if (!asked) {
    const archive = new PMTiles(url)
    prepare().add(archive)
    asked = archive
      .getMetadata()
      .then((meta) => new Set((meta as { vector_layers?: { id: string }[] }).vector_layers?.map((l) => l.id) ?? []))
      .catch(() => {
        known.delete(url)
        return null
      })
    known.set(url, asked)
  }
  return asked
}

export async function styleFor(url: string | null, dark: boolean): Promise<StyleSpecification> {
  const absolute = url ? new URL(url, location.origin).href : null
  const layers = absolute ? await layersOf(absolute) : null
  return baseStyle(layers ? absolute : null, layers ?? new Set(), dark)
}

export interface Opening {
  holder: HTMLElement
  style: StyleSpecification
  centre: [number, number]
  zoom: number
  still: boolean
  within?: [number, number, number, number]
}

export function openMap({ holder, style, centre, zoom, still, within }: Opening): Engine {
  prepare()
  const map = new Engine({
    container: holder,
    style,
    center: centre,
    zoom,
    minZoom: 9,
    maxZoom: 19,
    interactive: !still,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 150,
    maxBounds: within ? widen(within) : undefined,
  })
  map.touchZoomRotate.disableRotation()
  return map
}

function widen([w, s, e, n]: [number, number, number, number]): [number, number, number, number] {
  const [dx, dy] = [(e - w) * 0.6 + 0.01, (n - s) * 0.6 + 0.01]
  return [w - dx, s - dy, e + dx, n + dy]
}
