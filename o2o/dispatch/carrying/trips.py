"""Trips: offered, accepted, declined, taken back from the silent, and closed when nothing is left to do."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.dispatch import pay, riders
from o2o.dispatch.events import RiderChanged, TripChanged
from o2o.dispatch.models import Delivery, Incident, Refusal, Rider, Stop, Trip
from o2o.infra import outbox
from o2o.kit import ids, money
from o2o.kit.errors import Conflict, NotFound

OFFERED, ACCEPTED, COMPLETED = "offered", "accepted", "completed"
DECLINED, EXPIRED, CANCELLED = "declined", "expired", "cancelled"
LIVE = (OFFERED, ACCEPTED)
OPEN_STOP = ("pending", "arrived")

OFFER_S = 45
"""A rider has this long to say yes: enough to stop at a light and look, short enough for the goods."""
SILENT_S = 180
"""A rider not heard from for this long has fallen silent."""


class NoTrip(NotFound):
    """There is no such trip of yours."""

    code = "dispatch.no_trip"


class OfferGone(Conflict):
    """This offer is not open any more."""

    code = "dispatch.offer_gone"


def offered(
    db: Session, *, rider: Rider, round_id: uuid.UUID | None, now: datetime, distance_m: int = 0, locked: bool = False
) -> Trip:
    """A trip still without stops, offered to a rider who is free and locked by the caller; who tells the screens."""
    trip = Trip(
        id=ids.new_id(),
        rider_id=rider.id,
        area_id=rider.area_id,
        round_id=round_id,
        state=OFFERED,
        offered_at=now,
        offer_expires_at=now + timedelta(seconds=OFFER_S),
        distance_m=distance_m,
        earnings_fen=0,
        locked=locked,
        version=0,
    )
    db.add(trip)
    rider.state, rider.version = riders.ON_TRIP, rider.version + 1
    db.flush()
    return trip


def stop_for(trip: Trip, delivery: Delivery, *, kind: str, position: int, eta_at: datetime) -> Stop:
    """A stop still to do: where the goods are taken (`pickup`), handed over (`dropoff`), or brought back to (`return`)."""
    there = kind == "dropoff"
    return Stop(
        id=ids.new_id(),
        trip_id=trip.id,
        delivery_id=delivery.id,
        position=position,
        kind=kind,
        lon=delivery.dropoff_lon if there else delivery.pickup_lon,
        lat=delivery.dropoff_lat if there else delivery.pickup_lat,
        state="pending",
        eta_at=eta_at,
        proof={},
    )


def accept(db: Session, *, trip_id: uuid.UUID, rider_id: uuid.UUID, now: datetime) -> None:
    """The rider takes the trip; saying so twice is fine.

    Raises:
        NoTrip: not this rider's. OfferGone: it expired, or its deliveries were given up.
    """
    trip = _own(db, trip_id, rider_id)
    if trip.state == ACCEPTED:
        return
    if trip.state != OFFERED or trip.offer_expires_at <= now:
        raise OfferGone(trip_id=trip_id, state=trip.state)
    trip.state, trip.accepted_at, trip.version = ACCEPTED, now, trip.version + 1
    _say_changed(db, trip, now)


def decline(db: Session, *, trip_id: uuid.UUID, rider_id: uuid.UUID, reason: str, now: datetime) -> None:
    """The rider does not take the trip: its deliveries wait again and this rider is not asked for them again.

    Raises:
        NoTrip: not this rider's. OfferGone: it was accepted or is over.
    """
    trip = _own(db, trip_id, rider_id)
    if trip.state == DECLINED:
        return
    if trip.state != OFFERED:
        raise OfferGone(trip_id=trip_id, state=trip.state)
    _give_back(db, trip, state=DECLINED, refusal=reason or "declined", now=now)


def take_back_silent(db: Session, *, area_id: uuid.UUID, now: datetime) -> int:
    """Offers nobody answered and trips of riders not heard from go back to waiting; returns how many.

    What a silent rider has picked up stays with him: an incident asks the dispatcher to call.
    """
    silent = Rider.seen_at < now - timedelta(seconds=SILENT_S)
    gone = select(Trip.id, Trip.rider_id).join(Rider, Rider.id == Trip.rider_id).where(Trip.area_id == area_id)
    expired = gone.where(Trip.state == OFFERED, Trip.offer_expires_at <= now)
    lost = gone.where(Trip.state == ACCEPTED, silent)
    count = 0
    for trip_id, rider_id in db.execute(expired.union(lost).order_by("rider_id")).all():
        trip = _own(db, trip_id, rider_id)
        if trip.state == OFFERED and trip.offer_expires_at <= now:
            _give_back(db, trip, state=EXPIRED, refusal="silent", now=now)
            count += 1
        elif trip.state == ACCEPTED:
            count += _leave_only_what_is_carried(db, trip, now)
    return count


def drop_stops(db: Session, *, trip_id: uuid.UUID, delivery_id: uuid.UUID, now: datetime) -> None:
    """Skip what is left of a delivery in a trip, and close the trip when that was all."""
    db.execute(
        update(Stop)
        .where(Stop.trip_id == trip_id, Stop.delivery_id == delivery_id, Stop.state.in_(OPEN_STOP))
        .values(state="skipped")
    )
    close_if_done(db, trip_id=trip_id, now=now)


def close_if_done(db: Session, *, trip_id: uuid.UUID, now: datetime) -> bool:
    """End a trip with no open stop, pay the rider, and make him available. The rider's row is locked by the caller."""
    trip = db.get_one(Trip, trip_id, populate_existing=True)
    stops = db.execute(select(Stop.state, Stop.kind).where(Stop.trip_id == trip_id)).all()
    trip.version += 1
    done = [stop for stop in stops if stop.state == "done"]
    if any(stop.state in OPEN_STOP for stop in stops) or trip.state not in LIVE:
        _say_changed(db, trip, now)
        return False
    trip.state, trip.ended_at = (COMPLETED if done else CANCELLED), now
    drops = sum(1 for stop in done if stop.kind != "pickup")
    trip.earnings_fen = pay.for_trip(deliveries=drops, distance_m=trip.distance_m) if done else 0
    share_cost(db, trip)
    _free(db, trip.rider_id, now)
    _say_changed(db, trip, now)
    return True


