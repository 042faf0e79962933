/** One owner's zones on this page: loaded, tried out as they change, saved against the version that was read. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, onScopeDispose, ref, watch, type Ref } from 'vue'
import { asProblem, type Problem } from '@/api/problem'
import { newId } from '@/kit/ids'
import { useLive } from '@/live/stream'
import { useEditor, type Zone } from './editor'
import { fromWire, previewZones, readVersions, readZones, restoreZones, saveZones, type Draft, type Kept, type Owner } from './wire'

const PAUSE_MS = 450

export function useZones(owner: Ref<Owner>) {
  const cache = useQueryClient()
  const editor = useEditor()
  const version = ref(0)
  const newer = ref(false)
  const query = useQuery({ queryKey: computed(() => ['zones', owner.value.kind, owner.value.id]), queryFn: () => readZones(owner.value), staleTime: 0, refetchOnWindowFocus: true })
  const versions = useQuery({ queryKey: computed(() => ['zones', owner.value.kind, owner.value.id, 'history']), queryFn: () => readVersions(owner.value) })
  useLive(computed(() => (owner.value.kind === 'store' ? [`store:${owner.value.id}`] : [])), [['zones'], ['stores']])

  function take(kept: Kept): void {
    version.value = kept.version
    newer.value = false
    editor.load(kept.zones.map(fromWire))
  }
  watch(() => query.data.value, (kept) => {
    if (!kept) return
    // Somebody else's change must not sweep away what is being drawn here.
    if (editor.dirty.value && kept.version !== version.value) newer.value = true
    else if (kept.version !== version.value || !editor.kept.value.length) take(kept)
  }, { immediate: true })
  watch(() => owner.value.id, () => editor.load([]))

  const draft = ref<Draft | null>(null)
  const trouble = ref<Problem | null>(null)
  const trying = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked: AbortController | undefined
  async function look(): Promise<void> {
    asked?.abort()
    const sent = editor.zones.value
    if (!editor.dirty.value) {
      draft.value = null
      trouble.value = null
      trying.value = false
      return
    }
    asked = new AbortController()
    const { signal } = asked
    trying.value = true
    try {
      const found = await previewZones(owner.value, sent, signal)
      if (signal.aborted) return
      draft.value = found
      trouble.value = null
      // Not a step of its own: the same shapes, with what they came to.
      const areas = new Map(sent.map((zone, n) => [zone.key, found.zones[n]!.polygon]))
      if (editor.zones.value === sent) editor.zones.value = sent.map((zone) => ({ ...zone, resolved: areas.get(zone.key) as unknown as Zone['resolved'] }))
    } catch (error) {
      if (signal.aborted) return
      draft.value = null
      trouble.value = asProblem(error)
    }
    trying.value = false
  }
  const meant = computed(() => JSON.stringify(editor.zones.value.map(({ resolved: _resolved, ...rest }) => rest)))
  watch(meant, () => {
    clearTimeout(timer)
    timer = setTimeout(() => void look(), PAUSE_MS)
  })
  onScopeDispose(() => {
    clearTimeout(timer)
    asked?.abort()
  })

  let key = newId()
  watch(meant, () => (key = newId()))
  function accepted(kept: Kept): void {
    take(kept)
    draft.value = null
    trouble.value = null
    cache.setQueryData(['zones', owner.value.kind, owner.value.id], kept)
    for (const queryKey of [['zones', owner.value.kind, owner.value.id, 'history'], ['coverage'], ['stores']]) void cache.invalidateQueries({ queryKey })
  }
  const save = useMutation({
    mutationFn: (note: string) => saveZones(owner.value, version.value, editor.zones.value, note, key),
    onSuccess: accepted,
    onError: (error) => {
      if (asProblem(error).code === 'stores.zones_moved') newer.value = true
    },
  })
  const restore = useMutation({ mutationFn: (backTo: number) => restoreZones(owner.value, backTo, version.value), onSuccess: accepted })
  /** Drop what was drawn here and take what is in force. */
  async function reload(): Promise<void> {
    const found = await query.refetch()
    if (found.data) take(found.data)
    save.reset()
  }
  /** Give up what was drawn; a step like any other, so undo has it back. */
  function giveUp(): void {
    editor.change(() => editor.kept.value)
    editor.choose(null)
    save.reset()
  }
  return { editor, query, versions, version, newer, draft, trouble, trying, save, restore, reload, giveUp }
}
export type ZonesHere = ReturnType<typeof useZones>
