"""Who is planned to ride when, how many an area wants in each half hour, and what that comes to."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.dispatch import riders
from o2o.dispatch.models import Delivery, PlannedShift, Rider, Shift, WantedRiders
from o2o.kit import ids
from o2o.kit.errors import Conflict, Invalid, NotFound

HALF_HOUR = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
AHEAD = timedelta(days=60)


class NoShift(NotFound):
    """There is no such planned shift in your areas."""

    code = "dispatch.no_planned_shift"


class BadShift(Invalid):
    """A shift begins in the future, within sixty days, and lasts from half an hour to twelve hours."""

    code = "dispatch.bad_shift"


class NotHalfHour(Invalid):
    """Capacity is planned in whole half hours."""

    code = "dispatch.not_half_hour"


class Overlaps(Conflict):
    """This rider is planned at that time already."""

    code = "dispatch.shift_overlaps"


@dataclass(frozen=True, slots=True)
class HalfHour:
    """`wanted`: riders asked for (None: nobody said). `planned`: riders there for all of it. `can_carry`, `promised`: deliveries."""

    starts_at: datetime
    wanted: int | None
    planned: int
    can_carry: int
    promised: int


def plan(
    db: Session,
    *,
    rider_id: uuid.UUID,
    area_id: uuid.UUID,
    starts_at: datetime,
    ends_at: datetime,
    by: uuid.UUID,
    now: datetime,
) -> uuid.UUID:
    """Plan a shift of a rider of the area.

    Raises:
        NoRider: not a rider of this area. BadShift: times that cannot be meant. Overlaps: with another of his.
    """
    if not now - HALF_HOUR <= starts_at <= now + AHEAD:
        raise BadShift(field="starts_at", starts_at=starts_at)
    if not HALF_HOUR <= ends_at - starts_at <= LONGEST:
        raise BadShift(field="ends_at", ends_at=ends_at)
    if riders.locked(db, rider_id).area_id != area_id:
        raise riders.NoRider(field="rider_id", rider_id=rider_id)
    known = select(PlannedShift.id).where(PlannedShift.rider_id == rider_id, PlannedShift.cancelled_at.is_(None))
    if db.scalar(known.where(PlannedShift.starts_at < ends_at, PlannedShift.ends_at > starts_at).limit(1)):
        raise Overlaps(field="starts_at", rider_id=rider_id)
    shift_id = ids.new_id()
    db.add(
        PlannedShift(
            id=shift_id, rider_id=rider_id, area_id=area_id, starts_at=starts_at, ends_at=ends_at, planned_by=by
        )
    )
    db.flush()
    return shift_id


def cancel(db: Session, *, shift_id: uuid.UUID, area_ids: frozenset[uuid.UUID] | None, now: datetime) -> None:
    """Take a planned shift off the plan; off it already is fine.

    Raises:
        NoShift: not in these areas.
    """
    query = select(PlannedShift).where(PlannedShift.id == shift_id).with_for_update()
    shift = db.scalar(query if area_ids is None else query.where(PlannedShift.area_id.in_(area_ids)))
    if shift is None:
        raise NoShift(shift_id=shift_id)
    shift.cancelled_at = shift.cancelled_at or now


def of_area(
    db: Session, *, area_id: uuid.UUID, from_at: datetime, until_at: datetime
) -> list[tuple[PlannedShift, str]]:
    """Planned shifts that touch a span of time, with the riders' names."""
    query = select(PlannedShift, Rider.name).join(Rider, Rider.id == PlannedShift.rider_id)
    touching = query.where(
        PlannedShift.area_id == area_id,
        PlannedShift.cancelled_at.is_(None),
        PlannedShift.starts_at < until_at,
        PlannedShift.ends_at > from_at,
    )
    rows = db.execute(touching.order_by(PlannedShift.starts_at, PlannedShift.id))
    return [(shift, name) for shift, name in rows]


