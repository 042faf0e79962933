/** The hand on the map: draws polygons and circles, drags corners, inserts and removes them, by mouse, finger and keys. */
import type { Map as Engine, MapMouseEvent, MapTouchEvent, PointLike } from 'maplibre-gl'
import { metres, pair, type Pair, type Point } from '@/kit/geo'
import { circle, corners, inserted, moved, polygonOf, rounded, without, type Area, type Corner } from './geometry'
import { addLayers, showSketch, type Drawing } from './layers'
import type { Editor, Shape } from './editor'

export type Tool = 'choose' | 'polygon' | 'circle'
type Handle = { kind: 'corner' | 'middle'; corner: Corner } | { kind: 'edge' | 'centre' }
type Press = MapMouseEvent | MapTouchEvent
const NEAR_PX = 11
const LEAST_M = 50
const MOST_M = 50_000
const NUDGE_PX = 4

export interface Hooks {
  store: () => Point
  /** A circle being drawn begins where the hand is put down instead of at the store. */
  freeCentre: () => boolean
  drew: (shape: Shape) => void
  tool: (tool: Tool) => void
}

export class Sketch {
  tool: Tool = 'choose'
  private drawing: Drawing | null = null
  private centre: Pair | null = null
  private hold: Handle | null = null
  private held = ''

  constructor(
    private map: Engine,
    private editor: Editor,
    private hooks: Hooks,
  ) {
    addLayers(map)
    map.on('style.load', () => {
      addLayers(map)
      this.show()
    })
    map.doubleClickZoom.disable()
    map.keyboard.disable()
    map.on('mousedown', this.press)
    map.on('touchstart', this.press)
    map.on('mousemove', this.move)
    map.on('touchmove', this.move)
    map.on('mouseup', this.release)
    map.on('touchend', this.release)
    map.on('click', this.click)
    map.on('dblclick', () => this.close())
  }

  show = (): void => showSketch(this.map, this.editor, pair(this.hooks.store()), this.held, this.drawing)

  use(tool: Tool): void {
    this.tool = tool
    this.drawing = tool === 'choose' ? null : { points: [], cursor: null, circle: null }
    this.centre = null
    this.map.getCanvas().style.cursor = tool === 'choose' ? '' : 'crosshair'
    this.show()
  }

  get points(): number {
    return this.drawing?.points.length ?? 0
  }

  /** Ends the outline being drawn: from three corners on it is a polygon. */
  close(): void {
    const points = this.drawing?.points ?? []
    if (this.tool !== 'polygon' || points.length < 3) return
    this.done({ kind: 'polygon', polygon: polygonOf(points) })
  }

  /** A key that means something here; true when it did. */
  key(event: KeyboardEvent): boolean {
    if (event.key === 'Escape') return this.escape()
    if (event.key === 'Enter' && this.tool === 'polygon') return this.close(), true
    if (event.key === 'Backspace' || event.key === 'Delete') return this.erase()
    if (event.key === '[' || event.key === ']') return this.step(event.key === ']' ? 1 : -1)
    const way: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
    const to = way[event.key]
    return to ? this.nudge(to, event.shiftKey ? NUDGE_PX * 6 : NUDGE_PX) : false
  }

  private escape(): boolean {
    if (this.tool !== 'choose') this.hooks.tool('choose')
    else if (this.held) this.held = ''
    else this.editor.choose(null)
    this.show()
    return true
  }

  private erase(): boolean {
    if (this.drawing?.points.length) this.drawing.points = this.drawing.points.slice(0, -1)
    else {
      const corner = this.heldCorner()
      if (!corner) return false
      this.editor.change((now) => this.polygon(now, (area) => without(area, corner)))
      this.held = ''
    }
    this.show()
    return true
  }

  private step(by: number): boolean {
    const shape = this.shape()
    if (shape?.kind !== 'polygon') return false
    const all = corners(shape.polygon).map(({ point: _point, ...corner }) => JSON.stringify(corner))
    const at = all.indexOf(this.held)
    this.held = all[(at < 0 ? 0 : at + by + all.length) % all.length] ?? ''
    this.show()
    return true
  }

  private nudge([x, y]: [number, number], by: number): boolean {
    const corner = this.heldCorner()
    const shape = this.shape()
    if (!corner || shape?.kind !== 'polygon') return false
    const at = corners(shape.polygon).find((one) => JSON.stringify({ part: one.part, ring: one.ring, at: one.at }) === this.held)
    if (!at) return false
    const px = this.map.project(at.point)
    const { lng, lat } = this.map.unproject([px.x + x * by, px.y + y * by])
    this.editor.change((now) => this.polygon(now, (area) => moved(area, corner, [lng, lat])), `nudge${this.held}`)
    this.show()
    return true
  }

