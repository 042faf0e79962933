"""Jobs that wait: set aside on purpose or for want of room, and the reason said for each."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from o2o.dispatch.planning.draft import Draft
from o2o.dispatch.planning.flat import J_DUE, J_SKIP
from o2o.dispatch.planning.insertion import extra_costs
from o2o.dispatch.planning.plan import Deferred
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Problem
from o2o.dispatch.planning.reasons import CODE, ORDER, Reason

SET_ASIDE = -2


def set_aside(problem: Problem, policy: DispatchPolicy, draft: Draft) -> None:
    """Keep out what is held far beyond this round, and what passes the bound on a round's work (latest promise first)."""
    for j, job in enumerate(problem.jobs):
        if draft.rider_of[j] == -1 and job.hold_until_s > problem.now_s + policy.hold_ahead_s:
            draft.rider_of[j] = SET_ASIDE
    room = min(policy.jobs_max, policy.cells_max // max(1, len(problem.riders)))
    waiting = draft.open_jobs()
    if len(waiting) > room:
        waiting.sort(key=lambda j: (int(draft.flat.jobs[j, J_DUE]), j))
        draft.rider_of[waiting[room:]] = SET_ASIDE


def cost(draft: Draft) -> int:
    """What leaving jobs out costs."""
    return int(draft.flat.jobs[draft.rider_of < 0, J_SKIP].sum())


def deferred(problem: Problem, draft: Draft, could: npt.NDArray[np.bool_]) -> tuple[Deferred, ...]:
    """Every job in no trip, with its reason; `could[j]`: some rider could have taken it before the others were handed out."""
    left = np.flatnonzero(draft.rider_of < 0)
    why = np.zeros((len(left), len(draft.lens)), dtype=np.int8)
    extra = np.zeros(why.shape, dtype=np.int64)
    extra_costs(draft.flat, draft.seqs, draft.lens, draft.allowed, left, extra, why)
    return tuple(_one(problem, draft, why[k], bool(could[j]), int(j)) for k, j in enumerate(left))


def _one(problem: Problem, draft: Draft, why: npt.NDArray[np.int8], could: bool, j: int) -> Deferred:
    job = problem.jobs[j]
    if draft.rider_of[j] == SET_ASIDE:
        if j in draft.stranded:
            return Deferred(job.id, Reason.UNREACHABLE)
        held = job.hold_until_s > problem.now_s
        if not held:
            return Deferred(job.id, Reason.WORK_LIMIT)
        return Deferred(job.id, Reason.HELD_ON_PURPOSE, until_s=job.hold_until_s)
    if not len(problem.riders):
        return Deferred(job.id, Reason.NO_RIDERS)
    counts = Counter(int(code) for code in why)
    named = tuple((ORDER[code], number) for code, number in sorted(counts.items()))
    return Deferred(job.id, _main(counts, could), named)


def _main(counts: Counter[int], could: bool) -> Reason:
    """One reason for the job: that of most riders, unless somebody could take it, or could have before the others."""
    if could or counts[CODE[Reason.FITS]]:
        return Reason.ALL_BETTER_USED
    most = max(counts.values())
    return ORDER[min(code for code, number in counts.items() if number == most)]
