/** A client's own id: UUIDv7 (RFC 9562), sortable by the time it was made; ids of one millisecond count up (method 1 of 6.2). */
let last = { ms: 0, count: 0 }

export function newId(): string {
  const now = Date.now()
  last = now > last.ms ? { ms: now, count: 0 } : last.count < 0xfff ? { ms: last.ms, count: last.count + 1 } : { ms: last.ms + 1, count: 0 }
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  let ms = last.ms
  for (let i = 5; i >= 0; i -= 1) {
    bytes[i] = ms % 256
    ms = Math.floor(ms / 256)
  }
  bytes[6] = (last.count >> 8) | 0x70
  bytes[7] = last.count & 0xff
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
