"""Judges answers of the engine by the problem's words alone, and solves tiny problems by trying everything."""

import itertools
import math
from collections.abc import Iterator

import numpy as np

from o2o.dispatch.planning.search import SearchProblem


def value(array: np.ndarray | None, index: int, default: float) -> float:
    """One entry of an array that may be left out."""
    return default if array is None else float(array[index])


def route_cost(problem: SearchProblem, rider: int, route: list[int]) -> float:
    """Cost of a route; inf where it breaks a hard rule."""
    if not route and not any(value(problem.aboard, q, -1) == rider for q in range(problem.requests)):
        return 0.0
    k = int(value(problem.profile, rider, 0))
    carried = {q for q in range(problem.requests) if value(problem.aboard, q, -1) == rider}
    load = sum((problem.load[q] for q in carried), np.zeros(problem.load.shape[1], int))
    clock, here, cost = float(problem.start_s[rider]), int(problem.start_place[rider]), 0.0
    met = set(carried)
    for node in route:
        q, there = node >> 1, int(problem.place[node])
        cost += problem.cost[k, here, there]
        clock = max(clock + problem.travel_s[k, here, there], problem.open_s[node])
        if node % 2 == 0:
            load = load + problem.load[q]
            if q in met or (load > problem.capacity[rider]).any() or value(problem.aboard, q, -1) >= 0:
                return math.inf
            if problem.allowed is not None and not problem.allowed[rider, q]:
                return math.inf
            met.add(q)
            carried.add(q)
        elif q not in carried:
            return math.inf
        else:
            carried.remove(q)
            load = load - problem.load[q]
        if clock > problem.due_s[node] + 1e-6 and not (node % 2 and value(problem.aboard, q, -1) >= 0):
            return math.inf
        cost += value(problem.haste, node, 0) * clock
        cost += value(problem.late_cost, node, 0) * max(0.0, clock - value(problem.soft_due_s, node, math.inf))
        clock += problem.service_s[node]
        here = there
    end = int(value(problem.end_place, rider, -1))
    if end >= 0:
        cost += problem.cost[k, here, end]
        clock += problem.travel_s[k, here, end]
    only_aboard = all(value(problem.aboard, node >> 1, -1) >= 0 for node in route)
    if carried or (len(met) > value(problem.most, rider, math.inf) and not only_aboard):
        return math.inf
    if clock > value(problem.end_s, rider, math.inf) + 1e-6 and not only_aboard:
        return math.inf
    return (
        cost
        + value(problem.fixed_cost, rider, 0)
        + value(problem.finish_cost, rider, 0) * (clock - problem.start_s[rider])
    )


def total_cost(problem: SearchProblem, routes: list[list[int]]) -> float:
    """Cost of all routes and of what is left out; inf where a rule is broken."""
    nodes = [node for route in routes for node in route]
    routed = {node >> 1 for node in nodes}
    if len(set(nodes)) != len(nodes):
        return math.inf
    left = [q for q in range(problem.requests) if q not in routed]
    if any(value(problem.aboard, q, -1) >= 0 for q in left):
        return math.inf
    return sum(route_cost(problem, r, route) for r, route in enumerate(routes)) + float(problem.skip_cost[left].sum())


def orders_of(requests: tuple[int, ...], aboard: set[int]) -> Iterator[list[int]]:
    """Every sequence of the stops of these requests with pickups first."""
    nodes = [n for q in requests for n in ((2 * q + 1,) if q in aboard else (2 * q, 2 * q + 1))]
    for order in itertools.permutations(nodes):
        if all(order.index(2 * q) < order.index(2 * q + 1) for q in requests if q not in aboard):
            yield list(order)


def cheapest(problem: SearchProblem) -> float:
    """The least cost there is, by trying every choice of rider and every order of stops."""
    aboard = {q for q in range(problem.requests) if value(problem.aboard, q, -1) >= 0}
    choices = [
        [int(value(problem.aboard, q, -1))] if q in aboard else [-1, *range(problem.riders)]
        for q in range(problem.requests)
    ]
    best = math.inf
    known: dict[tuple[int, tuple[int, ...]], float] = {}
    for choice in itertools.product(*choices):
        cost = float(problem.skip_cost[[q for q, r in enumerate(choice) if r < 0]].sum())
        for r in range(problem.riders):
            own = tuple(q for q, rider in enumerate(choice) if rider == r)
            if (r, own) not in known:
                known[r, own] = min(route_cost(problem, r, order) for order in orders_of(own, aboard))
            cost += known[r, own]
        best = min(best, cost)
    return best
