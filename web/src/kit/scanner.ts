/** Hand scanners type very fast and end with Enter. This hears them anywhere on the page, and leaves people's typing alone. */
import { onBeforeUnmount, onMounted } from 'vue'

const FAST_MS = 60
const SHORTEST = 4

export function wedge(onCode: (code: string) => void): (event: KeyboardEvent) => void {
  let typed = ''
  let last = 0
  return (event) => {
    const at = event.timeStamp || performance.now()
    if (at - last > FAST_MS) typed = ''
    last = at
    if (event.key === 'Enter') {
      if (typed.length >= SHORTEST) {
        event.preventDefault()
        event.stopPropagation()
        onCode(typed)
      }
      typed = ''
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) typed += event.key
  }
}

export function useScanner(onCode: (code: string) => void): void {
  const hear = wedge(onCode)
  onMounted(() => window.addEventListener('keydown', hear, true))
  onBeforeUnmount(() => window.removeEventListener('keydown', hear, true))
}
