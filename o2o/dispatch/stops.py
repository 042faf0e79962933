"""At a stop: arriving, taking goods, handing them over with a code, failing to, and bringing them back.

Acts carry the time they happened on the phone (`at`), for they may be told later, and may be told twice.
"""

import hmac
import uuid
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.dispatch import rescheduling, riders, trips
from o2o.dispatch.deliveries import facts
from o2o.dispatch.events import (
    DeliveryChanged,
    DeliveryCompleted,
    DeliveryFailed,
    DeliveryPickedUp,
    DeliveryReturned,
)
from o2o.dispatch.models import Delivery, Rider, Stop, Trip
from o2o.infra import outbox
from o2o.kit import ids
from o2o.kit.errors import Conflict, NotFound

WRONG_CODES_MAX = 5
FAIL_REASONS = ("no_contact", "refused", "wrong_address", "unsafe")


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
    stop.state, stop.arrived_at = "arrived", min(at, now)
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
) -> None:
    """What the stop is for is done: goods taken, handed over (with the customer's code, or a photo left at the door), or back.

    Raises:
        NoStop, NotAccepted, StopOver, GoodsNotReady, NotPickedUp, WrongCode, TooManyWrongCodes.
    """
    rider, trip, stop, delivery = _locked(db, stop_id, rider_id, now)
    if stop.state == "done":
        return
    _accepted(trip)
    if stop.state == "skipped":
        raise StopOver(stop_id=stop_id)
    at = min(at, now)
    event = _COMPLETE[stop.kind](delivery, at=at, code=code, photo=photo)
    stop.state, stop.done_at, stop.arrived_at = "done", at, stop.arrived_at or at
    stop.proof = {"code": bool(code), "photo": photo} if stop.kind == "dropoff" else {}
    rider.lon, rider.lat = stop.lon, stop.lat
    delivery.version += 1
    db.flush()
    outbox.emit(db, event, now=now)
    trips.close_if_done(db, trip_id=trip.id, now=now)


def note_wrong_code(db: Session, *, stop_id: uuid.UUID, rider_id: uuid.UUID, now: datetime) -> None:
    """Count a wrong code; told in a transaction of its own, since the refusal rolls the first one back."""
    _, _, _, delivery = _locked(db, stop_id, rider_id, now)
    delivery.wrong_codes += 1


def fail(db: Session, *, stop_id: uuid.UUID, rider_id: uuid.UUID, reason: str, at: datetime, now: datetime) -> None:
    """The goods cannot be handed over; a stop back at the store is added to the trip. Saying so twice is fine.

    Raises:
        NoStop, NotAccepted, StopOver (also for a stop that is no drop-off), NotPickedUp.
    """
    _, trip, stop, delivery = _locked(db, stop_id, rider_id, now)
    if delivery.state == "failed":
        return
    _accepted(trip)
    if stop.kind != "dropoff" or stop.state not in trips.OPEN_STOP:
        raise StopOver(stop_id=stop_id)
    if delivery.state != "picked_up":
        raise NotPickedUp(delivery_id=delivery.id)
    at = min(at, now)
    stop.state, stop.done_at, stop.proof = "failed", at, {"reason": reason}
    delivery.state, delivery.reason, delivery.version = "failed", reason, delivery.version + 1
    last = db.scalar(select(func.max(Stop.position)).where(Stop.trip_id == trip.id)) or 0
    back = Stop(
        id=ids.new_id(),
        trip_id=trip.id,
        delivery_id=delivery.id,
        position=last + 1,
        kind="return",
        lon=delivery.pickup_lon,
        lat=delivery.pickup_lat,
        state="pending",
        eta_at=now,
        proof={},
    )
    db.add(back)
    db.flush()
    outbox.emit(db, DeliveryFailed(**facts(delivery, at), reason=reason), now=now)
    trips.close_if_done(db, trip_id=trip.id, now=now)


def _pick_up(delivery: Delivery, *, at: datetime, code: str, photo: str) -> DeliveryPickedUp:
    if delivery.goods_ready_at is None:
        raise GoodsNotReady(delivery_id=delivery.id)
    delivery.state, delivery.picked_up_at = "picked_up", at
    return DeliveryPickedUp(**facts(delivery, at))


def _hand_over(delivery: Delivery, *, at: datetime, code: str, photo: str) -> DeliveryCompleted:
    if delivery.state != "picked_up":
        raise NotPickedUp(delivery_id=delivery.id)
    if delivery.wrong_codes >= WRONG_CODES_MAX and not photo:
        raise TooManyWrongCodes(delivery_id=delivery.id)
    if not photo and not hmac.compare_digest(code.encode(), delivery.code.encode()):
        raise WrongCode(field="code", delivery_id=delivery.id)
    delivery.state, delivery.ended_at = "delivered", at
    return DeliveryCompleted(**facts(delivery, at))


def _bring_back(delivery: Delivery, *, at: datetime, code: str, photo: str) -> DeliveryReturned | DeliveryChanged:
    if delivery.again_at is not None:
        rescheduling.wait_again(delivery)
        return DeliveryChanged(**facts(delivery, at))
    delivery.state, delivery.ended_at = "returned", at
    return DeliveryReturned(**facts(delivery, at))


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
