"""From an offer to an order: it stands at exactly what was quoted, its goods held, its payment awaited. 下单"""
