"""Deliveries, returns and transfers to be carried: requested by the hall, made ready by the store, given up, looked up by order."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.dispatch import riders
from o2o.dispatch.carrying import trips
from o2o.dispatch.events import DeliveryChanged
from o2o.dispatch.models import CourierJob, Delivery
from o2o.dispatch.paces.service_times import USUAL_COUNTER
from o2o.geo.lonlat import LonLat
from o2o.geo.travel import estimate
from o2o.infra import outbox
from o2o.kit import ids
from o2o.kit.errors import Conflict

WAITING, ASSIGNED, PICKED_UP = "waiting", "assigned", "picked_up"
COURIER = "courier"
"""A courier of another house was asked for it; `picked_up_at` says whether he has the goods."""
DELIVERY, RETURN, TRANSFER = "delivery", "return", "transfer"
"""Kinds: from a store to a customer, from a customer to a store, from a store to another."""
BOOKED_AHEAD = timedelta(minutes=75)
"""No promise made for at once opens later than this."""
DELIVERED, FAILED, RETURNED, CANCELLED = "delivered", "failed", "returned", "cancelled"


class AlreadyPickedUp(Conflict):
    """The rider has the goods already."""

    code = "dispatch.already_picked_up"


@dataclass(frozen=True, slots=True)
class Load:
    """What goods ask of their rider beside weight: room, a place in an insulated box, a look at the customer's age."""

    volume_ml: int = 0
    insulated: bool = False
    age_checked: bool = False


PLAIN = Load()


@dataclass(frozen=True, slots=True)
class DeliveryInfo:
    """A delivery as others may know it."""

    delivery_id: uuid.UUID
    order_id: uuid.UUID
    shipment_id: uuid.UUID
    store_id: uuid.UUID
    state: str
    rider_id: uuid.UUID | None
    due_at: datetime
    picked_up_at: datetime | None
    ended_at: datetime | None


def request(
    db: Session,
    *,
    delivery_id: uuid.UUID,
    order_id: uuid.UUID,
    shipment_id: uuid.UUID,
    order_no: str,
    store_id: uuid.UUID,
    area_id: uuid.UUID,
    pickup: LonLat,
    dropoff: LonLat,
    address: str,
    ready_at: datetime,
    due_from: datetime,
    due_at: datetime,
    weight_g: int,
    load: Load = PLAIN,
    now: datetime,
    booked: bool | None = None,
) -> None:
    """Ask for a shipment to be carried; a second request for the same shipment does nothing.

    `booked`: the window was agreed on for later, so nothing comes before `due_from`; left out, a window that opens more than
    `BOOKED_AHEAD` from now is taken for one.
    """
    booked = due_from - now > BOOKED_AHEAD if booked is None else booked
    _insert(
        db,
        id=delivery_id,
        order_id=order_id,
        shipment_id=shipment_id,
        order_no=order_no,
        store_id=store_id,
        area_id=area_id,
        pickup=pickup,
        dropoff=dropoff,
        address=address,
        weight_g=weight_g,
        load=load,
        ready_at=ready_at,
        due_from=due_from,
        due_at=due_at,
        booked=booked,
        hold_until=max(now, due_from - _shortest(pickup, dropoff)) if booked else None,
        now=now,
    )


def request_return(
    db: Session,
    *,
    delivery_id: uuid.UUID,
    return_id: uuid.UUID,
    order_id: uuid.UUID,
    order_no: str,
    store_id: uuid.UUID,
    area_id: uuid.UUID,
    door: LonLat,
    store: LonLat,
    address: str,
    due_from: datetime,
    due_at: datetime,
    weight_g: int,
    load: Load = PLAIN,
    now: datetime,
) -> None:
    """Ask for goods to be fetched at a customer's door between two times and brought to a store; a second request for the
    same return does nothing."""
    _insert(
        db,
        id=delivery_id,
        kind=RETURN,
        order_id=order_id,
        shipment_id=return_id,
        order_no=order_no,
        store_id=store_id,
        area_id=area_id,
        pickup=door,
        dropoff=store,
        address=address,
        weight_g=weight_g,
        load=load,
        ready_at=max(due_from, now),
        goods_ready_at=max(due_from, now),
        due_from=due_from,
        due_at=due_at,
        hold_until=due_from if due_from > now else None,
        now=now,
    )


