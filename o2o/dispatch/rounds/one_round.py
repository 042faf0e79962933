"""One round of one area: load, think with no transaction open, apply what still holds.

What moved while we thought is dropped from the plan and taken up by the next round.
"""

import time
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from o2o.dispatch import riders
from o2o.dispatch.carrying import trips
from o2o.dispatch.carrying.deliveries import facts
from o2o.dispatch.events import DeliveryChanged, RoundPlanned, TripChanged, TripOffered
from o2o.dispatch.models import Delivery, Rider, RoundRecord, Stop, Trip
from o2o.dispatch.planning import checker, solve
from o2o.dispatch.planning.plan import Plan, PlannedStop
from o2o.dispatch.planning.plan import Trip as PlannedTrip
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Action, Problem
from o2o.dispatch.rounds import snapshot
from o2o.infra import outbox
from o2o.infra.db import transaction
from o2o.infra.tools import Tools
from o2o.kit import ids
from o2o.kit.events import Event

EVERY_S = 15
THINK_S = 0.2
"""Work granted to one round, in the planner's own measure (stops walked, not wall time)."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round did: deliveries given out, and those of its plan that had moved meanwhile."""

    round_id: uuid.UUID
    given: int
    dropped: int


def run(tools: Tools, *, area_id: uuid.UUID, now: datetime, policy: DispatchPolicy) -> Outcome | None:
    """A whole round; None when the area has nothing to plan."""
    with transaction(tools.engine) as db:
        trips.take_back_silent(db, area_id=area_id, now=now)
        seen = snapshot.load(db, tools.valkey, area_id=area_id, now=now)
    if not seen.deliveries:
        return None
    began = time.perf_counter()
    problem = snapshot.build(seen, tools.roads, next_round_s=EVERY_S)
    seed = problem.now_s % 2**31
    plan = solve.solve(problem, policy, seed=seed, time_limit_s=THINK_S)
    breaches = [str(breach) for breach in checker.check(problem, policy, plan)]
    if breaches:
        _log.error("round.unlawful", area_id=str(area_id), breaches=breaches[:5])
    took_ms = round((time.perf_counter() - began) * 1_000)
    with transaction(tools.engine) as db:
        return apply_plan(
            db,
            seen=seen,
            problem=problem,
            plan=plan,
            policy=policy,
            seed=seed,
            breaches=breaches,
            took_ms=took_ms,
            now=now,
        )


def apply_plan(
    db: Session,
    *,
    seen: snapshot.Snapshot,
    problem: Problem,
    plan: Plan,
    policy: DispatchPolicy,
    seed: int,
    breaches: list[str],
    took_ms: int,
    now: datetime,
) -> Outcome:
    """Offer and extend trips as planned, where riders and deliveries are as they were seen; keep the round.

    An unlawful plan is kept for study and applied to nobody.
    """
    round_id = ids.new_id()
    wanted = [t for t in plan.trips if t.firm or uuid.UUID(t.rider_id) in seen.trips] if not breaches else []
    world = _World.locked(db, seen, problem, wanted)
    events: list[Event] = []
    given = dropped = 0
    fresh_of: dict[str, dict[str, Delivery]] = {}
    for planned in sorted(wanted, key=lambda trip: trip.rider_id):
        fresh, lost = _fresh(world, planned)
        fresh_of[planned.rider_id] = fresh
        given, dropped = given + len(fresh), dropped + lost
        if fresh and world.rider_is_free(planned.rider_id):
            world.trips[uuid.UUID(planned.rider_id)] = _offer(db, world, planned, fresh, round_id, now, events)
    db.flush()  # the new trips are there before anything points to them
    for planned in wanted:
        _arrange(db, world, planned, fresh_of[planned.rider_id], events)
        for delivery in fresh_of[planned.rider_id].values():
            delivery.round_id = round_id
            events.append(DeliveryChanged(**facts(delivery, now)))
    db.add(
        RoundRecord(
            id=round_id,
            area_id=seen.area_id,
            at=now,
            seed=seed,
            jobs=len(problem.jobs),
            riders=len(problem.riders),
            given=given,
            dropped=dropped,
            deferred=[{"delivery_id": d.job_id, "reason": d.reason.value, "until_s": d.until_s} for d in plan.deferred],
            intended=_intended(problem, plan),
            policy=asdict(policy),
            problem=zlib.compress(problem.to_json(), 1),
            plan=zlib.compress(plan.to_json(), 1),
            digest=plan.digest,
            breaches=breaches,
            took_ms=took_ms,
        )
    )
    outbox.emit_all(db, [*events, RoundPlanned(round_id=round_id, area_id=seen.area_id)], now=now)
    return Outcome(round_id, given, dropped)


