"""Taking requests out: strings of neighbouring stops, as Christiaens and Vanden Berghe (2020) do for customers.

Adapted to pickups and deliveries: a string is made of stops, and every request with a stop in it leaves whole. Beside
strings: requests drawn at random (Schrimpf et al. 2000) and requests alike in place and time (Shaw 1998; Ropke and
Pisinger 2006).
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from o2o.dispatch.planning.compiled import inner
from o2o.dispatch.planning.search.chance import Generator, below, uniform
from o2o.dispatch.planning.search.state import (
    BEGIN,
    NOBODY,
    PLACE,
    PRED,
    RANK,
    RIDER,
    SUCC,
    Facts,
    Floats,
    Ints,
    Loads,
    Near,
    State,
    refresh,
    remove,
)


class Desk(NamedTuple):
    """Working memory of one search."""

    rng: Generator
    blink: Loads  # (1,) positions until the next blink
    near: Near  # (2Q, K) nearest nodes of a node, filled when first asked for
    known: NDArray[np.uint8]  # (2Q,) which rows of `near` are filled
    apart: Floats  # (2Q,) scratch for filling them
    touched: NDArray[np.uint8]  # (R,) routes changed in this iteration
    changed: Ints  # (R + 1,) the same as a list; their number is at [R]
    window: Ints  # (64,) requests of one string
    keys: Floats  # (Q,) order of insertion
    misses: Loads  # (Q,) how often each request was left over
    memo: Near  # (Q, R) version of the route for which the next two hold; (0, 0) = nothing is remembered
    memo_price: NDArray[np.float32]  # (Q, R) added cost of the cheapest place, or a bound below it
    memo_at: Near  # (Q, R, 2) that place; -1 at [1] = a bound only
    unknown: Ints  # (R,) scratch: routes to be walked
    drifted: Ints  # (R + 1,) routes in which the best set may differ from the present; their number is at [R]
    adrift: NDArray[np.uint8]  # (R,) the same as flags
    seen: Loads  # (R + 1,) stamps of empty twins tried; the last stamp is at [R]
    settings: Floats  # (7,) see the names below


REMOVED, LONGEST, BLINK, RANDOM, ALIKE, RETRY, EAGER = 0, 1, 2, 3, 4, 5, 6
"""Columns of `Desk.settings`: mean stops removed, longest string, blink rate, share of random and of alike ruins,
requests left over before that are tried again in an iteration, share of iterations that insert even at a loss."""


@inner
def touch(desk: Desk, r: int) -> None:
    """Notes that route r changes in this iteration."""
    if not desk.touched[r]:
        size = len(desk.touched)
        desk.touched[r] = 1
        desk.changed[desk.changed[size]] = r
        desk.changed[size] += 1


@inner
def learn_near(f: Facts, s: State, desk: Desk, n: int) -> None:
    """Fills the row of nodes nearest to n, cheapest arc first (in the cheaper direction, profile 0), -1 behind them."""
    apart, near = desk.apart, desk.near
    measure(f.cost, s.link, f.aboard, apart, n)
    width, filled = near.shape[1], 0
    for m in range(len(apart)):
        if apart[m] == math.inf or (filled == width and apart[m] >= apart[near[n, 0]]):
            continue
        if filled < width:
            near[n, filled] = m
            filled += 1
            if filled == width:
                for at in range(width // 2 - 1, -1, -1):
                    sink(apart, near, n, at, width)
        else:
            near[n, 0] = m
            sink(apart, near, n, 0, width)
    for at in range(filled // 2 - 1, -1, -1):
        sink(apart, near, n, at, filled)
    for end in range(filled - 1, 0, -1):
        near[n, 0], near[n, end] = near[n, end], near[n, 0]
        sink(apart, near, n, 0, end)
    for at in range(filled, width):
        near[n, at] = -1
    desk.known[n] = 1


@inner
def sink(apart: Floats, near: Near, n: int, at: int, size: int) -> None:
    """Restores the heap (farthest on top) of the first `size` of row n below `at`."""
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and apart[near[n, child + 1]] > apart[near[n, child]]:
            child += 1
        if apart[near[n, child]] <= apart[near[n, at]]:
            return
        near[n, at], near[n, child] = near[n, child], near[n, at]
        at = child


@inner
def measure(cost: Floats, link: Ints, aboard: Ints, apart: Floats, n: int) -> None:
    """Cheaper arc between n and every other node that is ever routed, inf for the rest."""
    here = link[n, PLACE]
    for m in range(len(apart)):
        there = link[m, PLACE]
        usable = m != n and (m & 1 == 1 or aboard[m >> 1] == NOBODY)
        apart[m] = min(cost[0, here, there], cost[0, there, here]) if usable else math.inf


@inner
def take(f: Facts, s: State, desk: Desk, q: int) -> None:
    """Removes a routed request and notes its route."""
    touch(desk, s.link[2 * q + 1, RIDER])
    remove(f, s, q)


@inner
def take_string(f: Facts, s: State, desk: Desk, n: int, length: int, kept: int) -> None:
    """Removes the requests of `length` consecutive stops around n, passing over `kept` stops inside."""
    r = s.link[n, RIDER]
    stops = s.link[2 * len(f.skip) + len(f.fixed) + r, RANK] - 1
    window = min(stops, length + kept, len(desk.window))
    rank = s.link[n, RANK]
    low = max(1, rank - window + 1)
    high = min(rank, stops - window + 1)
    start = low + below(desk.rng, high - low + 1)
    hole = 1 + below(desk.rng, max(1, length - 1))
    for _ in range(rank - start):
        n = s.link[n, PRED]
    number = 0
    for at in range(window):
        if kept == 0 or at < hole or at >= hole + kept:
            desk.window[number] = n >> 1
            number += 1
        n = s.link[n, SUCC]
    for i in range(number):
        q = desk.window[i]
        if s.link[2 * q + 1, RIDER] != NOBODY:
            take(f, s, desk, q)
    refresh(f, s, r)


@inner
def routed_node(f: Facts, s: State, desk: Desk) -> int:
    """A random stop of the routes, -1 if none was met in a few tries."""
    for _ in range(20):
        n = below(desk.rng, 2 * len(f.skip))
        if s.link[n, RIDER] != NOBODY:
            return n
    return -1


@inner
def ruin_strings(f: Facts, s: State, desk: Desk) -> None:
    """Removes strings from routes near a random stop; about `settings[REMOVED]` stops on average."""
    seed = routed_node(f, s, desk)
    if seed < 0:
        return
    if not desk.known[seed]:
        learn_near(f, s, desk, seed)
    used, stops = 0, 0
    for r in range(len(f.fixed)):
        used += s.served[r] > 0
        stops += 2 * s.served[r]
    longest = min(desk.settings[LONGEST], stops / max(1, used))
    strings = int(1.0 + uniform(desk.rng) * (4.0 * desk.settings[REMOVED] / (1.0 + longest) - 1.0))
    n, at = seed, -1
    while strings > 0:
        r = s.link[n, RIDER]
        if r != NOBODY and not desk.touched[r]:
            stops = s.link[2 * len(f.skip) + len(f.fixed) + r, RANK] - 1
            length = int(1.0 + uniform(desk.rng) * min(float(stops), longest))
            kept = 0
            if length > 1 and uniform(desk.rng) < 0.5:
                kept = 1
                while length + kept < stops and uniform(desk.rng) > 0.01:
                    kept += 1
            take_string(f, s, desk, n, length, kept)
            strings -= 1
        at += 1
        if at >= desk.near.shape[1] or desk.near[seed, at] < 0:
            return
        n = desk.near[seed, at]


@inner
def ruin_random(f: Facts, s: State, desk: Desk) -> None:
    """Removes requests drawn at random."""
    for _ in range(1 + below(desk.rng, int(desk.settings[REMOVED]))):
        n = routed_node(f, s, desk)
        if n < 0:
            break
        take(f, s, desk, n >> 1)
    for i in range(desk.changed[len(desk.touched)]):
        refresh(f, s, desk.changed[i])


@inner
def ruin_alike(f: Facts, s: State, desk: Desk) -> None:
    """Removes requests whose stops lie near a random one's in place and service time."""
    seed = routed_node(f, s, desk)
    if seed < 0:
        return
    if not desk.known[seed]:
        learn_near(f, s, desk, seed)
    begin, reach = s.stop[seed, BEGIN], 0.0
    wanted = 1 + below(desk.rng, int(desk.settings[REMOVED]))
    width = desk.near.shape[1]
    for at in range(min(width, 4 * wanted)):
        if desk.near[seed, at] >= 0 and s.link[desk.near[seed, at], RIDER] != NOBODY:
            reach += abs(s.stop[desk.near[seed, at], BEGIN] - begin)
    reach *= 0.5 * (1.0 + uniform(desk.rng)) / min(width, 4 * wanted)
    take(f, s, desk, seed >> 1)
    for at in range(width):
        n = desk.near[seed, at]
        if wanted <= 1 or n < 0:
            break
        if s.link[n, RIDER] != NOBODY and abs(s.stop[n, BEGIN] - begin) <= reach:
            take(f, s, desk, n >> 1)
            wanted -= 1
    for i in range(desk.changed[len(desk.touched)]):
        refresh(f, s, desk.changed[i])


@inner
def ruin(f: Facts, s: State, desk: Desk) -> None:
    """One ruin, its kind drawn by the settings."""
    kind = uniform(desk.rng)
    if kind < desk.settings[RANDOM]:
        ruin_random(f, s, desk)
    elif kind < desk.settings[RANDOM] + desk.settings[ALIKE]:
        ruin_alike(f, s, desk)
    else:
        ruin_strings(f, s, desk)
