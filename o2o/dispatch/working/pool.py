"""The open pool: packed deliveries no round has given out for some minutes; a rider of the area may take one himself."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

import redis
from sqlalchemy import Select, literal, or_, select
from sqlalchemy.orm import Session

from o2o.dispatch import pay, riders
from o2o.dispatch.carrying import allowed, locked_rows, trips
from o2o.dispatch.carrying.deliveries import WAITING
from o2o.dispatch.carrying.locked_rows import NoDelivery
from o2o.dispatch.hand.acts import Assign, RiderAway
from o2o.dispatch.models import Delivery, Rider, Trip
from o2o.geo.lonlat import LonLat, distance_m
from o2o.infra.roads import Roads
from o2o.kit.errors import Conflict

OPEN_AFTER_S = 300
"""Twenty rounds have passed it by: time to let a rider choose."""
SHOWN = 20


class NotInPool(Conflict):
    """This delivery is not in the pool any more."""

    code = "dispatch.not_in_pool"


@dataclass(frozen=True, slots=True)
class Pooled:
    """A delivery to take. `distance_m`: from store to door in a straight line; `earnings_fen` by that distance."""

    delivery_id: uuid.UUID
    order_no: str
    store_id: uuid.UUID
    pickup: LonLat
    dropoff: LonLat
    weight_g: int
    packed_at: datetime
    due_at: datetime
    distance_m: int
    earnings_fen: int


def listed(db: Session, *, rider_id: uuid.UUID, now: datetime) -> list[Pooled]:
    """What a rider may take, the earliest promise first; nothing for a rider who is offline or on a break."""
    rider = db.scalar(select(Rider).where(Rider.id == rider_id))
    if rider is None or rider.state in riders.AWAY:
        return []
    rows = db.scalars(_open_to(rider, now).order_by(Delivery.due_at, Delivery.id))
    return [_pooled(row) for row in islice((row for row in rows if not allowed.bar(rider, row)), SHOWN)]


def take(
    db: Session, valkey: "redis.Redis", *, delivery_id: uuid.UUID, rider_id: uuid.UUID, roads: Roads, now: datetime
) -> Trip:
    """The rider takes a delivery: it joins the accepted trip, or begins one that needs no further yes. Taking twice is fine.

    Raises:
        NotInPool: somebody has it, or it is held, cancelled or not in the pool yet.
        RiderAway, OfferOpen, DoesNotFit: as when a dispatcher assigns it.
    """
    area_id = db.scalar(select(Rider.area_id).where(Rider.id == rider_id))
    if area_id is None:
        raise riders.NoRider(rider_id=rider_id)
    act = Assign(delivery_id, rider_id)
    table = locked_rows.locked(db, valkey, area_id=area_id, named=act.named(), roads=roads, now=now)
    try:
        delivery = table.delivery(delivery_id)
    except NoDelivery:
        raise NotInPool(delivery_id=delivery_id) from None
    rider = table.rider(rider_id)
    if delivery.rider_id != rider_id:
        if rider.state in riders.AWAY:
            raise RiderAway(rider_id=rider_id, state=rider.state)
        if db.scalar(_open_to(rider, now).where(Delivery.id == delivery_id)) is None:
            raise NotInPool(delivery_id=delivery_id)
        act.do(table)
    trip = table.trip_of(rider_id)
    if trip is None:
        raise NotInPool(delivery_id=delivery_id)
    if trip.id in table.fresh:
        trip.state, trip.accepted_at, trip.version = trips.ACCEPTED, now, trip.version + 1
    rider.seen_at = now
    return trip


def _open_to(rider: Rider, now: datetime) -> Select[Delivery]:
    return select(Delivery).where(
        Delivery.area_id == rider.area_id,
        Delivery.state == WAITING,
        Delivery.ended_at.is_(None),
        Delivery.tour_id.is_(None),
        Delivery.goods_ready_at <= now - timedelta(seconds=OPEN_AFTER_S),
        Delivery.weight_g <= rider.capacity_g,
        Delivery.volume_ml <= rider.capacity_ml,
        or_(Delivery.insulated.is_(False), literal(rider.insulated_boxes > 0)),
        Delivery.skills.contained_by(rider.skills),
        or_(Delivery.hold_until.is_(None), Delivery.hold_until <= now),
        or_(Delivery.only_for.is_(None), Delivery.only_for == rider.id),
    )


def _pooled(row: Delivery) -> Pooled:
    store, door = LonLat(row.pickup_lon, row.pickup_lat), LonLat(row.dropoff_lon, row.dropoff_lat)
    metres = distance_m(store, door)
    return Pooled(
        delivery_id=row.id,
        order_no=row.order_no,
        store_id=row.store_id,
        pickup=store,
        dropoff=door,
        weight_g=row.weight_g,
        packed_at=row.goods_ready_at or row.ready_at,
        due_at=row.due_at,
        distance_m=metres,
        earnings_fen=pay.for_trip(deliveries=1, distance_m=metres),
    )
