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

/** A code that was scanned while a number was being filled in is not that number. */
function clean(code: string): void {
  const field = document.activeElement
  if (!(field instanceof HTMLInputElement) || field.type !== 'number' || !field.value.endsWith(code)) return
  field.value = field.value.slice(0, -code.length)
  field.dispatchEvent(new Event('input', { bubbles: true }))
}

export function useScanner(onCode: (code: string) => void): void {
  const hear = wedge((code) => {
    clean(code)
    onCode(code)
  })
  onMounted(() => window.addEventListener('keydown', hear, true))
  onBeforeUnmount(() => window.removeEventListener('keydown', hear, true))
}
