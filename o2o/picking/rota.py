"""Who picks when: the hands planned for a store, and what that comes to at a moment."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, Uuid, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from o2o.kit import ids
from o2o.kit.errors import Invalid, NotFound
from o2o.kit.ids import StoreId
from o2o.picking.models import PickerShift

LONGEST = timedelta(hours=16)
MOST_HANDS = 200


class BadShift(Invalid):
    """A picking shift ends after it begins, within sixteen hours, in the future, and has from one to two hundred hands."""

    code = "picking.bad_shift"


class NoShift(NotFound):
    """This store has no such picking shift."""

    code = "picking.no_shift"


@dataclass(frozen=True, slots=True)
class Planned:
    """A shift on the rota."""

    id: uuid.UUID
    hands: int
    starts_at: datetime
    ends_at: datetime


def plan(
    db: Session,
    *,
    store_id: uuid.UUID,
    hands: int,
    starts_at: datetime,
    ends_at: datetime,
    by: uuid.UUID | None,
    now: datetime,
) -> uuid.UUID:
    """Plan hands for a while. Several shifts at one time add up.

    Raises:
        BadShift
    """
    if not (0 < hands <= MOST_HANDS and timedelta(0) < ends_at - starts_at <= LONGEST and ends_at > now):
        raise BadShift(field="ends_at", hands=hands)
    shift_id = ids.new_id()
    db.add(
        PickerShift(id=shift_id, store_id=store_id, hands=hands, starts_at=starts_at, ends_at=ends_at, planned_by=by)
    )
    db.flush()
    return shift_id


def cancel(db: Session, *, shift_id: uuid.UUID, store_id: uuid.UUID, now: datetime) -> None:
    """Take a shift off the rota; off it already is fine.

    Raises:
        NoShift
    """
    shift = db.scalar(select(PickerShift).where(PickerShift.id == shift_id, PickerShift.store_id == store_id))
    if shift is None:
        raise NoShift(shift_id=shift_id)
    shift.cancelled_at = shift.cancelled_at or now
    db.flush()


def of_store(db: Session, *, store_id: uuid.UUID, from_at: datetime, until_at: datetime) -> list[Planned]:
    """The shifts that touch a span of time, the first first."""
    columns = (PickerShift.id, PickerShift.hands, PickerShift.starts_at, PickerShift.ends_at)
    mine = select(*columns).where(PickerShift.store_id == store_id, PickerShift.cancelled_at.is_(None))
    touching = mine.where(PickerShift.starts_at < until_at, PickerShift.ends_at > from_at)
    return [Planned(*row) for row in db.execute(touching.order_by(PickerShift.starts_at, PickerShift.id))]


_SHIFTS = cast(Table, PickerShift.__table__).c
_HANDS = (
    select(_SHIFTS.store_id, func.sum(_SHIFTS.hands))
    .where(
        _SHIFTS.store_id == any_(bindparam("stores", type_=ARRAY(Uuid()))),
        _SHIFTS.cancelled_at.is_(None),
        _SHIFTS.starts_at <= bindparam("at"),
        _SHIFTS.ends_at > bindparam("at"),
    )
    .group_by(_SHIFTS.store_id)
)
"""Made once: every quote asks it."""


def hands(db: Session, *, store_ids: Collection[StoreId], at: datetime) -> dict[StoreId, int]:
    """How many hands are planned at a moment; a store whose rota says nothing then is left out."""
    there = db.execute(_HANDS, {"stores": list(store_ids), "at": at})
    return {StoreId(store_id): int(count) for store_id, count in there}
