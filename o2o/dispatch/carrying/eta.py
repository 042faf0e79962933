"""When each stop will be reached and done with, from where the rider is now: live times with ranges, apart from the plan's own.

The ranges come from what was learned: rides vary by the area's own spread, services by that of the counter or the building,
each by itself, so variances add up along the way. A range holds four of five (a normal's tenth and ninetieth percent).
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

from o2o.dispatch.carrying import tracking, trips
from o2o.dispatch.carrying.sequence import Halt, arrivals
from o2o.dispatch.models import CourierJob, Delivery, Rider, Stop, Trip
from o2o.dispatch.paces import learned
from o2o.dispatch.paces.service_times import Pace, ServiceTimes
from o2o.geo.lonlat import LonLat
from o2o.infra.roads import Roads

FOUR_OF_FIVE = 1.2816
"""Standard deviations on either side."""
LEAST_S = 60
"""No range is narrower on either side: nobody's clock and nobody's kerb is better than that."""
UNPACKED_S = 180
"""How far the store's own guess of its packing is off, as a standard deviation."""
NEARLY_DONE_S = 15
"""Whoever has stood at a stop longer than usual will be done in about this."""


@dataclass(frozen=True, slots=True)
class Range:
    """Expected at `at`; four times of five between `from_at` and `by_at`."""

    at: datetime
    from_at: datetime
    by_at: datetime


@dataclass(frozen=True, slots=True)
class Forecast:
    """One stop of a live trip: when the rider is there (`arrival`), and when what it is for is done."""

    stop_id: uuid.UUID
    trip_id: uuid.UUID
    rider_id: uuid.UUID
    delivery_id: uuid.UUID
    kind: str
    arrival: Range
    done: Range


@dataclass(frozen=True, slots=True)
class Way:
    """A trip's open stops in order with the travel between them; place 0 is the rider's."""

    trip: Trip
    stops: tuple[Stop, ...]
    halts: tuple[Halt, ...]
    spreads_s: tuple[int, ...]
    """Standard deviation of what each stop takes."""
    ride_spread: float
    seconds: NDArray[np.int32]
    metres: NDArray[np.int32]


def place_of(valkey: "redis.Redis", rider: Rider) -> LonLat | None:
    """Where the rider is: the phone's last word, else the last act."""
    known = tracking.positions(valkey, [rider.id]).get(rider.id)
    if known is not None:
        return known.place
    return LonLat(rider.lon, rider.lat) if rider.lon is not None and rider.lat is not None else None


def halt(
    delivery: Delivery, kind: str, place: int, times: ServiceTimes, now: datetime, stop: Stop | None = None
) -> Halt:
    """A stop of a delivery as the pure functions see it; `stop` is its row, if it has one."""
    ready_at = delivery.goods_ready_at or max(delivery.ready_at, now)
    ready_at = max(ready_at, delivery.hold_until or ready_at)
    service_s = pace(delivery, kind, times).mean_s
    arrived = stop is not None and stop.state == "arrived"
    if stop is not None and stop.arrived_at is not None and arrived:
        begun_at = max(stop.arrived_at, ready_at) if kind == "pickup" else stop.arrived_at
        service_s = max(NEARLY_DONE_S, service_s - max(0, int((now - begun_at).total_seconds())))
    return Halt(
        delivery_id=delivery.id,
        kind=kind,
        place=place,
        service_s=service_s,
        opens_s=max(0, int((ready_at - now).total_seconds())) if kind == "pickup" else 0,
        due_s=int((delivery.due_at - now).total_seconds()) if kind == "dropoff" else 2**31,
        weight_g=delivery.weight_g,
        arrived=arrived,
        volume_ml=delivery.volume_ml,
        insulated=delivery.insulated,
    )


def pace(delivery: Delivery, kind: str, times: ServiceTimes) -> Pace:
    """What a stop of a delivery takes, as learned."""
    door_first = delivery.kind == "return"
    store_id = delivery.to_store_id if kind == "dropoff" and delivery.to_store_id else delivery.store_id
    lon, lat = (
        (delivery.pickup_lon, delivery.pickup_lat) if door_first else (delivery.dropoff_lon, delivery.dropoff_lat)
    )
    return times.at(kind, kind=delivery.kind, store_id=store_id, place=LonLat(lon, lat))


def known(db: Session, *, area_id: uuid.UUID, deliveries: Sequence[Delivery]) -> ServiceTimes:
    """What was learned of the counters and doors of these deliveries, all of one area."""
    doors = [LonLat(d.dropoff_lon, d.dropoff_lat) for d in deliveries if d.kind == "delivery"]
    doors += [LonLat(d.pickup_lon, d.pickup_lat) for d in deliveries if d.kind == "return"]
    stores = {d.store_id for d in deliveries} | {d.to_store_id for d in deliveries if d.to_store_id}
    return learned.times(db, area_id=area_id, store_ids=sorted(stores), places=doors)


