"""Plays days of the ICAPS 2021 dynamic pickup and delivery competition, a round every ten minutes.

    python -m bench.dpdp DIR

The production planner beside nearest-rider dispatch (each order to the truck that ends nearest to it, at the end of
its trip), in the same yard. JSON on stdout: distance, lateness and every breach of a rule.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.dpdp_day import Day, read
from bench.dpdp_yard import Yard
from o2o.dispatch.planning import checker, solve
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Action, Job, Problem, Stop

ROUND_S = 600
POLICY = DispatchPolicy(
    late_per_s=3_000,
    very_late_per_s=0,
    wait_per_s=1,
    busy_per_s=0,
    idle_per_s=0,
    metre_cost=10,
    aboard_per_s=0,
    defer_cost=10**10,
    max_trip_stops=60,
    heat=100_000,
)
Dispatch = Callable[[Yard, dict[str, Job], list[Job], int], int]


def planned(seed: int, work_s: float) -> Dispatch:
    """Dispatch by the production planner; each call answers how many faults the checker found."""

    def give(yard: Yard, known: dict[str, Job], _new: list[Job], now: int) -> int:
        problem = Problem(now, yard.day.places, yard.riders(now), tuple(known.values()), yard.day.travel)
        plan = solve.solve(problem, POLICY, seed, work_s)
        for wheel in yard.wheels.values():
            wheel.stops = []
        for trip in plan.trips:
            yard.wheels[trip.rider_id].stops = [Stop(s.job_id, s.action) for s in trip.stops]
        return len(checker.check(problem, POLICY, plan))

    return give


def nearest(yard: Yard, _known: dict[str, Job], new: list[Job], _now: int) -> int:
    """Each order to the truck whose trip ends nearest to its pick-up, after everything else."""
    metres = yard.day.travel.metres[0]
    for job in new:
        ends = {name: yard.door(w.stops[-1]) if w.stops else w.place for name, w in yard.wheels.items()}
        name = min(ends, key=lambda one: (int(metres[ends[one], job.pickup]), len(yard.wheels[one].stops), one))
        yard.wheels[name].stops += [Stop(job.id, Action.PICKUP), Stop(job.id, Action.DROPOFF)]
    return 0


def play(day: Day, dispatch: Dispatch) -> dict[str, Any]:
    """The whole day; distance in km, lateness in hours, the competition's score."""
    began, yard, coming = time.perf_counter(), Yard.opened(day), list(day.jobs)
    now, faults = 0, 0
    while len(yard.delivered) < len(day.jobs) and now < 14 * 86_400:
        new = [job for job in coming if job.placed_s <= now]
        coming = coming[len(new) :]
        known = {job.id: job for job in day.jobs if job.placed_s <= now and job.id not in yard.delivered}
        if known:
            faults += dispatch(yard, known, new, now)
            yard.depart(now)
        now += ROUND_S
        yard.advance(now)
    late = {one: max(0, at - yard.jobs[one].due_s) for one, at in yard.delivered.items()}
    return {
        "delivered": len(yard.delivered),
        "distance_km": round(yard.metres / 1000, 1),
        "late_h": round(sum(late.values()) / 3600, 2),
        "late_jobs": sum(1 for one in late.values() if one),
        "score": round(yard.metres / 1000 / len(day.trucks) + 10_000 * sum(late.values()) / 3600, 1),
        "breaches": yard.breaches[:5],
        "unlawful_plans": faults,
        "seconds": round(time.perf_counter() - began, 2),
    }


def main(arguments: list[str]) -> None:
    """Read the command line, play every day twice, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.5, help="work granted to a round")
    parser.add_argument("--days", nargs="*", default=[], help="names of days; all when left out")
    asked = parser.parse_args(arguments)
    days: list[dict[str, Any]] = []
    for day in read(asked.folder):
        if not asked.days or day.name in asked.days:
            ours, theirs = play(day, planned(asked.seed, asked.seconds)), play(day, nearest)
            days.append(
                {"day": day.name, "jobs": len(day.jobs), "trucks": len(day.trucks), "planner": ours, "nearest": theirs}
            )
    total = {
        who: {what: round(sum(day[who][what] for day in days), 2) for what in ("distance_km", "late_h")}
        for who in ("planner", "nearest")
    }
    print(json.dumps({"days": days, "total": total, "seed": asked.seed, "work_s": asked.seconds}, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
