/** Signs on the map as plain elements: sharp, readable by screen readers, and clickable with a thumb. */
import { Marker, type Map as Engine } from 'maplibre-gl'
import { pair } from '@/kit/geo'
import { Glide } from './glide'
import { sidesOf, type Named, type Sign } from './labels'
import type { Spot } from './things'

const PICTURE: Record<Spot['kind'], string> = {
  store: '<svg viewBox="0 0 24 24"><path d="M4 10v9a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-9M3 9l2-5h14l2 5c0 1.700-1.300 2.800-3 2.800S15 10.700 15 9c0 1.700-1.300 2.800-3 2.800S9 10.700 9 9c0 1.700-1.300 2.800-3 2.800S3 10.700 3 9Zm6.500 11v-5h5v5"/></svg>',
  rider: '<svg viewBox="0 0 24 24"><circle cx="6" cy="17" r="3.200"/><circle cx="18" cy="17" r="3.200"/><path d="M9.200 17h5.300c0-3 1.500-5 3.500-5.500L16.500 6H14M3.500 11.500H9l1 2.500M4 8h5v3.500H4z"/></svg>',
  door: '<svg viewBox="0 0 24 24"><path d="m4 11 8-7 8 7v8a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1zM10 20v-6h4v6"/></svg>',
  me: '',
  stop: '',
}

interface Placed {
  marker: Marker
  spot: Spot
  drawn: string
}

export class Signs {
  private placed = new Map<string, Placed>()
  private glide = new Glide()
  private frame = 0
  private naming = 0

  constructor(
    private map: Engine,
    private onSelect: (spot: Spot) => void,
  ) {
    for (const moved of ['zoom', 'moveend', 'resize'] as const) map.on(moved, this.nameSoon)
  }

  /** Show exactly these. Riders glide to where they are; the rest stands. */
  show(spots: Spot[]): void {
    const now = performance.now()
    const seen = new Set<string>()
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    for (const spot of spots) {
      const key = `${spot.kind}:${spot.id}`
      seen.add(key)
      const held = this.placed.get(key)
      const drawn = JSON.stringify([spot.tone, spot.label, spot.sign, spot.badge, spot.active, spot.faded, spot.small, spot.title])
      this.glide.to(key, spot.at, now, spot.kind !== 'rider' || still)
      if (!held) this.add(key, spot, drawn)
      else {
        if (held.drawn !== drawn) draw(held.marker.getElement(), spot)
        held.spot = spot
        held.drawn = drawn
      }
    }
    for (const [key, { marker }] of this.placed) {
      if (seen.has(key)) continue
      marker.remove()
      this.placed.delete(key)
      this.glide.drop(key)
    }
    cancelAnimationFrame(this.frame)
    this.move()
    this.nameSoon()
  }

  remove(): void {
    cancelAnimationFrame(this.frame)
    cancelAnimationFrame(this.naming)
    for (const { marker } of this.placed.values()) marker.remove()
    this.placed.clear()
  }

  private add(key: string, spot: Spot, drawn: string): void {
    const element = document.createElement('button')
    element.type = 'button'
    element.dataset.spot = key
    draw(element, spot)
    element.addEventListener('click', (event) => {
      event.stopPropagation()
      const held = this.placed.get(key)
      if (held) this.onSelect(held.spot)
    })
    const marker = new Marker({ element, anchor: spot.kind === 'me' || spot.kind === 'stop' || spot.kind === 'rider' ? 'center' : 'bottom', offset: spot.kind === 'store' ? [0, -9] : [0, 0] })
    marker.setLngLat(pair(spot.at)).addTo(this.map)
    this.placed.set(key, { marker, spot, drawn })
  }

  private nameSoon = (): void => {
    cancelAnimationFrame(this.naming)
    this.naming = requestAnimationFrame(this.name)
  }

  /** Names lie beside each other, never on each other: what has no room is read when the map is drawn larger, or by its title. */
  private name = (): void => {
    const labels: HTMLElement[] = []
    const named: Named[] = []
    const nameless: Sign[] = []
    for (const [key, { marker, spot }] of this.placed) {
      const element = marker.getElement()
      const { x, y } = this.map.project(marker.getLngLat())
      const half = element.querySelector<HTMLElement>('.sign')!.offsetWidth / 2
      const up = spot.kind === 'store' ? half + 9 : spot.kind === 'door' ? half : 0
      const sign = { x, y: y - up, half }
      const label = element.querySelector<HTMLElement>('.label')
      if (!label) {
        if (!this.glide.moving(key, performance.now())) nameless.push(sign) // a name that dodged whoever rides by would never rest
      } else {
        labels.push(label)
        named.push({ ...sign, width: label.offsetWidth, height: label.offsetHeight, text: spot.label!, first: spot.active })
      }
    }
    const { clientWidth: width, clientHeight: height } = this.map.getContainer()
    sidesOf(named, { width, height }, nameless).forEach((side, n) => (labels[n]!.dataset.side = side ?? 'none'))
  }

  private move = (): void => {
    const now = performance.now()
    let moving = false
    for (const [key, { marker }] of this.placed) {
      const at = this.glide.at(key, now)
      if (at) marker.setLngLat(pair(at))
      moving ||= this.glide.moving(key, now)
    }
    if (moving) this.frame = requestAnimationFrame(this.move)
  }
}

function draw(element: HTMLElement, spot: Spot): void {
  const keep = [...element.classList].filter((name) => name.startsWith('maplibregl'))
  const own = ['spot', spot.kind, spot.tone ?? 'brand', spot.active ? 'active' : '', spot.faded ? 'faded' : '', spot.small ? 'small' : ''].filter(Boolean)
  element.className = [...keep, ...own].join(' ')
  element.setAttribute('aria-label', spot.title ?? spot.label ?? spot.kind)
  element.title = spot.title ?? spot.label ?? ''
  const sign = document.createElement('span')
  sign.className = 'sign'
  if (spot.sign) sign.textContent = spot.sign
  else sign.innerHTML = PICTURE[spot.kind]
  const side = element.querySelector<HTMLElement>('.label')?.dataset.side
  element.replaceChildren(sign)
  if (spot.badge) element.append(tag('badge', spot.badge))
  if (spot.label) element.append(tag('label', spot.label))
  if (spot.label && side) (element.lastElementChild as HTMLElement).dataset.side = side // where it was, until it is placed anew
}

function tag(name: string, text: string): HTMLElement {
  const element = document.createElement('span')
  element.className = name
  element.textContent = text
  return element
}