def of_rider(db: Session, *, rider_id: uuid.UUID, now: datetime) -> list[PlannedShift]:
    """A rider's planned shifts that are not over, the next first."""
    mine = select(PlannedShift).where(PlannedShift.rider_id == rider_id, PlannedShift.cancelled_at.is_(None))
    return list(db.scalars(mine.where(PlannedShift.ends_at > now).order_by(PlannedShift.starts_at).limit(60)))


def end_of(db: Session, *, rider_id: uuid.UUID, now: datetime) -> datetime | None:
    """When the rider's planned shift ends that runs now or begins within half an hour; None without one."""
    mine = select(PlannedShift.ends_at).where(PlannedShift.rider_id == rider_id, PlannedShift.cancelled_at.is_(None))
    near = mine.where(PlannedShift.starts_at <= now + HALF_HOUR, PlannedShift.ends_at > now)
    return db.scalar(near.order_by(PlannedShift.starts_at).limit(1))


def want(db: Session, *, area_id: uuid.UUID, starts_at: datetime, count: int) -> None:
    """Say how many riders an area should have in a half hour.

    Raises:
        NotHalfHour: `starts_at` is not on a half hour.
    """
    if int(starts_at.timestamp()) % 1_800 or starts_at.microsecond:
        raise NotHalfHour(field="starts_at", starts_at=starts_at)
    row = insert(WantedRiders).values(area_id=area_id, starts_at=starts_at, riders=count)
    db.execute(row.on_conflict_do_update(index_elements=["area_id", "starts_at"], set_={"riders": count}))


def capacity(db: Session, *, area_id: uuid.UUID, from_at: datetime, slots: int, carried_each: float) -> list[HalfHour]:
    """Half hours from the one that holds `from_at`, `slots` of them; a rider brings `carried_each` deliveries in each."""
    begin = datetime.fromtimestamp(int(from_at.timestamp()) // 1_800 * 1_800, UTC)
    end = begin + slots * HALF_HOUR
    wanted = dict(
        db.execute(
            select(WantedRiders.starts_at, WantedRiders.riders).where(
                WantedRiders.area_id == area_id, WantedRiders.starts_at >= begin, WantedRiders.starts_at < end
            )
        ).all()
    )
    spans = [(s.rider_id, s.starts_at, s.ends_at) for s, _ in of_area(db, area_id=area_id, from_at=begin, until_at=end)]
    slot = func.floor(func.extract("epoch", Delivery.due_at) / 1_800)
    due = select(slot, func.count()).where(
        Delivery.area_id == area_id, Delivery.state != "cancelled", Delivery.due_at >= begin, Delivery.due_at < end
    )
    promised = {int(number): count for number, count in db.execute(due.group_by(slot))}
    found = []
    for at in (begin + k * HALF_HOUR for k in range(slots)):
        there = len(
            {rider_id for rider_id, starts_at, ends_at in spans if starts_at <= at and ends_at >= at + HALF_HOUR}
        )
        booked = promised.get(int(at.timestamp()) // 1_800, 0)
        found.append(HalfHour(at, wanted.get(at), there, int(there * carried_each), booked))
    return found


def expected(db: Session, *, area_ids: Sequence[uuid.UUID], at: datetime) -> dict[uuid.UUID, int]:
    """How many riders of each area are expected at a time: on shift until then or longer, or planned for it."""
    on_shift = (
        select(Rider.area_id, Rider.id)
        .join(Shift, Shift.rider_id == Rider.id)
        .where(Rider.area_id.in_(area_ids), Shift.ended_at.is_(None), Shift.planned_end_at > at)
    )
    planned = select(PlannedShift.area_id, PlannedShift.rider_id).where(
        PlannedShift.area_id.in_(area_ids),
        PlannedShift.cancelled_at.is_(None),
        PlannedShift.starts_at <= at,
        PlannedShift.ends_at > at,
    )
    found: dict[uuid.UUID, int] = dict.fromkeys(area_ids, 0)
    for area_id, _ in db.execute(on_shift.union(planned)):
        found[area_id] += 1
    return found
