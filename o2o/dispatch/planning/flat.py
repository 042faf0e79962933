"""The problem as flat arrays for the compiled loops: one row a job, one row a rider, columns named here.

Times are shifted so that now is 0 and clamped, so that no cost can overflow 64 bits whatever comes in.
A stop is one number: twice the job's row, plus 1 for the drop-off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import IntMatrix, Problem, RiderState

Ints = npt.NDArray[np.int64]
FAR_S = 10**9
HUGE = 10**15
FAR_RIDE_S = 3_600

# Columns of a job. J_PICK + 1 must be J_DROP: a stop's low bit is added to it.
J_PICK, J_DROP, J_READY, J_DUE, J_LATEST, J_PRIORITY, J_PICK_S, J_DROP_S = range(8)
J_G, J_ML, J_BOXES, J_UNITS, J_MAX_RIDE, J_DIRECT, J_BORN, J_SKIP = range(8, 16)
J_COLUMNS = 16

# Columns of a rider.
R_PLACE, R_FREE, R_END, R_LAST_PICK, R_G, R_ML, R_BOXES, R_UNITS = range(8)
R_PROFILE, R_INSIDE, R_LIFO, R_REST_FROM, R_REST_LATEST, R_REST, R_HOME, R_STOPS = range(8, 16)
R_HANDICAP, R_FROZEN, R_LOCKED, R_MIX = range(16, 20)
R_COLUMNS = 20

# Columns of the weights.
(W_LATE, W_VERY_AFTER, W_VERY, W_WAIT, W_BUSY, W_IDLE, W_METRE, W_ABOARD, W_USE, W_STAND) = range(10)
W_COLUMNS = 10


# The state of a walk: where the rider is, what is left of the vehicle, and what it has cost so far, term by term.
S_T, S_PLACE, S_ENTERED, S_G, S_ML, S_BOXES, S_UNITS, S_ABOARD = range(8)
S_RESTING, S_REST_AT, S_VISITS, S_BAG, S_ARRIVE, S_EVENT, S_SLACK, S_CARRIED = range(8, 16)
S_WAIT, S_LATE, S_VERY, S_BUSY, S_IDLE, S_RIDE, S_STALE, S_RIDER = range(16, 24)
S_COLUMNS = 24
TERMS = ("wait", "late", "very_late", "busy", "idle", "ride", "aboard", "rider")


class Flat(NamedTuple):
    """Arrays of one problem; `carried[r]` are the job rows on board of rider row r, lowest in the stack first.

    `picked`, `stack` (one entry a job) and `state` are scratch of the walk, `marks`, `kept` and `kept_stack` of weighing
    insertions, so a Flat is used by one thread. `tally[0]` counts the stops walked so far.
    """

    jobs: Ints
    riders: Ints
    places: Ints
    seconds: IntMatrix
    metres: IntMatrix
    weights: Ints
    carried: Ints
    carried_n: Ints
    remote: Ints
    picked: Ints
    stack: Ints
    state: Ints
    kept: Ints
    kept_stack: Ints
    marks: Ints
    tally: Ints


@dataclass(frozen=True, slots=True)
class Rows:
    """Which row is whose."""

    job: dict[str, int]
    rider: dict[str, int]


def flatten(problem: Problem, policy: DispatchPolicy) -> tuple[Flat, Rows]:
    """Arrays of a problem. Raises ValueError for ids that occur twice and places that do not exist."""
    rows = Rows(_rows([job.id for job in problem.jobs], "job"), _rows([rider.id for rider in problem.riders], "rider"))
    places = np.array([(p.access_s, p.leave_s) for p in problem.places], dtype=np.int64).reshape(-1, 2)
    if problem.travel.seconds.shape[1] < len(problem.places):
        raise ValueError("fewer places in the travel matrices than in the problem")
    carried, carried_n = _carried(problem, rows.job)
    count = max(1, len(problem.jobs))
    flat = Flat(
        jobs=_job_rows(problem, policy),
        riders=_rider_rows(problem, policy),
        places=np.clip(places, 0, FAR_S),
        seconds=np.ascontiguousarray(problem.travel.seconds),
        metres=np.ascontiguousarray(problem.travel.metres),
        weights=weights(policy),
        carried=carried,
        carried_n=carried_n,
        remote=remoteness(problem),
        picked=np.zeros(count, dtype=np.int64),
        stack=np.zeros(count + 1, dtype=np.int64),
        state=np.zeros(S_COLUMNS, dtype=np.int64),
        kept=np.zeros((2, S_COLUMNS), dtype=np.int64),
        kept_stack=np.zeros((2, count + 1), dtype=np.int64),
        marks=np.zeros((longest_trip(problem, policy) + 8, 9), dtype=np.int64),
        tally=np.zeros(1, dtype=np.int64),
    )
    return flat, rows


def longest_trip(problem: Problem, policy: DispatchPolicy) -> int:
    """The most stops a trip of this problem may come to."""
    return max((len(r.stops) + len(r.carrying) for r in problem.riders), default=0) + policy.max_trip_stops


def weights(policy: DispatchPolicy) -> Ints:
    """The policy's costs as the compiled loops read them."""
    row = np.zeros(W_COLUMNS, dtype=np.int64)
    row[W_LATE], row[W_VERY_AFTER], row[W_VERY] = policy.late_per_s, policy.very_late_after_s, policy.very_late_per_s
    row[W_WAIT], row[W_BUSY], row[W_IDLE] = policy.wait_per_s, policy.busy_per_s, policy.idle_per_s
    row[W_METRE], row[W_ABOARD], row[W_USE] = policy.metre_cost, policy.aboard_per_s, policy.use_rider
    row[W_STAND] = policy.stand_per_s
    return row


