"""Ruin and recreate on whole trips, costed by the exact walk (every rule included), in compiled loops.

Large-neighbourhood search after Shaw (CP 1998) and Schrimpf et al. (J. Comput. Phys. 159, 2000); blinks after
Christiaens and Vanden Berghe (Transportation Science 54, 2020). A job's best place in an unchanged trip is
remembered under the trip's fingerprint, so a step only walks the trips it touched.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from o2o.dispatch.planning.compiled import inner, lean
from o2o.dispatch.planning.flat import J_DROP, J_PICK, J_READY, J_SKIP, Flat, Ints
from o2o.dispatch.planning.insertion import NOT_FOUND, best_insertion, insert, remove
from o2o.dispatch.planning.timetable import FITS, M_COLUMNS, survey, total

# How a job may move.
FIXED, FREE, STAYS = 0, 1, 2


class Search(NamedTuple):
    """The solution in hand, its fallback copies, the memory of insertions, and scratch."""

    seqs: Ints
    lens: Ints
    costs: Ints
    rider_of: Ints
    best_seqs: Ints
    best_lens: Ints
    best_costs: Ints
    best_of: Ints
    old_seqs: Ints
    old_lens: Ints
    old_costs: Ints
    touched: Ints
    prints: npt.NDArray[np.uint64]
    marks: Ints
    memo_print: npt.NDArray[np.uint64]
    memo_cost: Ints
    memo_at: Ints
    out: Ints
    out_was: Ints
    keys: Ints
    unknown: Ints
    chance: npt.NDArray[np.uint64]
    counts: Ints


# Entries of `counts`.
C_OUT, C_TOUCHED = 0, 1


@inner
def below(chance: npt.NDArray[np.uint64], n: int) -> int:
    """The next number in [0, n) of a xorshift64* sequence (Vigna, ACM TOMS 42, 2016)."""
    x = chance[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    chance[0] = x
    return int((x * np.uint64(2685821657736338717)) >> np.uint64(33)) % n


@inner
def fingerprint(seq: Ints, n: int) -> np.uint64:
    """A number for the sequence (FNV-1a over its stops); never 0."""
    h = np.uint64(14695981039346656037)
    for k in range(n):
        h = (h ^ np.uint64(seq[k] + 1)) * np.uint64(1099511628211)
    return np.uint64(h | np.uint64(1))


@inner
def touch(z: Search, r: int) -> None:
    """Remember rider r's trip as it was before this step."""
    for k in range(z.counts[C_TOUCHED]):
        if z.touched[k] == r:
            return
    z.touched[z.counts[C_TOUCHED]] = r
    z.counts[C_TOUCHED] += 1
    z.old_lens[r], z.old_costs[r] = z.lens[r], z.costs[r]
    for k in range(z.lens[r]):
        z.old_seqs[r, k] = z.seqs[r, k]


@inner
def take_out(flat: Flat, z: Search, j: int) -> None:
    """Move job j from its trip to the list of jobs to put back."""
    r = z.rider_of[j]
    z.out[z.counts[C_OUT]] = j
    z.out_was[z.counts[C_OUT]] = r
    z.counts[C_OUT] += 1
    if r < 0:
        z.rider_of[j] = -3
        return
    touch(z, r)
    z.lens[r] = remove(z.seqs[r], z.lens[r], j)
    z.rider_of[j] = -3


@lean
def settle(flat: Flat, z: Search, r: int) -> bool:
    """Cost the changed trip of rider r anew; False if what is left of it no longer fits."""
    verdict = survey(flat, r, z.seqs[r], z.lens[r], z.marks[r])
    z.costs[r] = total(flat.state)
    z.prints[r] = fingerprint(z.seqs[r], z.lens[r])
    return verdict == FITS


@inner
def distance(flat: Flat, a: int, b: int) -> int:
    """How far apart two jobs are, in seconds of riding and of readiness; unreachable counts as an hour."""
    x = flat.seconds[0, flat.jobs[a, J_PICK], flat.jobs[b, J_PICK]]
    y = flat.seconds[0, flat.jobs[a, J_DROP], flat.jobs[b, J_DROP]]
    gap = abs(flat.jobs[a, J_READY] - flat.jobs[b, J_READY])
    return int((x if x >= 0 else 3600) + (y if y >= 0 else 3600) + gap)


