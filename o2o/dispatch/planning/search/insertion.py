"""The cheapest lawful place of one request in one route, each pair of positions checked in constant time.

Forward time slack after Savelsbergh (1992); blinks (a position passed over at random) after Christiaens and Vanden
Berghe (2020, "Slack induction by string removals"). Once a position is too late, later ones are taken to be too late
as well, which is exact under the triangle inequality.
"""
import math

from o2o.dispatch.planning.search.chance import Generator, gap
from o2o.dispatch.planning.search.compiled import compiled
from o2o.dispatch.planning.search.state import (
    BEGIN,
    DUE,
    LATEST,
    NOBODY,
    OPEN,
    SERVICE,
    SUCC,
    Facts,
    Floats,
    Loads,
    State,
    hop,
    time_price,
)


@compiled
def blinks(rng: Generator, blink: Loads, rate: float) -> bool:
    """True once in 1/rate calls, at random; `blink` holds the calls left until then."""
    blink[0] -= 1
    if blink[0] >= 0:
        return False
    blink[0] = gap(rng, rate)
    return True


@compiled
def fits(f: Facts, s: State, n: int, q: int, r: int) -> bool:
    """Is there room for q when leaving node n."""
    for k in range(f.load.shape[1]):
        if s.load[n, k] + f.load[q, k] > f.capacity[r, k]:
            return False
    return True


@compiled
def delay_price(f: Facts, s: State, travel: Floats, r: int, n: int, begin: float, last: int) -> float:
    """What it costs from node n onwards if service there starts at `begin` instead of now; stops when absorbed."""
    price = 0.0
    while n != last:
        if begin <= s.time[n, BEGIN]:
            return price
        price += time_price(f, n, begin) - time_price(f, n, s.time[n, BEGIN])
        m = s.link[n, SUCC]
        begin = max(begin + f.node[n, SERVICE] + hop(travel, f.place[n], f.place[m]), f.node[m, OPEN])
        n = m
    return price + f.finish[r] * max(0.0, begin - s.time[last, BEGIN])


@compiled
def drop_at(
    f: Facts, s: State, travel: Floats, cost: Floats, r: int, d: int, n: int, left: float, m: int, last: int,
) -> float:
    """Added cost of the drop-off d between n (left at `left`) and m; inf if unlawful later, -inf if already too late."""
    here, there, onward = f.place[n], f.place[d], f.place[m]
    begin = max(left + travel[here, there], f.node[d, OPEN])
    if begin > f.node[d, DUE]:
        return -math.inf
    reach = max(begin + f.node[d, SERVICE] + hop(travel, there, onward), f.node[m, OPEN])
    if reach > s.time[m, LATEST]:
        return math.inf
    added = cost[here, there] + hop(cost, there, onward)
    if f.soft:
        added += time_price(f, d, begin) + delay_price(f, s, travel, r, m, reach, last)
    return added


@compiled
def best_drop(
    f: Facts, s: State, r: int, q: int, bound: float, rng: Generator, blink: Loads, rate: float,
) -> tuple[float, int, int]:
    """Cheapest place of the drop-off of a request aboard: (added cost, -, node before it), or inf."""
    last = 2 * len(f.skip) + len(f.fixed) + r
    travel, cost = f.travel[f.profile[r]], f.cost[f.profile[r]]
    n, d, where = 2 * len(f.skip) + r, 2 * q + 1, -1
    base = f.fixed[r] if s.count[r] == 0 else 0.0
    while n != last:
        m = s.link[n, SUCC]
        left = s.time[n, BEGIN] + f.node[n, SERVICE]
        added = drop_at(f, s, travel, cost, r, d, n, left, m, last)
        if added == -math.inf:
            break
        added += base - (hop(cost, f.place[n], f.place[m]) if s.count[r] > 0 else 0.0)
        if added < bound and not blinks(rng, blink, rate):
            bound, where = added, n
        n = m
    return (bound if where >= 0 else math.inf), -1, where


@compiled
def best_pair(
    f: Facts, s: State, r: int, q: int, bound: float, rng: Generator, blink: Loads, rate: float,
) -> tuple[float, int, int]:
    """Cheapest places under `bound`: (added cost, node before the pickup, node before the drop-off), or inf."""
    last = 2 * len(f.skip) + len(f.fixed) + r
    travel, cost = f.travel[f.profile[r]], f.cost[f.profile[r]]
    i, p, d = 2 * len(f.skip) + r, 2 * q, 2 * q + 1
    where, drop = -1, -1
    base = f.fixed[r] if s.count[r] == 0 else 0.0
    while i != last:
        k = s.link[i, SUCC]
        if not fits(f, s, i, q, r):
            i = k
            continue
        here, stop, onward = f.place[i], f.place[p], f.place[k]
        begin = max(s.time[i, BEGIN] + f.node[i, SERVICE] + travel[here, stop], f.node[p, OPEN])
        if begin > f.node[p, DUE]:
            break
        saved = hop(cost, here, onward) if s.count[r] > 0 else 0.0
        into = base + cost[here, stop] - saved
        if f.soft:
            into += time_price(f, p, begin)
        left = begin + f.node[p, SERVICE]
        added = drop_at(f, s, travel, cost, r, d, p, left, k, last)
        if added == -math.inf:
            break
        added += into
        if added < bound and not blinks(rng, blink, rate):
            bound, where, drop = added, i, p
        if k != last:
            into += hop(cost, stop, onward)
            reach = max(left + travel[stop, onward], f.node[k, OPEN])
            if into < bound and reach <= s.time[k, LATEST]:
                added, n = drop_later(f, s, travel, cost, r, q, k, reach, into, last, bound, rng, blink, rate)
                if n >= 0:
                    bound, where, drop = added, i, n
        i = k
    return (bound if where >= 0 else math.inf), where, drop


@compiled
def drop_later(
    f: Facts, s: State, travel: Floats, cost: Floats, r: int, q: int, n: int, begin: float, into: float, last: int,
    bound: float, rng: Generator, blink: Loads, rate: float,
) -> tuple[float, int]:
    """Cheapest place of the drop-off at or behind node n, now reached at `begin` with the request aboard."""
    where, d = -1, 2 * q + 1
    moved = into
    while fits(f, s, n, q, r):
        if f.soft:
            moved += time_price(f, n, begin) - time_price(f, n, s.time[n, BEGIN])
        m = s.link[n, SUCC]
        left = begin + f.node[n, SERVICE]
        added = drop_at(f, s, travel, cost, r, d, n, left, m, last)
        if added == -math.inf:
            break
        added += moved - hop(cost, f.place[n], f.place[m])
        if added < bound and not blinks(rng, blink, rate):
            bound, where = added, n
        if m == last:
            break
        begin = max(left + hop(travel, f.place[n], f.place[m]), f.node[m, OPEN])
        if begin > s.time[m, LATEST]:
            break
        n = m
    return bound, where


@compiled
def best_in_route(
    f: Facts, s: State, r: int, q: int, bound: float, rng: Generator, blink: Loads, rate: float,
) -> tuple[float, int, int]:
    """`best_pair` or `best_drop`, as the request needs; inf where the rider may not or need not be tried."""
    if s.shut[r] or s.count[r] >= f.most[r] or (f.aboard[q] != r and (f.aboard[q] != NOBODY or not f.allowed[r, q])):
        return math.inf, -1, -1
    if f.aboard[q] == r:
        return best_drop(f, s, r, q, bound, rng, blink, rate)
    return best_pair(f, s, r, q, bound, rng, blink, rate)
