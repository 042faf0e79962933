"""The order of stops by hand: every answer lawful by a check of its own, and none only when there is none."""

import uuid
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from o2o.dispatch.carrying.sequence import Halt, Load, arrivals, breach, cost_s, joined, metres, moved


def a_halt(number: int, kind: str, place: int, weight_g: int = 1_000, arrived: bool = False) -> Halt:
    return Halt(uuid.UUID(int=number), kind, place, 60, 0, 1_800 if kind == "dropoff" else 2**31, weight_g, arrived)


def lawful(line: list[Halt], load: Load) -> bool:
    """Written apart: at each step, what is on board is what was there or picked up, and not dropped yet."""
    picked = [h.delivery_id for h in line if h.kind == "pickup"]
    for k in range(len(line) + 1):
        taken = {h.delivery_id: h.weight_g for h in line[:k] if h.kind == "pickup"}
        had = {h.delivery_id: h.weight_g for h in line if h.kind == "dropoff" and h.delivery_id not in picked}
        dropped = {h.delivery_id for h in line[:k] if h.kind == "dropoff"}
        if dropped - set(taken) - set(had):
            return False
        aboard = {one: g for one, g in {**taken, **had}.items() if one not in dropped}
        after_pickup = k > 0 and line[k - 1].kind == "pickup"
        if after_pickup and (sum(aboard.values()) > load.capacity_g or len(aboard) > load.max_jobs):
            return False
    return True


@st.composite
def moments(draw: st.DrawFn) -> tuple[list[Halt], Halt, Halt, Load, np.ndarray, int]:
    jobs = draw(st.integers(0, 3))
    weights = [draw(st.integers(1, 9)) * 1_000 for _ in range(jobs + 1)]
    halts = [a_halt(n, kind, 0, weights[n]) for n in range(jobs) for kind in ("pickup", "dropoff")]
    if jobs and draw(st.booleans()):
        halts = halts[1:]  # the first is on board already
    places = [Halt(h.delivery_id, h.kind, k + 1, 60, 0, h.due_s, h.weight_g) for k, h in enumerate(halts)]
    n = len(places)
    size = n + 3
    cells = draw(st.lists(st.integers(0, 900), min_size=size * size, max_size=size * size))
    table = np.array(cells, dtype=np.int32).reshape(size, size)
    load = Load(draw(st.integers(5, 30)) * 1_000, draw(st.integers(1, 4)))
    return (
        places,
        a_halt(9, "pickup", n + 1, weights[-1]),
        a_halt(9, "dropoff", n + 2, weights[-1]),
        load,
        table,
        draw(st.integers(0, 1)),
    )


@settings(max_examples=200, deadline=None)
@given(moments())
def test_the_best_lawful_place_is_found_or_there_is_none(
    moment: tuple[list[Halt], Halt, Halt, Load, np.ndarray, int],
) -> None:
    halts, pickup, dropoff, load, table, frozen = moment
    first = min(frozen, len(halts))
    every = []
    for p, d in combinations(range(first, len(halts) + 2), 2):
        rest = iter(halts)
        line = [pickup if k == p else dropoff if k == d else next(rest) for k in range(len(halts) + 2)]
        if lawful(line, load):
            every.append(cost_s(line, table))
    found, why = joined(halts, pickup, dropoff, load=load, seconds=table, frozen=frozen)
    if found is None:
        assert (every, why in ("too_heavy", "hands_full", "dropped_before_picked_up")) == ([], True)
        return
    assert lawful(found, load)
    assert breach(found, load) == ""
    assert found[:first] == halts[:first]
    assert [h for h in found if h.delivery_id != pickup.delivery_id] == halts
    assert cost_s(found, table) == min(every)


def test_times_and_metres_are_those_of_riding_in_this_order() -> None:
    table = np.array([[0, 100, 300], [100, 0, 250], [300, 250, 0]], dtype=np.int32)
    line = [a_halt(1, "pickup", 1), a_halt(1, "dropoff", 2)]
    assert arrivals(line, table) == [100, 100 + 60 + 250]
    assert metres(line, table) == 350
    waits = Halt(uuid.UUID(int=1), "pickup", 1, 60, 500, 0, 1_000)
    assert arrivals([waits, line[1]], table) == [500, 810]
    there = Halt(uuid.UUID(int=1), "pickup", 1, 60, 0, 0, 1_000, arrived=True)
    assert arrivals([there, line[1]], table) == [0, 310]


def test_a_moved_stop_changes_nothing_else() -> None:
    line = [a_halt(n, "dropoff", n) for n in range(4)]
    assert [h.place for h in moved(line, 0, 3)] == [1, 2, 3, 0]
    assert [h.place for h in moved(line, 3, 0)] == [3, 0, 1, 2]
    assert moved(line, 2, 2) == line