@inner
def ruin(flat: Flat, z: Search, pool: Ints, most: int) -> None:
    """Take out a job and those most like it, with some chance in who is most like it."""
    n, nothing = len(pool), len(z.rider_of)
    centre = pool[below(z.chance, n)]
    size = 1 + below(z.chance, most)
    if below(z.chance, 4) == 0 and z.rider_of[centre] >= 0:
        r = z.rider_of[centre]
        for k in range(n):
            if z.rider_of[pool[k]] == r and z.counts[C_OUT] < 8:
                take_out(flat, z, pool[k])
    if z.rider_of[centre] != -3:
        take_out(flat, z, centre)
    for _ in range(size):
        best, which = NOT_FOUND, nothing
        for _draw in range(min(n, 12)):
            j = pool[below(z.chance, n)]
            if z.rider_of[j] != -3:
                d = distance(flat, centre, j)
                if d < best:
                    best, which = d, j
        if which < nothing:
            take_out(flat, z, which)


@inner
def order(flat: Flat, z: Search) -> None:
    """Sort the jobs to put back: by chance, by readiness, or by length of their ride."""
    n = z.counts[C_OUT]
    kind = below(z.chance, 4)
    for k in range(n):
        j = z.out[k]
        if kind <= 1:
            z.keys[k] = below(z.chance, 1 << 20)
        elif kind == 2:
            z.keys[k] = flat.jobs[j, J_READY]
        else:
            z.keys[k] = flat.seconds[0, flat.jobs[j, J_PICK], flat.jobs[j, J_DROP]]
    for k in range(1, n):
        key, j, was = z.keys[k], z.out[k], z.out_was[k]
        i = k
        while i > 0 and z.keys[i - 1] > key:
            z.keys[i], z.out[i], z.out_was[i] = z.keys[i - 1], z.out[i - 1], z.out_was[i - 1]
            i -= 1
        z.keys[i], z.out[i], z.out_was[i] = key, j, was


@inner
def weigh(flat: Flat, z: Search, j: int, r: int, bound: int) -> int:
    """What job j adds to rider r's trip, if less than `bound`; remembered, with its places, while the trip is unchanged."""
    flat.tally[0] += 1
    cost, p, d, _why = best_insertion(flat, r, z.seqs[r], z.lens[r], j, z.marks[r], bound + z.costs[r])
    z.memo_print[j, r] = z.prints[r]
    z.memo_cost[j, r] = cost - z.costs[r] if p >= 0 else bound
    z.memo_at[j, r, 0], z.memo_at[j, r, 1] = p, d
    return int(z.memo_cost[j, r])


@inner
def put_back(flat: Flat, z: Search, allowed: npt.NDArray[np.int8], j: int, blink: bool) -> bool:
    """Give job j to the rider it costs least, or to nobody if that costs more than leaving it; was it placed?

    Trips changed since j was last weighed for them are walked last, when the bound is tight.
    """
    nobody = len(z.lens)
    best, who, unknown = flat.jobs[j, J_SKIP], nobody, 0
    flat.tally[0] += len(z.lens) >> 4
    for r in range(len(z.lens)):
        if allowed[r, j] != FITS:
            continue
        cost, stale = z.memo_cost[j, r], z.memo_print[j, r] != z.prints[r]
        if stale or (cost < best and z.memo_at[j, r, 0] < 0):
            z.unknown[unknown] = r
            unknown += 1
        elif cost < best and not (blink and below(z.chance, 64) == 0):
            best, who = cost, r
    for k in range(unknown):
        r = z.unknown[k]
        cost = weigh(flat, z, j, r, best)
        if cost < best and not (blink and below(z.chance, 64) == 0):
            best, who = cost, r
    if who == nobody:
        z.rider_of[j] = -1
        return False
    touch(z, who)
    insert(z.seqs[who], z.lens[who], j, z.memo_at[j, who, 0], z.memo_at[j, who, 1])
    z.lens[who] += 2
    z.rider_of[j] = who
    return settle(flat, z, who)


@inner
def undo(flat: Flat, z: Search) -> None:
    """Put every touched trip back as it was before the step."""
    for k in range(z.counts[C_TOUCHED]):
        r = z.touched[k]
        z.lens[r], z.costs[r] = z.old_lens[r], z.old_costs[r]
        for i in range(z.lens[r]):
            z.seqs[r, i] = z.old_seqs[r, i]
        settle(flat, z, r)
    for k in range(z.counts[C_OUT]):
        z.rider_of[z.out[k]] = z.out_was[k]


