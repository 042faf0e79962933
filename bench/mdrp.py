"""Plays Grubhub days with the production planner and writes each day's plan.

    python -m bench.mdrp DIR [DIR ...] --plans OUT/

A round a minute, as in production: what is known is planned, only what must be given out is. One plan a day in
OUT/<folder>.txt, a line an assignment: minute, courier, orders in the order of their drop-off. JSON on stdout.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.mdrp_day import MINUTE_S, Day, read
from o2o.dispatch.planning import checker, solve
from o2o.dispatch.planning.plan import Plan, Trip
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Action, Job, Problem, RiderState, Stop

POLICY = DispatchPolicy(
    late_per_s=0,
    very_late_per_s=0,
    wait_per_s=100,
    busy_per_s=0,
    idle_per_s=0,
    metre_cost=0,
    aboard_per_s=0,
    mix_stores=False,
    lead_s=0,
    max_trip_stops=16,
    defer_cost=5_000_000,
    stand_per_s=5,
    steps_per_job=300,
)
ROUND_S = MINUTE_S
LOOK_AHEAD_S = 90 * MINUTE_S


@dataclass(slots=True)
class Street:
    """Where the day stands: where each courier is free next, what waits, what was given out."""

    free_s: dict[str, int]
    place: dict[str, int]
    waiting: dict[str, Job] = field(default_factory=dict)
    meant: dict[str, tuple[Stop, ...]] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    unlawful: int = 0
    longest_s: float = 0.0


def play(day: Day, policy: DispatchPolicy, seed: int, limit_s: float, check: bool) -> Street:
    """The whole day, minute by minute."""
    street = Street({c.id: c.on_s for c in day.couriers}, {c.id: c.place for c in day.couriers})
    coming = list(day.jobs)
    end_s = max((c.off_s for c in day.couriers), default=0)
    now, last = 0, 0
    while now <= end_s and (coming or street.waiting):
        while coming and coming[0].placed_s <= now:
            job = coming.pop(0)
            street.waiting[job.id] = job
            street.seen[job.pickup] = street.seen.get(job.pickup, 1) + 1
        if street.waiting:
            began = time.perf_counter()
            problem = moment(day, street, now)
            plan = solve.solve(problem, policy, seed, limit_s)
            street.longest_s = max(street.longest_s, time.perf_counter() - began)
            if check and checker.check(problem, policy, plan):
                street.unlawful += 1
            apply(day, street, plan, now)
            last = now
        now += ROUND_S
    street.lines.sort(key=lambda line: float(line.split()[0]))
    assert last <= end_s
    return street


def moment(day: Day, street: Street, now: int) -> Problem:
    """What is known now, as the planner's problem."""
    riders = tuple(
        RiderState(
            id=c.id,
            place=street.place[c.id],
            free_s=max(now, street.free_s[c.id]),
            last_pickup_s=c.off_s,
            max_jobs=20,
            stops=tuple(s for s in street.meant.get(c.id, ()) if s.job_id in street.waiting),
        )
        for c in day.couriers
        if c.off_s >= now and street.free_s[c.id] <= min(c.off_s, now + LOOK_AHEAD_S)
    )
    demand = tuple(sorted(street.seen.items()))
    return Problem(now, day.places, riders, tuple(street.waiting.values()), day.travel, day.name, ROUND_S, demand)


def apply(day: Day, street: Street, plan: Plan, now: int) -> None:
    """Give out each trip's first bag if it is firm; the rest is only meant."""
    street.meant.clear()
    for trip in plan.trips:
        firm = set(trip.firm)
        street.meant[trip.rider_id] = tuple(Stop(s.job_id, s.action) for s in trip.stops)
        bag = first_bag(trip)
        if bag and bag <= firm:
            drops = [s for s in trip.stops if s.action is Action.DROPOFF and s.job_id in bag]
            street.lines.append(f"{now / MINUTE_S:g} {trip.rider_id} {' '.join(s.job_id for s in drops)}")
            for one in bag:
                del street.waiting[one]
            street.place[trip.rider_id] = drops[-1].place
            street.free_s[trip.rider_id] = drops[-1].leave_s + day.places[drops[-1].place].leave_s


def first_bag(trip: Trip) -> set[str]:
    """The jobs picked up in the first visit."""
    bag: set[str] = set()
    for stop in trip.stops:
        if stop.action is not Action.PICKUP:
            return bag
        bag.add(stop.job_id)
    return bag


def main(arguments: list[str]) -> None:
    """Read the command line, play, write plans, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("days", nargs="+", type=Path)
    parser.add_argument("--plans", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.03, help="work granted to a round")
    parser.add_argument("--check", action="store_true", help="check every round's plan with the independent checker")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=NUMBER", help="numbers of taste")
    asked = parser.parse_args(arguments)
    asked_for: dict[str, Any] = {name: int(number) for name, number in (one.split("=") for one in asked.set)}
    policy = replace(POLICY, **asked_for)
    asked.plans.mkdir(parents=True, exist_ok=True)
    days = []
    for folder in asked.days:
        day = read(folder)
        began = time.perf_counter()
        street = play(day, policy, asked.seed, asked.seconds, asked.check)
        (asked.plans / f"{folder.name}.txt").write_text("\n".join(street.lines) + "\n")
        days.append(
            {
                "day": day.name,
                "orders": len(day.jobs),
                "given": sum(len(line.split()) - 2 for line in street.lines),
                "seconds": round(time.perf_counter() - began, 2),
                "longest_round_s": round(street.longest_s, 4),
                "unlawful_rounds": street.unlawful if asked.check else None,
            }
        )
    print(json.dumps({"days": days, "seed": asked.seed, "work_s": asked.seconds}, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
