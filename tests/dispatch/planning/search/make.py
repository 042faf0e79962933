"""Small problems for the engine."""

import math
from typing import Any

import numpy as np

from o2o.dispatch.planning.search import SearchProblem


def a_problem(requests: int, riders: int, seed: int = 0, **changes: Any) -> SearchProblem:
    """Open routes in a square of 20 by 20 minutes, windows roomy, load 1 of 3, 500 for leaving out."""
    rng = np.random.default_rng([requests, riders, seed])
    points = rng.uniform(0, 1200, (riders + 2 * requests, 2))
    offset = points[:, None, :] - points[None, :, :]
    travel = np.hypot(offset[..., 0], offset[..., 1])[None]
    opens, due = np.zeros(2 * requests), np.full(2 * requests, math.inf)
    opens[::2] = rng.integers(0, 900, requests)
    due[1::2] = opens[::2] + rng.integers(1200, 3600, requests)
    facts: dict[str, Any] = {
        "travel_s": travel,
        "cost": travel,
        "place": np.arange(riders, riders + 2 * requests),
        "open_s": opens,
        "due_s": due,
        "service_s": np.full(2 * requests, 60.0),
        "load": np.ones((requests, 1), np.int64),
        "skip_cost": np.full(requests, 2500.0),
        "start_place": np.arange(riders),
        "start_s": rng.integers(0, 600, riders).astype(float),
        "capacity": np.full((riders, 1), 3, np.int64),
    }
    return SearchProblem(**(facts | changes))


def a_rich_problem(requests: int, riders: int, seed: int) -> SearchProblem:
    """Everything at once: two profiles, asymmetric costs, two dimensions, soft dues, shifts, skills, limits, ends."""
    rng = np.random.default_rng([requests, riders, seed, 7])
    plain = a_problem(requests, riders, seed)
    travel = np.concatenate([plain.travel_s, plain.travel_s * 1.5])
    due = plain.due_s.copy()
    soft = due - rng.integers(0, 1500, 2 * requests)
    late, haste = np.zeros(2 * requests), np.zeros(2 * requests)
    late[1::2], haste[1::2] = rng.choice([0.0, 0.5, 2.0], requests), rng.choice([0.0, 0.1], requests)
    if rng.random() < 0.5:
        due = np.full_like(due, math.inf)
    ends = np.where(rng.random(riders) < 0.5, -1, np.arange(riders))
    return a_problem(
        requests,
        riders,
        seed,
        travel_s=travel,
        cost=travel * rng.uniform(0.5, 1.0, travel.shape),
        due_s=due,
        load=rng.integers(0, 3, (requests, 2)),
        capacity=rng.integers(1, 5, (riders, 2)),
        soft_due_s=soft,
        late_cost=late,
        haste=haste,
        end_place=ends,
        end_s=plain.start_s + rng.integers(1800, 9000, riders),
        profile=rng.integers(0, 2, riders),
        allowed=rng.random((riders, requests)) < 0.8,
        most=rng.integers(1, 4, riders),
        fixed_cost=rng.choice([0.0, 100.0], riders),
        finish_cost=rng.choice([0.0, 0.05], riders),
    )
