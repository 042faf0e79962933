"""The riders' rota of a living demo: half of them on at any hour, each twelve hours a day, planned some days ahead."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from o2o.dispatch.working import planned_shifts
from o2o.dispatch.working.planned_shifts import HALF_HOUR, LONGEST

DAYS_AHEAD = 3
DAY = timedelta(days=1)


def plan_ahead(
    db: Session, *, riders: Sequence[tuple[uuid.UUID, uuid.UUID]], by: uuid.UUID, now: datetime
) -> dict[uuid.UUID, list[tuple[datetime, datetime]]]:
    """Plan what is missing of the days to come for (rider, area) pairs; each rider's shifts from now on, the next first.

    Rider k of n begins k / n of a day after midnight, so that half of them are on at any time; a shift that runs already is planned
    from the half hour that runs. Planned again it changes nothing.
    """
    found = {}
    for nth, (rider_id, area_id) in enumerate(riders):
        have = planned_shifts.of_rider(db, rider_id=rider_id, now=now)
        spans = [(shift.starts_at, shift.ends_at) for shift in have]
        for begin, end in _wanted(nth / len(riders), now):
            if all(end <= at or begin >= until for at, until in spans):
                planned_shifts.plan(
                    db, rider_id=rider_id, area_id=area_id, starts_at=begin, ends_at=end, by=by, now=now
                )
                spans.append((begin, end))
        found[rider_id] = sorted(spans)
    return found


def _wanted(phase: float, now: datetime) -> list[tuple[datetime, datetime]]:
    this = datetime.fromtimestamp(int(now.timestamp()) // 1_800 * 1_800, UTC)
    midnight = datetime(now.year, now.month, now.day, tzinfo=UTC)
    first = midnight + int(phase * 48) * HALF_HOUR - DAY
    every = ((first + k * DAY, first + k * DAY + LONGEST) for k in range(DAYS_AHEAD + 2))
    return [(max(begin, this), end) for begin, end in every if end - max(begin, this) >= HALF_HOUR]