def remoteness(problem: Problem) -> Ints:
    """Mean seconds from each place riders or drop-offs use to the nearest fifth of where the next orders start.

    The nearest fifth, for a rider is wanted nearby, not in the middle of the city. 0 when nothing is known of demand.
    """
    remote = np.zeros(max(1, len(problem.places)), dtype=np.int64)
    stores = [place for place, amount in problem.demand if amount > 0]
    if not stores:
        return remote
    weight = np.array([amount for _, amount in problem.demand if amount > 0], dtype=np.int64)
    used = np.unique(np.array([r.place for r in problem.riders] + [j.dropoff for j in problem.jobs], dtype=np.intp))
    rides = problem.travel.seconds[0][used][:, stores].astype(np.int64)
    rides = np.where(rides < 0, FAR_RIDE_S, rides)
    near = np.argsort(rides, axis=1, kind="stable")
    enough = max(1, int(weight.sum()) // 5)
    before = np.cumsum(weight[near], axis=1) - weight[near]
    share = np.clip(enough - before, 0, weight[near])
    remote[used] = (np.take_along_axis(rides, near, axis=1) * share).sum(axis=1) // enough
    return remote


def _rows(ids: list[str], what: str) -> dict[str, int]:
    rows = {one: number for number, one in enumerate(ids)}
    if len(rows) != len(ids):
        raise ValueError(f"a {what} occurs twice")
    return rows


def _clamp(second: int) -> int:
    return max(-FAR_S, min(FAR_S, second))


def _service(second: int) -> int:
    return max(0, min(FAR_S, second))


def _amount(value: int) -> int:
    return max(0, min(HUGE, value))


def _place(problem: Problem, place: int) -> int:
    if not 0 <= place < len(problem.places):
        raise ValueError(f"there is no place {place}")
    return place


def _job_rows(problem: Problem, policy: DispatchPolicy) -> Ints:
    rows = np.zeros((len(problem.jobs), J_COLUMNS), dtype=np.int64)
    now = problem.now_s
    direct = problem.travel.seconds[0] if problem.travel.seconds.shape[0] else None
    for row, job in zip(rows, problem.jobs, strict=True):
        row[J_PICK], row[J_DROP] = _place(problem, job.pickup), _place(problem, job.dropoff)
        row[J_READY] = _clamp(max(job.ready_s, job.hold_until_s) - now)
        row[J_DUE], row[J_LATEST] = _clamp(job.due_s - now), _clamp(job.latest_s - now)
        row[J_PRIORITY] = max(1, min(1000, job.priority))
        row[J_PICK_S], row[J_DROP_S] = _service(job.pickup_service_s), _service(job.dropoff_service_s)
        row[J_G], row[J_ML], row[J_BOXES] = _amount(job.weight_g), _amount(job.volume_ml), _amount(job.boxes)
        row[J_UNITS], row[J_MAX_RIDE] = _amount(job.units), _amount(job.max_ride_s)
        row[J_DIRECT] = max(0, int(direct[job.pickup, job.dropoff])) if direct is not None else 0
        row[J_BORN] = _clamp(max(job.placed_s, job.ready_s, job.hold_until_s) - now)
        row[J_SKIP] = _skip_cost(row, policy)
    return rows


def _skip_cost(row: Ints, policy: DispatchPolicy) -> int:
    """What leaving a job out costs: what was waited before now is lost whatever is planned, so it counts here as well."""
    waited, late = max(0, -int(row[J_BORN])), max(0, -int(row[J_DUE]))
    lost = waited * policy.wait_per_s + late * policy.late_per_s
    lost += max(0, late - policy.very_late_after_s) * policy.very_late_per_s
    return (policy.defer_cost + lost) * int(row[J_PRIORITY])


def _rider_rows(problem: Problem, policy: DispatchPolicy) -> Ints:
    rows = np.zeros((len(problem.riders), R_COLUMNS), dtype=np.int64)
    for row, rider in zip(rows, problem.riders, strict=True):
        _rider_row(row, rider, problem, policy)
    return rows


def _rider_row(row: Ints, rider: RiderState, problem: Problem, policy: DispatchPolicy) -> None:
    now = problem.now_s
    if not 0 <= rider.profile < problem.travel.seconds.shape[0]:
        raise ValueError(f"there is no travel profile {rider.profile}")
    row[R_PLACE], row[R_FREE] = _place(problem, rider.place), _clamp(max(rider.free_s, now) - now)
    row[R_END], row[R_LAST_PICK] = _clamp(rider.shift_end_s - now), _clamp(rider.last_pickup_s - now)
    row[R_G], row[R_ML] = _amount(rider.capacity_g), _amount(rider.capacity_ml)
    row[R_BOXES], row[R_UNITS] = _amount(rider.capacity_boxes), _amount(rider.max_jobs)
    row[R_PROFILE], row[R_INSIDE], row[R_LIFO] = rider.profile, int(rider.inside), int(rider.lifo)
    if rider.rest is not None:
        row[R_REST_FROM], row[R_REST_LATEST] = _clamp(rider.rest.from_s - now), _clamp(rider.rest.latest_s - now)
        row[R_REST] = max(0, min(FAR_S, rider.rest.duration_s))
    row[R_HOME] = -1 if rider.end_place < 0 else _place(problem, rider.end_place)
    row[R_STOPS] = min(policy.max_trip_stops, len(rider.stops) + max(0, rider.max_added_stops))
    row[R_HANDICAP], row[R_LOCKED] = max(0, min(FAR_S, rider.handicap)), int(rider.locked)
    row[R_MIX] = int(policy.mix_stores)


def _carried(problem: Problem, job_row: dict[str, int]) -> tuple[Ints, Ints]:
    lists = [[job_row[one] for one in rider.carrying if one in job_row] for rider in problem.riders]
    counts = np.array([len(one) for one in lists], dtype=np.int64)
    table = np.zeros((len(lists), max(1, int(counts.max(initial=0)))), dtype=np.int64)
    for row, one in zip(table, lists, strict=True):
        row[: len(one)] = one
    return table, counts
