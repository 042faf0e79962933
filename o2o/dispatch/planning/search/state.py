"""Routes as linked lists of nodes, with what constant-time checks need kept at every node.

Nodes 0 .. 2Q-1 are stops (2q pickup, 2q+1 drop-off); 2Q+r and 2Q+R+r are the start and end of rider r's route.
`latest` of a node is the latest service start that keeps the rest of the route lawful: the forward time slack of
Savelsbergh (1992, "The vehicle routing problem with time windows: minimizing route duration").
"""
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from o2o.dispatch.planning.search.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Loads = NDArray[np.int64]

OPEN, DUE, SERVICE, SOFT, LATE, HASTE = 0, 1, 2, 3, 4, 5
"""Columns of `Facts.node`."""
PRED, SUCC, RIDER, RANK = 0, 1, 2, 3
"""Columns of `State.link`."""
BEGIN, LATEST = 0, 1
"""Columns of `State.time`."""
NOBODY = -1


class Facts(NamedTuple):
    """What does not change during a search; M = 2Q + 2R nodes."""

    travel: Floats  # (P, L, L)
    cost: Floats  # (P, L, L)
    place: Ints  # (M,), -1 for the end of an open route
    node: Floats  # (M, 6)
    load: Loads  # (Q, D)
    capacity: Loads  # (R, D)
    skip: Floats  # (Q,)
    aboard: Ints  # (Q,)
    allowed: NDArray[np.uint8]  # (R, Q)
    profile: Ints  # (R,)
    most: Ints  # (R,)
    fixed: Floats  # (R,)
    finish: Floats  # (R,)
    twin: Ints  # (R,) riders with the same number are interchangeable while empty
    soft: bool  # is there any cost of time


class State(NamedTuple):
    """One set of routes."""

    link: Ints  # (M, 4)
    time: Floats  # (M, 2)
    load: Loads  # (M, D) what is aboard when leaving the node
    price: Floats  # (R,) cost of the route
    count: Ints  # (R,) requests in the route
    absent: Ints  # (Q + 1,) requests in no route; their number is at [Q]
    shut: NDArray[np.uint8]  # (R,) 1 = this rider may not be used


@compiled
def blank(f: Facts, s: State) -> None:
    """Empties all routes; everything is absent."""
    requests, riders = len(f.skip), len(f.fixed)
    for q in range(requests):
        s.link[2 * q, RIDER] = NOBODY
        s.link[2 * q + 1, RIDER] = NOBODY
        s.absent[q] = q
    s.absent[requests] = requests
    for r in range(riders):
        first, last = 2 * requests + r, 2 * requests + riders + r
        s.link[first, PRED], s.link[first, SUCC], s.link[first, RIDER] = first, last, r
        s.link[last, PRED], s.link[last, SUCC], s.link[last, RIDER] = first, last, r
        s.load[first] = 0
    for q in range(requests):
        if f.aboard[q] != NOBODY:
            s.load[2 * requests + f.aboard[q]] += f.load[q]
    for r in range(riders):
        refresh(f, s, r)


@compiled
def hop(table: Floats, here: int, there: int) -> float:
    """Arc from place to place; nothing to the end of an open route."""
    return 0.0 if there < 0 else table[here, there]


@compiled
def time_price(f: Facts, n: int, begin: float) -> float:
    """Cost of starting service at this time."""
    late = begin - f.node[n, SOFT]
    price = f.node[n, HASTE] * begin
    return price + f.node[n, LATE] * late if late > 0.0 else price


@compiled
def refresh(f: Facts, s: State, r: int) -> None:
    """Recomputes times, loads, ranks and cost along one route after its links changed."""
    requests, riders = len(f.skip), len(f.fixed)
    first, last = 2 * requests + r, 2 * requests + riders + r
    travel, cost = f.travel[f.profile[r]], f.cost[f.profile[r]]
    n = first
    begin = f.node[n, OPEN]
    s.time[n, BEGIN] = begin
    s.link[n, RANK] = 0
    price, stops, rank = 0.0, 0, 0
    while n != last:
        m = s.link[n, SUCC]
        here, there = f.place[n], f.place[m]
        begin = max(begin + f.node[n, SERVICE] + hop(travel, here, there), f.node[m, OPEN])
        price += hop(cost, here, there)
        rank += 1
        s.time[m, BEGIN], s.link[m, RANK], s.link[m, RIDER] = begin, rank, r
        if m == last:
            break
        q = m >> 1
        if m & 1:
            stops += 1
            for k in range(f.load.shape[1]):
                s.load[m, k] = s.load[n, k] - f.load[q, k]
        else:
            for k in range(f.load.shape[1]):
                s.load[m, k] = s.load[n, k] + f.load[q, k]
        if f.soft:
            price += time_price(f, m, begin)
        n = m
    s.count[r] = stops
    s.price[r] = 0.0 if stops == 0 else price + f.fixed[r] + f.finish[r] * (begin - f.node[first, OPEN])
    slacken(f, s, r, travel)


