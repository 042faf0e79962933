"""The port to couriers of other houses, who carry what our own riders cannot in time."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from o2o.geo.lonlat import LonLat


class CourierRefused(Exception):
    """The courier will not carry this: too heavy, too far, nobody free."""


class CourierUnreachable(Exception):
    """The courier did not answer; nothing is known, so ask again with the same reference."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A courier's yes: his own reference, what he asks, and when he means to be where."""

    ref: str
    fee_fen: int
    pickup_at: datetime
    deliver_at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a booked job is, and since when: `booked`, `picked_up`, `delivered`, `cancelled`; `failed` (nobody took the
    goods, they ride back) and then `returned`."""

    state: str
    at: datetime


class Courier(Protocol):
    """What every courier can do. Each call may be repeated: `reference` and `ref` name the same job again."""

    name: str

    def book(self, *, reference: uuid.UUID, pickup: LonLat, dropoff: LonLat, weight_g: int, now: datetime) -> Booking:
        """Ask for packed goods to be carried. Raises CourierRefused, CourierUnreachable."""

    def cancel(self, *, ref: str, now: datetime) -> bool:
        """Call a job off; False when the goods are picked up already. Raises CourierUnreachable."""

    def progress(self, *, ref: str, now: datetime) -> Progress:
        """How far the job is. Raises CourierUnreachable."""
