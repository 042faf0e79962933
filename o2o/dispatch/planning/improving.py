"""How much improvement a round may have, and where: counted in steps, so that the answer does not depend on the clock."""

from __future__ import annotations

import time

import numpy as np

from o2o.dispatch.planning.draft import Draft
from o2o.dispatch.planning.flat import R_LOCKED
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Problem
from o2o.dispatch.planning.refine import FIXED, FREE, Search, anneal, fingerprint, workspace

CHUNKS = 8
MEMORY_CELLS = 6_000_000


def improve(problem: Problem, policy: DispatchPolicy, draft: Draft, seed: int, time_limit_s: float) -> tuple[int, bool]:
    """Improve the draft in place; (steps done, was it stopped by the clock)."""
    how = np.where(draft.movable, FREE, FIXED).astype(np.int32)
    how[draft.rider_of == -2] = FIXED
    for r in np.flatnonzero(draft.flat.riders[:, R_LOCKED] == 1):
        how[draft.rider_of == r] = FIXED
    pool = np.flatnonzero(how != FIXED).astype(np.int32)
    steps = budget(policy, len(pool), len(draft.lens), time_limit_s)
    if not steps or not len(draft.lens) or len(how) * len(draft.lens) > MEMORY_CELLS:
        return 0, False
    space = workspace(draft.seqs, draft.lens, draft.costs, draft.rider_of, seed)
    # No steps: only makes sure that compiling, on a process's first round, is not taken for slow searching.
    anneal(draft.flat, space, draft.allowed, how, pool, 0, policy.ruin_most, 0)
    deadline = time.monotonic() + policy.emergency_floor_s + time_limit_s * policy.emergency_factor
    done = 0
    share = max(1, steps // CHUNKS)
    while done < steps:
        heat = policy.heat * (steps - done) // steps
        anneal(draft.flat, space, draft.allowed, how, pool, min(share, steps - done), policy.ruin_most, heat)
        done += min(share, steps - done)
        _back_to_best(space)
        if time.monotonic() > deadline and done < steps:
            break
    draft.seqs[:], draft.lens[:], draft.costs[:] = space.best_seqs, space.best_lens, space.best_costs
    draft.rider_of[:] = space.best_of
    return done, done < steps


def budget(policy: DispatchPolicy, jobs: int, riders: int, time_limit_s: float) -> int:
    """Steps granted: in proportion to the limit, fewer when there is little to move."""
    if jobs < 2 and riders < 2:
        return 0
    granted = int(policy.iterations_per_s * max(0.0, time_limit_s))
    return min(granted, policy.iterations_max, policy.iterations_per_job * jobs)


def _back_to_best(space: Search) -> None:
    space.seqs[:], space.lens[:], space.costs[:] = space.best_seqs, space.best_lens, space.best_costs
    space.rider_of[:] = space.best_of
    for r in range(len(space.lens)):
        space.prints[r] = fingerprint(space.seqs[r], int(space.lens[r]))