def _intended(problem: Problem, plan: Plan) -> list[dict[str, object]]:
    """Jobs in somebody's trip that nobody was given: decided again in the next round, and at the latest when he must leave."""
    held = {job.id for job in problem.jobs if job.holder}
    found: list[dict[str, object]] = []
    for trip in plan.trips:
        picked_s: dict[str, int] = {}
        for stop in trip.stops:
            if stop.action == "pickup":
                picked_s[stop.job_id] = stop.at_s
            elif stop.job_id in picked_s and stop.job_id not in held and stop.job_id not in trip.firm:
                times = {"pickup_s": picked_s[stop.job_id], "door_s": stop.at_s}
                found.append({"delivery_id": stop.job_id, "rider_id": trip.rider_id, **times})
    return found


@dataclass(frozen=True, slots=True)
class _World:
    """The rows a plan touches, locked in one order (riders, then deliveries), and what they looked like when it was made."""

    seen: snapshot.Snapshot
    problem: Problem
    riders_seen: Mapping[uuid.UUID, Rider]
    riders: Mapping[uuid.UUID, Rider]
    trips: dict[uuid.UUID, Trip]
    stops: Mapping[uuid.UUID, list[Stop]]
    waiting: Mapping[str, Delivery]

    def rider_is_free(self, rider_id: str) -> bool:
        """Whether the rider has no live trip."""
        return uuid.UUID(rider_id) not in self.trips

    @staticmethod
    def locked(db: Session, seen: snapshot.Snapshot, problem: Problem, wanted: list[PlannedTrip]) -> "_World":
        people = [uuid.UUID(t.rider_id) for t in wanted]
        fresh = {"populate_existing": True}
        rows = db.scalars(
            select(Rider).where(Rider.id.in_(people)).order_by(Rider.id).with_for_update(), execution_options=fresh
        ).all()
        live = db.scalars(select(Trip).where(Trip.rider_id.in_(people), Trip.state.in_(trips.LIVE))).all()
        stops: dict[uuid.UUID, list[Stop]] = {trip.id: [] for trip in live}
        for stop in db.scalars(select(Stop).where(Stop.trip_id.in_(stops)).order_by(Stop.trip_id, Stop.position)):
            stops[stop.trip_id].append(stop)
        firm = [uuid.UUID(job) for t in wanted for job in t.firm]
        jobs = select(Delivery).where(Delivery.id.in_(firm), Delivery.state == "waiting").order_by(Delivery.id)
        versions = seen.versions
        return _World(
            seen=seen,
            problem=problem,
            riders_seen={r.id: r for r in seen.riders},
            riders={r.id: r for r in rows},
            trips={t.rider_id: t for t in live},
            stops=stops,
            waiting={
                str(d.id): d
                for d in db.scalars(jobs.with_for_update(), execution_options=fresh)
                if d.version == versions[str(d.id)]
            },
        )


def _fresh(world: _World, planned: PlannedTrip) -> tuple[dict[str, Delivery], int]:
    """The deliveries this rider is given now, and how many firm ones have moved meanwhile."""
    rider_id = uuid.UUID(planned.rider_id)
    live, seen = world.trips.get(rider_id), world.seen.trips.get(rider_id)
    held = {str(stop.delivery_id) for stop in world.seen.stops.get(seen.id, ())} if seen else set()
    fresh = {job: world.waiting[job] for job in planned.firm if job in world.waiting}
    moved = world.riders[rider_id].version != world.riders_seen[rider_id].version or _mark(live) != _mark(seen)
    if moved or (live is not None and live.state == trips.OFFERED):
        fresh = {}  # an open offer is not touched while the rider looks at it
    return fresh, len(set(planned.firm) - held) - len(fresh)


def _mark(trip: Trip | None) -> tuple[uuid.UUID, int] | None:
    return None if trip is None else (trip.id, trip.version)


