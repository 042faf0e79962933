"""From the problem to the arrays of the search, and back to routes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from o2o.dispatch.planning.search.chance import generator
from o2o.dispatch.planning.search.problem import SearchProblem
from o2o.dispatch.planning.search.ruin import Desk
from o2o.dispatch.planning.search.state import DUE, HASTE, LATE, OPEN, SERVICE, SOFT, Facts, State, blank

MUST = 1e9
"""Stands for an infinite cost of leaving out, where inf - inf would not be a number."""
BIG = 1e15
"""Stands for "no limit" inside, where inf - inf would not be a number."""
MEMO_CELLS = 4_000_000
"""Most (request, rider) pairs whose insertion is remembered: 16 bytes each."""


def pack(problem: SearchProblem) -> Facts:
    """The facts of the search; raises ValueError on arrays of the wrong shape or with impossible numbers."""
    q, r, d = problem.requests, problem.riders, problem.load.shape[1]
    check_shapes(problem)
    check_values(problem)
    ends = -np.ones(r, np.int64) if problem.end_place is None else problem.end_place
    aboard = -np.ones(q, np.int64) if problem.aboard is None else problem.aboard
    skip = np.where(aboard >= 0, MUST, np.minimum(problem.skip_cost, MUST))
    end_s = np.full(r, BIG) if problem.end_s is None else problem.end_s
    allowed = np.ones((r, q), np.bool_) if problem.allowed is None else problem.allowed
    profile = np.zeros(r, np.int64) if problem.profile is None else problem.profile
    most = np.full(r, 2**30) if problem.most is None else problem.most
    fixed = np.zeros(r) if problem.fixed_cost is None else problem.fixed_cost
    finish = np.zeros(r) if problem.finish_cost is None else problem.finish_cost
    travel = np.ascontiguousarray(problem.travel_s, np.float64)
    cost = travel if problem.cost is problem.travel_s else np.ascontiguousarray(problem.cost, np.float64)
    travel_to = turned(travel)
    return Facts(
        travel=travel,
        cost=cost,
        travel_to=travel_to,
        cost_to=travel_to if cost is travel else turned(cost),
        timely=timely(problem),
        load=np.ascontiguousarray(problem.load, np.int64).reshape(q, d),
        capacity=np.ascontiguousarray(problem.capacity, np.int64).reshape(r, d),
        skip=np.ascontiguousarray(skip, np.float64),
        aboard=aboard.astype(np.int64),
        allowed=np.ascontiguousarray(allowed.T).astype(np.uint8),
        profile=profile.astype(np.int64),
        most=most.astype(np.int64),
        fixed=np.ascontiguousarray(fixed, np.float64),
        finish=np.ascontiguousarray(finish, np.float64),
        twin=twins(problem, ends, end_s, allowed, profile, most, fixed, finish, aboard),
        soft=any(x is not None and bool(np.any(x)) for x in (problem.late_cost, problem.haste, problem.finish_cost)),
    )


def check_shapes(problem: SearchProblem) -> None:
    """Raises ValueError, naming the first array of a wrong shape."""
    q, r, places = problem.requests, problem.riders, problem.travel_s.shape[-1]
    d, p = problem.load.shape[1], len(problem.travel_s)
    wanted: dict[str, tuple[int, ...]] = {
        "travel_s": (p, places, places),
        "cost": (p, places, places),
        "load": (q, d),
        "capacity": (r, d),
        "place": (2 * q,),
        "open_s": (2 * q,),
        "due_s": (2 * q,),
        "service_s": (2 * q,),
        "skip_cost": (q,),
        "start_place": (r,),
        "start_s": (r,),
        "end_place": (r,),
        "end_s": (r,),
        "profile": (r,),
        "aboard": (q,),
        "allowed": (r, q),
        "most": (r,),
        "soft_due_s": (2 * q,),
        "late_cost": (2 * q,),
        "haste": (2 * q,),
        "fixed_cost": (r,),
        "finish_cost": (r,),
    }
    for name, shape in wanted.items():
        array = getattr(problem, name)
        if array is not None and array.shape != shape:
            raise ValueError(f"{name} has shape {array.shape}, not {shape}")


def check_values(problem: SearchProblem) -> None:
    """Raises ValueError where a number would lead the compiled loops, which check nothing, astray."""
    q, r, places = problem.requests, problem.riders, problem.travel_s.shape[-1]
    aboard = None if problem.aboard is None else np.repeat(problem.aboard, 2)
    needed = problem.place if aboard is None else problem.place[(aboard < 0) | (np.arange(2 * q) % 2 == 1)]
    for name, array, low, high in (
        ("place", needed, 0, places),
        ("start_place", problem.start_place, 0, places),
        ("end_place", problem.end_place, -1, places),
        ("profile", problem.profile, 0, len(problem.travel_s)),
        ("aboard", problem.aboard, -1, r),
    ):
        if array is not None and array.size and not (low <= array.min() and array.max() < high):
            raise ValueError(f"{name} is not within {low} .. {high - 1}")
    for name, numbers in (
        ("travel_s", problem.travel_s),
        ("cost", problem.cost),
        ("service_s", problem.service_s),
        ("load", problem.load),
        ("skip_cost", problem.skip_cost),
    ):
        if numbers.size and not numbers.min() >= 0:
            raise ValueError(f"{name} is below 0 or not a number")
    for name, times in (("open_s", problem.open_s), ("start_s", problem.start_s)):
        if not np.isfinite(times).all():
            raise ValueError(f"{name} is not finite")


def stops(problem: SearchProblem, facts: Facts) -> NDArray[np.float64]:
    """State.stop: stops, then starts, then ends."""
    q, r = problem.requests, problem.riders
    table = np.zeros((2 * q + 2 * r, 8))
    due = problem.due_s.copy()
    due[1::2][facts.aboard >= 0] = BIG
    table[: 2 * q, OPEN], table[: 2 * q, DUE], table[: 2 * q, SERVICE] = problem.open_s, due, problem.service_s
    table[2 * q : 2 * q + r, OPEN] = problem.start_s
    table[2 * q : 2 * q + r, DUE] = BIG
    table[2 * q + r :, DUE] = BIG if problem.end_s is None else problem.end_s
    table[:, DUE] = np.minimum(table[:, DUE], BIG)
    return table


def timely(problem: SearchProblem) -> NDArray[np.float64]:
    """Facts.timely."""
    table = np.zeros((2 * problem.requests + 2 * problem.riders, 3))
    table[:, SOFT] = BIG
    for column, array in ((SOFT, problem.soft_due_s), (LATE, problem.late_cost), (HASTE, problem.haste)):
        if array is not None:
            table[: 2 * problem.requests, column] = np.minimum(array, BIG)
    return table


def turned(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """The table by place of arrival: itself where it is symmetric."""
    other = table.transpose(0, 2, 1)
    return table if np.array_equal(table, other) else np.ascontiguousarray(other)


def twins(
    problem: SearchProblem,
    ends: NDArray[np.int64],
    end_s: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    *columns: NDArray[np.int64] | NDArray[np.float64],
) -> NDArray[np.int64]:
    """The lowest rider equal to each in every respect, so that of many equal empty ones only one is tried."""
    carrying = set(columns[-1].tolist())
    first: dict[tuple[object, ...], int] = {}
    answer = np.arange(problem.riders, dtype=np.int64)
    for r in range(problem.riders):
        key = (
            problem.start_place[r],
            problem.start_s[r],
            ends[r],
            end_s[r],
            problem.capacity[r].tobytes(),
            allowed[r].tobytes(),
            *(column[r] for column in columns[:-1]),
        )
        answer[r] = r if r in carrying else first.setdefault(key, r)
    return answer


def empty_state(problem: SearchProblem, facts: Facts, number: int) -> State:
    """One set of empty routes, everything absent; `number` 0 .. 3 tells the states of one search apart."""
    q, r, d = len(facts.skip), len(facts.fixed), facts.load.shape[1]
    m = 2 * q + 2 * r
    ends = -np.ones(r, np.int64) if problem.end_place is None else problem.end_place
    link = np.zeros((m, 5), np.int64)
    link[:, 4] = np.concatenate([problem.place, problem.start_place, ends])
    state = State(
        link=link,
        stop=stops(problem, facts),
        load=np.zeros((m, d), np.int64),
        price=np.zeros(r),
        served=np.zeros(r, np.int64),
        absent=np.zeros(q + 1, np.int64),
        shut=np.zeros(r, np.uint8),
        version=np.full(r + 1, number, np.int64),
    )
    blank(facts, state)
    return state


def new_desk(facts: Facts, seed: int, settings: Sequence[float], near: int = 100) -> Desk:
    """Working memory of one search."""
    q, r = len(facts.skip), len(facts.fixed)
    kept = (q, r) if q * r <= MEMO_CELLS else (0, 0)
    return Desk(
        rng=generator(seed),
        blink=np.zeros(1, np.int64),
        near=np.zeros((2 * q, max(1, min(near, 2 * q))), np.int32),
        known=np.zeros(2 * q, np.uint8),
        apart=np.zeros(2 * q),
        touched=np.zeros(r, np.uint8),
        changed=np.zeros(r + 1, np.int64),
        window=np.zeros(64, np.int64),
        keys=np.zeros(q),
        misses=np.zeros(q, np.int64),
        memo=np.full(kept, -1, np.int32),
        memo_price=np.zeros(kept, np.float32),
        memo_at=np.zeros((*kept, 2), np.int32),
        unknown=np.zeros(r, np.int64),
        drifted=np.zeros(r + 1, np.int64),
        adrift=np.zeros(r, np.uint8),
        seen=np.zeros(r + 1, np.int64),
        settings=np.array(settings, np.float64),
    )


def routes_of(facts: Facts, state: State) -> list[list[int]]:
    """Nodes of each rider's route in order."""
    q, r = len(facts.skip), len(facts.fixed)
    following = state.link[:, 1].tolist()
    routes = []
    for rider in range(r):
        route, node = [], following[2 * q + rider]
        while node < 2 * q:
            route.append(node)
            node = following[node]
        routes.append(route)
    return routes
