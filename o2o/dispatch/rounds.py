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

from o2o.dispatch import riders, snapshot, trips
from o2o.dispatch.deliveries import facts
from o2o.dispatch.events import DeliveryChanged, RoundPlanned, TripChanged, TripOffered
from o2o.dispatch.models import Delivery, Rider, RoundRecord, Stop, Trip
from o2o.dispatch.planning import checker, solve
from o2o.dispatch.planning.plan import Plan, PlannedStop
from o2o.dispatch.planning.plan import Trip as PlannedTrip
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Action, Problem
from o2o.infra import outbox
from o2o.infra.db import transaction
from o2o.infra.tools import Tools
from o2o.kit import ids

EVERY_S = 15
THINK_S = 0.5
"""Work granted to one round, in the planner's own measure (iterations, not wall time)."""
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
    round_id, given, dropped = ids.new_id(), 0, 0
    for planned in sorted(plan.trips, key=lambda trip: trip.rider_id) if not breaches else ():
        got, lost = _apply_trip(db, seen, problem, planned, round_id, now)
        given, dropped = given + got, dropped + lost
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
            policy=asdict(policy),
            problem=zlib.compress(problem.to_json(), 1),
            plan=zlib.compress(plan.to_json(), 1),
            digest=plan.digest,
            breaches=breaches,
            took_ms=took_ms,
        )
    )
    outbox.emit(db, RoundPlanned(round_id=round_id, area_id=seen.area_id), now=now)
    return Outcome(round_id, given, dropped)


def _apply_trip(
    db: Session, seen: snapshot.Snapshot, problem: Problem, planned: PlannedTrip, round_id: uuid.UUID, now: datetime
) -> tuple[int, int]:
    rider_id = uuid.UUID(planned.rider_id)
    as_seen = next(r for r in seen.riders if r.id == rider_id)
    trip_seen = seen.trips.get(rider_id)
    if not planned.firm and trip_seen is None:
        return 0, 0
    rider = riders.locked(db, rider_id)
    live = db.scalar(select(Trip).where(Trip.rider_id == rider_id, Trip.state.in_(trips.LIVE)))
    if rider.version != as_seen.version or _mark(live) != _mark(trip_seen):
        return 0, len(planned.firm)
    fresh = _still_waiting(db, planned.firm, seen.versions)
    if live is None:
        if fresh:
            _offer(db, rider, problem, planned, fresh, round_id, now)
    elif live.state == trips.ACCEPTED:
        _rearrange(db, live, problem, planned, fresh, now)
    else:
        fresh = {}  # an open offer is not touched while the rider looks at it
    for delivery in fresh.values():
        outbox.emit(db, DeliveryChanged(**facts(delivery, now)), now=now)
    held = {str(stop.delivery_id) for stop in seen.stops.get(trip_seen.id, ())} if trip_seen else set()
    return len(fresh), len(set(planned.firm) - held) - len(fresh)


def _mark(trip: Trip | None) -> tuple[uuid.UUID, int] | None:
    return None if trip is None else (trip.id, trip.version)


def _still_waiting(db: Session, job_ids: tuple[str, ...], versions: Mapping[str, int]) -> dict[str, Delivery]:
    wanted = select(Delivery).where(Delivery.id.in_([uuid.UUID(job) for job in job_ids]), Delivery.state == "waiting")
    rows = db.scalars(wanted.order_by(Delivery.id).with_for_update().execution_options(populate_existing=True))
    return {str(row.id): row for row in rows if row.version == versions[str(row.id)]}


def _offer(
    db: Session,
    rider: Rider,
    problem: Problem,
    planned: PlannedTrip,
    fresh: dict[str, Delivery],
    round_id: uuid.UUID,
    now: datetime,
) -> None:
    stops = [stop for stop in planned.stops if stop.job_id in fresh]
    trip = Trip(
        id=ids.new_id(),
        rider_id=rider.id,
        area_id=rider.area_id,
        round_id=round_id,
        state=trips.OFFERED,
        offered_at=now,
        offer_expires_at=now + timedelta(seconds=trips.OFFER_S),
        distance_m=_metres(problem, planned.rider_id, [stop.place for stop in stops]),
        earnings_fen=0,
        version=0,
    )
    db.add(trip)
    db.flush()
    rider.state, rider.version = riders.ON_TRIP, rider.version + 1
    _assign(db, trip, fresh)
    db.add_all(_stop(trip.id, fresh[s.job_id], s, position) for position, s in enumerate(stops))
    db.flush()
    outbox.emit(db, TripOffered(trip_id=trip.id, rider_id=rider.id, area_id=rider.area_id), now=now)


def _rearrange(
    db: Session, trip: Trip, problem: Problem, planned: PlannedTrip, fresh: dict[str, Delivery], now: datetime
) -> None:
    """New order and times for the open stops of a trip, with the fresh deliveries among them."""
    rows = db.scalars(select(Stop).where(Stop.trip_id == trip.id).order_by(Stop.position)).all()
    open_stops = {(str(s.delivery_id), s.kind == "pickup"): s for s in rows if s.state in trips.OPEN_STOP}
    first = max((s.position for s in rows if s.state not in trips.OPEN_STOP), default=-1) + 1
    before = [s.id for s in sorted(open_stops.values(), key=lambda s: s.position)]
    _assign(db, trip, fresh)
    position = first
    for step in planned.stops:
        key = (step.job_id, step.action is Action.PICKUP)
        if key in open_stops:
            stop = open_stops[key]
            stop.position, stop.eta_at = position, _at(step.at_s)
        elif step.job_id in fresh:
            db.add(_stop(trip.id, fresh[step.job_id], step, position))
        else:
            continue
        position += 1
    db.flush()
    after = [s.id for s in sorted(open_stops.values(), key=lambda s: s.position)]
    if fresh:
        held = [s.place for s in planned.stops if (s.job_id, s.action is Action.PICKUP) in open_stops]
        every = [
            s.place for s in planned.stops if (s.job_id, s.action is Action.PICKUP) in open_stops or s.job_id in fresh
        ]
        longer_m = _metres(problem, planned.rider_id, every) - _metres(problem, planned.rider_id, held)
        trip.distance_m += max(0, longer_m)
    if fresh or before != after:
        trip.version += 1
        outbox.emit(db, TripChanged(trip_id=trip.id, rider_id=trip.rider_id, area_id=trip.area_id), now=now)


def _metres(problem: Problem, rider_id: str, places: list[int]) -> int:
    rider = next(r for r in problem.riders if r.id == rider_id)
    table = problem.travel.metres[rider.profile]
    return sum(max(0, int(table[a, b])) for a, b in pairwise([rider.place, *places]))


def _assign(db: Session, trip: Trip, fresh: dict[str, Delivery]) -> None:
    for delivery in fresh.values():
        delivery.state, delivery.rider_id, delivery.trip_id = "assigned", trip.rider_id, trip.id
        delivery.version += 1
    db.flush()


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
    return problem, Plan.from_json(zlib.decompress(row.plan)), DispatchPolicy(**row.policy), row.seed


def forget(db: Session, *, now: datetime, keep: timedelta = timedelta(days=3)) -> None:
    """Drop rounds nobody will ask about any more."""
    db.execute(delete(RoundRecord).where(RoundRecord.at < now - keep))