def request_transfer(
    db: Session,
    *,
    delivery_id: uuid.UUID,
    transfer_id: uuid.UUID,
    from_store_id: uuid.UUID,
    to_store_id: uuid.UUID,
    area_id: uuid.UUID,
    pickup: LonLat,
    dropoff: LonLat,
    ready_at: datetime,
    due_at: datetime,
    weight_g: int,
    load: Load = PLAIN,
    now: datetime,
) -> None:
    """Ask for packed goods to be carried from one store to another; a second request for the same transfer does nothing."""
    _insert(
        db,
        id=delivery_id,
        kind=TRANSFER,
        order_id=transfer_id,
        shipment_id=transfer_id,
        order_no=f"T{transfer_id.hex[-6:].upper()}",
        store_id=from_store_id,
        to_store_id=to_store_id,
        area_id=area_id,
        pickup=pickup,
        dropoff=dropoff,
        address="",
        weight_g=weight_g,
        load=load,
        ready_at=ready_at,
        goods_ready_at=ready_at,
        due_from=ready_at,
        due_at=due_at,
        hold_until=ready_at if ready_at > now else None,
        now=now,
    )


def not_before(delivery: Delivery) -> datetime | None:
    """The earliest pick-up that does not bring a booked delivery to its door before its window; None where nothing was booked."""
    if not delivery.booked:
        return None
    store, door = LonLat(delivery.pickup_lon, delivery.pickup_lat), LonLat(delivery.dropoff_lon, delivery.dropoff_lat)
    return delivery.due_from - _shortest(store, door)


def leaves_at(delivery: Delivery) -> datetime | None:
    """Not before when anybody may take it, of what was agreed on for later: a booked window, or a time to fetch a return. None for
    what is wanted at once.
    """
    return delivery.due_from if delivery.kind == RETURN else not_before(delivery)


def _shortest(pickup: LonLat, dropoff: LonLat) -> timedelta:
    """From the counter to the door, if nothing comes between: whoever leaves later than that is not too early."""
    ride_s = int(estimate([pickup], [dropoff]).seconds[0, 0])
    return timedelta(seconds=USUAL_COUNTER.mean_s + ride_s)


def _insert(db: Session, *, pickup: LonLat, dropoff: LonLat, load: Load, now: datetime, **facts: Any) -> None:
    row = insert(Delivery).values(
        **facts,
        volume_ml=load.volume_ml,
        insulated=load.insulated,
        # Who brings goods back to a store, or from one to another, looks at nobody's age.
        skills=[riders.AGE_CHECK] if load.age_checked and "kind" not in facts else [],
        pickup_lon=pickup.lon,
        pickup_lat=pickup.lat,
        dropoff_lon=dropoff.lon,
        dropoff_lat=dropoff.lat,
        requested_at=now,
        state=WAITING,
        # Four digits the customer reads out; drawn apart from every id that the rider can see.
        code=f"{ids.new_id().int % 10_000:04d}",
    )
    made = db.execute(row.on_conflict_do_nothing().returning(Delivery.id)).scalar()
    if made is not None:
        outbox.emit(db, _changed(db.get_one(Delivery, made), now), now=now)


def mark_ready(db: Session, *, shipment_id: uuid.UUID, now: datetime) -> None:
    """The goods are packed and can be handed over."""
    delivery = _of_shipment(db, shipment_id)
    if delivery is None or delivery.goods_ready_at is not None or delivery.ended_at is not None:
        return
    delivery.goods_ready_at = delivery.ready_at = now
    delivery.version += 1
    outbox.emit(db, _changed(delivery, now), now=now)


