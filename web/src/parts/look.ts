/** Light or dark: as the person chose, else as the system is. */
import { computed, ref } from 'vue'

export type Look = 'light' | 'dark' | 'auto'
const PLACE = 'o2o.look'
const system = matchMedia('(prefers-color-scheme: dark)')
const systemDark = ref(system.matches)
system.addEventListener('change', (event) => {
  systemDark.value = event.matches
  apply()
})
export const look = ref<Look>((localStorage.getItem(PLACE) as Look | null) ?? 'auto')
const dark = computed(() => (look.value === 'auto' ? systemDark.value : look.value === 'dark'))

export const useDark = () => dark

export function setLook(next: Look): void {
  look.value = next
  localStorage.setItem(PLACE, next)
  apply()
}

export function apply(): void {
  const root = document.documentElement
  if (look.value === 'auto') delete root.dataset.theme
  else root.dataset.theme = look.value
  root.classList.toggle('dark', dark.value)
}
