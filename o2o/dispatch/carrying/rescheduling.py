"""A failed delivery gets a second try: with a new window it waits again as soon as the goods are back at their store."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.dispatch.carrying.deliveries import DELIVERY, FAILED, RETURN, WAITING, facts, not_before
from o2o.dispatch.carrying.locked_rows import NoDelivery
from o2o.dispatch.events import DeliveryChanged, DeliveryRescheduled
from o2o.dispatch.models import Delivery
from o2o.infra import outbox
from o2o.kit.errors import Conflict, Invalid

AHEAD = timedelta(days=7)


class NotFailed(Conflict):
    """Only a failed delivery whose goods are still on their way back can be tried again."""

    code = "dispatch.not_failed"


class BadWindow(Invalid):
    """A window opens before it closes, and closes in the future, within seven days."""

    code = "dispatch.bad_window"


def again(
    db: Session,
    *,
    delivery_id: uuid.UUID,
    area_ids: frozenset[uuid.UUID] | None,
    due_from: datetime,
    due_at: datetime,
    now: datetime,
) -> str:
    """Agree on a new window for a failed delivery; again with another window replaces it. Returns the state it is in then.

    Raises:
        BadWindow, NoDelivery, NotFailed.
    """
    if not now < due_at <= now + AHEAD:
        raise BadWindow(field="due_at", due_at=due_at)
    if not due_from < due_at:
        raise BadWindow(field="due_from", due_from=due_from)
    query = select(Delivery).where(Delivery.id == delivery_id).with_for_update()
    delivery = db.scalar(query if area_ids is None else query.where(Delivery.area_id.in_(area_ids)))
    if delivery is None:
        raise NoDelivery(delivery_id=delivery_id)
    if delivery.state != FAILED:
        raise NotFailed(delivery_id=delivery_id, state=delivery.state)
    delivery.again_from, delivery.again_at, delivery.version = due_from, due_at, delivery.version + 1
    if delivery.kind == RETURN:  # nothing was taken, so nothing has to come back first
        wait_again(delivery)
        delivery.ready_at = delivery.goods_ready_at = delivery.hold_until = max(due_from, now)
        outbox.emit(db, DeliveryChanged(**facts(delivery, now)), now=now)
    else:
        said = DeliveryRescheduled(**facts(delivery, now), due_from=due_from, due_at=due_at)
        outbox.emit(db, said if delivery.kind == DELIVERY else DeliveryChanged(**facts(delivery, now)), now=now)
    return delivery.state


def wait_again(delivery: Delivery) -> None:
    """The goods are back: the delivery waits for its new window, with nobody's name on it, and is not brought before it."""
    if delivery.again_from is None or delivery.again_at is None:
        return
    delivery.state, delivery.reason, delivery.wrong_codes = WAITING, "", 0
    delivery.rider_id = delivery.trip_id = delivery.picked_up_at = delivery.ended_at = None
    delivery.tour_id = delivery.round_id = None
    delivery.due_from, delivery.due_at = delivery.again_from, delivery.again_at
    delivery.booked = delivery.kind == DELIVERY
    delivery.hold_until = not_before(delivery)
    delivery.again_from = delivery.again_at = None
