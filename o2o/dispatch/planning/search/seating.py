"""Takes over routes from outside: what is lawful stays as it is, what is not is taken out and put back where it fits."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from o2o.dispatch.planning.compiled import inner, lean
from o2o.dispatch.planning.search.problem import SearchProblem
from o2o.dispatch.planning.search.recreate import best_in_route
from o2o.dispatch.planning.search.ruin import Desk
from o2o.dispatch.planning.search.state import (
    BEGIN,
    DUE,
    LATEST,
    NOBODY,
    PRED,
    RIDER,
    SUCC,
    Facts,
    Ints,
    State,
    insert,
    link_after,
    refresh,
    unlink,
)


def flatten(problem: SearchProblem, routes: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Nodes of all routes in one array and where each route begins; ValueError where they are not a set of routes."""
    if len(routes) != problem.riders:
        raise ValueError(f"{len(routes)} routes for {problem.riders} riders")
    aboard = [NOBODY] * problem.requests if problem.aboard is None else problem.aboard.tolist()
    met: set[int] = set()
    for rider, route in enumerate(routes):
        inside = set()
        for node in route:
            if not 0 <= node < 2 * problem.requests or node in met:
                raise ValueError(f"node {node} in the route of rider {rider} does not exist or comes twice")
            carrier = aboard[node >> 1]
            if carrier not in (NOBODY, rider) or (carrier == rider and node % 2 == 0):
                raise ValueError(f"node {node} in the route of rider {rider} is aboard rider {carrier}")
            if node % 2 and node - 1 not in inside and carrier == NOBODY:
                raise ValueError(f"drop-off {node} in the route of rider {rider} comes before its pickup")
            met.add(node)
            inside.add(node)
        alone = [node for node in route if node % 2 == 0 and node + 1 not in inside]
        if alone:
            raise ValueError(f"pickup {alone[0]} in the route of rider {rider} has no drop-off")
    begins = np.cumsum([0, *map(len, routes)], dtype=np.int64)
    return np.array([node for route in routes for node in route], np.int64).reshape(-1), begins


@lean
def seat(f: Facts, s: State, desk: Desk, nodes: Ints, begins: Ints) -> None:
    """Fills the blank state with the routes; the drop-offs aboard are all routed afterwards, the others if they fit."""
    requests, riders = len(f.skip), len(f.fixed)
    for r in range(riders):
        after = 2 * requests + r
        for i in range(begins[r], begins[r + 1]):
            link_after(s, nodes[i], after)
            after = nodes[i]
            s.link[after, RIDER] = r
    for q in range(requests):
        r = f.aboard[q]
        if r != NOBODY and s.link[2 * q + 1, RIDER] == NOBODY:
            link_after(s, 2 * q + 1, s.link[2 * requests + riders + r, PRED])
            s.link[2 * q + 1, RIDER] = r
    for r in range(riders):
        refresh(f, s, r)
        if not lawful(f, s, r):
            reseat(f, s, desk, r)
    number = 0
    for q in range(requests):
        if s.link[2 * q + 1, RIDER] == NOBODY:
            s.absent[number] = q
            number += 1
    s.absent[requests] = number


@inner
def lawful(f: Facts, s: State, r: int) -> bool:
    """Does the route keep every hard rule."""
    last = 2 * len(f.skip) + len(f.fixed) + r
    if s.stop[last, BEGIN] > s.stop[last, DUE] or s.served[r] > f.most[r]:
        return False
    n = s.link[last, PRED]
    while n < 2 * len(f.skip):
        if s.stop[n, BEGIN] > s.stop[n, LATEST] or (f.aboard[n >> 1] == NOBODY and not f.allowed[n >> 1, r]):
            return False
        if n & 1 == 0:
            for k in range(f.load.shape[1]):
                if s.load[n, k] > f.capacity[r, k]:
                    return False
        n = s.link[n, PRED]
    return True


@inner
def reseat(f: Facts, s: State, desk: Desk, r: int) -> None:
    """Rebuilds one route: drop-offs aboard in their order, whatever the hour, then the other requests where they fit."""
    first, last = 2 * len(f.skip) + r, 2 * len(f.skip) + len(f.fixed) + r
    number, n = 0, s.link[first, SUCC]
    while n != last:
        following = s.link[n, SUCC]
        if f.aboard[n >> 1] == NOBODY:
            if n & 1 == 0:
                desk.keys[number] = n >> 1
                number += 1
            unlink(s, n)
        n = following
    refresh(f, s, r)
    s.stop[last, DUE] = max(s.stop[last, DUE], s.stop[last, BEGIN])
    refresh(f, s, r)
    for i in range(number):
        q = int(desk.keys[i])
        if s.served[r] < f.most[r] and f.allowed[q, r]:
            added, before, drop_before = best_in_route(f, s, desk, q, r, math.inf, 0.0)
            if added < math.inf:
                insert(f, s, q, r, before, drop_before)
