"""What a job adds to a rider's trip: every place it could be put in, each by a walk of the whole trip."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from o2o.dispatch.planning.flat import R_FROZEN, R_LOCKED, R_STOPS, Cells, Flat
from o2o.dispatch.planning.reasons import CODE, Reason
from o2o.dispatch.planning.timetable import FITS, compiled, walk

TRIP_LOCKED = CODE[Reason.TRIP_LOCKED]
STOP_LIMIT = CODE[Reason.STOP_LIMIT]
NOT_FOUND = 2**62


@compiled
def best_insertion(
    flat: Flat, r: int, seq: Cells, n: int, j: int, trial: Cells, bound: int
) -> tuple[int, int, int, int]:
    """(cost of the trip with the job, where its pick-up goes, where its drop-off goes, verdict).

    Only places that keep the frozen stops first, and only costs below `bound`, count. The verdict of a job that fits
    nowhere is that of putting it last, the most innocent place. `trial` is scratch.
    """
    if flat.riders[r, R_LOCKED] == 1:
        return NOT_FOUND, -1, -1, TRIP_LOCKED
    if n + 2 > flat.riders[r, R_STOPS]:
        return NOT_FOUND, -1, -1, STOP_LIMIT
    frozen = min(n, flat.riders[r, R_FROZEN])
    best, at_p, at_d, why = bound, -1, -1, FITS
    for k in range(n):
        trial[k] = seq[k]
    for p in range(n, frozen - 1, -1):
        for k in range(p, n):
            trial[k + 2] = seq[k]
        trial[p] = 2 * j
        trial[p + 1] = 2 * j + 1
        for d in range(p, n + 1):
            if d > p:
                trial[d] = seq[d - 1]
                trial[d + 1] = 2 * j + 1
            verdict, cost = walk(flat, r, trial, n + 2, best - 1)
            if p == n:
                why = verdict
            if verdict == FITS and cost < best:
                best, at_p, at_d = cost, p, d
        trial[p] = seq[p] if p < n else 0
    if at_p >= 0:
        return best, at_p, at_d, FITS
    return NOT_FOUND, -1, -1, why


@compiled
def insert(seq: Cells, n: int, j: int, p: int, d: int) -> None:
    """Put job j into `seq[:n]`, its pick-up before entry p, its drop-off before entry d of the old sequence."""
    for k in range(n - 1, d - 1, -1):
        seq[k + 2] = seq[k]
    seq[d + 1] = 2 * j + 1
    for k in range(d - 1, p - 1, -1):
        seq[k + 1] = seq[k]
    seq[p] = 2 * j


@compiled
def remove(seq: Cells, n: int, j: int) -> int:
    """Take both stops of job j out of `seq[:n]`; the new length."""
    kept = 0
    for k in range(n):
        if seq[k] >> 1 != j:
            seq[kept] = seq[k]
            kept += 1
    return kept


@compiled
def extra_costs(
    flat: Flat,
    seqs: Cells,
    lens: Cells,
    costs: npt.NDArray[np.int64],
    allowed: npt.NDArray[np.int8],
    jobs: Cells,
    extra: npt.NDArray[np.int64],
    why: npt.NDArray[np.int8],
    trial: Cells,
) -> None:
    """extra[k, r]: what jobs[k] adds to rider row r, NOT_FOUND where it cannot; why[k, r]: the verdict code."""
    for k in range(len(jobs)):
        for r in range(len(lens)):
            extra[k, r] = NOT_FOUND
            why[k, r] = allowed[r, jobs[k]]
            if why[k, r] != FITS:
                continue
            cost, _p, _d, verdict = best_insertion(flat, r, seqs[r], lens[r], jobs[k], trial, NOT_FOUND)
            why[k, r] = verdict
            if verdict == FITS:
                extra[k, r] = cost - costs[r]
