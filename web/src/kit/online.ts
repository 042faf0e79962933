/** Whether this device has a network, as far as it knows. */
import { onScopeDispose, readonly, ref, type Ref } from 'vue'

export function useOnline(): Readonly<Ref<boolean>> {
  const online = ref(navigator.onLine)
  const note = () => (online.value = navigator.onLine)
  window.addEventListener('online', note)
  window.addEventListener('offline', note)
  onScopeDispose(() => {
    window.removeEventListener('online', note)
    window.removeEventListener('offline', note)
  })
  return readonly(online)
}
