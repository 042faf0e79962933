"""What a job adds to a rider's trip: every place it could be put in, each ridden by the exact walk from there on.

The walk up to a place is done once and its state kept, and a place whose least possible cost is already too dear is
passed over. That bound holds where rides obey the triangle inequality; elsewhere a dearer place may be taken for the best.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt

from o2o.dispatch.planning.compiled import inlined, inner, lean
from o2o.dispatch.planning.flat import (
    J_BORN,
    J_DROP,
    J_DROP_S,
    J_DUE,
    J_PICK,
    J_PICK_S,
    J_PRIORITY,
    J_READY,
    R_FROZEN,
    R_LOCKED,
    R_PLACE,
    R_PROFILE,
    R_STOPS,
    S_ABOARD,
    S_COLUMNS,
    S_PLACE,
    S_T,
    W_LATE,
    W_WAIT,
    Flat,
    Ints,
)
from o2o.dispatch.planning.reasons import CODE, Reason
from o2o.dispatch.planning.timetable import (
    FITS,
    M_COST,
    M_GAPS,
    M_RATE,
    M_RIDES,
    M_START,
    M_TIME,
    M_WAITS,
    begin,
    finish,
    step,
    survey,
    total,
)

TRIP_LOCKED = CODE[Reason.TRIP_LOCKED]
STOP_LIMIT = CODE[Reason.STOP_LIMIT]
NOT_FOUND = cast(int, np.int64(2**62))  # not a literal: numba would compile everything again for it
# Rows of `Flat.kept`: the walk before the pick-up, and before the drop-off.
BASE, CHAIN = 0, 1


@lean
def insertion(flat: Flat, r: int, seq: Ints, n: int, j: int) -> tuple[int, int, int, int]:
    """(cost of the trip with the job, where its pick-up goes, where its drop-off goes, verdict) at its best place.

    Only places that keep the frozen stops first count. The verdict of a job that fits nowhere is that of putting it
    last, the most innocent place.
    """
    verdict = survey(flat, r, seq, n, flat.marks)
    if verdict != FITS:
        return NOT_FOUND, -1, -1, verdict
    return best_insertion(flat, r, seq, n, j, flat.marks, NOT_FOUND)


@lean
def best_insertion(flat: Flat, r: int, seq: Ints, n: int, j: int, marks: Ints, bound: int) -> tuple[int, int, int, int]:
    """As `insertion`, for a trip surveyed into `marks`; only costs below `bound` count, else the verdict means nothing."""
    if flat.riders[r, R_LOCKED] == 1:
        return NOT_FOUND, -1, -1, TRIP_LOCKED
    if n + 2 > flat.riders[r, R_STOPS]:
        return NOT_FOUND, -1, -1, STOP_LIMIT
    best, at_p, at_d, why, walked = bound, -1, -1, FITS, -1
    for p in range(min(n, flat.riders[r, R_FROZEN]), n + 1):
        if least_cost(flat, r, seq, n, j, marks, p) >= best:
            continue
        if walked < 0:
            walked = 0
            begin(flat, r, n + 2)
        else:
            bring_back(flat, BASE)
        while walked < p:
            step(flat, r, seq[walked])
            walked += 1
        keep(flat, BASE)
        why, cost, d = best_drop(flat, r, seq, n, j, p, marks, best)
        if d >= 0:
            best, at_p, at_d = cost, p, d
    if at_p >= 0:
        return best, at_p, at_d, FITS
    return NOT_FOUND, -1, -1, why


@inlined
def least_cost(flat: Flat, r: int, seq: Ints, n: int, j: int, marks: Ints, p: int) -> int:
    """The least the trip can cost with job j picked up before entry p."""
    rider, job, places = flat.riders[r], flat.jobs[j], flat.places
    pick, drop = job[J_PICK], job[J_DROP]
    here = rider[R_PLACE] if p == 0 else flat.jobs[seq[p - 1] >> 1, J_PICK + (seq[p - 1] & 1)]
    t = marks[p, M_TIME]
    if here != pick:
        t += max(0, flat.seconds[rider[R_PROFILE], here, pick]) + places[pick, 0]
    t = max(t, job[J_READY]) + job[J_PICK_S]
    cost = marks[p, M_COST] + least_after(flat, r, seq, n, marks, p, t, pick)
    if pick != drop:
        t += places[pick, 1] + max(0, flat.seconds[rider[R_PROFILE], pick, drop]) + places[drop, 0]
    return int(cost + waits(flat, j, t))


@inlined
def least_after(flat: Flat, r: int, seq: Ints, n: int, marks: Ints, k: int, t: int, here: int) -> int:
    """The least that waiting costs from stop k on, for a rider done at place `here` at time t.

    Who comes later than in the unchanged trip makes everybody after wait longer, less what was spent waiting for goods.
    """
    if k >= n:
        return 0
    there = flat.jobs[seq[k] >> 1, J_PICK + (seq[k] & 1)]
    if there != here:
        leg = max(0, flat.seconds[flat.riders[r, R_PROFILE], here, there])
        t += flat.places[here, 1] + leg + flat.places[there, 0]
    later = max(0, t - marks[k, M_START] - marks[k, M_GAPS])
    return int(marks[k, M_WAITS] + later * marks[k, M_RATE])


@inlined
def waits(flat: Flat, j: int, t: int) -> int:
    """What job j's customer having waited until t costs, at least."""
    w, job = flat.weights, flat.jobs[j]
    cost = max(0, t - job[J_BORN]) * w[W_WAIT] + max(0, t - job[J_DUE]) * w[W_LATE]
    return int(cost * job[J_PRIORITY])


