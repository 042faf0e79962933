"""When each stop will be reached, from where the rider is now: the live time with a range, apart from the plan's own.

The range is a rule of thumb, not a measured quantile: late by a fifth of the riding still to come, by a share of every
service on the way and by some minutes for goods the store has not packed; early by half of that; never less than a minute.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import redis
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.dispatch import tracking, trips
from o2o.dispatch.models import Delivery, Rider, Stop, Trip
from o2o.dispatch.sequence import Halt, arrivals
from o2o.dispatch.snapshot import AT_DOOR_S, AT_STORE_S
from o2o.geo.lonlat import LonLat
from o2o.geo.travel import CITY_DAY
from o2o.infra.roads import Roads

LEAST_S = 60
RIDE_SHARE, SERVICE_SHARE, UNPACKED_S = 0.2, 0.3, 180


@dataclass(frozen=True, slots=True)
class Forecast:
    """One stop of a live trip: expected at `at`, most likely between `from_at` and `until_at`."""

    stop_id: uuid.UUID
    trip_id: uuid.UUID
    rider_id: uuid.UUID
    delivery_id: uuid.UUID
    kind: str
    at: datetime
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Way:
    """A trip's open stops in order with the travel between them; place 0 is the rider's."""

    trip: Trip
    stops: tuple[Stop, ...]
    halts: tuple[Halt, ...]
    seconds: NDArray[np.int32]
    metres: NDArray[np.int32]


def place_of(valkey: "redis.Redis", rider: Rider) -> LonLat | None:
    """Where the rider is: the phone's last word, else the last act."""
    known = tracking.positions(valkey, [rider.id]).get(rider.id)
    if known is not None:
        return known.place
    return LonLat(rider.lon, rider.lat) if rider.lon is not None and rider.lat is not None else None


def halt(delivery: Delivery, kind: str, place: int, now: datetime, *, arrived: bool = False) -> Halt:
    """A stop of a delivery as the pure functions see it."""
    ready_at = delivery.goods_ready_at or max(delivery.ready_at, now)
    return Halt(
        delivery_id=delivery.id,
        kind=kind,
        place=place,
        service_s=AT_DOOR_S if kind == "dropoff" else AT_STORE_S,
        opens_s=max(0, int((ready_at - now).total_seconds())) if kind == "pickup" else 0,
        due_s=int((delivery.due_at - now).total_seconds()) if kind == "dropoff" else 2**31,
        weight_g=delivery.weight_g,
        arrived=arrived,
    )


def travel(roads: Roads, places: Sequence[LonLat], now: datetime) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Seconds (slowed by the hour) and metres between places."""
    table = roads.table(list(places))
    return np.ceil(table.seconds * CITY_DAY.factor(now)).astype(np.int32), table.metres


def ways(
    db: Session,
    roads: Roads,
    *,
    trip_ids: Sequence[uuid.UUID],
    places: dict[uuid.UUID, LonLat],
    now: datetime,
    more: Sequence[LonLat] = (),
) -> list[Way]:
    """The open way of each live trip; `places` says where its rider is (without one it begins at the first stop).

    Places in `more` are in the travel tables too, numbered after the stops.
    """
    rows = db.execute(
        select(Trip, Stop, Delivery)
        .join(Stop, Stop.trip_id == Trip.id)
        .join(Delivery, Delivery.id == Stop.delivery_id)
        .where(Trip.id.in_(trip_ids), Trip.state.in_(trips.LIVE), Stop.state.in_(trips.OPEN_STOP))
        .order_by(Trip.id, Stop.position)
    ).all()
    found: dict[uuid.UUID, list[tuple[Trip, Stop, Delivery]]] = defaultdict(list)
    for trip, stop, delivery in rows:
        found[trip.id].append((trip, stop, delivery))
    return [_way(roads, steps, places.get(steps[0][0].rider_id), now, more) for steps in found.values()]


def _way(
    roads: Roads,
    steps: Sequence[tuple[Trip, Stop, Delivery]],
    place: LonLat | None,
    now: datetime,
    more: Sequence[LonLat],
) -> Way:
    stops = tuple(stop for _, stop, _ in steps)
    points = [*(LonLat(stop.lon, stop.lat) for stop in stops), *more]
    seconds, metres = travel(roads, [place or points[0], *points], now)
    halts = tuple(
        halt(delivery, stop.kind, k, now, arrived=stop.state == "arrived")
        for k, (_, stop, delivery) in enumerate(steps, start=1)
    )
    return Way(steps[0][0], stops, halts, seconds, metres)


def forecasts(found: Sequence[Way], now: datetime) -> dict[uuid.UUID, Forecast]:
    """The live time of every open stop, by stop."""
    return {one.stop_id: one for way in found for one in _of_way(way, now)}


def _of_way(way: Way, now: datetime) -> list[Forecast]:
    told, here, wide_s = [], 0, 0.0
    for stop, one, at_s in zip(way.stops, way.halts, arrivals(way.halts, way.seconds), strict=True):
        ridden_s = 0 if one.arrived else int(way.seconds[here, one.place])
        waits = one.kind == "pickup" and one.opens_s > 0
        wide_s += RIDE_SHARE * ridden_s + (UNPACKED_S if waits else 0)
        early_s, late_s = max(LEAST_S, wide_s / 2), max(LEAST_S, wide_s)
        told.append(
            Forecast(
                stop_id=stop.id,
                trip_id=way.trip.id,
                rider_id=way.trip.rider_id,
                delivery_id=stop.delivery_id,
                kind=stop.kind,
                at=now + timedelta(seconds=at_s),
                from_at=now + timedelta(seconds=max(0, int(at_s - early_s))),
                until_at=now + timedelta(seconds=int(at_s + late_s)),
            )
        )
        wide_s += SERVICE_SHARE * one.service_s
        here = one.place
    return told
