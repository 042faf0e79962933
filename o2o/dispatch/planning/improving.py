"""How much improvement a round may have, and where: counted in steps, so that the answer does not depend on the clock."""

from __future__ import annotations

import time

import numpy as np

from o2o.dispatch.planning.draft import Draft
from o2o.dispatch.planning.flat import R_LOCKED
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Problem
from o2o.dispatch.planning.refine import FIXED, FREE, anneal, back_to_best, workspace

CHUNKS = 8
MEMORY_CELLS = 6_000_000


def improve(
    problem: Problem,
    policy: DispatchPolicy,
    draft: Draft,
    seed: int,
    time_limit_s: float,
    stopped_at: int | None = None,
) -> tuple[int, bool]:
    """Improve the draft in place; (steps done, was it stopped by the clock)."""
    how = np.where(draft.movable, FREE, FIXED).astype(np.int64)
    how[draft.rider_of == -2] = FIXED
    for r in np.flatnonzero(draft.flat.riders[:, R_LOCKED] == 1):
        how[draft.rider_of == r] = FIXED
    pool = np.flatnonzero(how != FIXED).astype(np.int64)
    steps, stops = budget(policy, len(pool), len(draft.lens), time_limit_s)
    if not steps or not stops or len(how) * len(draft.lens) > MEMORY_CELLS:
        return 0, False
    space = workspace(draft.flat, draft.seqs, draft.lens, draft.costs, draft.rider_of, seed)
    flat, allowed, most = draft.flat, draft.allowed, policy.ruin_most
    # No steps: only makes sure that compiling, on a process's first round, is not taken for slow searching.
    anneal(flat, space, allowed, how, pool, most, 0, 0, 1)
    deadline = time.monotonic() + policy.emergency_floor_s + time_limit_s * policy.emergency_factor
    done, begun, walked = 0, int(flat.tally[0]), 0
    while done < steps and walked < stops:
        heat = int(policy.heat * min((steps - done) / steps, (stops - walked) / stops))
        share, part = min(steps - done, max(1, steps // CHUNKS)), min(stops - walked, max(1, stops // CHUNKS))
        done += anneal(flat, space, allowed, how, pool, most, heat, share, part)
        walked = int(flat.tally[0]) - begun
        back_to_best(flat, space)
        if time.monotonic() > deadline if stopped_at is None else done >= stopped_at:
            break
    draft.seqs[:], draft.lens[:], draft.costs[:] = space.best_seqs, space.best_lens, space.best_costs
    draft.rider_of[:] = space.best_of
    return done, done < steps and walked < stops


def budget(policy: DispatchPolicy, jobs: int, riders: int, time_limit_s: float) -> tuple[int, int]:
    """(steps, stops walked) granted: stops in proportion to the limit, steps fewer when there is little to move."""
    if jobs < 2 and riders < 2:
        return 0, 0
    return policy.steps_per_job * jobs, int(policy.stops_per_s * max(0.0, time_limit_s))
