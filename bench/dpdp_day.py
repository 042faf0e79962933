"""A day of the ICAPS 2021 dynamic pickup and delivery competition (Huawei), as the planner's places and jobs.

An order larger than a truck becomes several jobs. Pallets are counted in thousandths as millilitres of volume.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from o2o.dispatch.planning.problem import Job, JobKind, Place, Travel, one_profile

APPROACH_S = 1_800
PALLET = 1_000


@dataclass(frozen=True, slots=True)
class Truck:
    """One vehicle: where it starts and what it holds."""

    id: str
    place: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Day:
    """One instance; jobs in order of creation; `docks[place]` ports of each factory."""

    name: str
    places: tuple[Place, ...]
    docks: tuple[int, ...]
    travel: Travel
    trucks: tuple[Truck, ...]
    jobs: tuple[Job, ...]


def read(folder: Path) -> list[Day]:
    """All days below a folder that holds `factory_info.csv`, `route_info.csv` and a folder a day."""
    factories = list(csv.DictReader((folder / "factory_info.csv").read_text().splitlines()))
    number = {row["factory_id"]: k for k, row in enumerate(factories)}
    docks = tuple(int(row["port_num"]) for row in factories)
    places = tuple(Place(row["factory_id"], access_s=APPROACH_S) for row in factories)
    seconds = np.full((len(number), len(number)), -1, dtype=np.int64)
    metres = np.zeros_like(seconds)
    np.fill_diagonal(seconds, 0)
    for row in csv.DictReader((folder / "route_info.csv").read_text().splitlines()):
        a, b = number[row["start_factory_id"]], number[row["end_factory_id"]]
        seconds[a, b], metres[a, b] = int(row["time"]), round(float(row["distance"]) * 1000)
    travel = one_profile(seconds, metres)
    days = []
    for sub in sorted(folder.iterdir(), key=lambda one: (len(one.name), one.name)):
        if sub.is_dir():
            trucks = _trucks(next(sub.glob("vehicle_info*.csv")), number)
            jobs = _jobs(next(sub.glob("[0-9]*.csv")), number, min(t.capacity for t in trucks))
            days.append(Day(sub.name, places, docks, travel, trucks, jobs))
    return days


def _clock(text: str) -> int:
    hours, minutes, seconds = (int(part) for part in text.split(":"))
    return hours * 3_600 + minutes * 60 + seconds


def _trucks(path: Path, number: dict[str, int]) -> tuple[Truck, ...]:
    rows = list(csv.DictReader(path.read_text().splitlines()))
    first = sorted(number.values())
    return tuple(
        Truck(row["car_num"], number.get(row["gps_id"], first[k % len(first)]), round(float(row["capacity"]) * PALLET))
        for k, row in enumerate(rows)
    )


def _jobs(path: Path, number: dict[str, int], capacity: int) -> tuple[Job, ...]:
    jobs: list[Job] = []
    for row in csv.DictReader(path.read_text().splitlines()):
        placed, due = _clock(row["creation_time"]), _clock(row["committed_completion_time"])
        due += 86_400 if due < placed else 0
        demand = round(float(row["demand"]) * PALLET)
        parts = max(1, -(-demand // capacity))
        for part in range(parts):
            share = demand * (part + 1) // parts - demand * part // parts
            jobs.append(
                Job(
                    id=row["order_id"] + (f".{part + 1}" if parts > 1 else ""),
                    pickup=number[row["pickup_id"]],
                    dropoff=number[row["delivery_id"]],
                    placed_s=placed,
                    ready_s=placed,
                    due_s=due,
                    kind=JobKind.TRANSFER,
                    pickup_service_s=int(row["load_time"]) * share // max(1, demand),
                    dropoff_service_s=int(row["unload_time"]) * share // max(1, demand),
                    volume_ml=share,
                )
            )
    return tuple(sorted(jobs, key=lambda job: (job.placed_s, job.id)))
