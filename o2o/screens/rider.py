"""What a rider's phone shows: the trip with its next stop and the way there, and what today brought."""

import uuid
from datetime import datetime, timedelta

import redis
from fastapi import APIRouter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.dispatch import pay
from o2o.dispatch.carrying import tracking
from o2o.dispatch.models import Delivery, Incident, Rider, Shift, Stop, Trip
from o2o.geo.lonlat import LonLat
from o2o.infra.http import Db, NotAllowed, Now, ToolsDep
from o2o.infra.http import Rider as Caller
from o2o.kit.wire import Wire
from o2o.screens import trips

router = APIRouter(prefix="/api/screens", tags=["screens"])


class TodayOut(Wire):
    """The last 24 hours in numbers."""

    deliveries: int
    trips: int
    distance_m: int
    earnings_fen: int


class PastTripOut(Wire):
    """A trip that ended today and what it brought."""

    id: uuid.UUID
    ended_at: datetime
    deliveries: int
    distance_m: int
    earnings_fen: int


class RiderScreen(Wire):
    """All a rider's phone needs to draw itself."""

    rider_id: uuid.UUID
    name: str
    state: str
    break_wanted: bool
    area_id: uuid.UUID
    vehicle: str
    lon: float | None
    lat: float | None
    trip: trips.TripOut | None
    trip_earnings_fen: int
    today: TodayOut
    past_trips: list[PastTripOut]
    shift_ends_at: datetime | None
    open_incidents: int
    server_at: datetime


@router.get("/rider", operation_id="rider_screen", response_model=RiderScreen, summary="The rider's phone")
def rider_screen(caller: Caller, db: Db, now: Now, tools: ToolsDep) -> RiderScreen:
    """The caller's own trip and day."""
    rider = db.get(Rider, caller.account_id)
    if rider is None:
        raise NotAllowed(role=caller.role.value)
    place = _place(tools.valkey, rider)
    live = trips.live_trips(db, tools.roads, rider_ids=[rider.id], places={rider.id: place} if place else {}, now=now)
    trip = live[0] if live else None
    drops = sum(1 for stop in trip.stops if stop.kind != "pickup") if trip else 0
    return RiderScreen(
        rider_id=rider.id,
        name=rider.name,
        state=rider.state,
        break_wanted=rider.break_wanted,
        area_id=rider.area_id,
        vehicle=rider.vehicle,
        lon=place.lon if place else None,
        lat=place.lat if place else None,
        trip=trip,
        trip_earnings_fen=pay.for_trip(deliveries=drops, distance_m=trip.distance_m) if trip else 0,
        today=_today(db, rider.id, now),
        past_trips=_past_trips(db, rider.id, now),
        shift_ends_at=db.scalar(
            select(Shift.planned_end_at).where(Shift.rider_id == rider.id, Shift.ended_at.is_(None))
        ),
        open_incidents=_open_incidents(db, rider.id),
        server_at=now,
    )


def _place(valkey: "redis.Redis", rider: Rider) -> LonLat | None:
    live = tracking.positions(valkey, [rider.id]).get(rider.id)
    if live is not None:
        return live.place
    return LonLat(rider.lon, rider.lat) if rider.lon is not None and rider.lat is not None else None


def _today(db: Session, rider_id: uuid.UUID, now: datetime) -> TodayOut:
    since = now - timedelta(hours=24)
    ended = select(
        func.count(), func.coalesce(func.sum(Trip.distance_m), 0), func.coalesce(func.sum(Trip.earnings_fen), 0)
    )
    trip_count, metres, fen = db.execute(
        ended.where(Trip.rider_id == rider_id, Trip.state == "completed", Trip.ended_at >= since)
    ).one()
    drops = db.scalar(
        select(func.count()).where(
            Delivery.rider_id == rider_id, Delivery.state == "delivered", Delivery.ended_at >= since
        )
    )
    return TodayOut(deliveries=drops or 0, trips=trip_count, distance_m=int(metres), earnings_fen=int(fen))


def _past_trips(db: Session, rider_id: uuid.UUID, now: datetime) -> list[PastTripOut]:
    drops = func.count().filter(Stop.kind == "dropoff", Stop.state == "done")
    rows = db.execute(
        select(Trip.id, Trip.ended_at, drops.label("deliveries"), Trip.distance_m, Trip.earnings_fen)
        .join(Stop, Stop.trip_id == Trip.id)
        .where(Trip.rider_id == rider_id, Trip.state == "completed", Trip.ended_at >= now - timedelta(hours=24))
        .group_by(Trip.id)
        .order_by(Trip.ended_at.desc())
        .limit(30)
    )
    return [PastTripOut.model_validate(row, from_attributes=True) for row in rows]


def _open_incidents(db: Session, rider_id: uuid.UUID) -> int:
    return db.scalar(select(func.count()).where(Incident.rider_id == rider_id, Incident.state == "open")) or 0
