"""Where riders are: the last place in Valkey, told to screens every few seconds, kept in a table once a minute.

A late position never overwrites a newer one: Valkey compares the phone's own times.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import redis
from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.dispatch.models import Delivery, Rider, TrackPoint
from o2o.geo.lonlat import LonLat
from o2o.infra import live

TOLD_EVERY_MS = 1_500
KEPT_S = 900

_KEEP_NEWER = """
local known = redis.call('HGET', KEYS[1], 'at')
if known and tonumber(known) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'at', ARGV[1], 'lon', ARGV[2], 'lat', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
local told = redis.call('HGET', KEYS[1], 'told')
if told and tonumber(ARGV[1]) - tonumber(told) < tonumber(ARGV[5]) then return 1 end
redis.call('HSET', KEYS[1], 'told', ARGV[1])
return 2
"""


@dataclass(frozen=True, slots=True)
class Position:
    """A place and when the phone was there."""

    place: LonLat
    at: datetime


def record_position(
    db: Session, valkey: "redis.Redis", *, rider_id: uuid.UUID, place: LonLat, at: datetime, now: datetime
) -> bool:
    """Take a rider's position; False when a newer one is known: told late, it goes to the table of tracks only.

    At most one in a while goes to screens, one a minute to the table.
    """
    at = min(at, now)
    at_ms = int(at.timestamp() * 1_000)
    said = valkey.eval(_KEEP_NEWER, 1, _key(rider_id), at_ms, repr(place.lon), repr(place.lat), KEPT_S, TOLD_EVERY_MS)
    if not said:
        _track(db, rider_id, place, at)
        return False
    if said == 2:
        area_id = db.scalar(select(Rider.area_id).where(Rider.id == rider_id))
        _keep(db, rider_id, place, at, now)
        if area_id is not None:
            _tell(db, valkey, rider_id, area_id, place, at)
    return True


def positions(valkey: "redis.Redis", rider_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Position]:
    """The last known places of those riders whose phones spoke lately."""
    with valkey.pipeline(transaction=False) as asked:
        for rider_id in rider_ids:
            asked.hmget(_key(rider_id), "at", "lon", "lat")
        answers = asked.execute()
    return {
        rider_id: Position(LonLat(float(lon), float(lat)), datetime.fromtimestamp(int(at) / 1_000, UTC))
        for rider_id, (at, lon, lat) in zip(rider_ids, answers, strict=True)
        if at is not None
    }


def forget_tracks(db: Session, *, now: datetime, keep: timedelta = timedelta(days=7)) -> None:
    """Drop track points older than a week."""
    db.execute(delete(TrackPoint).where(TrackPoint.at < now - keep))


def _key(rider_id: uuid.UUID) -> str:
    return f"rider:{rider_id}"


def put(rider: Rider, place: LonLat, at: datetime) -> None:
    """Note on the rider's row, locked by the caller, where he was; what is known of a later time stays."""
    if rider.placed_at is None or rider.placed_at <= at:
        rider.lon, rider.lat, rider.placed_at = place.lon, place.lat, at


def _keep(db: Session, rider_id: uuid.UUID, place: LonLat, at: datetime, now: datetime) -> None:
    db.execute(update(Rider).where(Rider.id == rider_id).values(seen_at=now))
    older = or_(Rider.placed_at.is_(None), Rider.placed_at <= at)
    moved = update(Rider).where(Rider.id == rider_id, older)
    db.execute(moved.values(lon=place.lon, lat=place.lat, placed_at=at))
    _track(db, rider_id, place, at)


def _track(db: Session, rider_id: uuid.UUID, place: LonLat, at: datetime) -> None:
    minute = at.replace(second=0, microsecond=0)
    point = insert(TrackPoint).values(rider_id=rider_id, at=minute, lon=place.lon, lat=place.lat)
    db.execute(point.on_conflict_do_nothing())


def _tell(
    db: Session, valkey: "redis.Redis", rider_id: uuid.UUID, area_id: uuid.UUID, place: LonLat, at: datetime
) -> None:
    payload = {"rider_id": str(rider_id), "lon": round(place.lon, 6), "lat": round(place.lat, 6)}
    carried = select(Delivery.order_id).where(Delivery.rider_id == rider_id, Delivery.state == "picked_up")
    channels = [f"area:{area_id}", *(f"order:{order_id}" for order_id in db.scalars(carried))]
    for channel in channels:
        live.publish_fleeting(valkey, channel=channel, name="dispatch.rider_moved", payload=payload, at=at)
