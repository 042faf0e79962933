"""Our own courier to try things with: always punctual, keeps everything he must remember in the reference he gives out."""

import uuid
from datetime import UTC, datetime, timedelta

from o2o.dispatch.couriers.port import Booking, CourierRefused, Progress
from o2o.geo.lonlat import LonLat, distance_m
from o2o.geo.travel import EBIKE

PICKUP_S = 600
HEAVIEST_G, FARTHEST_M = 20_000, 8_000
BASE_FEN, PER_KM_FEN = 600, 200
"""About what couriers on demand charge in a large Chinese city for the first kilometres."""


class SandboxCourier:
    """At the store ten minutes after he is asked, then straight to the door at an e-bike's pace."""

    name = "sandbox"

    def book(self, *, reference: uuid.UUID, pickup: LonLat, dropoff: LonLat, weight_g: int, now: datetime) -> Booking:
        """As `Courier.book`."""
        metres = round(distance_m(pickup, dropoff) * EBIKE.detour)
        if weight_g > HEAVIEST_G:
            raise CourierRefused("too heavy")
        if metres > FARTHEST_M:
            raise CourierRefused("too far")
        pickup_at = (now + timedelta(seconds=PICKUP_S)).replace(microsecond=0)
        deliver_at = pickup_at + timedelta(seconds=round(metres / EBIKE.speed_mps))
        ref = f"{reference.hex}-{int(pickup_at.timestamp())}-{int(deliver_at.timestamp())}"
        return Booking(ref, BASE_FEN + PER_KM_FEN * metres // 1_000, pickup_at, deliver_at)

    def cancel(self, *, ref: str, now: datetime) -> bool:
        """As `Courier.cancel`."""
        return now < _times(ref)[0]

    def progress(self, *, ref: str, now: datetime) -> Progress:
        """As `Courier.progress`."""
        pickup_at, deliver_at = _times(ref)
        if now >= deliver_at:
            return Progress("delivered", deliver_at)
        return Progress("picked_up", pickup_at) if now >= pickup_at else Progress("booked", pickup_at)


def _times(ref: str) -> tuple[datetime, datetime]:
    _, pickup, deliver = ref.split("-")
    return datetime.fromtimestamp(int(pickup), UTC), datetime.fromtimestamp(int(deliver), UTC)
