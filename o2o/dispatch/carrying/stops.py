"""At a stop: arriving, taking goods, handing them over with a code, failing to, and bringing them back.

Acts carry the time they happened on the phone (`at`), for they may be told later, and may be told twice.
"""

import hmac
import uuid
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.dispatch import riders
from o2o.dispatch.carrying import owed, rescheduling, silence, telling, tracking, trips
from o2o.dispatch.carrying.deliveries import DELIVERY, RETURN, facts
from o2o.dispatch.events import DeliveryChanged
from o2o.dispatch.models import Delivery, Rider, Stop, Trip
from o2o.geo.lonlat import LonLat
from o2o.infra import outbox
from o2o.kit.errors import Conflict, NotFound
from o2o.kit.events import Event

WRONG_CODES_MAX = 5


class NoStop(NotFound):
    """There is no such stop on a trip of yours."""

    code = "dispatch.no_stop"


class NotAccepted(Conflict):
    """Accept the trip first."""

    code = "dispatch.not_accepted"


class StopOver(Conflict):
    """This stop was skipped or ended in another way."""

    code = "dispatch.stop_over"


class GoodsNotReady(Conflict):
    """The store has not packed this order yet."""

    code = "dispatch.goods_not_ready"


class NotPickedUp(Conflict):
    """Pick the goods up first."""

    code = "dispatch.not_picked_up"


class WrongCode(Conflict):
    """This is not the customer's code."""

    code = "dispatch.wrong_code"


class TooManyWrongCodes(Conflict):
    """Too many wrong codes; ask the dispatcher."""

    code = "dispatch.too_many_wrong_codes"


def arrive(db: Session, *, stop_id: uuid.UUID, rider_id: uuid.UUID, at: datetime, now: datetime) -> None:
    """The rider stands at the door; again, or after the stop is done, changes nothing."""
    _, trip, stop, delivery = _locked(db, stop_id, rider_id, now)
    if stop.state != "pending":
        return
    _accepted(trip)
    stop.state, stop.arrived_at = "arrived", believed(at, trip, now)
    outbox.emit(db, DeliveryChanged(**facts(delivery, now)), now=now)


def complete(
    db: Session,
    *,
    stop_id: uuid.UUID,
    rider_id: uuid.UUID,
    at: datetime,
    now: datetime,
    code: str = "",
    photo: str = "",
    signature: str = "",
    near_at: datetime | None = None,
) -> None:
    """What the stop is for is done: goods taken, handed over (with the customer's code, a photo or a signature), or back.

    `near_at`: when the phone was first seen there, for an arrival that nobody told.
    Goods taken before the trip was taken from a rider who had no signal are his all the same, if nobody else was sent for them.
    A photo or signature that is named has arrived before, or is awaited of a phone that had no signal (`owed`).

    Raises:
        NoStop, NotAccepted, StopOver, GoodsNotReady, NotPickedUp, WrongCode, TooManyWrongCodes, owed.ProofNotHere.
    """
    rider, trip, stop, delivery = _locked(db, stop_id, rider_id, now)
    if stop.state == "done":
        return
    at = believed(at, trip, now)
    if stop.state == "skipped" and not silence.had_it_before(db, rider, trip, stop, delivery, at=at, now=now):
        raise StopOver(stop_id=stop_id)
    _accepted(trip)
    owed.check(db, stop_id=stop_id, named={"photo": photo, "signature": signature}, at=at, now=now)
    event = _COMPLETE[stop.kind](delivery, at=at, code=code, proven=bool(photo or signature))
    arrived_at = stop.arrived_at or (believed(near_at, trip, now) if near_at else at)
    stop.state, stop.done_at, stop.arrived_at = "done", at, min(arrived_at, at)
    said = {"code": _is_code(delivery, code), "photo": photo, "signature": signature}
    stop.proof = said if stop.kind == "dropoff" else {}
    tracking.put(rider, LonLat(stop.lon, stop.lat), at)
    delivery.version += 1
    db.flush()
    outbox.emit(db, event, now=now)
    trips.close_if_done(db, trip_id=trip.id, now=now)


def note_wrong_code(db: Session, *, stop_id: uuid.UUID, rider_id: uuid.UUID, now: datetime) -> None:
    """Count a wrong code; told in a transaction of its own, since the refusal rolls the first one back."""
    _, _, _, delivery = _locked(db, stop_id, rider_id, now)
    delivery.wrong_codes += 1


