"""A rider's break: nothing is offered meanwhile; asked for on a trip, it begins when the trip ends."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from o2o.dispatch import riders
from o2o.dispatch.events import RiderChanged
from o2o.infra import outbox
from o2o.kit.errors import Conflict


class NotOnShift(Conflict):
    """Go online first."""

    code = "dispatch.not_on_shift"


def ask(db: Session, *, rider_id: uuid.UUID, now: datetime) -> str:
    """A break now, or after the trip under way, to which nothing is added any more; returns the rider's state. Asking twice is fine.

    Raises:
        NotOnShift: the rider is offline.
    """
    rider = riders.locked(db, rider_id)
    if rider.state == riders.OFF_SHIFT:
        raise NotOnShift(rider_id=rider_id)
    if rider.state == riders.BREAK or rider.break_wanted:
        return rider.state
    if rider.state == riders.ON_TRIP:
        rider.break_wanted = True
    else:
        rider.state = riders.BREAK
    rider.version += 1
    outbox.emit(db, RiderChanged(rider_id=rider_id, area_id=rider.area_id), now=now)
    return rider.state


def come_back(db: Session, *, rider_id: uuid.UUID, now: datetime) -> str:
    """The break is over, or not wanted any more; returns the rider's state. Back already is fine.

    Raises:
        NotOnShift: the rider is offline.
    """
    rider = riders.locked(db, rider_id)
    if rider.state == riders.OFF_SHIFT:
        raise NotOnShift(rider_id=rider_id)
    if rider.state == riders.BREAK or rider.break_wanted:
        rider.state = riders.AVAILABLE if rider.state == riders.BREAK else rider.state
        rider.break_wanted, rider.version, rider.seen_at = False, rider.version + 1, now
        outbox.emit(db, RiderChanged(rider_id=rider_id, area_id=rider.area_id), now=now)
    return rider.state
