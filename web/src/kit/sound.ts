/** Short tones for hands and eyes that are busy. Nothing is loaded; the browser hums them itself. */
let context: AudioContext | undefined

function tone(frequency: number, startS: number, lengthS: number, volume = 0.12): void {
  context ??= new AudioContext()
  const swing = context.createOscillator()
  const gain = context.createGain()
  const from = context.currentTime + startS
  swing.frequency.value = frequency
  gain.gain.setValueAtTime(volume, from)
  gain.gain.exponentialRampToValueAtTime(0.0001, from + lengthS)
  swing.connect(gain).connect(context.destination)
  swing.start(from)
  swing.stop(from + lengthS)
}

const tunes = {
  good: [[880, 0, 0.09]],
  done: [[660, 0, 0.1], [880, 0.1, 0.1], [1175, 0.2, 0.18]],
  bad: [[220, 0, 0.18], [180, 0.16, 0.26]],
  news: [[784, 0, 0.14], [1047, 0.14, 0.2]],
} as const

export function play(tune: keyof typeof tunes): void {
  try {
    for (const [frequency, start, length] of tunes[tune]) tone(frequency, start, length)
    if (tune === 'bad') navigator.vibrate?.([60, 40, 60])
    else navigator.vibrate?.(30)
  } catch (error) {
    // A browser that forbids sound before the first touch stays silent; everything is also shown in colour.
    if (!(error instanceof DOMException)) throw error
  }
}