def travel(
    roads: Roads, places: Sequence[LonLat], times: ServiceTimes, now: datetime
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Seconds (as slow as this hour is known to be) and metres between places."""
    table = roads.table(list(places)).at(now, times.speed)
    return table.seconds, table.metres


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
    if not found:
        return []
    area_id = rows[0][0].area_id
    times = known(db, area_id=area_id, deliveries=[delivery for _, _, delivery in rows])
    return [_way(roads, steps, places.get(steps[0][0].rider_id), times, now, more) for steps in found.values()]


def _way(
    roads: Roads,
    steps: Sequence[tuple[Trip, Stop, Delivery]],
    place: LonLat | None,
    times: ServiceTimes,
    now: datetime,
    more: Sequence[LonLat],
) -> Way:
    stops = tuple(stop for _, stop, _ in steps)
    points = [*(LonLat(stop.lon, stop.lat) for stop in stops), *more]
    seconds, metres = travel(roads, [place or points[0], *points], times, now)
    return Way(
        trip=steps[0][0],
        stops=stops,
        halts=tuple(halt(d, stop.kind, k, times, now, stop) for k, (_, stop, d) in enumerate(steps, start=1)),
        spreads_s=tuple(pace(d, stop.kind, times).spread_s for _, stop, d in steps),
        ride_spread=times.ride_spread,
        seconds=seconds,
        metres=metres,
    )


def forecasts(found: Sequence[Way], now: datetime) -> dict[uuid.UUID, Forecast]:
    """The live times of every open stop, by stop."""
    return {one.stop_id: one for way in found for one in _of_way(way, now)}


def _of_way(way: Way, now: datetime) -> list[Forecast]:
    told, here, variance = [], 0, 0.0
    steps = zip(way.stops, way.halts, way.spreads_s, arrivals(way.halts, way.seconds), strict=True)
    for stop, one, spread_s, at_s in steps:
        ridden_s = 0 if one.arrived else int(way.seconds[here, one.place])
        variance += (way.ride_spread * ridden_s) ** 2
        if one.kind == "pickup" and one.opens_s > 0:
            variance += UNPACKED_S**2
        arrival = _range(now, at_s, variance)
        variance += spread_s**2
        told.append(
            Forecast(
                stop_id=stop.id,
                trip_id=way.trip.id,
                rider_id=way.trip.rider_id,
                delivery_id=stop.delivery_id,
                kind=stop.kind,
                arrival=arrival,
                done=_range(now, at_s + one.service_s, variance),
            )
        )
        here = one.place
    return told


def of_delivery(
    db: Session, valkey: "redis.Redis", *, delivery_id: uuid.UUID, roads: Roads, now: datetime
) -> Range | None:
    """When a delivery should be handed over, from where its rider is now; None when it is over, or goes back."""
    delivery = db.get(Delivery, delivery_id)
    if delivery is None or delivery.ended_at is not None or delivery.state == "failed":
        return None
    if delivery.state == "courier":
        said = select(CourierJob.deliver_at).where(CourierJob.delivery_id == delivery_id, CourierJob.ended_at.is_(None))
        at = db.scalar(said)
        return _range(now, max(0.0, (at - now).total_seconds()), float(UNPACKED_S**2)) if at else None
    if delivery.trip_id is None or delivery.rider_id is None:
        return before_a_trip(delivery, roads, known(db, area_id=delivery.area_id, deliveries=[delivery]), now)
    rider = db.get_one(Rider, delivery.rider_id)
    place = place_of(valkey, rider)
    found = ways(db, roads, trip_ids=[delivery.trip_id], places={rider.id: place} if place else {}, now=now)
    told = (
        one.done for one in forecasts(found, now).values() if one.delivery_id == delivery_id and one.kind == "dropoff"
    )
    return next(told, None)


def before_a_trip(delivery: Delivery, roads: Roads, times: ServiceTimes, now: datetime) -> Range:
    """When a delivery that nobody carries yet should be handed over: as promised, as long as that can be kept. A booked one keeps to its
    window.
    """
    if delivery.booked and now < delivery.due_from:
        return Range(delivery.due_from + (delivery.due_at - delivery.due_from) / 2, delivery.due_from, delivery.due_at)
    told = _by_somebody(delivery, roads, times, now)
    if told.at > delivery.due_at:
        return told
    # The promise knew how busy the area was, and this guess does not: two times that differ would be one too many.
    begin = max(now, delivery.due_from)
    return Range(max(told.at, begin), begin, delivery.due_at)


def _by_somebody(delivery: Delivery, roads: Roads, times: ServiceTimes, now: datetime) -> Range:
    """By a rider not named yet, who comes as soon as riders did to goods that stood waiting at this store lately."""
    store, door = LonLat(delivery.pickup_lon, delivery.pickup_lat), LonLat(delivery.dropoff_lon, delivery.dropoff_lat)
    seconds, _ = travel(roads, [store, door], times, now)
    ride_s = int(seconds[0, 1])
    paces = [times.wait(delivery.store_id), pace(delivery, "pickup", times), pace(delivery, "dropoff", times)]
    begin = max(now, delivery.hold_until or now, delivery.goods_ready_at or delivery.ready_at)
    variance = sum(one.spread_s**2 for one in paces) + (times.ride_spread * ride_s) ** 2
    variance += 0 if delivery.goods_ready_at else UNPACKED_S**2
    wait_s = (begin - now) / timedelta(seconds=1)
    return _range(now, wait_s + ride_s + sum(one.mean_s for one in paces), variance)


def _range(now: datetime, at_s: float, variance: float) -> Range:
    wide_s = max(LEAST_S, FOUR_OF_FIVE * variance**0.5)
    begin, at, end = (now + timedelta(seconds=round(s)) for s in (max(0, at_s - wide_s), at_s, at_s + wide_s))
    return Range(at, begin, end)