@inner
def keep_best(z: Search) -> None:
    """Copy the solution in hand over the best one."""
    for r in range(len(z.lens)):
        z.best_lens[r], z.best_costs[r] = z.lens[r], z.costs[r]
        for k in range(z.lens[r]):
            z.best_seqs[r, k] = z.seqs[r, k]
    for j in range(len(z.rider_of)):
        z.best_of[j] = z.rider_of[j]


def back_to_best(flat: Flat, z: Search) -> None:
    """Copy the best solution over the one in hand."""
    z.seqs[:], z.lens[:], z.rider_of[:] = z.best_seqs, z.best_lens, z.best_of
    for r in range(len(z.lens)):
        settle(flat, z, r)


@inner
def change(flat: Flat, z: Search, allowed: npt.NDArray[np.int8], how: Ints, pool: Ints, most: int) -> tuple[bool, int]:
    """One step: (is it lawful, by how much did the cost change)."""
    z.counts[C_OUT] = 0
    z.counts[C_TOUCHED] = 0
    ruin(flat, z, pool, most)
    gain = 0
    for k in range(z.counts[C_OUT]):
        if z.out_was[k] == -1:
            gain -= flat.jobs[z.out[k], J_SKIP]
    for k in range(z.counts[C_TOUCHED]):
        if not settle(flat, z, z.touched[k]):
            return False, 0
    order(flat, z)
    blink = below(z.chance, 2) == 0
    for k in range(z.counts[C_OUT]):
        j = z.out[k]
        if not put_back(flat, z, allowed, j, blink):
            if how[j] == STAYS:
                return False, 0
            gain += flat.jobs[j, J_SKIP]
    for k in range(z.counts[C_TOUCHED]):
        r = z.touched[k]
        gain += z.costs[r] - z.old_costs[r]
    return True, gain


@lean
def anneal(
    flat: Flat,
    z: Search,
    allowed: npt.NDArray[np.int8],
    how: Ints,
    pool: Ints,
    most: int,
    heat: int,
    steps: int,
    stops: int,
) -> int:
    """Steps until `steps` are done or `stops` stops have been walked; how many steps.

    A loss is accepted up to a random part of a heat that falls to 0 with the work that is left.
    """
    begun, now, best = flat.tally[0], 0, 0
    for k in range(steps):
        left = min((steps - k) / steps, 1.0 - (flat.tally[0] - begun) / stops)
        if left <= 0.0:
            return k
        lawful, gain = change(flat, z, allowed, how, pool, most)
        limit = int(heat * left)
        allowance = below(z.chance, limit + 1) if limit > 0 else 0
        if lawful and gain <= allowance:
            now += gain
            if now < best:
                best = now
                keep_best(z)
        else:
            undo(flat, z)
    return steps


def workspace(flat: Flat, seqs: Ints, lens: Ints, costs: Ints, rider_of: Ints, seed: int) -> Search:
    """Everything `anneal` needs, starting from (copies of) the given solution."""
    m = len(lens)
    n = len(rider_of)
    z = Search(
        seqs=seqs.copy(),
        lens=lens.copy(),
        costs=costs.copy(),
        rider_of=rider_of.copy(),
        best_seqs=seqs.copy(),
        best_lens=lens.copy(),
        best_costs=costs.copy(),
        best_of=rider_of.copy(),
        old_seqs=seqs.copy(),
        old_lens=lens.copy(),
        old_costs=costs.copy(),
        touched=np.zeros(m + 1, dtype=np.int64),
        prints=np.zeros(m, dtype=np.uint64),
        marks=np.zeros((m, seqs.shape[1] + 1, M_COLUMNS), dtype=np.int64),
        memo_print=np.zeros((n, m), dtype=np.uint64),
        memo_cost=np.zeros((n, m), dtype=np.int64),
        memo_at=np.zeros((n, m, 2), dtype=np.int64),
        out=np.zeros(n + 1, dtype=np.int64),
        out_was=np.zeros(n + 1, dtype=np.int64),
        keys=np.zeros(n + 1, dtype=np.int64),
        unknown=np.zeros(m, dtype=np.int64),
        chance=np.array([(seed * 0x9E3779B97F4A7C15 + 0x1234567) % 2**64 | 1], dtype=np.uint64),
        counts=np.zeros(2, dtype=np.int64),
    )
    for r in range(m):
        settle(flat, z, r)
    return z
