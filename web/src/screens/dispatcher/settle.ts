/** Calls once the last call is so many milliseconds old: what is typed is asked for when typing stops. */
import { onScopeDispose } from 'vue'

export function useSettled<T>(act: (value: T) => void, afterMs: number): (value: T) => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  onScopeDispose(() => clearTimeout(timer))
  return (value) => {
    clearTimeout(timer)
    timer = setTimeout(() => act(value), afterMs)
  }
}
