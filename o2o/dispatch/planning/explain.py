"""Why this rider, why not another, why nobody: computed when asked, from the stored problem and plan alone.

Every rider is weighed for the job by the walk that made the plan, with all other jobs where the plan has them.
"""

from __future__ import annotations

import numpy as np

from o2o.dispatch.planning import draft as drafts
from o2o.dispatch.planning import relax
from o2o.dispatch.planning.draft import Draft
from o2o.dispatch.planning.flat import S_WAIT, TERMS, Ints
from o2o.dispatch.planning.insertion import insert, insertion, remove
from o2o.dispatch.planning.plan import Explanation, Plan, Relaxation, Verdict
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Action, Problem
from o2o.dispatch.planning.reasons import ORDER, Reason
from o2o.dispatch.planning.timetable import FITS, survey, total

Terms = tuple[tuple[str, int], ...]


def explain(problem: Problem, policy: DispatchPolicy, plan: Plan, job_id: str) -> Explanation:
    """All riders weighed for one job, best first; for a deferred job the smallest changes that would have fitted it.

    Raises KeyError for a job that is not in the problem.
    """
    draft = as_planned(problem, policy, plan)
    j = draft.rows.job[job_id]
    chosen = int(draft.rider_of[j])
    if chosen >= 0 and not draft.movable[j]:
        return _already(problem, draft, j, chosen)
    took = _without(draft, j, chosen) if chosen >= 0 else (0, ())
    verdicts = [_weigh(problem, draft, j, r) for r in range(len(problem.riders))]
    if chosen >= 0:
        verdicts[chosen] = Verdict(problem.riders[chosen].id, Reason.FITS, took[0], took[1])
    ranked = tuple(sorted(verdicts, key=_rank))
    if chosen < 0:
        return _deferred(problem, draft, plan, j, ranked)
    others = [v for v in ranked if v.reason is Reason.FITS and v.rider_id != problem.riders[chosen].id]
    return Explanation(
        job_id=job_id,
        chosen=problem.riders[chosen].id,
        verdicts=ranked,
        terms=took[1],
        runner_up=others[0].rider_id if others else "",
        margin=others[0].extra_cost - took[0] if others else 0,
    )


def as_planned(problem: Problem, policy: DispatchPolicy, plan: Plan) -> Draft:
    """The draft with exactly the plan's trips in it."""
    draft = drafts.begin(problem, policy)
    draft.lens[:] = 0
    draft.costs[:] = 0
    draft.rider_of[draft.rider_of >= 0] = -1
    for trip in plan.trips:
        r = draft.rows.rider[trip.rider_id]
        seq = [2 * draft.rows.job[s.job_id] + int(s.action is Action.DROPOFF) for s in trip.stops]
        if not drafts.put(draft, r, seq):
            raise ValueError(f"the trip of {trip.rider_id} does not belong to this problem")
    return draft


def _rank(verdict: Verdict) -> tuple[int, int, str]:
    fits = verdict.reason is Reason.FITS
    return (0 if fits else 1, verdict.extra_cost if fits else 0, verdict.rider_id)


def _already(problem: Problem, draft: Draft, j: int, chosen: int) -> Explanation:
    """A job that was the rider's before: nobody else was considered."""
    own = problem.riders[chosen].id
    verdicts = tuple(
        Verdict(rider.id, Reason.FITS if rider.id == own else Reason.HELD_BY_OTHER) for rider in problem.riders
    )
    return Explanation(problem.jobs[j].id, own, tuple(sorted(verdicts, key=_rank)))


def _deferred(problem: Problem, draft: Draft, plan: Plan, j: int, ranked: tuple[Verdict, ...]) -> Explanation:
    job_id = problem.jobs[j].id
    said = next((one.reason for one in plan.deferred if one.job_id == job_id), Reason.ALL_BETTER_USED)
    found: tuple[Relaxation, ...] = relax.relaxations(problem, draft, j, said)
    return Explanation(job_id, "", ranked, reason=said, relaxations=found)


def _terms(draft: Draft, r: int, seq: Ints, n: int) -> tuple[int, list[int]]:
    survey(draft.flat, r, seq, n, draft.flat.marks)
    return int(total(draft.flat.state)), [int(draft.flat.state[S_WAIT + k]) for k in range(len(TERMS))]


def _without(draft: Draft, j: int, r: int) -> tuple[int, Terms]:
    """Take job j out of its trip; what it had added, in all and by term."""
    with_cost, with_terms = _terms(draft, r, draft.seqs[r], int(draft.lens[r]))
    draft.lens[r] = remove(draft.seqs[r], int(draft.lens[r]), j)
    cost, terms = _terms(draft, r, draft.seqs[r], int(draft.lens[r]))
    draft.costs[r] = cost
    draft.rider_of[j] = -1
    return with_cost - cost, _difference(with_terms, terms)


def _difference(after: list[int], before: list[int]) -> Terms:
    return tuple((name, a - b) for name, a, b in zip(TERMS, after, before, strict=True))


def _weigh(problem: Problem, draft: Draft, j: int, r: int) -> Verdict:
    """One rider's verdict on job j, its cost by term if it fits."""
    name, n = problem.riders[r].id, int(draft.lens[r])
    if draft.allowed[r, j] != FITS:
        return Verdict(name, ORDER[int(draft.allowed[r, j])])
    cost, p, d, why = insertion(draft.flat, r, draft.seqs[r], n, j)
    if p < 0:
        return Verdict(name, ORDER[int(why)])
    line = np.zeros(n + 4, dtype=np.int64)
    line[:n] = draft.seqs[r, :n]
    before = _terms(draft, r, line, n)
    insert(line, n, j, p, d)
    after = _terms(draft, r, line, n + 2)
    return Verdict(name, Reason.FITS, int(cost) - before[0], _difference(after[1], before[1]))