def fail(db: Session, *, stop_id: uuid.UUID, rider_id: uuid.UUID, reason: str, at: datetime, now: datetime) -> None:
    """The goods do not change hands: what was to be handed over rides back on this trip, what was to be fetched is not carried.

    Saying so twice is fine.

    Raises:
        NoStop, NotAccepted, StopOver (also for a stop where nothing can fail), NotPickedUp.
    """
    _, trip, stop, delivery = _locked(db, stop_id, rider_id, now)
    if delivery.state == "failed":
        return
    _accepted(trip)
    if stop.kind != ("pickup" if delivery.kind == RETURN else "dropoff") or stop.state not in trips.OPEN_STOP:
        raise StopOver(stop_id=stop_id)
    if delivery.kind != RETURN and delivery.state != "picked_up":
        raise NotPickedUp(delivery_id=delivery.id)
    at = believed(at, trip, now)
    stop.state, stop.done_at, stop.proof = "failed", at, {"reason": reason}
    delivery.state, delivery.reason, delivery.version = "failed", reason, delivery.version + 1
    db.flush()
    if delivery.kind == RETURN:
        delivery.ended_at, delivery.rider_id, delivery.trip_id = at, None, None
        db.flush()
        trips.drop_stops(db, trip_id=trip.id, delivery_id=delivery.id, now=now)
    else:
        db.add(_way_back(db, trip, delivery, now))
        db.flush()
        trips.close_if_done(db, trip_id=trip.id, now=now)
    outbox.emit(db, telling.failed(delivery, at), now=now)


def believed(at: datetime, trip: Trip, now: datetime) -> datetime:
    """When an act happened, by the phone's clock as far as it can be true: on this trip, and not after now."""
    return max(min(at, now), trip.accepted_at or trip.offered_at)


def _way_back(db: Session, trip: Trip, delivery: Delivery, now: datetime) -> Stop:
    last = db.scalar(select(func.max(Stop.position)).where(Stop.trip_id == trip.id)) or 0
    return trips.stop_for(trip, delivery, kind="return", position=last + 1, eta_at=now)


def _pick_up(delivery: Delivery, *, at: datetime, code: str, proven: bool) -> Event:
    if delivery.goods_ready_at is None:
        raise GoodsNotReady(delivery_id=delivery.id)
    delivery.state, delivery.picked_up_at = "picked_up", at
    return telling.picked_up(delivery, at)


def _hand_over(delivery: Delivery, *, at: datetime, code: str, proven: bool) -> Event:
    """A customer says his code, or a photo or signature proves it; a store's clerk is there to see what comes."""
    if delivery.state != "picked_up":
        raise NotPickedUp(delivery_id=delivery.id)
    if delivery.kind == DELIVERY and not proven:
        if delivery.wrong_codes >= WRONG_CODES_MAX:
            raise TooManyWrongCodes(delivery_id=delivery.id)
        if not _is_code(delivery, code):
            raise WrongCode(field="code", delivery_id=delivery.id)
    delivery.state, delivery.ended_at = "delivered", at
    return telling.completed(delivery, at)


def _is_code(delivery: Delivery, code: str) -> bool:
    return hmac.compare_digest(code.encode(), delivery.code.encode())


def _bring_back(delivery: Delivery, *, at: datetime, code: str, proven: bool) -> Event:
    if delivery.again_at is not None:
        rescheduling.wait_again(delivery)
        return DeliveryChanged(**facts(delivery, at))
    delivery.state, delivery.ended_at = "returned", at
    return telling.returned(delivery, at)


_COMPLETE = {"pickup": _pick_up, "dropoff": _hand_over, "return": _bring_back}


def _accepted(trip: Trip) -> None:
    if trip.state != trips.ACCEPTED:
        raise NotAccepted(trip_id=trip.id, state=trip.state)


def _locked(db: Session, stop_id: uuid.UUID, rider_id: uuid.UUID, now: datetime) -> tuple[Rider, Trip, Stop, Delivery]:
    rider = riders.locked(db, rider_id)
    query = (
        select(Stop, Trip, Delivery)
        .join(Trip, Trip.id == Stop.trip_id)
        .join(Delivery, Delivery.id == Stop.delivery_id)
        .where(Stop.id == stop_id, Trip.rider_id == rider_id)
        .with_for_update(of=Delivery)
        .execution_options(populate_existing=True)
    )
    found = db.execute(query).one_or_none()
    if found is None:
        raise NoStop(stop_id=stop_id)
    rider.seen_at = now
    stop, trip, delivery = found
    return rider, trip, stop, delivery
