"""Putting absent requests back, each where it is cheapest at the moment, in one of several orders."""

import math

from o2o.dispatch.planning.compiled import inlined, inner, lean
from o2o.dispatch.planning.search.chance import below, uniform
from o2o.dispatch.planning.search.insertion import best_drop, best_pair, blinks
from o2o.dispatch.planning.search.ruin import BLINK, EAGER, RETRY, Desk, touch
from o2o.dispatch.planning.search.state import DUE, NOBODY, OPEN, PLACE, Facts, State, insert


@inner
def best_anywhere(f: Facts, s: State, desk: Desk, q: int, bound: float, rate: float) -> tuple[float, int, int, int]:
    """Cheapest lawful place under `bound` in any route: (added cost, rider, before pickup, before drop-off), or inf.

    What is found in a route is remembered with the route's version, so only routes changed since are walked again,
    and those last, when the bound is tight.
    """
    riders = len(f.fixed)
    best, rider, first, second = math.inf, -1, -1, -1
    served, shut, version, memo, memo_price, memo_at = (
        s.served,
        s.shut,
        s.version,
        desk.memo,
        desk.memo_price,
        desk.memo_at,
    )
    seen, twin, most, allowed, keeper, unknown = desk.seen, f.twin, f.most, f.allowed, f.aboard[q], desk.unknown
    number, remember = 0, len(memo) > 0
    seen[riders] += 1
    for r in range(riders):
        if shut[r] or served[r] >= most[r] or (keeper != r and (keeper != NOBODY or not allowed[q, r])):
            continue
        if served[r] == 0:
            if seen[twin[r]] == seen[riders]:
                continue
            seen[twin[r]] = seen[riders]
        if not remember or memo[q, r] != version[r] or (memo_at[q, r, 1] < 0 and memo_price[q, r] < bound):
            unknown[number] = r
            number += 1
        elif memo_price[q, r] < bound and not blinks(desk.rng, desk.blink, rate):
            bound = best = float(memo_price[q, r])
            rider, first, second = r, memo_at[q, r, 0], memo_at[q, r, 1]
    for at in range(number):
        r = unknown[at]
        added, i, j = best_in_route(f, s, desk, q, r, bound, rate)
        if remember:
            memo[q, r], memo_price[q, r] = version[r], min(added, bound)
            memo_at[q, r, 0], memo_at[q, r, 1] = i, j
        if added < bound:
            bound = best = added
            rider, first, second = r, i, j
    return best, rider, first, second


@inlined
def best_in_route(
    f: Facts,
    s: State,
    desk: Desk,
    q: int,
    r: int,
    bound: float,
    rate: float,
) -> tuple[float, int, int]:
    """Cheapest place under `bound` in one route that may take it."""
    riders = len(f.fixed)
    start, base = len(s.stop) - 2 * riders + r, f.fixed[r] if s.served[r] == 0 else 0.0
    if f.aboard[q] == r:
        return best_drop(
            s.stop,
            s.link,
            f.timely,
            f.travel,
            f.cost,
            f.travel_to,
            f.cost_to,
            f.profile[r],
            q,
            start,
            start + riders,
            s.served[r] == 0,
            base,
            f.finish[r],
            f.soft,
            bound,
            desk.rng,
            desk.blink,
            rate,
        )
    return best_pair(
        s.stop,
        s.link,
        s.load,
        f.load,
        f.capacity,
        f.timely,
        f.travel,
        f.cost,
        f.travel_to,
        f.cost_to,
        f.profile[r],
        r,
        q,
        start,
        start + riders,
        s.served[r] == 0,
        base,
        f.finish[r],
        f.soft,
        bound,
        desk.rng,
        desk.blink,
        rate,
    )


@inner
def put(f: Facts, s: State, desk: Desk, q: int, r: int, first: int, second: int) -> None:
    """Inserts at a place that was found; a drop-off straight behind its pickup is named by the pickup."""
    touch(desk, r)
    insert(f, s, q, r, first, second)


@inner
def order_key(f: Facts, s: State, desk: Desk, q: int, kind: int) -> float:
    """Sort key of a request under one order: random, big, long, short, narrow, early, often missed."""
    stop, p, d = s.stop, 2 * q, 2 * q + 1
    if f.aboard[q] != NOBODY:
        return -math.inf
    if kind <= 3:
        return uniform(desk.rng)
    if kind <= 6:
        size = 0.0
        for k in range(f.load.shape[1]):
            size -= f.load[q, k]
        return size
    if kind <= 8:
        return -float(f.cost[0, s.link[p, PLACE], s.link[d, PLACE]])
    if kind == 9:
        return float(f.cost[0, s.link[p, PLACE], s.link[d, PLACE]])
    if kind <= 11:
        return float(min(stop[d, DUE] - stop[d, OPEN], stop[p, DUE] - stop[p, OPEN]))
    return float(stop[p, OPEN] + stop[d, DUE])


@inner
def arrange(f: Facts, s: State, desk: Desk, start: int, kind: int) -> None:
    """Sorts the absent requests from `start` on by a kind of key (insertion sort; they are few)."""
    size = s.absent[len(f.skip)]
    for i in range(start, size):
        q = s.absent[i]
        key = order_key(f, s, desk, q, kind)
        desk.keys[q] = key
        j = i - 1
        while j >= start and desk.keys[s.absent[j]] > key:
            s.absent[j + 1] = s.absent[j]
            j -= 1
        s.absent[j + 1] = q


@inner
def draw_old(f: Facts, s: State, desk: Desk, old: int) -> int:
    """Moves a few of the requests absent before the ruin behind the others of them; returns where they begin."""
    start = max(0, old - int(desk.settings[RETRY]))
    if start > 0:
        for i in range(start, old):
            j = below(desk.rng, i + 1)
            s.absent[i], s.absent[j] = s.absent[j], s.absent[i]
    return start


@inner
def recreate(f: Facts, s: State, desk: Desk, old: int) -> None:
    """Puts back what the ruin took and a few of the `old` requests absent before, in a random kind of order."""
    start = draw_old(f, s, desk, old)
    arrange(f, s, desk, start, below(desk.rng, 13))
    put_back(f, s, desk, start, math.inf if uniform(desk.rng) < desk.settings[EAGER] else 1.0)


@lean
def put_back(f: Facts, s: State, desk: Desk, start: int, zeal: float) -> None:
    """Puts each absent request from `start` on where it is cheapest, in their order.

    It stays absent if it fits nowhere or costs more than `zeal` times leaving it out. Two that are a loss one by one
    may be a gain together, so at times zeal is infinite and the acceptance judges.
    """
    size, left = len(f.skip), start
    rate = desk.settings[BLINK]
    for i in range(start, s.absent[size]):
        q = s.absent[i]
        _, r, first, second = best_anywhere(f, s, desk, q, math.inf if zeal == math.inf else zeal * f.skip[q], rate)
        if r < 0:
            s.absent[left] = q
            left += 1
        else:
            put(f, s, desk, q, r, first, second)
    s.absent[size] = left
