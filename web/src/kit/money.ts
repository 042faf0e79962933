/** Money is whole fen everywhere; only this file writes it for people. */
const yuan = new Intl.NumberFormat('zh-CN', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

/** 1280 -> "¥12.80"; negative amounts carry the sign in front: "-¥3.00". */
export function money(fen: number | null | undefined): string {
  if (fen == null) return '–'
  const sign = fen < 0 ? '-' : ''
  return `${sign}¥${yuan.format(Math.abs(fen) / 100)}`
}

/** The price in two parts, so that the yuan can be set larger: ["12", "80"]. */
export function moneyParts(fen: number): [string, string] {
  const text = yuan.format(Math.abs(fen) / 100)
  const dot = text.lastIndexOf('.')
  return [(fen < 0 ? '-' : '') + text.slice(0, dot), text.slice(dot + 1)]
}

/** "12.8" typed at a till -> 1280 fen; null when it is no amount. No float takes part. */
export function fenOf(text: string): number | null {
  const match = /^\s*(\d{1,9})(?:\.(\d{1,2}))?\s*$/.exec(text)
  if (!match) return null
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
}
