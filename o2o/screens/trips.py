"""Trips as screens show them: stops in order with their store or door, and the line along the road still to ride."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from o2o.dispatch.carrying import eta
from o2o.dispatch.models import Delivery, Stop, Trip
from o2o.dispatch.paces import service_times
from o2o.geo.lonlat import LonLat
from o2o.infra.roads import Roads
from o2o.kit.wire import Wire
from o2o.stores.models import StoreRow


class StopOut(Wire):
    """One halt of a trip. `eta_at` is the plan's. `live_at`: when the rider should be there, from where he is now; four times of five
    between `live_from_at` and `live_until_at`. `delivery_kind`: a `return` is picked up at `address` and dropped at the store.
    `not_before`: the customer's booked window opens then.
    """

    id: uuid.UUID
    delivery_id: uuid.UUID
    order_no: str
    kind: str
    delivery_kind: str
    state: str
    lon: float
    lat: float
    eta_at: datetime
    not_before: datetime | None
    due_at: datetime
    address: str
    store_zh: str
    store_en: str
    weight_g: int
    goods_ready: bool
    done_at: datetime | None
    live_at: datetime | None
    live_from_at: datetime | None
    live_until_at: datetime | None


class TripOut(Wire):
    """A live trip."""

    id: uuid.UUID
    rider_id: uuid.UUID
    state: str
    offered_at: datetime
    offer_expires_at: datetime
    distance_m: int
    version: int
    locked: bool
    stops: list[StopOut]
    geometry: dict[str, Any] | None


def live_trips(
    db: Session, roads: Roads, *, rider_ids: Sequence[uuid.UUID], places: dict[uuid.UUID, LonLat], now: datetime
) -> list[TripOut]:
    """The live trips of some riders; `places` says where each is, for the line begins there."""
    live = select(Trip).where(Trip.rider_id.in_(rider_ids), Trip.state.in_(("offered", "accepted"))).order_by(Trip.id)
    trips = db.scalars(live).all()
    trip_ids = [trip.id for trip in trips]
    found = eta.ways(db, roads, trip_ids=trip_ids, places=places, now=now)
    stops = _stops(db, trip_ids, eta.forecasts(found, now))
    return [_trip(trip, stops[trip.id], roads, places.get(trip.rider_id)) for trip in trips]


def _stops(
    db: Session, trip_ids: Sequence[uuid.UUID], live: Mapping[uuid.UUID, eta.Forecast]
) -> dict[uuid.UUID, list[StopOut]]:
    at_store = case(
        (Stop.kind == "dropoff", func.coalesce(Delivery.to_store_id, Delivery.store_id)), else_=Delivery.store_id
    )
    rows = db.execute(
        select(Stop, Delivery, StoreRow.name_zh, StoreRow.name_en)
        .join(Delivery, Delivery.id == Stop.delivery_id)
        .join(StoreRow, StoreRow.id == at_store)
        .where(Stop.trip_id.in_(trip_ids), Stop.state != "skipped")
        .order_by(Stop.trip_id, Stop.position)
    )
    found: dict[uuid.UUID, list[StopOut]] = defaultdict(list)
    for stop, delivery, name_zh, name_en in rows:
        told = live[stop.id].arrival if stop.id in live else None
        found[stop.trip_id].append(
            StopOut(
                id=stop.id,
                delivery_id=delivery.id,
                order_no=delivery.order_no,
                kind=stop.kind,
                delivery_kind=delivery.kind,
                state=stop.state,
                lon=stop.lon,
                lat=stop.lat,
                eta_at=stop.eta_at,
                not_before=delivery.due_from if delivery.booked and stop.kind == "dropoff" else None,
                due_at=delivery.due_at,
                address=delivery.address if service_times.at_a_door(stop.kind, kind=delivery.kind) else "",
                store_zh=name_zh,
                store_en=name_en,
                weight_g=delivery.weight_g,
                goods_ready=delivery.goods_ready_at is not None,
                done_at=stop.done_at,
                live_at=told.at if told else None,
                live_from_at=told.from_at if told else None,
                live_until_at=told.by_at if told else None,
            )
        )
    return found


def _trip(trip: Trip, stops: list[StopOut], roads: Roads, place: LonLat | None) -> TripOut:
    left = [LonLat(stop.lon, stop.lat) for stop in stops if stop.state in ("pending", "arrived")]
    return TripOut(
        id=trip.id,
        rider_id=trip.rider_id,
        state=trip.state,
        offered_at=trip.offered_at,
        offer_expires_at=trip.offer_expires_at,
        distance_m=trip.distance_m,
        version=trip.version,
        locked=trip.locked,
        stops=stops,
        geometry=line(roads, tuple([place, *left] if place else left)),
    )


def line(roads: Roads, places: tuple[LonLat, ...]) -> dict[str, Any] | None:
    """GeoJSON along the road through `places`; None for fewer than two different ones."""
    rounded = tuple(dict.fromkeys(LonLat(round(p.lon, 4), round(p.lat, 4)) for p in places))
    return _drawn(roads, rounded) if len(rounded) > 1 else None  # type: ignore[arg-type] # roads hash by identity


@lru_cache(maxsize=2_000)
def _drawn(roads: Roads, places: tuple[LonLat, ...]) -> dict[str, Any]:
    return roads.route(*places).to_geojson()
