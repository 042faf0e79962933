"""Who carries: enrolling riders, finding one, and locking one while his trip changes."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.dispatch.models import Rider
from o2o.geo import polygons
from o2o.kit.errors import NotFound

OFF_SHIFT, AVAILABLE, ON_TRIP, BREAK = "off_shift", "available", "on_trip", "break"
AWAY = (OFF_SHIFT, BREAK)
"""Nothing is offered to riders in these states."""

CAPACITY_G = {"ebike": 30_000, "bicycle": 15_000, "on_foot": 8_000, "motorcycle": 40_000, "cargo_trike": 150_000}
"""What a rider of each vehicle carries; the box of a delivery e-bike takes about 30 kg."""
MAX_JOBS = {"ebike": 4, "bicycle": 3, "on_foot": 2, "motorcycle": 5, "cargo_trike": 16}
"""Deliveries on board at once."""
CAPACITY_ML = {"ebike": 62_000, "bicycle": 40_000, "on_foot": 30_000, "motorcycle": 80_000, "cargo_trike": 600_000}
"""Room in the box; a delivery e-bike's measures about 42 by 42 by 35 centimetres and is insulated."""
AGE_CHECK = "age_check"
"""May hand over what is sold to adults only."""
SKILLS = (AGE_CHECK,)
"""Riders are taught all of them before their first shift."""


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
        capacity_ml=CAPACITY_ML[vehicle],
        insulated_boxes=MAX_JOBS[vehicle],
        skills=list(SKILLS),
        state=OFF_SHIFT,
        seen_at=now,
        version=0,
    )
    db.execute(row.on_conflict_do_nothing())


@dataclass(frozen=True, slots=True, kw_only=True)
class Outfit:
    """Changes of what a rider carries with; None leaves a part as it is. Another vehicle brings its own load unless that is named.

    `zone` (GeoJSON) is where the rider may ride to; it is changed only with `new_zone`, to anywhere when it is None.
    """

    vehicle: str | None = None
    capacity_g: int | None = None
    capacity_ml: int | None = None
    insulated_boxes: int | None = None
    max_jobs: int | None = None
    skills: tuple[str, ...] | None = None
    zone: Mapping[str, Any] | None = None
    new_zone: bool = False


def find(db: Session, *, rider_id: uuid.UUID, area_ids: Collection[uuid.UUID] | None) -> Rider:
    """A rider of one of these areas (None: of any).

    Raises:
        NoRider: there is none there.
    """
    rider = db.get(Rider, rider_id)
    if rider is None or (area_ids is not None and rider.area_id not in area_ids):
        raise NoRider(rider_id=rider_id)
    return rider


def equip(db: Session, *, rider_id: uuid.UUID, outfit: Outfit, area_ids: Collection[uuid.UUID] | None) -> Rider:
    """Change what a rider carries with. What is on board already stays there; the next round plans with the change.

    Raises:
        NoRider: there is none in these areas (None: in any).
        BadPolygon: the zone is none.
    """
    find(db, rider_id=rider_id, area_ids=area_ids)
    rider = locked(db, rider_id)
    if outfit.vehicle is not None and outfit.vehicle != rider.vehicle:
        rider.vehicle = outfit.vehicle
        rider.capacity_g, rider.capacity_ml = CAPACITY_G[outfit.vehicle], CAPACITY_ML[outfit.vehicle]
        rider.max_jobs = rider.insulated_boxes = MAX_JOBS[outfit.vehicle]
    for part in ("capacity_g", "capacity_ml", "insulated_boxes", "max_jobs"):
        if getattr(outfit, part) is not None:
            setattr(rider, part, getattr(outfit, part))
    if outfit.skills is not None:
        rider.skills = sorted(set(outfit.skills))
    if outfit.new_zone:
        if outfit.zone is not None:
            polygons.area_from_geojson(outfit.zone)
        rider.zone = None if outfit.zone is None else dict(outfit.zone)
    rider.version += 1
    db.flush()
    return rider


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