@compiled
def slacken(f: Facts, s: State, r: int, travel: Floats) -> None:
    """Latest lawful service start of every node, from the end of the route backwards."""
    requests, riders = len(f.skip), len(f.fixed)
    first, n = 2 * requests + r, 2 * requests + riders + r
    latest = f.node[n, DUE]
    s.time[n, LATEST] = latest
    while n != first:
        m = s.link[n, PRED]
        latest = min(f.node[m, DUE], latest - hop(travel, f.place[m], f.place[n]) - f.node[m, SERVICE])
        s.time[m, LATEST] = latest
        n = m


@compiled
def link_after(s: State, n: int, after: int) -> None:
    """Puts node n behind `after`; the caller refreshes."""
    nxt = s.link[after, SUCC]
    s.link[n, PRED], s.link[n, SUCC] = after, nxt
    s.link[after, SUCC] = n
    s.link[nxt, PRED] = n


@compiled
def unlink(s: State, n: int) -> None:
    """Takes node n out; the caller refreshes."""
    before, nxt = s.link[n, PRED], s.link[n, SUCC]
    s.link[before, SUCC] = nxt
    s.link[nxt, PRED] = before
    s.link[n, RIDER] = NOBODY


@compiled
def insert(f: Facts, s: State, q: int, r: int, after: int, drop_after: int) -> None:
    """Puts an absent request into a route; `drop_after` may be its own pickup. Not removed from `absent`."""
    if f.aboard[q] == NOBODY:
        link_after(s, 2 * q, after)
    link_after(s, 2 * q + 1, drop_after)
    refresh(f, s, r)


@compiled
def remove(f: Facts, s: State, q: int) -> None:
    """Takes a request out and notes it absent; the caller refreshes the route."""
    if f.aboard[q] == NOBODY:
        unlink(s, 2 * q)
    unlink(s, 2 * q + 1)
    size = len(f.skip)
    s.absent[s.absent[size]] = q
    s.absent[size] += 1


@compiled
def total(f: Facts, s: State) -> float:
    """Cost of everything; infinite if a request that must be carried is absent."""
    size = len(f.skip)
    cost = 0.0
    for r in range(len(f.fixed)):
        cost += s.price[r]
    for i in range(s.absent[size]):
        cost += f.skip[s.absent[i]]
    return cost


@compiled
def copy_all(source: State, target: State) -> None:
    """Makes target equal to source."""
    target.link[:] = source.link
    target.time[:] = source.time
    target.load[:] = source.load
    target.price[:] = source.price
    target.count[:] = source.count
    target.absent[:] = source.absent
    target.shut[:] = source.shut


@compiled
def copy_route(source: State, target: State, r: int) -> None:
    """Makes one route of target equal to source's; the absent are the caller's affair (see copy_absent)."""
    requests, riders = len(source.absent) - 1, len(source.count)
    n, last = 2 * requests + r, 2 * requests + riders + r
    while True:
        for k in range(4):
            target.link[n, k] = source.link[n, k]
        target.time[n, BEGIN], target.time[n, LATEST] = source.time[n, BEGIN], source.time[n, LATEST]
        for k in range(source.load.shape[1]):
            target.load[n, k] = source.load[n, k]
        if n == last:
            break
        n = source.link[n, SUCC]
    target.price[r], target.count[r] = source.price[r], source.count[r]


@compiled
def copy_absent(source: State, target: State) -> None:
    """Makes target's absent requests source's."""
    size = len(source.absent) - 1
    number = source.absent[size]
    target.absent[size] = number
    for i in range(number):
        q = source.absent[i]
        target.absent[i] = q
        target.link[2 * q, RIDER] = NOBODY
        target.link[2 * q + 1, RIDER] = NOBODY
