"""When a job must be given out, and not before: late commitment keeps every choice open that costs nothing to keep."""

from __future__ import annotations

from o2o.dispatch.planning.draft import Draft
from o2o.dispatch.planning.flat import R_FREE, S_REST_AT, S_SLACK, S_T, S_WAIT, TERMS, Ints
from o2o.dispatch.planning.plan import PlannedStop, Trip
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Action, Problem
from o2o.dispatch.planning.timetable import M_ARRIVE, M_EVENT, M_TIME, survey, total


def trip(problem: Problem, policy: DispatchPolicy, draft: Draft, r: int) -> Trip:
    """The trip of rider row r with its times, its cost by term, and the jobs to give out now."""
    n = int(draft.lens[r])
    seq = [int(s) for s in draft.seqs[r, :n]]
    survey(draft.flat, r, draft.seqs[r], n, draft.flat.marks)
    state, marks = draft.flat.state, draft.flat.marks
    now = problem.now_s
    stops = tuple(_stop(problem, s, marks[k], int(marks[k + 1, M_TIME])) for k, s in enumerate(seq))
    slack, rest = int(state[S_SLACK]), int(state[S_REST_AT])
    rider = problem.riders[r]
    free = int(draft.flat.riders[r, R_FREE])
    return Trip(
        rider_id=rider.id,
        stops=stops,
        firm=_firm(problem, policy, draft, r, seq, stops, slack),
        depart_by_s=now + free + slack,
        rest_at_s=now + rest if rest >= 0 else -1,
        end_s=now + int(state[S_T]),
        cost=int(total(state)),
        terms=tuple((name, int(state[S_WAIT + k])) for k, name in enumerate(TERMS)),
    )


def _stop(problem: Problem, s: int, marks: Ints, left: int) -> PlannedStop:
    job, now = problem.jobs[s >> 1], problem.now_s
    drop = bool(s & 1)
    place = job.dropoff if drop else job.pickup
    return PlannedStop(
        job.id,
        Action.DROPOFF if drop else Action.PICKUP,
        place,
        now + int(marks[M_ARRIVE]),
        now + int(marks[M_EVENT]),
        now + left,
    )


def _firm(
    problem: Problem,
    policy: DispatchPolicy,
    draft: Draft,
    r: int,
    seq: list[int],
    stops: tuple[PlannedStop, ...],
    slack: int,
) -> tuple[str, ...]:
    """Jobs the rider must know of before the next round, and those already the rider's."""
    horizon = problem.now_s + problem.next_round_s + policy.lead_s + policy.commit_early_s
    horizon_free = horizon if not policy.commit_busy_riders else 2**62
    free = problem.now_s + int(draft.flat.riders[r, R_FREE])
    firm: list[str] = []
    for k, s in enumerate(seq):
        j = s >> 1
        if not draft.movable[j]:
            if s & 1 == 0 or problem.jobs[j].id not in firm:
                firm.append(problem.jobs[j].id)
        elif s & 1 == 0:
            first = _visit(stops, k)
            left = free if first == 0 else stops[first - 1].leave_s
            wait = slack if first == 0 else stops[k].at_s - stops[k].arrive_s
            if left + wait < horizon and free < horizon_free:
                firm.append(problem.jobs[j].id)
    return tuple(dict.fromkeys(firm))


def _visit(stops: tuple[PlannedStop, ...], k: int) -> int:
    """Index of the first stop of the visit that stop k is part of."""
    while k > 0 and stops[k - 1].place == stops[k].place:
        k -= 1
    return k
