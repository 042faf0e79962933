"""Putting absent requests back, each where it is cheapest at the moment, in one of several orders."""
import math

from o2o.dispatch.planning.search.chance import below, uniform
from o2o.dispatch.planning.search.compiled import compiled
from o2o.dispatch.planning.search.insertion import best_in_route
from o2o.dispatch.planning.search.ruin import BLINK, RETRY, Desk, touch
from o2o.dispatch.planning.search.state import DUE, NOBODY, OPEN, Facts, State, insert


@compiled
def best_anywhere(f: Facts, s: State, desk: Desk, q: int, bound: float, rate: float) -> tuple[float, int, int, int]:
    """Cheapest lawful place under `bound` in any route: (added cost, rider, before pickup, before drop-off), or inf."""
    riders = len(f.fixed)
    best, rider, first, second = math.inf, -1, -1, -1
    desk.seen[riders] += 1
    for r in range(riders):
        if f.aboard[q] != NOBODY and f.aboard[q] != r:
            continue
        if s.count[r] == 0 and not s.shut[r]:
            if desk.seen[f.twin[r]] == desk.seen[riders]:
                continue
            desk.seen[f.twin[r]] = desk.seen[riders]
        added, i, j = best_in_route(f, s, r, q, bound, desk.rng, desk.blink, rate)
        if added < bound:
            bound, best, rider, first, second = added, added, r, i, j
    return best, rider, first, second


@compiled
def put(f: Facts, s: State, desk: Desk, q: int, r: int, first: int, second: int) -> None:
    """Inserts at a place that was found; a drop-off straight behind its pickup is named by the pickup."""
    touch(desk, r)
    insert(f, s, q, r, first, second)


@compiled
def order_key(f: Facts, desk: Desk, q: int, kind: int) -> float:
    """Sort key of a request under one order: random, big, long, short, narrow, early, often missed."""
    p, d = 2 * q, 2 * q + 1
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
        return -f.cost[0, f.place[p], f.place[d]]
    if kind == 9:
        return f.cost[0, f.place[p], f.place[d]]
    if kind <= 11:
        return min(f.node[d, DUE] - f.node[d, OPEN], f.node[p, DUE] - f.node[p, OPEN])
    return f.node[p, OPEN] + f.node[d, DUE]


@compiled
def arrange(f: Facts, s: State, desk: Desk, start: int) -> None:
    """Sorts the absent requests from `start` on by a random kind of key (insertion sort; they are few)."""
    kind = below(desk.rng, 13)
    size = s.absent[len(f.skip)]
    for i in range(start, size):
        q = s.absent[i]
        key = order_key(f, desk, q, kind)
        desk.keys[q] = key
        j = i - 1
        while j >= start and desk.keys[s.absent[j]] > key:
            s.absent[j + 1] = s.absent[j]
            j -= 1
        s.absent[j + 1] = q


@compiled
def draw_old(f: Facts, s: State, desk: Desk, old: int) -> int:
    """Moves a few of the requests absent before the ruin behind the others of them; returns where they begin."""
    start = max(0, old - int(desk.settings[RETRY]))
    if start > 0:
        for i in range(start, old):
            j = below(desk.rng, i + 1)
            s.absent[i], s.absent[j] = s.absent[j], s.absent[i]
    return start


@compiled
def recreate(f: Facts, s: State, desk: Desk, old: int) -> None:
    """Puts back what the ruin took and a few of the `old` requests absent before; the rest stays absent."""
    size = len(f.skip)
    start = draw_old(f, s, desk, old)
    arrange(f, s, desk, start)
    left = start
    rate = desk.settings[BLINK]
    for i in range(start, s.absent[size]):
        q = s.absent[i]
        added, r, first, second = best_anywhere(f, s, desk, q, f.skip[q], rate)
        if r < 0:
            s.absent[left] = q
            left += 1
        else:
            put(f, s, desk, q, r, first, second)
    s.absent[size] = left
