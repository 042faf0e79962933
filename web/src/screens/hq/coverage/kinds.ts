/** Homes by how many stores deliver to them, and the colour of each on the map. */
export const KINDS = ['gap', 'one', 'two', 'many'] as const
export type Kind = (typeof KINDS)[number]
export const COLOURS: Record<Kind, string> = { gap: '#d6336c', one: '#f59f00', two: '#51b98a', many: '#0b7a52' }
