"""May this job join this rider's trip at all? One function per rule that does not depend on the order of stops.

What depends on the order (times, load on the way, breaks) is judged by the walk in `timetable`, with the same codes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from o2o.dispatch.planning.problem import Job, Problem, RiderState
from o2o.dispatch.planning.reasons import CODE, Reason

FITS = CODE[Reason.FITS]
Rule = Callable[[Problem, RiderState, Job], Reason | None]


def declined(_problem: Problem, rider: RiderState, job: Job) -> Reason | None:
    """A rider who declined a job is not asked again."""
    return Reason.DECLINED if rider.id in job.refused_by else None


def reserved(_problem: Problem, rider: RiderState, job: Job) -> Reason | None:
    """A job a dispatcher gave to somebody is for nobody else."""
    return Reason.RESERVED if job.only_for not in ("", rider.id) else None


def held_by_other(_problem: Problem, rider: RiderState, job: Job) -> Reason | None:
    """A job somebody holds or carries stays there."""
    return Reason.HELD_BY_OTHER if job.holder not in ("", rider.id) else None


def trip_locked(_problem: Problem, rider: RiderState, job: Job) -> Reason | None:
    """Nothing joins a locked trip."""
    inside = any(stop.job_id == job.id for stop in rider.stops) or job.id in rider.carrying
    return Reason.TRIP_LOCKED if rider.locked and not inside else None


def skill_missing(_problem: Problem, rider: RiderState, job: Job) -> Reason | None:
    """Every skill the job asks for."""
    return None if set(job.skills) <= set(rider.skills) else Reason.SKILL_MISSING


def zone_not_allowed(problem: Problem, rider: RiderState, job: Job) -> Reason | None:
    """Both doors within the rider's zones; a rider without zones may go anywhere."""
    if not rider.zones:
        return None
    wanted = {problem.places[job.pickup].zone, problem.places[job.dropoff].zone}
    return None if wanted <= set(rider.zones) else Reason.ZONE_NOT_ALLOWED


RULES: tuple[Rule, ...] = (declined, reserved, held_by_other, trip_locked, skill_missing, zone_not_allowed)


def verdict(problem: Problem, rider: RiderState, job: Job) -> Reason | None:
    """The first rule that forbids the pair, or None."""
    for rule in RULES:
        reason = rule(problem, rider, job)
        if reason is not None:
            return reason
    return None


def verdicts(problem: Problem) -> npt.NDArray[np.int8]:
    """Code of the first forbidding rule, or of FITS, for every (rider, job); skills and zones judged once a kind."""
    table = np.full((len(problem.riders), len(problem.jobs)), FITS, dtype=np.int8)
    rider_kind, riders = _kinds([(r.skills, r.zones) for r in problem.riders])
    doors = [(problem.places[j.pickup].zone, problem.places[j.dropoff].zone) for j in problem.jobs]
    job_kind, jobs = _kinds([(j.skills, *d) for j, d in zip(problem.jobs, doors, strict=True)])
    if not riders or not jobs:
        return table
    small = np.full((len(riders), len(jobs)), FITS, dtype=np.int8)
    for a, one_rider in enumerate(riders):
        for b, one_job in enumerate(jobs):
            rider, job = problem.riders[one_rider], problem.jobs[one_job]
            reason = skill_missing(problem, rider, job) or zone_not_allowed(problem, rider, job)
            small[a, b] = FITS if reason is None else CODE[reason]
    table = small[rider_kind][:, job_kind]
    _mark_locked(problem, table)
    _mark_named(problem, table)
    return np.ascontiguousarray(table)


def _kinds(keys: list[tuple[object, ...]]) -> tuple[npt.NDArray[np.intp], list[int]]:
    """Number of the kind of each entry, and one entry of each kind."""
    numbers: dict[tuple[object, ...], int] = {}
    first: list[int] = []
    kinds = np.zeros(len(keys), dtype=np.intp)
    for row, key in enumerate(keys):
        if key not in numbers:
            numbers[key] = len(first)
            first.append(row)
        kinds[row] = numbers[key]
    return kinds, first


def _mark_locked(problem: Problem, table: npt.NDArray[np.int8]) -> None:
    rows = {job.id: row for row, job in enumerate(problem.jobs)}
    for r, rider in enumerate(problem.riders):
        if rider.locked:
            inside = [rows[one] for one in {s.job_id for s in rider.stops} | set(rider.carrying) if one in rows]
            kept = table[r, inside].copy()
            table[r, :] = CODE[Reason.TRIP_LOCKED]
            table[r, inside] = kept


def _mark_named(problem: Problem, table: npt.NDArray[np.int8]) -> None:
    rows = {rider.id: row for row, rider in enumerate(problem.riders)}
    for j, job in enumerate(problem.jobs):
        for name, reason in ((job.holder, Reason.HELD_BY_OTHER), (job.only_for, Reason.RESERVED)):
            if name:
                kept = table[rows[name], j] if name in rows else None
                table[:, j] = CODE[reason]
                if kept is not None:
                    table[rows[name], j] = kept
        for name in job.refused_by:
            if name in rows:
                table[rows[name], j] = CODE[Reason.DECLINED]
