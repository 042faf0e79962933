"""Learning from what riders did: the seconds at counters and doors, and rides against what was foretold.

Everything is worked out again from the stops of the last weeks, so learning twice, late or in another order comes to the same.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row as Found
from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.orm import Session

from o2o.dispatch.models import Delivery, Pace, Stop, Trip
from o2o.dispatch.paces import service_times
from o2o.dispatch.paces.learned import COUNTER, DOOR, RIDE, WAIT
from o2o.dispatch.paces.service_times import USUAL_COUNTER, USUAL_DOOR, USUAL_RIDE, USUAL_WAIT, Seen
from o2o.geo.lonlat import LonLat
from o2o.geo.travel import CITY_DAY
from o2o.infra.roads import Roads

LOOK_BACK = timedelta(days=28)
MEASURED_AT_ONCE = 2_000
"""Rides measured on the map in one turn; the rest next time."""
SHORT_RIDE_S = 60
"""Shorter rides say more about locks and lights than about the road."""
LONGEST_S = 3_600
"""Whoever stood anywhere for an hour was doing something else."""


def unmeasured(db: Session, *, area_id: uuid.UUID, now: datetime) -> list[tuple[uuid.UUID, LonLat, LonLat]]:
    """Stops whose ride from the stop before was not measured yet: (stop, from, to), oldest first."""
    legs = _legs(area_id, now - LOOK_BACK).subquery()
    todo = select(legs).where(legs.c.free_road_s.is_(None), legs.c.left_at.is_not(None))
    rows = db.execute(todo.order_by(legs.c.arrived_at, legs.c.id).limit(MEASURED_AT_ONCE))
    return [(row.id, LonLat(row.from_lon, row.from_lat), LonLat(row.lon, row.lat)) for row in rows]


def measure(roads: Roads, legs: Sequence[tuple[uuid.UUID, LonLat, LonLat]]) -> dict[uuid.UUID, int]:
    """Each ride on free roads, in seconds; asked a table a starting point. No transaction is needed."""
    by_start: dict[LonLat, list[tuple[uuid.UUID, LonLat]]] = defaultdict(list)
    for stop_id, start, end in legs:
        by_start[start].append((stop_id, end))
    found: dict[uuid.UUID, int] = {}
    for start, ends in by_start.items():
        seconds = roads.table([start], [end for _, end in ends]).seconds[0]
        found |= {stop_id: int(s) for (stop_id, _), s in zip(ends, seconds, strict=True)}
    return found


def note(db: Session, measured: dict[uuid.UUID, int]) -> None:
    """Write measured rides down."""
    if measured:
        db.execute(update(Stop), [{"id": stop_id, "free_road_s": s} for stop_id, s in sorted(measured.items())])


def learn(db: Session, *, area_id: uuid.UUID, now: datetime) -> int:
    """Put the paces of an area together from the last weeks, in place of those before; returns how many there are."""
    counters: dict[str, list[float]] = defaultdict(list)
    doors: dict[str, list[float]] = defaultdict(list)
    rides: dict[str, list[float]] = defaultdict(list)
    waits: dict[str, list[float]] = defaultdict(list)
    for row in db.execute(_legs(area_id, now - LOOK_BACK)):
        _stood(row, counters, doors)
        _rode(row, rides)
        _waited(row, waits)
    found = {
        COUNTER: service_times.believed(counters, Seen(0, USUAL_COUNTER.mean_s, USUAL_COUNTER.spread_s)),
        DOOR: service_times.believed(doors, Seen(0, USUAL_DOOR.mean_s, USUAL_DOOR.spread_s)),
        RIDE: service_times.believed(rides, USUAL_RIDE),
        WAIT: service_times.believed(
            waits, Seen(0, USUAL_WAIT.mean_s, USUAL_WAIT.spread_s), put_together=service_times.middle
        ),
    }
    rows = [_row(area_id, kind, key, one, now) for kind, known in found.items() for key, one in known.items()]
    db.execute(delete(Pace).where(Pace.area_id == area_id))
    if rows:
        db.execute(insert(Pace), rows)
    return len(rows)


def _legs(area_id: uuid.UUID, since: datetime) -> Select[*tuple[Any, ...]]:
    """Every stop that was done, with where and when its rider left the stop before (none for the first of a trip)."""

    def before(column: Any) -> Any:
        return func.lag(column).over(partition_by=Stop.trip_id, order_by=(Stop.done_at, Stop.position))

    return (
        select(
            Stop.id,
            Stop.kind,
            Stop.lon,
            Stop.lat,
            Stop.arrived_at,
            Stop.done_at,
            Stop.free_road_s,
            Delivery.kind.label("delivery_kind"),
            Delivery.store_id,
            Delivery.to_store_id,
            Delivery.goods_ready_at,
            Delivery.hold_until,
            Delivery.booked,
            before(Stop.done_at).label("left_at"),
            before(Stop.lon).label("from_lon"),
            before(Stop.lat).label("from_lat"),
        )
        .join(Trip, Trip.id == Stop.trip_id)
        .join(Delivery, Delivery.id == Stop.delivery_id)
        .where(
            Trip.area_id == area_id, Trip.offered_at > since, Stop.done_at.is_not(None), Stop.arrived_at.is_not(None)
        )
    )


def _stood(row: Found[*tuple[Any, ...]], counters: dict[str, list[float]], doors: dict[str, list[float]]) -> None:
    """Time at the stop. Where nobody said that he had arrived, nothing is known."""
    at_a_door = service_times.at_a_door(row.kind, kind=row.delivery_kind)
    begun_at = row.arrived_at
    if not at_a_door and row.kind == "pickup" and row.goods_ready_at is not None:
        begun_at = max(begun_at, row.goods_ready_at)
    took_s = (row.done_at - begun_at).total_seconds()
    if row.arrived_at >= row.done_at or not 1 <= took_s <= LONGEST_S:
        return
    if at_a_door:
        doors[service_times.building(LonLat(row.lon, row.lat))].append(took_s)
    else:
        gets = row.to_store_id if row.delivery_kind == "transfer" and row.kind == "dropoff" else None
        counters[str(gets or row.store_id)].append(took_s)


def _rode(row: Found[*tuple[Any, ...]], rides: dict[str, list[float]]) -> None:
    """The ride to the stop against what was foretold, by the hour it began."""
    if (
        row.left_at is None
        or row.free_road_s is None
        or row.free_road_s < SHORT_RIDE_S
        or row.arrived_at >= row.done_at
    ):
        return
    took_s = (row.arrived_at - row.left_at).total_seconds()
    if 0 < took_s <= LONGEST_S:
        hour = row.left_at.astimezone(ZoneInfo(CITY_DAY.zone)).hour
        rides[str(hour)].append(took_s / (row.free_road_s * CITY_DAY.factor(row.left_at)))


def _waited(row: Found[*tuple[Any, ...]], waits: dict[str, list[float]]) -> None:
    """How long packed goods stood until their rider was there, of those that had to: who was there before them says nothing of
    it. What was booked waits for its window, and what a dispatcher held for him."""
    if row.kind != "pickup" or row.delivery_kind != "delivery" or row.booked or row.goods_ready_at is None:
        return
    begun_at = max(row.goods_ready_at, row.hold_until or row.goods_ready_at)
    took_s = (row.arrived_at - begun_at).total_seconds()
    if row.arrived_at < row.done_at and 1 <= took_s <= LONGEST_S:
        waits[str(row.store_id)].append(took_s)


def _row(area_id: uuid.UUID, kind: str, key: str, one: Seen, now: datetime) -> dict[str, object]:
    return {
        "area_id": area_id,
        "kind": kind,
        "key": key,
        "count": one.count,
        "mean": one.mean,
        "spread": one.spread,
        "learned_at": now,
    }
