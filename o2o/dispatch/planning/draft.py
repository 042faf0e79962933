"""The plan being made: one sequence of stops a rider, and the jobs nobody has yet.

It opens with what is owed (`obligations`): goods on board, jobs riders hold, frozen stops. A limit that these alone
break (a shift that ended while carrying) is stretched exactly as far as they need, and no further. Then comes what
the last round intended, if it still holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from o2o.dispatch.planning import feasibility
from o2o.dispatch.planning.flat import (
    FAR_S,
    J_BOXES,
    J_G,
    J_LATEST,
    J_MAX_RIDE,
    J_ML,
    J_UNITS,
    R_BOXES,
    R_END,
    R_FROZEN,
    R_G,
    R_LAST_PICK,
    R_LIFO,
    R_LOCKED,
    R_MIX,
    R_ML,
    R_REST_LATEST,
    R_STOPS,
    R_UNITS,
    S_REST_AT,
    S_T,
    Flat,
    Ints,
    Rows,
    flatten,
    longest_trip,
)
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Action, Problem, RiderState
from o2o.dispatch.planning.reasons import CODE, Reason
from o2o.dispatch.planning.timetable import (
    BREAK_DUE,
    FITS,
    LOADING_ORDER,
    M_EVENT,
    PICKUP_TOO_LATE,
    SHIFT_ENDS,
    STORES_MIXED,
    UNREACHABLE,
    survey,
    total,
)


@dataclass(slots=True)
class Draft:
    """Sequences `seqs[r, :lens[r]]` with `costs[r]`; `rider_of[j]` is a rider row, or -1 open, or -2 set aside."""

    flat: Flat
    rows: Rows
    allowed: npt.NDArray[np.int8]
    seqs: Ints
    lens: Ints
    costs: npt.NDArray[np.int64]
    rider_of: Ints
    movable: npt.NDArray[np.bool_]
    stranded: list[int] = field(default_factory=list)

    def open_jobs(self) -> list[int]:
        """Job rows in no trip and not set aside, in row order."""
        return [int(j) for j in np.flatnonzero(self.rider_of == -1)]


def begin(problem: Problem, policy: DispatchPolicy) -> Draft:
    """The draft a round starts from. Raises ValueError on ids that occur twice and places that do not exist."""
    flat, rows = flatten(problem, policy)
    count, wide = len(problem.jobs), longest_trip(problem, policy) + 4
    draft = Draft(
        flat=flat,
        rows=rows,
        allowed=feasibility.verdicts(problem),
        seqs=np.zeros((len(problem.riders), wide), dtype=np.int64),
        lens=np.zeros(len(problem.riders), dtype=np.int64),
        costs=np.zeros(len(problem.riders), dtype=np.int64),
        rider_of=np.full(count, -1, dtype=np.int64),
        movable=np.ones(count, dtype=np.bool_),
    )
    plans = [(r, rider, _owed_and_meant(problem, rider, rows, draft)) for r, rider in enumerate(problem.riders)]
    for r, rider, (owed, _meant) in plans:
        _oblige(draft, r, rider, owed)
    for r, rider, (owed, meant) in plans:
        if not rider.locked and len(meant) > len(owed):
            _intend(draft, r, meant)
    return draft


def put(draft: Draft, r: int, seq: list[int]) -> bool:
    """Make `seq` the trip of rider row r if the walk allows it; did it?"""
    line = np.array([*seq, 0], dtype=np.int64)
    if len(seq) > draft.seqs.shape[1] or survey(draft.flat, r, line, len(seq), draft.flat.marks) != FITS:
        return False
    draft.seqs[r, : len(seq)], draft.lens[r], draft.costs[r] = seq, len(seq), total(draft.flat.state)
    for s in seq:
        draft.rider_of[s >> 1] = r
    return True


def _owed_and_meant(problem: Problem, rider: RiderState, rows: Rows, draft: Draft) -> tuple[list[int], list[int]]:
    """Stops the rider owes, and all stops of the trip as it stands; both well formed, each job once."""
    carried = [rows.job[one] for one in rider.carrying if one in rows.job]
    owed: list[int] = []
    meant: list[int] = []
    owes: set[int] = set(carried)
    for number, stop in enumerate(rider.stops):
        j = rows.job.get(stop.job_id)
        if j is None:
            continue
        mine = rider.locked or number < rider.frozen or problem.jobs[j].holder == rider.id or j in carried
        if mine:
            owes.add(j)
        one = 2 * j + int(stop.action is Action.DROPOFF)
        meant.append(one)
        if number < rider.frozen and draft.flat.riders.shape[0]:
            draft.flat.riders[rows.rider[rider.id], R_FROZEN] += 1
    meant = _well_formed(meant, carried)
    owed = [s for s in meant if s >> 1 in owes]
    return owed, meant


def _well_formed(stops: list[int], carried: list[int]) -> list[int]:
    """Each job picked up once, then dropped off once; goods on board only dropped off; the missing ends appended."""
    aboard = set(carried)
    done: set[int] = set()
    out: list[int] = []
    for s in stops:
        j, drop = s >> 1, s & 1
        if j in done or (drop == 0 and j in aboard) or (drop == 1 and j not in aboard):
            continue
        out.append(s)
        if drop == 0:
            aboard.add(j)
        else:
            aboard.discard(j)
            done.add(j)
    left = [j for j in reversed(carried) if j in aboard]
    left += [j for j in sorted(aboard) if j not in carried]
    return out + [2 * j + 1 for j in left]


def _oblige(draft: Draft, r: int, rider: RiderState, owed: list[int]) -> None:
    """Give the rider what it owes and stretch what that alone would break."""
    owed = [s for s in owed if draft.rider_of[s >> 1] == -1]
    if not owed:
        return
    flat = draft.flat
    for j in {s >> 1 for s in owed}:
        flat.jobs[j, J_LATEST], flat.jobs[j, J_MAX_RIDE] = FAR_S, FAR_S * 4
        draft.movable[j] = False
    _stretch_load(flat, r, owed, [draft.rows.job[one] for one in rider.carrying if one in draft.rows.job])
    kept = _reachable(draft, r, owed)
    ends = int(flat.riders[r, R_END])
    _stretch(flat, r, kept)
    if int(flat.riders[r, R_END]) > ends:  # what is owed already passes the end of the shift: nothing new
        draft.allowed[r, draft.allowed[r] == FITS] = CODE[Reason.SHIFT_ENDS]
    if not put(draft, r, kept):
        raise ValueError(f"the trip of rider {rider.id} cannot be read")


def _reachable(draft: Draft, r: int, owed: list[int]) -> list[int]:
    """What is owed without the jobs no road leads to; a rider who has such a job gets nothing new."""
    flat = draft.flat
    while owed:
        for k in range(1, len(owed) + 1):
            verdict = _leg(flat, r, owed[:k])
            if verdict == UNREACHABLE:
                lost = owed[k - 1] >> 1
                draft.stranded.append(lost)
                draft.rider_of[lost] = -2
                flat.riders[r, R_LOCKED] = 1
                owed = [s for s in owed if s >> 1 != lost]
                break
        else:
            return owed
    return owed


def _leg(flat: Flat, r: int, seq: list[int]) -> int:
    """UNREACHABLE if the last stop of `seq` cannot be ridden to; every time limit is put aside for the question."""
    rider = flat.riders[r].copy()
    flat.riders[r, [R_END, R_LAST_PICK, R_REST_LATEST]] = FAR_S * 8
    flat.riders[r, R_LIFO], flat.riders[r, R_MIX] = 0, 1
    verdict = survey(flat, r, np.array(seq, dtype=np.int64), len(seq), flat.marks)
    flat.riders[r] = rider
    return int(verdict)


def _stretch_load(flat: Flat, r: int, owed: list[int], carried: list[int]) -> None:
    columns = ((R_G, J_G), (R_ML, J_ML), (R_BOXES, J_BOXES), (R_UNITS, J_UNITS))
    for of_rider, of_job in columns:
        now = sum(int(flat.jobs[j, of_job]) for j in carried)
        peak = now
        for s in owed:
            now += int(flat.jobs[s >> 1, of_job]) * (-1 if s & 1 else 1)
            peak = max(peak, now)
        flat.riders[r, of_rider] = max(int(flat.riders[r, of_rider]), peak)


def _stretch(flat: Flat, r: int, seq: list[int]) -> None:
    """Move each limit that `seq` breaks to where `seq` just keeps it."""
    line = np.array([*seq, 0], dtype=np.int64)
    rider = flat.riders[r]
    for _ in range(8):
        verdict = survey(flat, r, line, len(seq), flat.marks)
        if verdict == FITS:
            return
        if verdict == STORES_MIXED:
            rider[R_MIX] = 1
        elif verdict == LOADING_ORDER:
            rider[R_LIFO] = 0
        elif verdict == SHIFT_ENDS:
            rider[R_END] = flat.state[S_T]
        elif verdict in (PICKUP_TOO_LATE, BREAK_DUE):
            _stretch_times(flat, r, line)


def _stretch_times(flat: Flat, r: int, line: Ints) -> None:
    """Measure the trip without its time limits, then set them to what it needs."""
    rider = flat.riders[r]
    limits = rider.copy()
    rider[[R_END, R_LAST_PICK, R_REST_LATEST]] = FAR_S * 8
    rider[R_LIFO], rider[R_MIX] = 0, 1
    n = len(line) - 1
    survey(flat, r, line, n, flat.marks)
    last = max((int(flat.marks[i, M_EVENT]) for i in range(n) if line[i] & 1 == 0), default=-FAR_S)
    rest = int(flat.state[S_REST_AT])
    flat.riders[r] = limits
    rider[R_LAST_PICK] = max(int(limits[R_LAST_PICK]), last)
    rider[R_REST_LATEST] = max(int(limits[R_REST_LATEST]), rest)


def _intend(draft: Draft, r: int, meant: list[int]) -> None:
    """Take up what the last round meant for the rider, as far as rules and times still allow."""
    allowed = draft.allowed
    keep = [s for s in meant if draft.rider_of[s >> 1] == r or _may(draft, r, s >> 1, allowed)]
    if len(keep) > int(draft.lens[r]) and len(keep) <= int(draft.flat.riders[r, R_STOPS]):
        put(draft, r, keep)


def _may(draft: Draft, r: int, j: int, allowed: npt.NDArray[np.int8]) -> bool:
    return bool(draft.rider_of[j] == -1 and allowed[r, j] == FITS and draft.flat.riders[r, R_LOCKED] == 0)
