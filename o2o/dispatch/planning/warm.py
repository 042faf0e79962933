"""The planner compiled before it is first wanted: `python -m o2o.dispatch.planning.warm` when an image is built, and at
the start of each worker. What is compiled stays in numba's cache beside the source, so it is slow only once a machine."""

from __future__ import annotations

import numpy as np

from o2o.dispatch.planning import explain, solve
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Job, Place, Problem, RiderState, one_profile


def warm() -> None:
    """Plan and explain four jobs on a street of six doors: every compiled function runs once."""
    apart = np.abs(np.arange(6)[:, None] - np.arange(6)[None, :])
    problem = Problem(
        now_s=0,
        places=tuple(Place(f"door {k}") for k in range(6)),
        riders=tuple(RiderState(f"rider {k}", k, 0) for k in range(2)),
        jobs=tuple(Job(f"job {k}", k % 2, 2 + k, 0, 60, 1_200, latest_s=7_200) for k in range(4)),
        travel=one_profile(60 * apart, 300 * apart),
    )
    policy = DispatchPolicy()
    plan = solve.solve(problem, policy, seed=1, time_limit_s=0.01)
    explain.explain(problem, policy, plan, "job 0")


if __name__ == "__main__":
    warm()
