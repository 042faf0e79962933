"""The numbers of taste of sourcing. Headquarters sets them by rules; these stand where no rule speaks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourcingPolicy:
    """Weights are fen: what a store costs us and our customer, so that any two reasons can be compared."""

    fen_per_km: int = 40
    fen_per_promised_minute: int = 25
    """What a minute of the customer's waiting is worth."""
    fen_per_backlog_minute: int = 6
    """Spreads the work before a queue can be felt."""
    fen_per_waiting_delivery: int = 40
    """For each delivery a rider of the area has beyond the two he carries."""
    fen_without_riders: int = 200
    fen_for_last_pieces: int = 30
    """For each line that takes the shelf below `healthy_left` pieces."""
    healthy_left: int = 3
    fen_for_expiring: int = 15
    """Gained for each wanted piece that would else soon run out of date."""
    farthest_m: int = 12_000
    most_detour_percent: int = 350
    """How long the road may be, as a share of the straight line, once it is longer than `detour_from_m`."""
    detour_from_m: int = 3_000
    heaviest_g: int = 30_000
    """What one delivery may weigh."""
    most_backlog_s: int = 7_200
    """A store whose queue is longer takes no more."""
    longest_promise_s: int = 3 * 3_600
    latest_window_s: int = 36 * 3_600
    """How far ahead a ring's later window may end."""
    needs_riders: bool = False
    """Refuse where no rider is on shift; otherwise the promise is just longer."""
    keep_ring_speed: bool = False
    """Refuse where the speed a ring promises would not be kept; otherwise the promise is just longer."""
    most_shipments: int = 2
    """Stores that may share an order; 1 never splits."""
    split_fen: int = 300
    """What every parcel after the first costs, beside its ride."""
    least_split_fen: int = 3_000
    """Orders worth less are not split."""
    least_part_fen: int = 800
    """No parcel is worth less."""


STANDARD = SourcingPolicy()
ORDER_WIDE = frozenset({"most_shipments", "split_fen", "least_split_fen", "least_part_fen"})
"""Settings of the whole order: a rule for one area cannot set them, for an order may touch two."""
