"""What is known when a store is chosen: the basket, and each store that could take it. Whole numbers and flags only."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from o2o.kit.ids import AreaId, Sku, StoreId

NOT_KEPT = -1
"""In `Candidate.left`: the store does not sell this at all."""


class Reach(IntEnum):
    """Whether a store delivers to the door."""

    SERVES = 0
    OUTSIDE = 1
    EXCLUDED = 2
    """The door lies in a part the store leaves out: a lake, a walled campus."""
    NOT_NOW = 3
    """A ring covers the door, but not on this day or at this hour."""


class Doors(IntEnum):
    """Whether a store is open."""

    OPEN = 0
    CLOSED = 1
    EMERGENCY = 2
    """Shut by hand, whatever its hours say."""


class Wanted(NamedTuple):
    """A line of the basket: pieces, what they are worth and what they weigh together."""

    sku: Sku
    quantity: int
    value_fen: int
    weight_g: int


@dataclass(frozen=True, slots=True)
class Ask:
    """What is wanted, how, and when it was asked. `now` is kept to the microsecond; everything else counts from it in seconds."""

    now: datetime
    lines: tuple[Wanted, ...]
    delivery: bool
    channel: str = "app"
    order_fen: int = 0
    """What the whole order is worth, where only a part of it looks for a store."""
    divisible: bool = True
    """Whether it may be shared between stores."""
    goods_fen: int = field(init=False)
    """What the order's goods are worth."""
    weight_g: int = field(init=False)
    """What the goods weigh."""

    def __post_init__(self) -> None:
        worth_fen = max(self.order_fen, sum(line.value_fen for line in self.lines))
        object.__setattr__(self, "goods_fen", worth_fen)
        object.__setattr__(self, "weight_g", sum(line.weight_g for line in self.lines))

    def after(self, seconds: int) -> str:
        """The moment so many seconds after the question, as text."""
        return (self.now + timedelta(seconds=seconds)).isoformat()


class Candidate(NamedTuple):
    """What is known of a store for this basket at this moment. `_s` are seconds from now, None where there is no such moment."""

    store_id: StoreId
    area_id: AreaId
    reach: int = Reach.SERVES
    doors: int = Doors.OPEN
    opens_s: int | None = None
    closes_s: int | None = None
    distance_m: int = 0
    ride_m: int = 0
    ride_s: int = 0
    fee_fen: int = 0
    min_basket_fen: int = 0
    ready_s: int = 0
    """When the whole basket is packed here."""
    arrive_s: int = 0
    """The latest arrival of the whole basket, which is what would be promised; a part of it is never later."""
    window_s: int | None = None
    """Where the ring is delivered in a later window: when that window begins."""
    speed_s: int | None = None
    """What the ring itself promises."""
    cost_fen: int = 0
    """What the ride costs us."""
    backlog_s: int = 0
    hands: int = 1
    """Pickers who share the backlog."""
    riders: int = 0
    open_deliveries: int = 0
    rejected: bool = False
    """It rejected this order before."""
    chosen: bool | None = None
    """True or False once the customer named a store (pickup), None while they leave it to us."""
    left: tuple[int, ...] = ()
    """Of each line, how many may be promised here; NOT_KEPT where the store does not sell it."""
    expiring: tuple[int, ...] = ()
    """Of each line, pieces that soon run out of date."""
