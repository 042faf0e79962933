"""Long ways spread fairly: who rode more than the others in the last hours is a little dearer to the planner."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.dispatch.models import Trip

LOOK_BACK = timedelta(hours=4)
COST_PER_KM = 200
"""In the planner's unit: a kilometre more than the others weighs two seconds of a customer's waiting at each pick-up ..."""
MOST = 3_000
"""... and never more than half a minute: fairness decides between riders who are nearly alike, not against a promise."""


def ridden(db: Session, *, rider_ids: Sequence[uuid.UUID], now: datetime) -> dict[uuid.UUID, int]:
    """Metres of the trips each rider finished in the last hours; riders without one are 0."""
    rows = db.execute(
        select(Trip.rider_id, func.sum(Trip.distance_m))
        .where(Trip.rider_id.in_(rider_ids), Trip.state == "completed", Trip.ended_at > now - LOOK_BACK)
        .group_by(Trip.rider_id)
    )
    return dict.fromkeys(rider_ids, 0) | {rider_id: int(metres) for rider_id, metres in rows}


def handicaps(metres: dict[uuid.UUID, int]) -> dict[uuid.UUID, int]:
    """What each rider's next pick-up costs more, for riding more than the mean; pure."""
    mean = sum(metres.values()) // len(metres) if metres else 0
    return {
        rider_id: min(MOST, max(0, ridden_m - mean) * COST_PER_KM // 1_000) for rider_id, ridden_m in metres.items()
    }
