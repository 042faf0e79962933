"""Whether a rider seems to have arrived: the next stop of his trip lies within a few steps of where his phone is.

The first such moment is remembered for a while: it stands for an arrival that nobody tells, and teaches how long the stop took.
"""

import uuid
from datetime import UTC, datetime

import redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.dispatch.carrying import trips
from o2o.dispatch.models import Stop, Trip
from o2o.geo.lonlat import LonLat, distance_m

NEAR_M = 60
"""A phone between tall buildings is off by some twenty metres; a gate may be forty from the door."""
REMEMBERED_S = 4 * 3_600


def near(db: Session, *, rider_id: uuid.UUID, place: LonLat) -> uuid.UUID | None:
    """The next stop if it is within reach and the rider has not said yet that he is there. Only a suggestion: nothing changes."""
    query = (
        select(Stop.id, Stop.state, Stop.lon, Stop.lat)
        .join(Trip, Trip.id == Stop.trip_id)
        .where(Trip.rider_id == rider_id, Trip.state == trips.ACCEPTED, Stop.state.in_(trips.OPEN_STOP))
        .order_by(Stop.position)
        .limit(1)
    )
    row = db.execute(query).first()
    if row is None or row.state != "pending" or distance_m(place, LonLat(row.lon, row.lat)) > NEAR_M:
        return None
    found: uuid.UUID = row.id
    return found


def remember(valkey: "redis.Redis", *, stop_id: uuid.UUID, at: datetime) -> None:
    """The phone was near a stop at `at`; the earliest is kept."""
    valkey.set(f"near:{stop_id}", int(at.timestamp() * 1_000), ex=REMEMBERED_S, nx=True)


def since(valkey: "redis.Redis", *, stop_id: uuid.UUID) -> datetime | None:
    """When the phone was first near a stop; None when it was not, or long ago."""
    known = valkey.get(f"near:{stop_id}")
    return datetime.fromtimestamp(int(str(known)) / 1_000, UTC) if known is not None else None
