"""Taking requests out: strings of neighbouring stops, as Christiaens and Vanden Berghe (2020) do for customers.

Adapted to pickups and deliveries: a string is made of stops, and every request with a stop in it leaves whole. Beside
strings: requests drawn at random (Schrimpf et al. 2000) and requests alike in place and time (Shaw 1998; Ropke and
Pisinger 2006).
"""
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from o2o.dispatch.planning.search.chance import Generator, below, uniform
from o2o.dispatch.planning.search.compiled import compiled
from o2o.dispatch.planning.search.state import (
    BEGIN,
    NOBODY,
    PRED,
    RANK,
    RIDER,
    SUCC,
    Facts,
    Floats,
    Ints,
    Loads,
    State,
    refresh,
    remove,
)


class Desk(NamedTuple):
    """Working memory of one search."""

    rng: Generator
    blink: Loads  # (1,) positions until the next blink
    near: Ints  # (2Q, K) nearest nodes of a node, filled when first asked for
    known: NDArray[np.uint8]  # (2Q,) which rows of `near` are filled
    apart: Floats  # (2Q,) scratch for filling them
    touched: NDArray[np.uint8]  # (R,) routes changed in this iteration
    changed: Ints  # (R + 1,) the same as a list; their number is at [R]
    window: Ints  # (64,) requests of one string
    keys: Floats  # (Q,) order of insertion
    misses: Loads  # (Q,) how often each request was left over
    seen: Loads  # (R + 1,) stamps of empty twins tried; the last stamp is at [R]
    settings: Floats  # (8,) see the names below


REMOVED, LONGEST, BLINK, RANDOM, ALIKE, RETRY = 0, 1, 2, 3, 4, 5
"""Columns of `Desk.settings`: mean stops removed, longest string, blink rate, share of random and of alike ruins,
requests left over before that are tried again in an iteration."""


@compiled
def touch(desk: Desk, r: int) -> None:
    """Notes that route r changes in this iteration."""
    if not desk.touched[r]:
        size = len(desk.touched)
        desk.touched[r] = 1
        desk.changed[desk.changed[size]] = r
        desk.changed[size] += 1


@compiled
def learn_near(f: Facts, desk: Desk, n: int) -> None:
    """Fills the row of nodes nearest to n, cheapest arc first (in the cheaper direction, profile 0)."""
    width, size = desk.near.shape[1], len(desk.apart)
    table = f.cost[0]
    here = f.place[n]
    for m in range(size):
        there = f.place[m]
        usable = m != n and (m & 1 == 1 or f.aboard[m >> 1] == NOBODY)
        desk.apart[m] = min(table[here, there], table[there, here]) if usable else np.inf
    nearest = np.argpartition(desk.apart, width - 1)[:width] if width < size else np.arange(size)
    order = np.argsort(desk.apart[nearest])
    for i in range(width):
        m = nearest[order[i]]
        desk.near[n, i] = m if desk.apart[m] < np.inf else -1
    desk.known[n] = 1


@compiled
def take(f: Facts, s: State, desk: Desk, q: int) -> None:
    """Removes a routed request and notes its route."""
    touch(desk, s.link[2 * q + 1, RIDER])
    remove(f, s, q)


@compiled
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


@compiled
def routed_node(f: Facts, s: State, desk: Desk) -> int:
    """A random stop of the routes, -1 if none was met in a few tries."""
    for _ in range(20):
        n = below(desk.rng, 2 * len(f.skip))
        if s.link[n, RIDER] != NOBODY:
            return n
    return -1


@compiled
def ruin_strings(f: Facts, s: State, desk: Desk) -> None:
    """Removes strings from routes near a random stop; about `settings[REMOVED]` stops on average."""
    seed = routed_node(f, s, desk)
    if seed < 0:
        return
    if not desk.known[seed]:
        learn_near(f, desk, seed)
    used, stops = 0, 0
    for r in range(len(f.fixed)):
        used += s.count[r] > 0
        stops += 2 * s.count[r]
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


@compiled
def ruin_random(f: Facts, s: State, desk: Desk) -> None:
    """Removes requests drawn at random."""
    for _ in range(1 + below(desk.rng, int(desk.settings[REMOVED]))):
        n = routed_node(f, s, desk)
        if n < 0:
            break
        take(f, s, desk, n >> 1)
    for i in range(desk.changed[len(desk.touched)]):
        refresh(f, s, desk.changed[i])


@compiled
def ruin_alike(f: Facts, s: State, desk: Desk) -> None:
    """Removes requests whose stops lie near a random one's in place and service time."""
    seed = routed_node(f, s, desk)
    if seed < 0:
        return
    if not desk.known[seed]:
        learn_near(f, desk, seed)
    begin, reach = s.time[seed, BEGIN], 0.0
    wanted = 1 + below(desk.rng, int(desk.settings[REMOVED]))
    width = desk.near.shape[1]
    for at in range(min(width, 4 * wanted)):
        if desk.near[seed, at] >= 0 and s.link[desk.near[seed, at], RIDER] != NOBODY:
            reach += abs(s.time[desk.near[seed, at], BEGIN] - begin)
    reach *= 0.5 * (1.0 + uniform(desk.rng)) / min(width, 4 * wanted)
    take(f, s, desk, seed >> 1)
    for at in range(width):
        n = desk.near[seed, at]
        if wanted <= 1 or n < 0:
            break
        if s.link[n, RIDER] != NOBODY and abs(s.time[n, BEGIN] - begin) <= reach:
            take(f, s, desk, n >> 1)
            wanted -= 1
    for i in range(desk.changed[len(desk.touched)]):
        refresh(f, s, desk.changed[i])


@compiled
def ruin(f: Facts, s: State, desk: Desk) -> None:
    """One ruin, its kind drawn by the settings."""
    kind = uniform(desk.rng)
    if kind < desk.settings[RANDOM]:
        ruin_random(f, s, desk)
    elif kind < desk.settings[RANDOM] + desk.settings[ALIKE]:
        ruin_alike(f, s, desk)
    else:
        ruin_strings(f, s, desk)
