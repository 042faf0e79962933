"""Proves a plan lawful from the problem and the plan alone; shares no code with the planner.

Every time, load and rule is computed again in plain Python. What a rider already owed (goods on board, jobs held,
frozen stops) may break a limit, but only as far as the owed stops alone would break it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from o2o.dispatch.planning.plan import Plan, Trip
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Action, Job, Problem, RiderState, Stop
from o2o.dispatch.planning.reasons import Reason

Leg = tuple[str, Action]


@dataclass(slots=True)
class Ride:
    """What riding a sequence of stops comes to."""

    times: list[tuple[int, int, int]] = field(default_factory=list)
    peak: Counter[str] = field(default_factory=Counter)
    last_pickup_s: int = -(2**60)
    aboard_s: dict[str, int] = field(default_factory=dict)
    rest_s: int | None = None
    end_s: int = 0
    faults: list[str] = field(default_factory=list)


def check(problem: Problem, policy: DispatchPolicy, plan: Plan) -> list[str]:
    """Everything wrong with the plan, in words; empty when it is lawful."""
    faults = _completeness(problem, plan)
    if faults:
        return faults
    riders = {rider.id: rider for rider in problem.riders}
    jobs = {job.id: job for job in problem.jobs}
    trips = {trip.rider_id: trip for trip in plan.trips}
    stranded = {one.job_id for one in plan.deferred if one.reason is Reason.UNREACHABLE}
    for rider in problem.riders:
        owed = _owed(rider, jobs)
        trip = trips.get(rider.id)
        stops = [(stop.job_id, stop.action) for stop in trip.stops] if trip else []
        faults += _kept(rider, jobs, owed, stops, stranded)
        if trip:
            ridable = [leg for leg in owed if leg[0] not in stranded]
            faults += _trip(problem, policy, riders[rider.id], jobs, ridable, trip, stops)
    return faults


def _completeness(problem: Problem, plan: Plan) -> list[str]:
    """Every job in exactly one trip or deferred, by known names, the digest true."""
    known = {job.id for job in problem.jobs}
    names = Counter(trip.rider_id for trip in plan.trips)
    faults = [f"rider {one} has {count} trips" for one, count in names.items() if count > 1]
    faults += [f"unknown rider {one}" for one in names if one not in {rider.id for rider in problem.riders}]
    seen: Counter[str] = Counter(one.job_id for one in plan.deferred)
    for trip in plan.trips:
        seen.update({stop.job_id for stop in trip.stops})
        faults += [
            f"{one} is firm but not in the trip" for one in trip.firm if one not in {s.job_id for s in trip.stops}
        ]
    faults += [f"unknown job {one}" for one in seen if one not in known]
    faults += [f"job {one} is nowhere in the plan" for one in known if seen[one] == 0]
    faults += [f"job {one} is in the plan {count} times" for one, count in seen.items() if count > 1]
    if plan.digest and plan.digest != plan.sealed().digest:
        faults.append("the digest does not belong to the plan")
    return faults


def _owed(rider: RiderState, jobs: dict[str, Job]) -> list[Leg]:
    """What the rider must do whatever is planned, in the order it stands."""
    aboard = [one for one in rider.carrying if one in jobs]
    mine = {s.job_id for k, s in enumerate(rider.stops) if rider.locked or k < rider.frozen}
    mine |= {job.id for job in jobs.values() if job.holder == rider.id} | set(aboard)
    legs: list[Leg] = []
    inside, done = set(aboard), set[str]()
    for stop in rider.stops:
        legal = stop.job_id not in done and (stop.action is Action.DROPOFF) == (stop.job_id in inside)
        if stop.job_id in jobs and stop.job_id in mine and legal:
            legs.append((stop.job_id, stop.action))
            (inside.add if stop.action is Action.PICKUP else inside.discard)(stop.job_id)
            if stop.action is Action.DROPOFF:
                done.add(stop.job_id)
    order = list(jobs)
    rest = [one for one in reversed(aboard) if one in inside]
    rest += sorted((one for one in inside if one not in aboard), key=order.index)
    return legs + [(one, Action.DROPOFF) for one in rest]


def _kept(rider: RiderState, jobs: dict[str, Job], owed: list[Leg], stops: list[Leg], stranded: set[str]) -> list[str]:
    """Owed jobs stay; frozen stops stay first; a locked trip stays as it is."""
    present = {one for one, _ in stops}
    faults = [f"{rider.id} no longer has {one}" for one in {o for o, _ in owed} if one not in present | stranded]
    owed = [leg for leg in owed if leg[0] not in stranded]
    if rider.locked and stops != owed:
        faults.append(f"the locked trip of {rider.id} was changed")
    frozen = [_leg(s) for s in rider.stops[: rider.frozen] if s.job_id in jobs and s.job_id not in stranded]
    frozen = [leg for leg in frozen if leg in owed]
    if stops[: len(frozen)] != frozen:
        faults.append(f"the frozen stops of {rider.id} were changed")
    known = [s for s in rider.stops if s.job_id in jobs]
    added = len(stops) - len(rider.carrying) - len([s for s in known if s.job_id not in rider.carrying])
    if added > max(0, rider.max_added_stops):
        faults.append(f"{rider.id} got {added} more stops than now")
    return faults


def _leg(stop: Stop) -> Leg:
    return stop.job_id, stop.action


def _trip(
    problem: Problem,
    policy: DispatchPolicy,
    rider: RiderState,
    jobs: dict[str, Job],
    owed: list[Leg],
    trip: Trip,
    stops: list[Leg],
) -> list[str]:
    """Pairs, skills, zones; then times and limits of the ride itself."""
    name = rider.id
    mine = {one for one, _ in owed}
    faults = _pairs(rider, stops)
    for one in {o for o, _ in stops} - mine:
        faults += [f"{name} may not take {one}: {why}" for why in _forbidden(problem, rider, jobs[one])]
    if faults:
        return faults
    ride, base = _ride(problem, policy, rider, jobs, stops), _ride(problem, policy, rider, jobs, owed)
    if any("no way" in fault for fault in ride.faults):
        return [f"{name}: {fault}" for fault in ride.faults]
    faults += [f"{name}: {fault}" for fault in ride.faults if fault not in base.faults]
    said = [(s.arrive_s, s.at_s, s.leave_s) for s in trip.stops]
    if said != ride.times:
        faults.append(f"{name}: the times are not those of the ride")
    if trip.end_s != ride.end_s:
        faults.append(f"{name}: ends at {ride.end_s}, not {trip.end_s}")
    faults += [f"{name}: {fault}" for fault in _limits(rider, ride, base)]
    for k, (one, action) in enumerate(stops):
        if action is Action.DROPOFF and one not in mine:
            if ride.times[k][1] > jobs[one].latest_s:
                faults.append(f"{name}: {one} after its latest time")
            if ride.aboard_s[one] > jobs[one].max_ride_s:
                faults.append(f"{name}: {one} too long on the way")
    return faults + _early(problem, policy, rider, jobs, mine, trip)


def _early(
    problem: Problem, policy: DispatchPolicy, rider: RiderState, jobs: dict[str, Job], mine: set[str], trip: Trip
) -> list[str]:
    """Late commitment: what is held far ahead is not planned, and nothing free is given out that may be decided later."""
    faults = [
        f"{rider.id}: {one} is held on purpose"
        for one in {s.job_id for s in trip.stops} - mine
        if jobs[one].hold_until_s > problem.now_s + policy.hold_ahead_s
    ]
    next_look = problem.now_s + problem.next_round_s + policy.lead_s + policy.commit_early_s
    start = max(rider.free_s, problem.now_s)
    for k, stop in enumerate(trip.stops):
        if stop.job_id not in trip.firm or stop.job_id in mine or stop.action is Action.DROPOFF:
            continue
        first = next(f for f in range(k + 1) if all(s.place == stop.place for s in trip.stops[f : k + 1]))
        if first == 0 and rider.carrying:
            continue
        spare = min(s.at_s - s.arrive_s for s in (stop, trip.stops[first])) - problem.places[stop.place].access_s
        leave = (start if first == 0 else trip.stops[first - 1].leave_s) + max(0, spare)
        if leave >= next_look or (start >= next_look and not policy.commit_busy_riders):
            faults.append(f"{rider.id}: {stop.job_id} is given out before it must be")
    return faults


def _pairs(rider: RiderState, stops: list[Leg]) -> list[str]:
    aboard, faults = set(rider.carrying), []
    for one, action in stops:
        if (action is Action.DROPOFF) != (one in aboard):
            faults.append(f"{rider.id}: {action} of {one} out of order")
        (aboard.add if action is Action.PICKUP else aboard.discard)(one)
    if aboard & {one for one, _ in stops}:
        faults.append(f"{rider.id}: never drops off {sorted(aboard)}")
    return faults


def _forbidden(problem: Problem, rider: RiderState, job: Job) -> list[str]:
    out = []
    if rider.id in job.refused_by:
        out.append("declined")
    if job.only_for not in ("", rider.id) or job.holder not in ("", rider.id):
        out.append("belongs to another")
    if set(job.skills) - set(rider.skills):
        out.append("skill")
    if rider.zones and {problem.places[p].zone for p in (job.pickup, job.dropoff)} - set(rider.zones):
        out.append("zone")
    return out


def _limits(rider: RiderState, ride: Ride, base: Ride) -> list[str]:
    """Loads, shift, last pick-up and break, each no worse than the rule or what was owed anyway."""
    out = []
    for what, limit in (
        ("weight", rider.capacity_g),
        ("volume", rider.capacity_ml),
        ("boxes", rider.capacity_boxes),
        ("units", rider.max_jobs),
    ):
        if ride.peak[what] > max(limit, base.peak[what]):
            out.append(f"{what} {ride.peak[what]} over {limit}")
    if ride.end_s > max(rider.shift_end_s, base.end_s):
        out.append("after the end of the shift")
    if ride.last_pickup_s > max(rider.last_pickup_s, base.last_pickup_s):
        out.append("picks up too late")
    if rider.rest and ride.rest_s is not None:
        latest = max(rider.rest.latest_s, base.rest_s if base.rest_s is not None else rider.rest.latest_s)
        if ride.rest_s > latest:
            out.append("the break comes too late")
    return out


def _ride(problem: Problem, policy: DispatchPolicy, rider: RiderState, jobs: dict[str, Job], stops: list[Leg]) -> Ride:
    """Ride the stops one by one, from nothing but the problem."""
    ride = Ride()
    seconds = problem.travel.seconds[rider.profile]
    stack = [one for one in rider.carrying if one in jobs]
    start = max(rider.free_s, problem.now_s)
    since = dict.fromkeys(stack, start)
    clock, here, entered, owed_rest = start, rider.place, rider.inside, rider.rest
    bag: int | None = None
    ride.peak = _load(stack, jobs)
    for one, action in stops:
        job = jobs[one]
        door = job.pickup if action is Action.PICKUP else job.dropoff
        arrive = clock
        if door != here or not entered:
            if entered:
                clock += problem.places[here].leave_s
            if owed_rest and owed_rest.duration_s > 0 and not stack and clock >= owed_rest.from_s:
                ride.rest_s, clock, owed_rest = clock, clock + owed_rest.duration_s, None
            leg = int(seconds[here, door])
            if leg < 0:
                ride.faults.append(f"no way from {problem.places[here].id} to {problem.places[door].id}")
                return ride
            clock += leg
            arrive, here, entered, bag = clock, door, True, None
            clock += problem.places[door].access_s
        if action is Action.PICKUP:
            if stack and not policy.mix_stores and bag != door:
                ride.faults.append("goods of different stores are mixed")
            clock = max(clock, job.ready_s, job.hold_until_s)
            bag, event = door, clock
            ride.last_pickup_s = max(ride.last_pickup_s, clock)
            clock += job.pickup_service_s
            since[one] = clock
            stack.append(one)
            ride.peak |= _load(stack, jobs)
        else:
            if rider.lifo and stack and stack[-1] != one:
                ride.faults.append("not last in, first out")
            event, bag = clock, None
            ride.aboard_s[one] = clock - since[one]
            stack.remove(one)
            clock += job.dropoff_service_s
        ride.times.append((arrive, event, clock))
    clock += problem.places[here].leave_s if stops else 0
    if owed_rest and owed_rest.duration_s > 0 and stops:
        ride.rest_s = max(clock, owed_rest.from_s)
    if stops and rider.end_place >= 0:
        home = int(seconds[here, rider.end_place])
        if home < 0:
            ride.faults.append("no way home")
            return ride
        clock += home
    ride.end_s = clock
    return ride


def _load(stack: list[str], jobs: dict[str, Job]) -> Counter[str]:
    load: Counter[str] = Counter()
    for one in stack:
        job = jobs[one]
        load.update(weight=job.weight_g, volume=job.volume_ml, boxes=job.boxes, units=job.units)
    return load
