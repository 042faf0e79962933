"""Routes as linked lists of nodes, with what constant-time checks need kept at every node.

Nodes 0 .. 2Q-1 are stops (2q pickup, 2q+1 drop-off); 2Q+r and 2Q+R+r are the start and end of rider r's route.
`latest` of a node is the latest service start that keeps the rest of the route lawful: the forward time slack of
Savelsbergh (1992, "The vehicle routing problem with time windows: minimizing route duration").
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from o2o.dispatch.planning.compiled import inlined, inner, lean

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
"""As wide as compiled code counts: numbers of two widths would have every function that takes one compiled for each."""
Near = NDArray[np.int32]
"""Of the tables that grow with the square, which nothing but numbers to be looked up is read from."""
Loads = NDArray[np.int64]

OPEN, DUE, SERVICE, BEGIN, LATEST, ARC, RIDE = 0, 1, 2, 3, 4, 5, 6
"""Columns of `State.stop`; the first three do not change. ARC and RIDE: cost and time to the next node."""
SOFT, LATE, HASTE = 0, 1, 2
"""Columns of `Facts.timely`: late from, cost per second late, cost per second of service start."""
PRED, SUCC, RIDER, RANK, PLACE = 0, 1, 2, 3, 4
"""Columns of `State.link`; PLACE does not change (-1: the end of an open route)."""
NOBODY = -1
STRIDE = 4
"""Step between versions, so that up to four states, numbered from their first, never give out the same one."""


class Facts(NamedTuple):
    """What does not change during a search; M = 2Q + 2R nodes."""

    travel: Floats  # (P, L, L)
    cost: Floats  # (P, L, L)
    travel_to: Floats  # (P, L, L) the same by place of arrival: a row is read along, a column would miss the cache
    cost_to: Floats  # (P, L, L)
    timely: Floats  # (M, 3)
    load: Loads  # (Q, D)
    capacity: Loads  # (R, D)
    skip: Floats  # (Q,)
    aboard: Ints  # (Q,)
    allowed: NDArray[np.uint8]  # (Q, R)
    profile: Ints  # (R,)
    most: Ints  # (R,)
    fixed: Floats  # (R,)
    finish: Floats  # (R,)
    twin: Ints  # (R,) riders with the same number are interchangeable while empty
    soft: bool  # is there any cost of time


class State(NamedTuple):
    """One set of routes."""

    link: Ints  # (M, 5)
    stop: Floats  # (M, 8) one cache line a node
    load: Loads  # (M, D) what is aboard when leaving the node
    price: Floats  # (R,) cost of the route
    served: Ints  # (R,) requests in the route
    absent: Ints  # (Q + 1,) requests in no route; their number is at [Q]
    shut: NDArray[np.uint8]  # (R,) 1 = this rider may not be used
    version: Loads  # (R + 1,) two routes of one search with the same version are equal; at [R] the last one given out


@lean
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
        for k in range(s.load.shape[1]):
            s.load[first, k] = 0
    for q in range(requests):
        if f.aboard[q] != NOBODY:
            for k in range(s.load.shape[1]):
                s.load[2 * requests + f.aboard[q], k] += f.load[q, k]
    for r in range(riders):
        refresh(f, s, r)


@inlined
def hop(table: Floats, k: int, here: int, there: int) -> float:
    """Arc from place to place in profile k; nothing to the end of an open route."""
    return 0.0 if there < 0 else float(table[k, here, there])


@inlined
def time_price(timely: Floats, n: int, begin: float) -> float:
    """Cost of starting service at this time."""
    late = begin - float(timely[n, SOFT])
    price = begin * float(timely[n, HASTE])
    return price + float(timely[n, LATE]) * late if late > 0.0 else price


@inner
def refresh(f: Facts, s: State, r: int) -> None:
    """Recomputes times, loads, ranks and cost along one route after its links changed."""
    stop, link = s.stop, s.link
    requests, riders = len(f.skip), len(f.fixed)
    s.version[riders] += STRIDE
    s.version[r] = s.version[riders]
    first, last = 2 * requests + r, 2 * requests + riders + r
    stops, price = forwards(
        stop, link, s.load, f.load, f.travel, f.cost, f.timely, f.profile[r], r, first, last, f.soft
    )
    ridden = stop[last, BEGIN] - stop[first, OPEN]
    s.served[r] = stops
    s.price[r] = 0.0 if stops == 0 else price + f.fixed[r] + f.finish[r] * ridden
    slacken(stop, link, first, last)


@inner
def forwards(
    stop: Floats,
    link: Ints,
    load: Loads,
    size: Loads,
    travel: Floats,
    cost: Floats,
    timely: Floats,
    k: int,
    r: int,
    first: int,
    last: int,
    soft: bool,
) -> tuple[int, float]:
    """Times, loads and ranks from the start of route r on; returns its requests and the cost of arcs and times."""
    begin = stop[first, OPEN]
    stop[first, BEGIN] = begin
    link[first, RANK] = 0
    n, price, stops, rank = first, 0.0, 0, 0
    while n != last:
        m = link[n, SUCC]
        here, there = link[n, PLACE], link[m, PLACE]
        arc, ride = hop(cost, k, here, there), hop(travel, k, here, there)
        begin = max(begin + stop[n, SERVICE] + ride, stop[m, OPEN])
        price += arc
        stop[n, ARC], stop[n, RIDE] = arc, ride
        rank += 1
        stop[m, BEGIN] = begin
        link[m, RANK] = rank
        link[m, RIDER] = r
        if m == last:
            break
        sign = -1 if m & 1 else 1
        stops += m & 1
        for dimension in range(load.shape[1]):
            load[m, dimension] = load[n, dimension] + sign * size[m >> 1, dimension]
        if soft:
            price += time_price(timely, m, begin)
        n = m
    return stops, price


@inner
def slacken(stop: Floats, link: Ints, first: int, last: int) -> None:
    """Latest lawful service start of every node, from the end of the route backwards."""
    n, latest = last, stop[last, DUE]
    stop[n, LATEST] = latest
    while n != first:
        m = link[n, PRED]
        latest = min(stop[m, DUE], latest - stop[m, RIDE] - stop[m, SERVICE])
        stop[m, LATEST] = latest
        n = m


@inner
def link_after(s: State, n: int, after: int) -> None:
    """Puts node n behind `after`; the caller refreshes."""
    nxt = s.link[after, SUCC]
    s.link[n, PRED], s.link[n, SUCC] = after, nxt
    s.link[after, SUCC] = n
    s.link[nxt, PRED] = n


@inner
def unlink(s: State, n: int) -> None:
    """Takes node n out; the caller refreshes."""
    before, nxt = s.link[n, PRED], s.link[n, SUCC]
    s.link[before, SUCC] = nxt
    s.link[nxt, PRED] = before
    s.link[n, RIDER] = NOBODY


@inner
def insert(f: Facts, s: State, q: int, r: int, after: int, drop_after: int) -> None:
    """Puts an absent request into a route; `drop_after` may be its own pickup. Not removed from `absent`."""
    if f.aboard[q] == NOBODY:
        link_after(s, 2 * q, after)
    link_after(s, 2 * q + 1, drop_after)
    refresh(f, s, r)


@inner
def remove(f: Facts, s: State, q: int) -> None:
    """Takes a request out and notes it absent; the caller refreshes the route."""
    if f.aboard[q] == NOBODY:
        unlink(s, 2 * q)
    unlink(s, 2 * q + 1)
    size = len(f.skip)
    s.absent[s.absent[size]] = q
    s.absent[size] += 1


@lean
def total(f: Facts, s: State) -> float:
    """Cost of everything; infinite if a request that must be carried is absent."""
    size = len(f.skip)
    cost = 0.0
    for r in range(len(f.fixed)):
        cost += s.price[r]
    for i in range(s.absent[size]):
        cost += f.skip[s.absent[i]]
    return cost


def copy_all(source: State, target: State) -> None:
    """Makes target equal to source."""
    target.link[:] = source.link
    target.stop[:] = source.stop
    target.load[:] = source.load
    target.price[:] = source.price
    target.served[:] = source.served
    target.absent[:] = source.absent
    target.shut[:] = source.shut
    target.version[:-1] = source.version[:-1]


@inner
def copy_route(source: State, target: State, r: int) -> None:
    """Makes one route of target equal to source's; the absent are the caller's affair (see copy_absent)."""
    requests, riders = len(source.absent) - 1, len(source.served)
    n, last = 2 * requests + r, 2 * requests + riders + r
    link, stop, load = target.link, target.stop, target.load
    old_link, old_stop, old_load = source.link, source.stop, source.load
    while True:
        for k in range(4):
            link[n, k] = old_link[n, k]
        for k in range(BEGIN, RIDE + 1):
            stop[n, k] = old_stop[n, k]
        for k in range(load.shape[1]):
            load[n, k] = old_load[n, k]
        if n == last:
            break
        n = old_link[n, SUCC]
    target.price[r], target.served[r] = source.price[r], source.served[r]
    target.version[r] = source.version[r]


@inner
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
