"""How many deliveries a rider brings in a half hour: as the area's riders did lately, or as is usual."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.dispatch.models import Stop, Trip

USUAL = 2.0
"""A quarter of an hour out and back is usual for a district of 3 km."""
SEEN = timedelta(days=7)
TRIPS_LEAST = 20
"""Fewer say nothing about an area."""
RIDING = 0.85
"""Share of a shift on trips that can be planned on: the rest goes by between trips and in breaks."""


def each_half_hour(db: Session, *, area_id: uuid.UUID, now: datetime) -> float:
    """Deliveries in half an hour of one rider who has work: hand-overs of the last week over the time of their trips."""
    ridden = select(Trip.id, Trip.accepted_at, Trip.ended_at).where(
        Trip.area_id == area_id, Trip.state == "completed", Trip.offered_at >= now - SEEN, Trip.accepted_at.is_not(None)
    )
    trips = ridden.subquery()
    seconds = func.coalesce(func.sum(func.extract("epoch", trips.c.ended_at - trips.c.accepted_at)), 0)
    count, ridden_s = db.execute(select(func.count(), seconds)).one()
    if count < TRIPS_LEAST or ridden_s <= 0:
        return USUAL
    ends = select(func.count()).select_from(Stop).join(trips, trips.c.id == Stop.trip_id)
    drops = db.scalar(ends.where(Stop.kind == "dropoff", Stop.state == "done")) or 0
    return round(drops * 1_800 * RIDING / float(ridden_s), 1) or USUAL
