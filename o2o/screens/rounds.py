"""A past round on the map: where riders and orders were, who was to carry what, and what was left waiting."""

import uuid
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.dispatch.models import Delivery, Rider, RoundRecord
from o2o.dispatch.planning.plan import Plan
from o2o.dispatch.planning.plan import Trip as PlannedTrip
from o2o.dispatch.planning.problem import Job, Problem
from o2o.dispatch.planning.reasons import text
from o2o.dispatch.queries import NoRound
from o2o.dispatch.rounds import one_round
from o2o.geo.lonlat import LonLat
from o2o.infra.http import Db, Dispatcher, ToolsDep
from o2o.infra.roads import Roads
from o2o.kit.principal import Role
from o2o.kit.wire import PointIn, Wire
from o2o.screens import trips

router = APIRouter(prefix="/api/screens", tags=["screens"])


class RiderOut(Wire):
    """A rider as the round saw him; `carrying` goods picked up already."""

    id: uuid.UUID
    name: str
    lon: float
    lat: float
    carrying: int
    locked: bool


class JobOut(Wire):
    """An order as the round saw it. `rider_id`: who was to carry it; `firm`: told him at once; else why it waited."""

    delivery_id: uuid.UUID
    order_no: str
    kind: str
    pickup: PointIn
    dropoff: PointIn
    ready_at: datetime
    due_at: datetime
    at: datetime | None
    rider_id: uuid.UUID | None
    firm: bool
    held: bool
    code: str
    zh: str
    en: str


class PlannedOut(Wire):
    """One rider's planned way; `terms` name the parts of its cost."""

    rider_id: uuid.UUID
    stops: int
    cost: int
    terms: dict[str, int]
    geometry: dict[str, Any] | None


class RoundScreen(Wire):
    """A round to look at."""

    id: uuid.UUID
    at: datetime
    took_ms: int
    seed: int
    digest: str
    cost: int
    riders: list[RiderOut]
    jobs: list[JobOut]
    trips: list[PlannedOut]


@router.get("/rounds/{round_id}", operation_id="round_screen", response_model=RoundScreen, summary="A round on the map")
def round_screen(round_id: uuid.UUID, caller: Dispatcher, db: Db, tools: ToolsDep) -> RoundScreen:
    """From the stored problem and plan alone, in one of the caller's areas."""
    row = db.get(RoundRecord, round_id)
    if row is None or (caller.role is not Role.HQ and row.area_id not in caller.area_ids):
        raise NoRound(round_id=round_id)
    problem, plan, _, seed = one_round.replay(db, round_id=round_id)
    return RoundScreen(
        id=row.id,
        at=row.at,
        took_ms=row.took_ms,
        seed=seed,
        digest=row.digest,
        cost=plan.cost,
        riders=_riders(db, problem),
        jobs=_jobs(db, problem, plan),
        trips=[_way(tools.roads, problem, trip) for trip in plan.trips if trip.stops],
    )


def _point(problem: Problem, place: int) -> LonLat:
    lon, lat = problem.places[place].id.split(",")
    return LonLat(float(lon), float(lat))


def _riders(db: Session, problem: Problem) -> list[RiderOut]:
    names = _names(db, [uuid.UUID(r.id) for r in problem.riders])
    found = []
    for rider in problem.riders:
        place = _point(problem, rider.place)
        found.append(
            RiderOut(
                id=uuid.UUID(rider.id),
                name=names.get(uuid.UUID(rider.id), ""),
                lon=place.lon,
                lat=place.lat,
                carrying=len(rider.carrying),
                locked=rider.locked,
            )
        )
    return found


def _names(db: Session, rider_ids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    return dict(db.execute(select(Rider.id, Rider.name).where(Rider.id.in_(rider_ids))).all())


def _jobs(db: Session, problem: Problem, plan: Plan) -> list[JobOut]:
    job_ids = [uuid.UUID(job.id) for job in problem.jobs]
    numbers = dict(db.execute(select(Delivery.id, Delivery.order_no).where(Delivery.id.in_(job_ids))).all())
    whose = {stop.job_id: trip for trip in plan.trips for stop in trip.stops}
    ends = {s.job_id: s.at_s for trip in plan.trips for s in trip.stops if s.action == "dropoff"}
    why = {one.job_id: one.reason for one in plan.deferred}
    return [_job(problem, job, numbers, whose.get(job.id), ends, why) for job in problem.jobs]


def _job(
    problem: Problem,
    job: Job,
    numbers: dict[uuid.UUID, str],
    trip: PlannedTrip | None,
    ends: dict[str, int],
    why: dict[str, Any],
) -> JobOut:
    reason = why.get(job.id)
    return JobOut(
        delivery_id=uuid.UUID(job.id),
        order_no=numbers.get(uuid.UUID(job.id), ""),
        kind=job.kind.value,
        pickup=_wire(_point(problem, job.pickup)),
        dropoff=_wire(_point(problem, job.dropoff)),
        ready_at=_at(job.ready_s),
        due_at=_at(job.due_s),
        at=_at(ends[job.id]) if job.id in ends else None,
        rider_id=uuid.UUID(trip.rider_id) if trip else None,
        firm=trip is not None and job.id in trip.firm,
        held=bool(job.holder),
        code=reason.value if reason else "",
        zh=text(reason, "zh") if reason else "",
        en=text(reason, "en") if reason else "",
    )


def _way(roads: Roads, problem: Problem, trip: PlannedTrip) -> PlannedOut:
    rider = next(r for r in problem.riders if r.id == trip.rider_id)
    places = [_point(problem, place) for place in (rider.place, *(stop.place for stop in trip.stops))]
    return PlannedOut(
        rider_id=uuid.UUID(trip.rider_id),
        stops=len(trip.stops),
        cost=trip.cost,
        terms=dict(trip.terms),
        geometry=trips.line(roads, tuple(places)),
    )


def _wire(place: LonLat) -> PointIn:
    return PointIn(lon=place.lon, lat=place.lat)


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