def open_again(db: Session, *, trip: Trip, now: datetime) -> None:
    """A trip that was closed goes on: what it paid and cost is worked out anew when it ends. The rider's row is locked by the caller."""
    share_cost(db, trip, sign=-1)
    trip.state, trip.ended_at, trip.earnings_fen = ACCEPTED, None, 0
    rider = db.get_one(Rider, trip.rider_id)
    rider.state, rider.version = riders.ON_TRIP, rider.version + 1
    outbox.emit(db, RiderChanged(rider_id=rider.id, area_id=rider.area_id), now=now)


def share_cost(db: Session, trip: Trip, *, sign: int = 1) -> None:
    """What the trip pays is what its deliveries cost, a hand-over (or a way back) each alike; `sign` -1 takes it off them again."""
    ended = ("dropoff", "return")
    halts = select(Stop.delivery_id).where(Stop.trip_id == trip.id, Stop.state == "done", Stop.kind.in_(ended))
    carried = sorted(db.scalars(halts))
    if carried:
        shares = zip(carried, money.split(trip.earnings_fen, [1] * len(carried)), strict=True)
        for delivery_id, share_fen in shares:
            carrying = update(Delivery).where(Delivery.id == delivery_id)
            db.execute(carrying.values(cost_fen=Delivery.cost_fen + sign * share_fen))


def _leave_only_what_is_carried(db: Session, trip: Trip, now: datetime) -> int:
    held = db.scalars(select(Delivery).where(Delivery.trip_id == trip.id, Delivery.ended_at.is_(None))).all()
    waiting = [d for d in held if d.state == "assigned"]
    carried = [d for d in held if d.state != "assigned"]
    if carried:
        _open_incident(db, trip, carried[0].id, now)
    if not waiting:
        return 0
    _refuse(db, trip.rider_id, [d.id for d in waiting], "silent", now)
    for delivery in waiting:
        _to_waiting(delivery)
        db.flush()
        drop_stops(db, trip_id=trip.id, delivery_id=delivery.id, now=now)
    if trip.state == CANCELLED:  # nothing of it was ever done; what he did before he fell silent stays done, and paid
        trip.state = EXPIRED
    return 1


def _give_back(db: Session, trip: Trip, *, state: str, refusal: str, now: datetime) -> None:
    deliveries = db.scalars(select(Delivery).where(Delivery.trip_id == trip.id).order_by(Delivery.id).with_for_update())
    held = [d for d in deliveries if d.state == "assigned"]
    _refuse(db, trip.rider_id, [d.id for d in held], refusal, now)
    for delivery in held:
        _to_waiting(delivery)
    db.execute(update(Stop).where(Stop.trip_id == trip.id, Stop.state.in_(OPEN_STOP)).values(state="skipped"))
    trip.state, trip.ended_at, trip.version = state, now, trip.version + 1
    _free(db, trip.rider_id, now)
    _say_changed(db, trip, now)


def _to_waiting(delivery: Delivery) -> None:
    """A rider's no also ends a dispatcher's wish that it be this rider."""
    delivery.state, delivery.rider_id, delivery.trip_id, delivery.only_for = "waiting", None, None, None
    delivery.round_id = delivery.tour_id = None
    delivery.version += 1


def _refuse(db: Session, rider_id: uuid.UUID, delivery_ids: list[uuid.UUID], reason: str, now: datetime) -> None:
    rows = [{"delivery_id": d, "rider_id": rider_id, "reason": reason, "at": now} for d in delivery_ids]
    if rows:
        db.execute(insert(Refusal).on_conflict_do_nothing(), rows)


def _open_incident(db: Session, trip: Trip, delivery_id: uuid.UUID, now: datetime) -> None:
    known = select(Incident.id).where(Incident.rider_id == trip.rider_id, Incident.state == "open")
    if db.scalar(known.where(Incident.kind == "silent_with_goods")) is None:
        db.add(
            Incident(
                id=ids.new_id(),
                area_id=trip.area_id,
                rider_id=trip.rider_id,
                delivery_id=delivery_id,
                kind="silent_with_goods",
                note="",
                state="open",
                reported_at=now,
            )
        )


def _free(db: Session, rider_id: uuid.UUID, now: datetime) -> None:
    rider = db.get_one(Rider, rider_id)
    if rider.state == riders.ON_TRIP:
        rider.state, rider.break_wanted = (riders.BREAK if rider.break_wanted else riders.AVAILABLE), False
    rider.version += 1
    outbox.emit(db, RiderChanged(rider_id=rider.id, area_id=rider.area_id), now=now)


def _own(db: Session, trip_id: uuid.UUID, rider_id: uuid.UUID) -> Trip:
    riders.locked(db, rider_id)
    query = select(Trip).where(Trip.id == trip_id, Trip.rider_id == rider_id)
    trip = db.scalar(query.execution_options(populate_existing=True))
    if trip is None:
        raise NoTrip(trip_id=trip_id)
    return trip


def _say_changed(db: Session, trip: Trip, now: datetime) -> None:
    outbox.emit(db, TripChanged(trip_id=trip.id, rider_id=trip.rider_id, area_id=trip.area_id), now=now)