@inner
def best_drop(flat: Flat, r: int, seq: Ints, n: int, j: int, p: int, marks: Ints, bound: int) -> tuple[int, int, int]:
    """(verdict of the last place tried, least cost, where the drop-off goes) with the pick-up before entry p.

    -1 for no place below `bound`. The walk stands before entry p.
    """
    best, at, why = bound, -1, FITS
    drop = flat.jobs[j, J_DROP]
    for d in range(p, n + 1):
        why = step(flat, r, 2 * j if d == p else seq[d - 1])
        if why != FITS:
            break
        s = flat.state
        t = s[S_T]
        if s[S_PLACE] != drop:
            leg = max(0, flat.seconds[flat.riders[r, R_PROFILE], s[S_PLACE], drop])
            t += flat.places[s[S_PLACE], 1] + leg + flat.places[drop, 0]
        least = total(s) + waits(flat, j, t)
        if least + marks[d, M_WAITS] >= best:
            break
        after = least_after(flat, r, seq, n, marks, d, t + flat.jobs[j, J_DROP_S], drop)
        if least + after + marks[d, M_RIDES] >= best:
            continue
        keep(flat, CHAIN)
        why, cost = ride_on(flat, r, seq, d, n, j, marks, best)
        if why == FITS and cost < best:
            best, at = cost, d
        bring_back(flat, CHAIN)
    return why, best, at


@inner
def ride_on(flat: Flat, r: int, seq: Ints, d: int, n: int, j: int, marks: Ints, bound: int) -> tuple[int, int]:
    """(verdict, cost) of dropping job j off now and riding `seq[d:n]`; past `bound` it stops with FITS and that cost."""
    s = flat.state
    for k in range(d - 1, n):
        verdict = step(flat, r, 2 * j + 1 if k < d else seq[k])
        if verdict != FITS:
            return verdict, NOT_FOUND
        least = total(s) + least_after(flat, r, seq, n, marks, k + 1, s[S_T], s[S_PLACE])
        if least >= bound:
            return FITS, least
    verdict = finish(flat, r, n + 2)
    return verdict, total(s)


@inlined
def keep(flat: Flat, row: int) -> None:
    """Note the state of the walk."""
    for k in range(S_COLUMNS):
        flat.kept[row, k] = flat.state[k]
    for k in range(flat.state[S_ABOARD]):
        flat.kept_stack[row, k] = flat.stack[k]


@inlined
def bring_back(flat: Flat, row: int) -> None:
    """Take the walk back to where it was noted. `picked` needs nothing: a walk writes it before it reads it."""
    for k in range(S_COLUMNS):
        flat.state[k] = flat.kept[row, k]
    for k in range(flat.state[S_ABOARD]):
        flat.stack[k] = flat.kept_stack[row, k]


@lean
def insert(seq: Ints, n: int, j: int, p: int, d: int) -> None:
    """Put job j into `seq[:n]`, its pick-up before entry p, its drop-off before entry d of the old sequence."""
    for k in range(n - 1, d - 1, -1):
        seq[k + 2] = seq[k]
    seq[d + 1] = 2 * j + 1
    for k in range(d - 1, p - 1, -1):
        seq[k + 1] = seq[k]
    seq[p] = 2 * j


@lean
def remove(seq: Ints, n: int, j: int) -> int:
    """Take both stops of job j out of `seq[:n]`; the new length."""
    kept = 0
    for k in range(n):
        if seq[k] >> 1 != j:
            seq[kept] = seq[k]
            kept += 1
    return kept


@lean
def extra_costs(
    flat: Flat,
    seqs: Ints,
    lens: Ints,
    allowed: npt.NDArray[np.int8],
    jobs: Ints,
    extra: npt.NDArray[np.int64],
    why: npt.NDArray[np.int8],
) -> None:
    """extra[k, r]: what jobs[k] adds to rider row r, NOT_FOUND where it cannot; why[k, r]: the verdict code."""
    for r in range(len(lens)):
        n = lens[r]
        base = survey(flat, r, seqs[r], n, flat.marks)
        now = total(flat.state)
        for k in range(len(jobs)):
            j = jobs[k]
            extra[k, r] = NOT_FOUND
            why[k, r] = allowed[r, j] if base == FITS else base
            if why[k, r] == FITS:
                cost, _p, _d, verdict = best_insertion(flat, r, seqs[r], n, j, flat.marks, NOT_FOUND)
                why[k, r] = verdict
                if verdict == FITS:
                    extra[k, r] = cost - now
