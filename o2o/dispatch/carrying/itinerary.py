"""Where a rider stands with his trip: its state and the next stop."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.dispatch.carrying import trips
from o2o.dispatch.models import Delivery, Rider, Stop, Trip
from o2o.geo.lonlat import LonLat


@dataclass(frozen=True, slots=True)
class NextStop:
    """The first stop still to do. `code` is the customer's, for whoever stands at the door with the goods."""

    stop_id: uuid.UUID
    delivery_id: uuid.UUID
    kind: str
    delivery_kind: str
    place: LonLat
    goods_ready: bool
    code: str


@dataclass(frozen=True, slots=True)
class Itinerary:
    """A live trip."""

    trip_id: uuid.UUID
    state: str
    next_stop: NextStop | None


def of_rider(db: Session, *, rider_id: uuid.UUID) -> Itinerary | None:
    """The rider's live trip, None without one."""
    trip = db.execute(select(Trip.id, Trip.state).where(Trip.rider_id == rider_id, Trip.state.in_(trips.LIVE))).first()
    if trip is None:
        return None
    left = (
        select(Stop, Delivery.kind, Delivery.goods_ready_at, Delivery.code)
        .join(Delivery, Delivery.id == Stop.delivery_id)
        .where(Stop.trip_id == trip.id, Stop.state.in_(trips.OPEN_STOP))
        .order_by(Stop.position)
        .limit(1)
    )
    row = db.execute(left).first()
    if row is None:
        return Itinerary(trip.id, trip.state, None)
    stop, delivery_kind, goods_ready_at, code = row
    place = LonLat(stop.lon, stop.lat)
    step = NextStop(stop.id, stop.delivery_id, stop.kind, delivery_kind, place, goods_ready_at is not None, code)
    return Itinerary(trip.id, trip.state, step)


def all_riders(db: Session) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Every rider with the area, by id."""
    return [(rider_id, area_id) for rider_id, area_id in db.execute(select(Rider.id, Rider.area_id).order_by(Rider.id))]
