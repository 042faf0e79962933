/** Waiting, in the middle of work, for what a screen shows to be there. */
import { watch, type Ref } from 'vue'

export function until(come: Readonly<Ref<boolean>>): Promise<void> {
  return new Promise((done) => {
    const stop = watch(
      come,
      (now) => {
        if (!now) return
        done()
        queueMicrotask(() => stop())
      },
      { immediate: true },
    )
  })
}
