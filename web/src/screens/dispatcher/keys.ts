/** The desk under the fingers: everything a mouse can do, without one. */
import { nextTick, onBeforeUnmount, onMounted, type Ref } from 'vue'
import { ACT_KEYS, type ActName, type useActs } from './acts'
import { useChoice, type Tab, type View } from './choice'
import type { DeskView } from './desk'
import { useHand } from './hand'

const TABS: Tab[] = ['deliveries', 'waiting', 'riders']
const VIEWS: View[] = ['rounds', 'capacity', 'log']
const BY_KEY = Object.fromEntries(Object.entries(ACT_KEYS).map(([name, key]) => [key, name as ActName]))

interface Asked {
  desk: DeskView
  acts: ReturnType<typeof useActs>
  help: Ref<boolean>
  openMenu: () => void
}

export function useKeys({ desk, acts, help, openMenu }: Asked): void {
  const choice = useChoice()
  const hand = useHand()

  function step(by: number): void {
    const list = desk.deliveries.value
    if (!list.length) return
    const at = list.findIndex((one) => choice.chosen?.kind === 'delivery' && one.id === choice.chosen.id)
    const next = list[Math.max(0, Math.min(list.length - 1, at + by))]!
    choice.chosen = { kind: 'delivery', id: next.id }
  }
  function show(tab: Tab): void {
    choice.view = 'live'
    choice.tab = tab
  }
  function search(): void {
    show('deliveries')
    const focus = () => document.querySelector<HTMLInputElement>('[data-search] input')?.focus()
    focus()
    void nextTick(focus)
  }
  function letGo(typing: boolean, target: HTMLElement): void {
    if (typing) target.blur()
    else if (choice.chosen) choice.chosen = null
    else if (choice.picked.length) choice.picked = []
    else choice.view = 'live'
  }
  const plain: Record<string, (event: KeyboardEvent) => void> = {
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    ' ': (event) => {
      if (event.shiftKey) choice.picked = desk.deliveries.value.map((one) => one.id)
      else if (choice.chosen?.kind === 'delivery') choice.pick(choice.chosen.id)
    },
    x: () => choice.chosen?.kind === 'delivery' && choice.pick(choice.chosen.id),
    Enter: () => acts.meant.value.length && openMenu(),
    '/': search,
    '?': () => (help.value = true),
    t: () => show('tours'),
    u: () => void hand.undo(),
  }
  function onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement
    const typing = (target instanceof HTMLInputElement && target.type !== 'checkbox') || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
    // Dialogs have their own keys.
    if (document.querySelector('dialog[open], [role=menu]')) return
    if (event.key === 'Escape') return letGo(typing, target)
    if (typing || event.metaKey || event.ctrlKey || event.altKey) return
    const place = Number(event.key)
    if (place >= 1 && place <= 3) return show(TABS[place - 1]!)
    if (place >= 4 && place <= 6) return void (choice.view = VIEWS[place - 4]!)
    const lists = choice.view === 'live' || ['/', '?', 't', 'u'].includes(event.key)
    if (!lists || (event.key === 'Enter' && target instanceof HTMLButtonElement)) return
    const act = BY_KEY[event.key]
    const run = act ? () => acts.start(act) : plain[event.key]
    if (!run) return
    event.preventDefault()
    run(event)
  }
  onMounted(() => window.addEventListener('keydown', onKey))
  onBeforeUnmount(() => window.removeEventListener('keydown', onKey))
}