  private press = (event: Press): void => {
    if ('points' in event && event.points.length > 1) return
    const at = pairOf(event)
    if (this.tool === 'circle') {
      event.preventDefault()
      this.centre = this.hooks.freeCentre() ? at : pair(this.hooks.store())
      return
    }
    if (this.tool !== 'choose') return
    const handle = this.handleAt(event)
    if (!handle) return
    event.preventDefault()
    this.hold = handle
    this.held = handle.kind === 'corner' ? JSON.stringify(handle.corner) : handle.kind
    if (handle.kind === 'middle') {
      const corner = { ...handle.corner, at: handle.corner.at + 1 }
      this.editor.drag((now) => this.polygon(now, (area) => inserted(area, handle.corner, at)))
      this.hold = { kind: 'corner', corner }
      this.held = JSON.stringify(corner)
    }
    this.show()
  }

  private move = (event: Press): void => {
    const at = pairOf(event)
    if (this.hold) {
      const hold = this.hold
      this.editor.drag((now) => this.dragged(now, hold, at))
    } else if (this.tool === 'circle' && this.centre && this.drawing) this.drawing.circle = circle(this.centre, reach(this.centre, at))
    else if (this.tool === 'polygon' && this.drawing) this.drawing.cursor = at
    else {
      if (this.tool === 'choose' && event.type === 'mousemove') this.map.getCanvas().style.cursor = this.handleAt(event) ? 'grab' : ''
      return
    }
    this.show()
  }

  private release = (event: Press): void => {
    if (this.hold) {
      this.hold = null
      this.editor.drop()
    } else if (this.tool === 'circle' && this.centre && this.drawing?.circle) {
      const own = this.hooks.freeCentre()
      this.done({ kind: 'radius', radius_m: reach(this.centre, pairOf(event)), centre: own ? rounded(this.centre) : null })
    }
    this.show()
  }

  private click = (event: MapMouseEvent): void => {
    const at = pairOf(event)
    if (this.tool === 'polygon' && this.drawing) {
      const first = this.drawing.points[0]
      const begun = first && this.map.project(first)
      if (begun && this.drawing.points.length > 2 && begun.dist(event.point) < NEAR_PX) return this.close()
      const last = this.drawing.points.at(-1)
      if (!last || this.map.project(last).dist(event.point) > 3) this.drawing.points = [...this.drawing.points, at]
      this.show()
      return
    }
    if (this.tool !== 'choose' || this.handleAt(event)) return
    const under = this.map.queryRenderedFeatures(event.point, { layers: ['sketch-hatch', 'sketch-fill'] })
    this.held = ''
    const keys = [...new Set(under.map((one) => String(one.properties.key)))]
    const now = keys.indexOf(this.editor.chosenKey.value ?? '')
    this.editor.choose(keys[(now + 1) % Math.max(1, keys.length)] ?? null)
    this.show()
  }

  private done(shape: Shape): void {
    this.hooks.tool('choose')
    this.hooks.drew(shape)
  }

  private handleAt(event: Press): Handle | null {
    const { x, y } = event.point
    const box: [PointLike, PointLike] = [[x - NEAR_PX, y - NEAR_PX], [x + NEAR_PX, y + NEAR_PX]]
    const found = this.map.queryRenderedFeatures(box, { layers: ['sketch-corner', 'sketch-middle'] })
    const best = found.find((one) => one.layer.id === 'sketch-corner') ?? found[0]
    if (!best) return null
    const { kind, corner } = best.properties as { kind: Handle['kind']; corner?: string }
    return corner ? { kind: kind as 'corner', corner: JSON.parse(corner) as Corner } : { kind: kind as 'edge' }
  }

  private heldCorner(): Corner | null {
    return this.held.startsWith('{') ? (JSON.parse(this.held) as Corner) : null
  }

  private shape(): Shape | undefined {
    return this.editor.chosen.value?.shapes[this.editor.chosenShape.value]
  }

  private polygon(now: Editor['zones']['value'], change: (area: Area) => Area): Editor['zones']['value'] {
    const shape = this.shape()
    if (shape?.kind !== 'polygon') return now
    return this.editor.withShape(now, this.editor.chosenKey.value!, this.editor.chosenShape.value, { kind: 'polygon', polygon: change(shape.polygon) })
  }

  private dragged(now: Editor['zones']['value'], hold: Handle, at: Pair): Editor['zones']['value'] {
    if ('corner' in hold) return this.polygon(now, (area) => moved(area, hold.corner, at))
    const shape = this.shape()
    if (shape?.kind !== 'radius') return now
    const centre = shape.centre ?? pair(this.hooks.store())
    const next: Shape = hold.kind === 'centre' ? { ...shape, centre: rounded(at) } : { ...shape, radius_m: reach(centre, at) }
    return this.editor.withShape(now, this.editor.chosenKey.value!, this.editor.chosenShape.value, next)
  }
}

const pairOf = (event: Press): Pair => [event.lngLat.lng, event.lngLat.lat]
/** A radius a hand means: whole tens of metres. */
const reach = (centre: Pair, at: Pair): number =>
  Math.max(LEAST_M, Math.min(MOST_M, Math.round(metres({ lon: centre[0], lat: centre[1] }, { lon: at[0], lat: at[1] }) / 10) * 10))
