/** Where this phone is, and telling it. In a demo without a moving phone the rider can be let ride along the planned way. */
import { onScopeDispose, ref, watch, type Ref } from 'vue'
import { api } from '@/api/client'
import { between, metres, type Pair, type Point } from '@/kit/geo'
import { nowIso } from '@/kit/time'

const TELL_MS = 5000
/** A phone that stands still speaks up this often, or its rider counts as silent. */
const HERE_MS = 10_000
const DEMO_M_S = 9

export function usePosition(sharing: Ref<boolean>, start: Ref<Point | null>) {
  const here = ref<Point | null>(null)
  const demo = ref(false)
  let way: Point[] = []
  let watching: number | undefined
  let toldAt = 0

  watch(start, (at) => (here.value ??= at), { immediate: true })
  watch(
    sharing,
    (on) => {
      if (watching !== undefined) navigator.geolocation.clearWatch(watching)
      watching = undefined
      if (on && navigator.geolocation) {
        watching = navigator.geolocation.watchPosition(
          ({ coords }) => !demo.value && moved({ lon: coords.longitude, lat: coords.latitude }),
          () => undefined, // without permission the last known place stays
          { enableHighAccuracy: true, maximumAge: 3000 },
        )
      }
    },
    { immediate: true },
  )

  function moved(to: Point): void {
    here.value = to
    if (Date.now() - toldAt >= TELL_MS - 200) tell(to)
  }
  function tell(to: Point): void {
    if (!sharing.value) return
    toldAt = Date.now()
    // Only the newest place is worth sending: one that does not get through is not kept.
    void api.POST('/api/rider/position', { body: { lon: to.lon, lat: to.lat, at: nowIso() } }).catch(() => undefined)
  }

  /** Follow this way from now on (demo). */
  function follow(line: Pair[]): void {
    way = line.map(([lon, lat]) => ({ lon, lat }))
  }
  const timer = setInterval(() => {
    if (!sharing.value || !here.value) return
    if (Date.now() - toldAt > HERE_MS) tell(here.value)
    if (!demo.value || !way.length) return
    let left = DEMO_M_S
    let at = here.value
    while (way.length && left > 0) {
      const far = metres(at, way[0]!)
      if (far <= left) {
        at = way.shift()!
        left -= far
      } else {
        at = between(at, way[0]!, left / far)
        left = 0
      }
    }
    moved(at)
  }, 1000)
  onScopeDispose(() => {
    clearInterval(timer)
    if (watching !== undefined) navigator.geolocation.clearWatch(watching)
  })
  return { here, demo, follow }
}
