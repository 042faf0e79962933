"""How many riders an area has at this moment, and how much is open; what a promise is made of."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, Uuid, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from o2o.dispatch import riders
from o2o.dispatch.models import Delivery, Rider
from o2o.dispatch.working import planned_shifts


@dataclass(frozen=True, slots=True)
class Supply:
    """Riders on shift, those of them with nothing to do, deliveries not ended, and those nobody has yet."""

    on_shift: int = 0
    free: int = 0
    open_deliveries: int = 0
    unassigned: int = 0


_AREAS = bindparam("areas", type_=ARRAY(Uuid()))
_RIDERS, _DELIVERIES = cast(Table, Rider.__table__).c, cast(Table, Delivery.__table__).c
_PEOPLE = (
    select(_RIDERS.area_id, func.count(), func.count().filter(_RIDERS.state == riders.AVAILABLE))
    .where(_RIDERS.area_id == any_(_AREAS), _RIDERS.state.not_in(riders.AWAY))
    .group_by(_RIDERS.area_id)
)
_WORK = (
    select(_DELIVERIES.area_id, func.count(), func.count().filter(_DELIVERIES.state == "waiting"))
    .where(_DELIVERIES.area_id == any_(_AREAS), _DELIVERIES.ended_at.is_(None))
    .group_by(_DELIVERIES.area_id)
)
"""Made once: every quote asks them."""


def rider_supply(db: Session, *, area_ids: Sequence[uuid.UUID], at: datetime | None = None) -> dict[uuid.UUID, Supply]:
    """The supply of each area asked for, in two statements; for a later time `at`, the riders expected then by their shifts."""
    asked = {"areas": list(area_ids)}
    if at is None:
        people = {area: (many, idle) for area, many, idle in db.execute(_PEOPLE, asked)}
    else:  # nobody knows yet who will be riding, so all are thought free
        people = {area: (n, n) for area, n in planned_shifts.expected(db, area_ids=area_ids, at=at).items()}
    work = {area: (many, idle) for area, many, idle in db.execute(_WORK, asked)}
    return {area: Supply(*people.get(area, (0, 0)), *work.get(area, (0, 0))) for area in area_ids}
