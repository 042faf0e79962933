"""Coming online and going offline."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.dispatch import riders
from o2o.dispatch.carrying import tracking
from o2o.dispatch.events import RiderChanged
from o2o.dispatch.models import Delivery, Shift, Trip
from o2o.dispatch.working import planned_shifts
from o2o.geo.lonlat import LonLat
from o2o.infra import outbox
from o2o.kit import ids
from o2o.kit.errors import Conflict

USUAL_SHIFT = timedelta(hours=8)


class TripUnfinished(Conflict):
    """Finish or decline your trip first."""

    code = "dispatch.trip_unfinished"


def go_online(
    db: Session, *, rider_id: uuid.UUID, position: LonLat, now: datetime, until: datetime | None = None
) -> None:
    """The rider starts a shift at `position` until `until`, or as planned, or for the usual time; online already is fine."""
    rider = riders.locked(db, rider_id)
    rider.seen_at = now
    tracking.put(rider, position, now)
    if rider.state != riders.OFF_SHIFT:
        return
    rider.state, rider.version = riders.AVAILABLE, rider.version + 1
    until = until or planned_shifts.end_of(db, rider_id=rider_id, now=now) or now + USUAL_SHIFT
    row = insert(Shift).values(id=ids.new_id(), rider_id=rider_id, started_at=now, planned_end_at=until)
    db.execute(row.on_conflict_do_nothing())
    outbox.emit(db, RiderChanged(rider_id=rider_id, area_id=rider.area_id), now=now)


def go_offline(db: Session, *, rider_id: uuid.UUID, now: datetime) -> None:
    """The rider ends the shift; offline already is fine.

    Raises:
        TripUnfinished: a trip is offered to him or under way.
    """
    rider = riders.locked(db, rider_id)
    if rider.state == riders.OFF_SHIFT:
        return
    if db.scalar(select(Trip.id).where(Trip.rider_id == rider_id, Trip.state.in_(("offered", "accepted")))):
        raise TripUnfinished(rider_id=rider_id)
    rider.state, rider.break_wanted, rider.version = riders.OFF_SHIFT, False, rider.version + 1
    kept_for_him = update(Delivery).where(Delivery.only_for == rider_id, Delivery.state == "waiting")
    db.execute(kept_for_him.values(only_for=None, version=Delivery.version + 1))
    db.execute(update(Shift).where(Shift.rider_id == rider_id, Shift.ended_at.is_(None)).values(ended_at=now))
    outbox.emit(db, RiderChanged(rider_id=rider_id, area_id=rider.area_id), now=now)
