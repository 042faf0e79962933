"""The cheapest lawful place of one request in one route, each pair of positions checked in constant time.

Forward time slack after Savelsbergh (1992); blinks (a position passed over at random) after Christiaens and Vanden
Berghe (2020, "Slack induction by string removals"). Once a position is too late, later ones are taken to be too late
as well, which is exact under the triangle inequality.
"""

import math

from o2o.dispatch.planning.compiled import inlined, inner
from o2o.dispatch.planning.search.chance import Generator, gap
from o2o.dispatch.planning.search.state import (
    ARC,
    BEGIN,
    DUE,
    LATEST,
    OPEN,
    PLACE,
    RIDE,
    SERVICE,
    SUCC,
    Floats,
    Ints,
    Loads,
    hop,
    time_price,
)


@inlined
def blinks(rng: Generator, blink: Loads, rate: float) -> bool:
    """True once in 1/rate calls, at random; `blink` holds the calls left until then."""
    blink[0] -= 1
    if blink[0] >= 0:
        return False
    blink[0] = gap(rng, rate)
    return True


@inlined
def fits(load: Loads, size: Loads, room: Loads, n: int, q: int, r: int) -> bool:
    """Is there room for q in rider r's vehicle when leaving node n."""
    for k in range(size.shape[1]):  # noqa: SIM110 (generators do not compile)
        if load[n, k] + size[q, k] > room[r, k]:
            return False
    return True


@inner
def delay_price(stop: Floats, link: Ints, timely: Floats, finish: float, n: int, begin: float, last: int) -> float:
    """What it costs from node n onwards if service there starts at `begin` instead of now; stops when absorbed."""
    price = 0.0
    while n != last:
        if begin <= stop[n, BEGIN]:
            return price
        price += time_price(timely, n, begin) - time_price(timely, n, stop[n, BEGIN])
        m = link[n, SUCC]
        begin = max(begin + stop[n, SERVICE] + stop[n, RIDE], stop[m, OPEN])
        n = m
    return price + finish * max(0.0, begin - float(stop[last, BEGIN]))


@inlined
def drop_at(
    stop: Floats,
    link: Ints,
    timely: Floats,
    travel: Floats,
    cost: Floats,
    travel_to: Floats,
    cost_to: Floats,
    k: int,
    soft: bool,
    finish: float,
    d: int,
    n: int,
    left: float,
    m: int,
    last: int,
) -> float:
    """Added cost of drop-off d between n (left at `left`) and m; inf if m gets too late, -inf if d is already."""
    here, there, onward = link[n, PLACE], link[d, PLACE], link[m, PLACE]
    begin = max(left + travel_to[k, there, here], stop[d, OPEN])
    if begin > stop[d, DUE]:
        return -math.inf
    reach = max(begin + stop[d, SERVICE] + hop(travel, k, there, onward), stop[m, OPEN])
    if reach > stop[m, LATEST]:
        return math.inf
    added = float(cost_to[k, there, here]) + hop(cost, k, there, onward)
    if soft:
        added += time_price(timely, d, begin) + delay_price(stop, link, timely, finish, m, reach, last)
    return added


@inner
def best_drop(
    stop: Floats,
    link: Ints,
    timely: Floats,
    travel: Floats,
    cost: Floats,
    travel_to: Floats,
    cost_to: Floats,
    k: int,
    q: int,
    n: int,
    last: int,
    empty: bool,
    base: float,
    finish: float,
    soft: bool,
    bound: float,
    rng: Generator,
    blink: Loads,
    rate: float,
) -> tuple[float, int, int]:
    """Cheapest place, from the start n on, of the drop-off of a request aboard: (added cost, -1, node before), or inf."""
    d, where = 2 * q + 1, -1
    while n != last:
        m = link[n, SUCC]
        left = stop[n, BEGIN] + stop[n, SERVICE]
        added = drop_at(stop, link, timely, travel, cost, travel_to, cost_to, k, soft, finish, d, n, left, m, last)
        if added == -math.inf:
            break
        added += base - (0.0 if empty else stop[n, ARC])
        if added < bound and not blinks(rng, blink, rate):
            bound, where = added, n
        n = m
    return (bound if where >= 0 else math.inf), -1, where


# fmt: off
@inner
def best_pair(
    stop: Floats, link: Ints, load: Loads, size: Loads, room: Loads, timely: Floats, travel: Floats, cost: Floats,
    travel_to: Floats, cost_to: Floats, k: int, r: int, q: int, i: int, last: int, empty: bool, base: float,
    finish: float, soft: bool, bound: float, rng: Generator, blink: Loads, rate: float,
) -> tuple[float, int, int]:
    """Cheapest places under `bound` from the start i on: (added cost, node before pickup, before drop-off), or inf."""
    p, d = 2 * q, 2 * q + 1
    where, drop, there = -1, -1, link[p, PLACE]
    while i != last:
        m = link[i, SUCC]
        here, onward = link[i, PLACE], link[m, PLACE]
        begin = max(stop[i, BEGIN] + stop[i, SERVICE] + travel_to[k, there, here], stop[p, OPEN])
        if begin > stop[p, DUE]:
            break
        into = base + cost_to[k, there, here] - (0.0 if empty else stop[i, ARC])
        if into >= bound or not fits(load, size, room, i, q, r):
            i = m
            continue
        if soft:
            into += time_price(timely, p, begin)
        left = begin + stop[p, SERVICE]
        added = drop_at(stop, link, timely, travel, cost, travel_to, cost_to, k, soft, finish, d, p, left, m, last)
        if added == -math.inf:
            break
        added += into
        if added < bound and not blinks(rng, blink, rate):
            bound, where, drop = added, i, p
        into += hop(cost, k, there, onward)
        if m != last and into < bound:
            reach = max(left + travel[k, there, onward], stop[m, OPEN])
            if reach <= stop[m, LATEST]:
                added, n = drop_later(
                    stop, link, load, size, room, timely, travel, cost, travel_to, cost_to, k, r, q, m, reach, into,
                    last, finish, soft, bound, rng, blink, rate,
                )
                if n >= 0:
                    bound, where, drop = added, i, n
        i = m
    return (bound if where >= 0 else math.inf), where, drop
# fmt: on


@inner
def drop_later(
    stop: Floats,
    link: Ints,
    load: Loads,
    size: Loads,
    room: Loads,
    timely: Floats,
    travel: Floats,
    cost: Floats,
    travel_to: Floats,
    cost_to: Floats,
    k: int,
    r: int,
    q: int,
    n: int,
    begin: float,
    into: float,
    last: int,
    finish: float,
    soft: bool,
    bound: float,
    rng: Generator,
    blink: Loads,
    rate: float,
) -> tuple[float, int]:
    """Cheapest place of the drop-off at or behind node n, now reached at `begin` with the request aboard."""
    where, d = -1, 2 * q + 1
    while fits(load, size, room, n, q, r):
        if soft:
            into += time_price(timely, n, begin) - time_price(timely, n, stop[n, BEGIN])
        m = link[n, SUCC]
        left = begin + stop[n, SERVICE]
        added = drop_at(stop, link, timely, travel, cost, travel_to, cost_to, k, soft, finish, d, n, left, m, last)
        if added == -math.inf:
            break
        added += into - stop[n, ARC]
        if added < bound and not blinks(rng, blink, rate):
            bound, where = added, n
        if m == last:
            break
        begin = max(left + stop[n, RIDE], stop[m, OPEN])
        if begin > stop[m, LATEST]:
            break
        n = m
    return bound, where