def _offer(
    db: Session,
    world: _World,
    planned: PlannedTrip,
    fresh: dict[str, Delivery],
    round_id: uuid.UUID,
    now: datetime,
    events: list[Event],
) -> Trip:
    rider = world.riders[uuid.UUID(planned.rider_id)]
    trip = Trip(
        id=ids.new_id(),
        rider_id=rider.id,
        area_id=rider.area_id,
        round_id=round_id,
        state=trips.OFFERED,
        offered_at=now,
        offer_expires_at=now + timedelta(seconds=trips.OFFER_S),
        distance_m=0,
        earnings_fen=0,
        version=0,
    )
    db.add(trip)
    rider.state, rider.version = riders.ON_TRIP, rider.version + 1
    events.append(TripOffered(trip_id=trip.id, rider_id=rider.id, area_id=rider.area_id))
    return trip


def _arrange(db: Session, world: _World, planned: PlannedTrip, fresh: dict[str, Delivery], events: list[Event]) -> None:
    """Put the stops of a trip in the planned order, the fresh deliveries among them, with their times."""
    trip = world.trips.get(uuid.UUID(planned.rider_id))
    as_seen = _mark(trip) == _mark(world.seen.trips.get(uuid.UUID(planned.rider_id)))
    if trip is None or not (fresh or (as_seen and trip.state == trips.ACCEPTED)):
        return
    rows = world.stops.get(trip.id, [])
    open_stops = {(str(s.delivery_id), s.kind == "pickup"): s for s in rows if s.state in trips.OPEN_STOP}
    first = max((s.position for s in rows if s.state not in trips.OPEN_STOP), default=-1) + 1
    before = [s.id for s in sorted(open_stops.values(), key=lambda s: s.position)]
    steps = [s for s in planned.stops if (s.job_id, s.action is Action.PICKUP) in open_stops or s.job_id in fresh]
    for position, step in enumerate(steps, start=first):
        stop = open_stops.get((step.job_id, step.action is Action.PICKUP))
        if stop is None:
            db.add(_stop(trip.id, fresh[step.job_id], step, position))
        else:
            stop.position, stop.eta_at = position, _at(step.at_s)
    _assign(world, trip, planned, steps, fresh)
    moved = before != [s.id for s in sorted(open_stops.values(), key=lambda s: s.position)]
    if trip.state == trips.ACCEPTED and (fresh or moved):
        trip.version += 1
        events.append(TripChanged(trip_id=trip.id, rider_id=trip.rider_id, area_id=trip.area_id))


def _assign(
    world: _World, trip: Trip, planned: PlannedTrip, steps: list[PlannedStop], fresh: dict[str, Delivery]
) -> None:
    """The fresh deliveries are this rider's; the trip is longer by what they add to the way."""
    for delivery in fresh.values():
        delivery.state, delivery.rider_id, delivery.trip_id = "assigned", trip.rider_id, trip.id
        delivery.version += 1
    held = [s.place for s in steps if s.job_id not in fresh]
    added_m = _metres(world.problem, planned.rider_id, [s.place for s in steps])
    trip.distance_m += max(0, added_m - _metres(world.problem, planned.rider_id, held)) if fresh else 0


def _metres(problem: Problem, rider_id: str, places: list[int]) -> int:
    rider = next(r for r in problem.riders if r.id == rider_id)
    table = problem.travel.metres[rider.profile]
    return sum(max(0, int(table[a, b])) for a, b in pairwise([rider.place, *places]))


def _stop(trip_id: uuid.UUID, delivery: Delivery, step: PlannedStop, position: int) -> Stop:
    pickup = step.action is Action.PICKUP
    return Stop(
        id=ids.new_id(),
        trip_id=trip_id,
        delivery_id=delivery.id,
        position=position,
        kind="pickup" if pickup else "dropoff",
        lon=delivery.pickup_lon if pickup else delivery.dropoff_lon,
        lat=delivery.pickup_lat if pickup else delivery.dropoff_lat,
        state="pending",
        eta_at=_at(step.at_s),
        proof={},
    )


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def replay(db: Session, *, round_id: uuid.UUID) -> tuple[Problem, Plan, DispatchPolicy, int]:
    """A past round's problem, plan, policy and seed; solving it again gives the same bytes."""
    row = db.execute(
        select(RoundRecord.problem, RoundRecord.plan, RoundRecord.policy, RoundRecord.seed).where(
            RoundRecord.id == round_id
        )
    ).one()
    problem = Problem.from_json(zlib.decompress(row.problem))
    return problem, Plan.from_json(zlib.decompress(row.plan)), DispatchPolicy.as_stored(row.policy), row.seed


def forget(db: Session, *, now: datetime, keep: timedelta = timedelta(days=3)) -> None:
    """Drop rounds nobody will ask about any more."""
    db.execute(delete(RoundRecord).where(RoundRecord.at < now - keep))
