"""Numbers of taste of the promise, in one place. Seconds; a `share` is an error as a share of what it is an error of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


def _table(**values: float) -> Mapping[str, float]:
    return MappingProxyType(values)


@dataclass(frozen=True, slots=True)
class PromisePolicy:
    """What a promise is made with where nothing was learned yet, and how quickly it learns."""

    percentile: float = 0.93
    """How many of a hundred orders come within the promise: nine of ten, a little for the luck of a few hundred orders, and a little
    because orders placed while a surge builds come before anybody can have learned of it."""
    base_pick_s: int = 60
    """Walking to the shelves and the packing table, whatever the basket."""
    line_pick_s: int = 35
    """A line, where the store has no pace of its own."""
    heavy_g: int = 10_000
    heavy_s: int = 60
    """Added for each full `heavy_g` of a basket."""
    hands: int = 2
    """Pickers of a store whose rota says nothing."""
    idle_queue_s: int = 20
    """Until somebody begins although nothing waits: orders come between the look and the payment."""
    idle_rider_s: int = 110
    """Packed goods wait so long for a rider even when riders are free: he is called for then, rides in, and takes them."""
    carried_at_ease: float = 0.75
    """Deliveries open for each rider while none waits for another."""
    crowded_wait_s: int = 145
    crowded_ride_s: int = 90
    """What each delivery beyond that, for each rider, adds to the wait for a rider and to the way with him."""
    crowds_from: tuple[float, float] = (0.3, 1.0)
    """From how many such deliveries a time is busy, and crowded: each has a margin of its own."""
    crowded_most: float = 16.0
    """Beyond this nobody knows."""
    crowded_alone: float = 6.0
    """What an area without any rider on shift is taken for."""
    door_s: int = 120
    """Finding the door, the lift, the hand-over."""
    hold_up_s: int = 60
    """No stage is thought surer than an error's share of so many seconds."""
    usual_s: Mapping[str, float] = field(
        default_factory=lambda: _table(queue=60, pick=240, rider=130, ride=190, door=120)
    )
    shares: Mapping[str, float] = field(
        default_factory=lambda: _table(queue=0.9, pick=0.35, rider=0.8, ride=0.5, door=0.3)
    )
    """The stages as they are thought to run before anything was seen: how long, and how far off."""
    first_margin: float = 1.7
    """Spreads past the expected arrival, before anything was seen: more than nine of ten."""
    store_worth: float = 60.0
    city_worth: float = 30.0
    """Orders that what is leant on counts as."""
    fade: float = 0.995
    city_fade: float = 0.9995
    """What is left of an order's weight after the next one."""
    store_step: float = 0.06
    city_step: float = 0.3
    quick_step: float = 7.0
    quick_orders: int = 40
    """How far one order moves a margin: `quick_step` spread over the orders so far, never less than its own step. The city's is large
    enough that it follows an hour in which everything comes late within that hour."""
    furthest: float = 6.0
    """An order later than so many spreads teaches no more than one so late."""
    window_s: int = 900
    """Width of the window we show: it ends at the promise."""
    step_s: int = 60
    """Promises are whole minutes, rounded away from us."""
    fen_per_delivery: int = 350
    fen_per_km: int = 60
    """What a ride costs us, for weighing stores."""


STANDARD = PromisePolicy()
