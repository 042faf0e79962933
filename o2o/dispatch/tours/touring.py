"""Tours for booked windows, planned ahead: who is thought to ride when, which deliveries, in which order. Rows in, values out.

The planner is the rounds' own, with a policy in which nobody waits yet: only lateness, riders' time and metres count. A pick-up not
before the window's start less the direct ride keeps every hand-over from coming too early, whatever the order of stops.
"""

import hashlib
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

from o2o.dispatch.carrying import deliveries, eta
from o2o.dispatch.carrying.allowed import Zones, doors
from o2o.dispatch.models import Delivery
from o2o.dispatch.paces.service_times import ServiceTimes
from o2o.dispatch.planning import problem as planning
from o2o.dispatch.planning.plan import Plan, PlannedStop
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Action, Problem
from o2o.dispatch.riders import CAPACITY_G, CAPACITY_ML, MAX_JOBS, SKILLS
from o2o.geo.lonlat import LonLat
from o2o.geo.travel import EBIKE, VEHICLES
from o2o.infra.roads import Roads

MOST_STOPS = 30
"""What a person can look through and bring in one go; a longer day is cut where hands are empty."""
IDLE = timedelta(minutes=20)
"""Empty hands for longer than this end a tour: in between the rider is free for something else."""
DAY_STOPS = 60
"""Of one rider in one plan; the walk's work grows with the cube of it."""
EACH = 8
"""Deliveries for one rider, where nobody was planned to ride yet."""
POLICY = DispatchPolicy(
    wait_per_s=0,
    aboard_per_s=1,
    busy_per_s=20,
    idle_per_s=2,
    metre_cost=2,
    use_rider=20_000,
    max_trip_stops=DAY_STOPS,
    hold_ahead_s=86_400,
)
THINK_S = 2.0


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who will ride from a time to another; `rider_id` is None where nobody is named yet."""

    key: str
    rider_id: uuid.UUID | None
    from_at: datetime
    until_at: datetime
    vehicle: str
    capacity_g: int
    max_jobs: int
    capacity_ml: int
    insulated_boxes: int
    skills: tuple[str, ...]
    zone: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be planned: deliveries, seats, refusals, what was learned; and what the plan in force was made from."""

    area_id: uuid.UUID
    now: datetime
    deliveries: tuple[Delivery, ...]
    seats: tuple[Seat, ...]
    refusals: dict[uuid.UUID, tuple[str, ...]]
    times: ServiceTimes
    planned_from: str

    @property
    def digest(self) -> str:
        """Of everything that would change the plan; the passing of time alone does not."""
        facts: list[object] = [
            (str(d.id), d.due_from, d.due_at, d.weight_g, d.volume_ml, d.insulated, d.skills, d.only_for, d.hold_until)
            for d in self.deliveries
        ]
        facts += [
            (s.key, s.until_at, s.capacity_g, s.max_jobs, s.capacity_ml, s.insulated_boxes, s.skills, s.zone)
            for s in self.seats
        ]
        facts += [sorted((str(d), who) for d, who in self.refusals.items())]
        return hashlib.sha256(repr(facts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class TourStop:
    """One stop of a tour and when the goods change hands."""

    delivery_id: uuid.UUID
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PlannedTour:
    """A tour as planned."""

    rider_id: uuid.UUID | None
    stops: tuple[TourStop, ...]
    distance_m: int
    weight_g: int
    most_aboard: int


def anybody(deliveries: Sequence[Delivery], now: datetime) -> tuple[Seat, ...]:
    """Seats for riders not named yet, enough for these deliveries."""
    until_at = max(d.due_at for d in deliveries) + timedelta(hours=1)
    count = math.ceil(len(deliveries) / EACH)
    return tuple(
        Seat(
            key=f"anybody-{n:03d}",
            rider_id=None,
            from_at=now,
            until_at=until_at,
            vehicle="ebike",
            capacity_g=CAPACITY_G["ebike"],
            max_jobs=MAX_JOBS["ebike"],
            capacity_ml=CAPACITY_ML["ebike"],
            insulated_boxes=MAX_JOBS["ebike"],
            skills=SKILLS,
        )
        for n in range(count)
    )


def build(wanted: Wanted, roads: Roads) -> Problem:
    """The planner's problem. Riders begin where most of the goods lie, for nobody knows yet where they will be."""
    numbers: dict[LonLat, int] = {}
    ends = [doors(d) for d in wanted.deliveries]
    zones = Zones([seat.zone for seat in wanted.seats], [door for both in ends for door in both])
    for start, end in ends:
        numbers.setdefault(start, len(numbers))
        numbers.setdefault(end, len(numbers))
    middle = min(d.due_from for d in wanted.deliveries) + timedelta(minutes=30)
    table = roads.table(list(numbers)).at(max(middle, wanted.now), wanted.times.speed)
    vehicles = [EBIKE.name, *sorted({seat.vehicle for seat in wanted.seats} - {EBIKE.name})]
    slower = [EBIKE.speed_mps / VEHICLES.get(name, EBIKE).speed_mps for name in vehicles]
    seconds = np.stack([np.ceil(table.seconds * by).astype(np.int32) for by in slower])
    jobs = tuple(
        _job(wanted, d, numbers[start], numbers[end], int(seconds[:, numbers[start], numbers[end]].min()))
        for d, (start, end) in zip(wanted.deliveries, ends, strict=True)
    )
    starts = [job.pickup for job in jobs]
    depot = max(sorted(set(starts)), key=starts.count)
    return Problem(
        now_s=_s(wanted.now),
        places=tuple(planning.Place(id=f"{p.lon:.6f},{p.lat:.6f}", zone=zones.of(p)) for p in numbers),
        riders=tuple(_seat(seat, depot, vehicles.index(seat.vehicle), zones, wanted.now) for seat in wanted.seats),
        jobs=jobs,
        travel=planning.Travel(seconds, np.stack([table.metres] * len(vehicles))),
        area=str(wanted.area_id),
        next_round_s=60,
    )


def tours(wanted: Wanted, problem: Problem, plan: Plan) -> list[PlannedTour]:
    """Each rider's plan, cut into tours where hands are empty: at thirty stops, or before a long idle time."""
    seats = {seat.key: seat for seat in wanted.seats}
    weights = {str(d.id): d.weight_g for d in wanted.deliveries}
    table = problem.travel.metres[0]
    found = []
    for trip in sorted(plan.trips, key=lambda one: one.rider_id):
        for part in _parts(trip.stops):
            loads, weight_g = _aboard(part, weights)
            found.append(
                PlannedTour(
                    rider_id=seats[trip.rider_id].rider_id,
                    stops=tuple(TourStop(uuid.UUID(s.job_id), s.action.value, _at(s.at_s)) for s in part),
                    distance_m=sum(int(table[a.place, b.place]) for a, b in pairwise(part)),
                    weight_g=weight_g,
                    most_aboard=loads,
                )
            )
    return found


def _job(wanted: Wanted, d: Delivery, pickup: int, dropoff: int, ride_s: int) -> planning.Job:
    service_s = eta.pace(d, "pickup", wanted.times).mean_s
    too_early_s = _s(d.due_from) - ride_s - service_s
    own = deliveries.not_before(d)
    if d.hold_until is not None and own is not None and d.hold_until > own:  # a dispatcher holds it
        too_early_s = max(too_early_s, _s(d.hold_until))
    return planning.Job(
        id=str(d.id),
        pickup=pickup,
        dropoff=dropoff,
        placed_s=_s(d.requested_at),
        ready_s=_s(d.goods_ready_at or max(d.ready_at, wanted.now)),
        due_s=_s(d.due_at),
        hold_until_s=max(0, too_early_s),
        pickup_service_s=service_s,
        dropoff_service_s=eta.pace(d, "dropoff", wanted.times).mean_s,
        weight_g=d.weight_g,
        volume_ml=d.volume_ml,
        boxes=int(d.insulated),
        skills=tuple(d.skills),
        only_for=str(d.only_for) if d.only_for else "",
        refused_by=wanted.refusals.get(d.id, ()),
    )


def _seat(seat: Seat, depot: int, profile: int, zones: Zones, now: datetime) -> planning.RiderState:
    return planning.RiderState(
        id=seat.key,
        place=depot,
        profile=profile,
        free_s=_s(max(seat.from_at, now)),
        shift_end_s=_s(seat.until_at),
        capacity_g=seat.capacity_g,
        capacity_ml=seat.capacity_ml,
        capacity_boxes=seat.insulated_boxes,
        max_jobs=seat.max_jobs,
        skills=seat.skills,
        zones=zones.allowed(seat.zone),
    )


def _parts(stops: Sequence[PlannedStop]) -> list[list[PlannedStop]]:
    """Runs between empty hands, joined as long as they stay short and close in time."""
    runs: list[list[PlannedStop]] = [[]]
    aboard = 0
    for stop in stops:
        runs[-1].append(stop)
        aboard += 1 if stop.action is Action.PICKUP else -1
        if aboard == 0:
            runs.append([])
    joined: list[list[PlannedStop]] = []
    for run in (run for run in runs if run):
        idle_s = run[0].at_s - joined[-1][-1].leave_s if joined else 0
        if joined and len(joined[-1]) + len(run) <= MOST_STOPS and idle_s <= IDLE.total_seconds():
            joined[-1] += run
        else:
            joined.append(run)
    return joined


def _aboard(part: Sequence[PlannedStop], weights: dict[str, int]) -> tuple[int, int]:
    """The most deliveries, and the most grams, on the vehicle at once."""
    signs = [1 if stop.action is Action.PICKUP else -1 for stop in part]
    grams = [sign * weights[stop.job_id] for sign, stop in zip(signs, part, strict=True)]
    return int(np.cumsum(signs).max()), int(np.cumsum(grams).max())


def _s(at: datetime) -> int:
    return int(at.timestamp())


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
