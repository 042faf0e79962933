"""The quick insertion finds what trying every place by a walk of the whole trip finds."""

from __future__ import annotations

import random
from itertools import combinations_with_replacement

import numpy as np
import pytest

from o2o.dispatch.planning import draft as drafts
from o2o.dispatch.planning.flat import R_FROZEN
from o2o.dispatch.planning.insertion import NOT_FOUND, best_insertion, insert, insertion
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Action, Rest, Stop
from o2o.dispatch.planning.timetable import FITS, survey, total
from tests.dispatch.planning.make import NOON_S, a_job, a_problem, a_rider

POLICIES = (
    DispatchPolicy(),
    DispatchPolicy(mix_stores=False, stand_per_s=5),
    DispatchPolicy(wait_per_s=0, late_per_s=0, very_late_per_s=0, busy_per_s=0, idle_per_s=0, metre_cost=100),
)


@pytest.mark.parametrize("seed", range(60))
def test_the_best_place_is_found_with_the_cost_of_the_whole_walk(seed: int) -> None:
    dice = random.Random(seed)
    jobs = tuple(
        a_job(
            f"job {k}",
            dice.randrange(12),
            dice.randrange(12),
            ready_s=NOON_S + dice.randrange(-600, 1_800),
            due_s=NOON_S + dice.randrange(3_000),
            latest_s=NOON_S + dice.choice([2_400, 10**6]),
            weight_g=dice.randrange(4_000),
        )
        for k in range(6)
    )
    names = [job.id for job in jobs[: dice.randrange(6)]]
    stops = tuple(Stop(one, action) for one in names for action in Action)
    rest = dice.choice([None, Rest(NOON_S + 600, NOON_S + 3_000, 300)])
    rider = a_rider(
        "ann",
        dice.randrange(12),
        stops=stops,
        frozen=dice.randrange(3),
        rest=rest,
        lifo=seed % 3 == 0,
        capacity_g=9_000,
    )
    problem = a_problem((rider,), jobs, demand=((0, 1), (7, 2)))
    for policy in POLICIES:
        draft = drafts.begin(problem, policy)
        flat, line, n = draft.flat, draft.seqs[0].copy(), int(draft.lens[0])
        j = len(jobs) - 1
        least = NOT_FOUND
        for p, d in combinations_with_replacement(range(n + 1), 2):
            if p >= min(n, flat.riders[0, R_FROZEN]):
                trial = np.zeros(n + 4, dtype=np.int64)
                trial[:n] = line[:n]
                insert(trial, n, j, p, d)
                verdict = survey(flat, 0, trial, n + 2, flat.marks)
                least = min(least, int(total(flat.state))) if verdict == FITS else least
        assert insertion(flat, 0, line, n, j)[0] == least
        if least < NOT_FOUND:
            assert (
                best_insertion(flat, 0, line, n, j, flat.marks, least)[1] == -1
            )  # only what is below the bound counts
            assert best_insertion(flat, 0, line, n, j, flat.marks, least + 1)[0] == least
