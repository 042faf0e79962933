"""Small problems for the planner: a street with doors a minute apart, and random ones with every rule in them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from o2o.dispatch.planning.problem import (
    Action,
    Job,
    Place,
    Problem,
    Rest,
    RiderState,
    Stop,
    Travel,
    one_profile,
)

MINUTE_S = 60
NOON_S = 1_764_561_600


def street(doors: int) -> Travel:
    """Doors 0, 1, 2 ... in a line, one minute and 300 metres from each to the next."""
    apart = np.abs(np.arange(doors)[:, None] - np.arange(doors)[None, :])
    return one_profile(apart * MINUTE_S, apart * 300)


def a_problem(riders: tuple[RiderState, ...], jobs: tuple[Job, ...], doors: int = 12, **facts: object) -> Problem:
    """A problem on a street at noon; places without access times."""
    places = tuple(Place(f"door {k}", zone="north" if k < 6 else "south") for k in range(doors))
    return Problem(NOON_S, places, riders, jobs, street(doors), **facts)  # type: ignore[arg-type]


def a_rider(name: str = "ann", place: int = 0, **facts: object) -> RiderState:
    """A rider free at noon."""
    return RiderState(name, place, NOON_S, **facts)  # type: ignore[arg-type]


def a_job(name: str = "soup", pickup: int = 1, dropoff: int = 3, **facts: object) -> Job:
    """A job ready at noon, promised in half an hour."""
    times = {"placed_s": NOON_S, "ready_s": NOON_S, "due_s": NOON_S + 30 * MINUTE_S}
    return Job(name, pickup, dropoff, **{**times, **facts})  # type: ignore[arg-type]


def lunch_rush_small() -> Problem:
    """Three riders, six jobs, two stores."""
    riders = tuple(a_rider(name, place) for name, place in (("ann", 0), ("bo", 5), ("cy", 11)))
    jobs = tuple(
        a_job(f"job {k}", pickup=3 * (k % 2), dropoff=4 + k, ready_s=NOON_S + 120 * k, weight_g=900) for k in range(6)
    )
    return a_problem(riders, jobs)


@st.composite
def hostile(draw: st.DrawFn) -> Problem:
    """Any problem at all: no riders, no ways, windows in the past, no capacity, everything carried and held."""
    doors = draw(st.integers(1, 6))
    ways = st.lists(st.integers(-1, 900), min_size=doors * doors, max_size=doors * doors)
    seconds = np.array(draw(ways), dtype=np.int32).reshape(doors, doors)
    np.fill_diagonal(seconds, 0)
    jobs = tuple(draw(_job(f"j{k}", doors)) for k in range(draw(st.integers(0, 7))))
    riders = []
    free = [job.id for job in jobs]
    for k in range(draw(st.integers(0, 4))):
        mine = [one for one in free if draw(st.integers(0, 3)) == 0]
        free = [one for one in free if one not in mine]
        riders.append(draw(_rider(f"r{k}", doors, mine)))
    held = {one: r.id for r in riders for one in r.carrying}
    jobs = tuple(_held(job, held.get(job.id, "")) for job in jobs)
    demand = ((0, 3),) if draw(st.booleans()) else ()
    places = tuple(
        Place(f"p{k}", draw(st.sampled_from(["", "a", "b"])), draw(st.integers(0, 90)), draw(st.integers(0, 90)))
        for k in range(doors)
    )
    return Problem(1_000, places, tuple(riders), jobs, one_profile(seconds, np.abs(seconds) * 4), demand=demand)


def _held(job: Job, holder: str) -> Job:
    return job if not holder else Job(**{**{f: getattr(job, f) for f in job.__slots__}, "holder": holder})


@st.composite
def _job(draw: st.DrawFn, name: str, doors: int) -> Job:
    some = st.integers(-2_000, 6_000)
    return Job(
        name,
        draw(st.integers(0, doors - 1)),
        draw(st.integers(0, doors - 1)),
        placed_s=draw(some),
        ready_s=draw(some),
        due_s=draw(some),
        latest_s=draw(st.sampled_from([2**53, 500, 3_000, 9_000])),
        priority=draw(st.integers(0, 3)),
        hold_until_s=draw(st.sampled_from([0, 0, 2_000, 50_000])),
        pickup_service_s=draw(st.integers(0, 100)),
        dropoff_service_s=draw(st.integers(0, 100)),
        weight_g=draw(st.integers(0, 9_000)),
        volume_ml=draw(st.integers(0, 9_000)),
        boxes=draw(st.integers(0, 2)),
        max_ride_s=draw(st.sampled_from([2**53, 600, 0])),
        skills=draw(st.sampled_from([(), (), ("wine",)])),
        only_for=draw(st.sampled_from(["", "", "r0", "nobody"])),
        refused_by=draw(st.sampled_from([(), (), ("r0",), ("r1", "r2")])),
    )


@st.composite
def _rider(draw: st.DrawFn, name: str, doors: int, mine: list[str]) -> RiderState:
    carrying = tuple(mine[: draw(st.integers(0, len(mine)))])
    rest = [Stop(one, action) for one in mine if one not in carrying for action in Action]
    stops = (*rest, *(Stop(one, Action.DROPOFF) for one in carrying if draw(st.booleans())))
    return RiderState(
        name,
        draw(st.integers(0, doors - 1)),
        free_s=draw(st.integers(0, 3_000)),
        shift_end_s=draw(st.sampled_from([2**53, 900, 4_000])),
        last_pickup_s=draw(st.sampled_from([2**53, 900, 3_000])),
        capacity_g=draw(st.sampled_from([2**53, 0, 10_000])),
        capacity_ml=draw(st.sampled_from([2**53, 0, 10_000])),
        capacity_boxes=draw(st.integers(0, 3)),
        max_jobs=draw(st.integers(0, 4)),
        skills=draw(st.sampled_from([(), ("wine",)])),
        zones=draw(st.sampled_from([(), ("a",), ("a", "b", "")])),
        stops=stops,
        carrying=carrying,
        frozen=draw(st.integers(0, 3)),
        locked=draw(st.integers(0, 5)) == 0,
        inside=draw(st.booleans()),
        lifo=draw(st.booleans()),
        max_added_stops=draw(st.sampled_from([1_000, 0, 2])),
        rest=draw(st.sampled_from([None, Rest(1_500, 3_000, 600), Rest(0, 500, 600)])),
        end_place=draw(st.integers(-1, doors - 1)),
        handicap=draw(st.integers(0, 5_000)),
    )