def cancel(db: Session, *, order_id: uuid.UUID, now: datetime, shipment_id: uuid.UUID | None = None) -> None:
    """Give up every delivery of an order, or one shipment's only; its stops are skipped and its riders told.

    Raises:
        AlreadyPickedUp: a rider has some of these goods; nothing was changed.
    """
    these = Delivery.order_id == order_id
    if shipment_id is not None:
        these = these & (Delivery.shipment_id == shipment_id)
    rows = _with_riders(db, these)
    if any(row.state in (PICKED_UP, DELIVERED, FAILED, RETURNED) or row.picked_up_at is not None for row in rows):
        raise AlreadyPickedUp(order_id=order_id)
    # A courier is called off once this is committed.
    called = [row.id for row in rows if row.state == COURIER]
    if called:
        off = update(CourierJob).where(CourierJob.delivery_id.in_(called), CourierJob.ended_at.is_(None))
        db.execute(off.values(state="cancel_asked"))
    for delivery in rows:
        if delivery.state == CANCELLED:
            continue
        trip_id = delivery.trip_id
        delivery.state, delivery.ended_at, delivery.version = CANCELLED, now, delivery.version + 1
        delivery.rider_id = delivery.trip_id = None
        db.flush()
        if trip_id is not None:
            trips.drop_stops(db, trip_id=trip_id, delivery_id=delivery.id, now=now)
        outbox.emit(db, _changed(delivery, now), now=now)


class _GivenMeanwhile(Exception):
    """Somebody got a delivery between the look at who has it and the lock on it."""


def _with_riders(db: Session, these: ColumnElement[bool]) -> Sequence[Delivery]:
    """Deliveries locked behind whoever has them: riders first, as everywhere.

    Who has them can be known for sure only once they are locked. Where that was another than was locked, the locks are let go of
    (with their savepoint) and taken anew: to ask for a rider's while holding a delivery's is how two come to wait for each other.
    """
    while True:
        try:
            with db.begin_nested():
                return _locked_once(db, these)
        except _GivenMeanwhile:
            continue


def _locked_once(db: Session, these: ColumnElement[bool]) -> Sequence[Delivery]:
    holders = select(Delivery.rider_id).where(these, Delivery.rider_id.is_not(None))
    held_by = sorted({rider_id for rider_id in db.scalars(holders) if rider_id is not None})
    for rider_id in held_by:
        riders.locked(db, rider_id)
    query = select(Delivery).where(these).order_by(Delivery.id).with_for_update()
    rows = db.scalars(query.execution_options(populate_existing=True)).all()
    if any(row.rider_id is not None and row.rider_id not in held_by for row in rows):
        raise _GivenMeanwhile
    return rows


def of_shipment(db: Session, *, shipment_id: uuid.UUID) -> DeliveryInfo | None:
    """The carrying of a shipment, a return or a transfer; None where nobody was asked for it."""
    row = db.scalar(select(Delivery).where(Delivery.shipment_id == shipment_id))
    return _info(row) if row is not None else None


def _info(d: Delivery) -> DeliveryInfo:
    return DeliveryInfo(
        d.id, d.order_id, d.shipment_id, d.store_id, d.state, d.rider_id, d.due_at, d.picked_up_at, d.ended_at
    )


def _of_shipment(db: Session, shipment_id: uuid.UUID) -> Delivery | None:
    query = select(Delivery).where(Delivery.shipment_id == shipment_id).with_for_update()
    return db.scalar(query.execution_options(populate_existing=True))


def _changed(delivery: Delivery, now: datetime) -> DeliveryChanged:
    return DeliveryChanged(**facts(delivery, now))


def facts(delivery: Delivery, at: datetime) -> dict[str, Any]:
    """The fields every event of a delivery carries."""
    return {
        "delivery_id": delivery.id,
        "order_id": delivery.order_id,
        "shipment_id": delivery.shipment_id,
        "store_id": delivery.store_id,
        "area_id": delivery.area_id,
        "at": at,
    }
