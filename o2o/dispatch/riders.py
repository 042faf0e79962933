"""Who carries: enrolling riders, finding one, and locking one while his trip changes."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.dispatch.models import Rider
from o2o.kit.errors import NotFound

OFF_SHIFT, AVAILABLE, ON_TRIP, BREAK = "off_shift", "available", "on_trip", "break"
AWAY = (OFF_SHIFT, BREAK)
"""Nothing is offered to riders in these states."""

CAPACITY_G = {"ebike": 30_000, "bicycle": 15_000, "on_foot": 8_000, "motorcycle": 40_000, "cargo_trike": 150_000}
"""What a rider of each vehicle carries; the box of a delivery e-bike takes about 30 kg."""
MAX_JOBS = {"ebike": 4, "bicycle": 3, "on_foot": 2, "motorcycle": 5, "cargo_trike": 16}
"""Deliveries on board at once."""


class NoRider(NotFound):
    """There is no such rider."""

    code = "dispatch.no_rider"


def enrol(
    db: Session, *, rider_id: uuid.UUID, name: str, area_id: uuid.UUID, vehicle: str = "ebike", now: datetime
) -> None:
    """Make an account a rider of an area; again with the same id changes nothing."""
    row = insert(Rider).values(
        id=rider_id,
        name=name,
        area_id=area_id,
        vehicle=vehicle,
        capacity_g=CAPACITY_G[vehicle],
        max_jobs=MAX_JOBS[vehicle],
        state=OFF_SHIFT,
        seen_at=now,
        version=0,
    )
    db.execute(row.on_conflict_do_nothing())


def locked(db: Session, rider_id: uuid.UUID) -> Rider:
    """The rider's row, locked: every change of a rider's trip begins here, so two never cross.

    Raises:
        NoRider: there is none.
    """
    query = select(Rider).where(Rider.id == rider_id).with_for_update().execution_options(populate_existing=True)
    rider = db.scalar(query)
    if rider is None:
        raise NoRider(rider_id=rider_id)
    return rider
