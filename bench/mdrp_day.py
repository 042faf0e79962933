"""A day of the meal delivery routing problem (Grubhub, 2018), as the planner's places, riders and jobs.

Rides are whole minutes, rounded up; half of each service lies before the hand-over and half after.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from o2o.dispatch.planning.problem import Job, Place, Travel, one_profile

MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Courier:
    """One courier: start place and shift, seconds of the day."""

    id: str
    place: int
    on_s: int
    off_s: int


@dataclass(frozen=True, slots=True)
class Day:
    """All of one instance; jobs in order of placement."""

    name: str
    places: tuple[Place, ...]
    travel: Travel
    couriers: tuple[Courier, ...]
    jobs: tuple[Job, ...]


def table(path: Path) -> list[dict[str, str]]:
    """Rows of a tab-separated file with a header."""
    head, *lines = path.read_text().splitlines()
    names = head.split("\t")
    return [dict(zip(names, line.split("\t"), strict=False)) for line in lines if line.strip()]


def read(folder: Path) -> Day:
    """Read an instance folder; raises OSError or KeyError if it is not one."""
    facts = {name: float(value) for name, value in table(folder / "instance_parameters.txt")[0].items()}
    kitchens, orders = table(folder / "restaurants.txt"), table(folder / "orders.txt")
    couriers = table(folder / "couriers.txt")
    points = [(float(row["x"]), float(row["y"])) for row in (*kitchens, *orders, *couriers)]
    pickup_s = round(facts["pickup service minutes"] * MINUTE_S)
    dropoff_s = round(facts["dropoff service minutes"] * MINUTE_S)
    places = [Place(row["restaurant"], "", pickup_s // 2, pickup_s - pickup_s // 2) for row in kitchens]
    places += [Place(row["order"], "", dropoff_s // 2, dropoff_s - dropoff_s // 2) for row in orders]
    places += [Place(row["courier"]) for row in couriers]
    return Day(
        name=folder.name,
        places=tuple(places),
        travel=_travel(points, facts["meters_per_minute"]),
        couriers=tuple(
            Courier(row["courier"], len(kitchens) + len(orders) + k, _s(row["on_time"]), _s(row["off_time"]))
            for k, row in enumerate(couriers)
        ),
        jobs=_jobs(kitchens, orders, round(facts["target click-to-door"] * MINUTE_S)),
    )


def _jobs(kitchens: list[dict[str, str]], orders: list[dict[str, str]], target_s: int) -> tuple[Job, ...]:
    kitchen = {row["restaurant"]: k for k, row in enumerate(kitchens)}
    jobs = [
        Job(
            id=row["order"],
            pickup=kitchen[row["restaurant"]],
            dropoff=len(kitchens) + k,
            placed_s=_s(row["placement_time"]),
            ready_s=_s(row["ready_time"]),
            due_s=_s(row["placement_time"]) + target_s,
        )
        for k, row in enumerate(orders)
    ]
    return tuple(sorted(jobs, key=lambda job: job.placed_s))


def _s(minutes: str) -> int:
    return math.ceil(float(minutes) * MINUTE_S)


def _travel(points: list[tuple[float, float]], metres_a_minute: float) -> Travel:
    xy = np.array(points)
    metres = np.empty((len(xy), len(xy)), dtype=np.int32)
    seconds = np.empty((len(xy), len(xy)), dtype=np.int32)
    for k, point in enumerate(xy):
        away = np.hypot(xy[:, 0] - point[0], xy[:, 1] - point[1])
        metres[k] = np.rint(away)
        seconds[k] = np.ceil(away / metres_a_minute) * MINUTE_S
    return one_profile(seconds, metres)
