"""The rows a dispatcher's hand may touch, locked in the house's order: riders, then deliveries, each by id.

Everything is found within one area; what lies elsewhere is not there.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import redis
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from o2o.dispatch.carrying import eta, trips
from o2o.dispatch.carrying.deliveries import facts
from o2o.dispatch.events import DeliveryChanged, TripChanged
from o2o.dispatch.models import Delivery, Rider, Stop, Trip
from o2o.dispatch.paces.service_times import ServiceTimes
from o2o.dispatch.riders import NoRider
from o2o.geo.lonlat import LonLat
from o2o.infra import outbox
from o2o.infra.roads import Roads
from o2o.kit.errors import NotFound


class NoDelivery(NotFound):
    """There is no such open delivery in this area."""

    code = "dispatch.no_delivery"


class NoLiveTrip(NotFound):
    """There is no such trip under way in this area."""

    code = "dispatch.no_live_trip"


@dataclass(frozen=True, slots=True)
class Named:
    """What a list of acts names."""

    deliveries: frozenset[uuid.UUID] = frozenset()
    riders: frozenset[uuid.UUID] = frozenset()
    trips: frozenset[uuid.UUID] = frozenset()
    stops: frozenset[uuid.UUID] = frozenset()

    @staticmethod
    def together(many: Iterable["Named"]) -> "Named":
        """All of them."""
        found = list(many)
        return Named(
            frozenset().union(*(one.deliveries for one in found)),
            frozenset().union(*(one.riders for one in found)),
            frozenset().union(*(one.trips for one in found)),
            frozenset().union(*(one.stops for one in found)),
        )


@dataclass(frozen=True, slots=True)
class LockedRows:
    """One area's locked rows while a list of acts is carried out. `fresh`: trips made by it."""

    db: Session
    area_id: uuid.UUID
    roads: Roads
    now: datetime
    riders: dict[uuid.UUID, Rider]
    deliveries: dict[uuid.UUID, Delivery]
    places: dict[uuid.UUID, LonLat]
    times: ServiceTimes
    fresh: set[uuid.UUID] = field(default_factory=set)

    def rider(self, rider_id: uuid.UUID) -> Rider:
        """Raises NoRider."""
        if rider_id not in self.riders:
            raise NoRider(field="rider_id", rider_id=rider_id)
        return self.riders[rider_id]

    def delivery(self, delivery_id: uuid.UUID) -> Delivery:
        """Raises NoDelivery."""
        found = self.deliveries.get(delivery_id)
        if found is None or found.ended_at is not None:
            raise NoDelivery(field="delivery_id", delivery_id=delivery_id)
        return found

    def trip(self, trip_id: uuid.UUID) -> Trip:
        """A live trip of a locked rider. Raises NoLiveTrip."""
        trip = self.db.get(Trip, trip_id)
        if trip is None or trip.rider_id not in self.riders or trip.state not in trips.LIVE:
            raise NoLiveTrip(field="trip_id", trip_id=trip_id)
        return trip

    def trip_of(self, rider_id: uuid.UUID) -> Trip | None:
        """The rider's live trip."""
        return self.db.scalar(select(Trip).where(Trip.rider_id == rider_id, Trip.state.in_(trips.LIVE)))

    def way(self, trip_id: uuid.UUID, more: tuple[LonLat, ...] = ()) -> eta.Way | None:
        """What is left of a trip; None when nothing is."""
        found = eta.ways(self.db, self.roads, trip_ids=[trip_id], places=self.places, now=self.now, more=more)
        return found[0] if found else None

    def say_delivery(self, delivery: Delivery) -> None:
        """Tell the screens."""
        outbox.emit(self.db, DeliveryChanged(**facts(delivery, self.now)), now=self.now)

    def say_trip(self, trip: Trip) -> None:
        """Tell the screens."""
        said = TripChanged(trip_id=trip.id, rider_id=trip.rider_id, area_id=trip.area_id)
        outbox.emit(self.db, said, now=self.now)


def locked(
    db: Session, valkey: "redis.Redis", *, area_id: uuid.UUID, named: Named, roads: Roads, now: datetime
) -> LockedRows:
    """The rows for what is named: those riders, whoever has the deliveries, trips and stops named, and all they carry."""
    trip_ids = set(named.trips) | set(db.scalars(select(Stop.trip_id).where(Stop.id.in_(named.stops))))
    holders = select(Delivery.rider_id).where(Delivery.id.in_(named.deliveries), Delivery.rider_id.is_not(None))
    on_trips = select(Trip.rider_id).where(Trip.id.in_(trip_ids))
    people = select(Rider).where(
        Rider.area_id == area_id,
        or_(Rider.id.in_(named.riders), Rider.id.in_(holders), Rider.id.in_(on_trips)),
    )
    # First who, then the locks: the rows are locked by their ids alone, in order.
    rider_ids = sorted(rider.id for rider in db.scalars(people))
    fresh = {"populate_existing": True}
    who = select(Rider).where(Rider.id.in_(rider_ids)).order_by(Rider.id).with_for_update()
    found = {rider.id: rider for rider in db.scalars(who, execution_options=fresh)}
    what = select(Delivery).where(
        Delivery.area_id == area_id,
        Delivery.ended_at.is_(None),
        or_(Delivery.id.in_(named.deliveries), Delivery.rider_id.in_(rider_ids)),
    )
    rows = db.scalars(what.order_by(Delivery.id).with_for_update(), execution_options=fresh)
    db.scalars(
        select(Trip).where(Trip.rider_id.in_(rider_ids), Trip.state.in_(trips.LIVE)), execution_options=fresh
    ).all()
    held = {row.id: row for row in rows if row.rider_id is None or row.rider_id in found}
    places = {rider.id: place for rider in found.values() if (place := eta.place_of(valkey, rider)) is not None}
    times = eta.known(db, area_id=area_id, deliveries=list(held.values()))
    return LockedRows(db, area_id, roads, now, found, held, places, times)
