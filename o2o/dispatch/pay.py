"""What a trip pays its rider; pure."""

FLAT_FEN = 350
"""For each hand-over."""
PER_KM_FEN = 100
"""For each kilometre planned, so that a long trip is not a loss."""


def for_trip(*, deliveries: int, distance_m: int) -> int:
    """Fen for a trip of `deliveries` hand-overs (returns count: they were ridden) over `distance_m` metres."""
    return FLAT_FEN * deliveries + PER_KM_FEN * distance_m // 1_000
