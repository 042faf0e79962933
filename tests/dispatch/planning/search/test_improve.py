import hashlib
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from o2o.dispatch.planning.search import SearchProblem, fewest_then_cheapest, improve
from tests.dispatch.planning.search import make, replay


def lawful_cost(problem: SearchProblem, routes: list[list[int]], claimed: float) -> float:
    """Cost by the replay, which must be lawful and what the engine claims."""
    cost = replay.total_cost(problem, routes)
    assert cost == pytest.approx(claimed, rel=1e-9, abs=1e-6)
    assert cost < math.inf
    return cost


@given(requests=st.integers(1, 3), riders=st.integers(1, 2), seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_tiny_problems_are_solved_to_the_optimum(requests: int, riders: int, seed: int) -> None:
    problem = make.a_problem(requests, riders, seed)
    answer = improve(problem, seed=seed, iterations=2_000)
    assert lawful_cost(problem, answer.routes, answer.cost) == pytest.approx(replay.cheapest(problem), abs=1e-6)


@given(requests=st.integers(1, 3), riders=st.integers(1, 2), seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_tiny_problems_with_every_rule_are_lawful_and_never_below_the_optimum(
    requests: int,
    riders: int,
    seed: int,
) -> None:
    problem = make.a_rich_problem(requests, riders, seed)
    answer = improve(problem, seed=seed, iterations=400)
    best = replay.cheapest(problem)
    cost = lawful_cost(problem, answer.routes, answer.cost)
    assert best - 1e-6 <= cost <= 1.1 * best + 1e-6


@given(requests=st.integers(4, 25), riders=st.integers(0, 6), seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_any_problem_gets_a_lawful_answer_at_its_claimed_cost(requests: int, riders: int, seed: int) -> None:
    problem = make.a_rich_problem(requests, riders, seed)
    answer = improve(problem, seed=seed, iterations=150)
    lawful_cost(problem, answer.routes, answer.cost)
    routed = {node >> 1 for route in answer.routes for node in route}
    assert sorted(routed | set(answer.left_out)) == list(range(requests))
    assert len(routed) + len(answer.left_out) == requests


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_a_warm_start_never_gets_worse(seed: int) -> None:
    problem = make.a_rich_problem(12, 4, seed)
    first = improve(problem, seed=seed, iterations=20)
    second = improve(problem, first.routes, seed=seed + 1, iterations=100)
    assert improve(problem, first.routes, seed=1, iterations=0).cost <= first.cost + 1e-6
    assert lawful_cost(problem, second.routes, second.cost) <= first.cost + 1e-6


@given(seed=st.integers(0, 10_000), riders=st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_what_is_aboard_stays_with_its_rider_and_is_dropped_off_however_late(seed: int, riders: int) -> None:
    rng = np.random.default_rng(seed)
    aboard = np.where(rng.random(6) < 0.5, rng.integers(0, riders, 6), -1)
    due = np.full(12, math.inf)
    due[1::2] = rng.integers(0, 4000, 6)
    problem = make.a_problem(6, riders, seed, aboard=aboard, due_s=due, end_s=np.full(riders, 300.0))
    answer = improve(problem, seed=seed, iterations=200)
    carrier = {node >> 1: rider for rider, route in enumerate(answer.routes) for node in route}
    assert all(carrier[q] == rider for q, rider in enumerate(aboard) if rider >= 0)
    assert all(2 * q not in route for q in np.flatnonzero(aboard >= 0) for route in answer.routes)
    assert answer.cost < math.inf


def test_a_request_that_must_be_carried_goes_even_at_a_loss() -> None:
    optional = make.a_problem(1, 1, skip_cost=np.array([1.0]))
    must = make.a_problem(1, 1, skip_cost=np.array([math.inf]))
    assert improve(optional, seed=1, iterations=50).left_out == [0]
    assert improve(must, seed=1, iterations=50).routes == [[0, 1]]


def test_a_request_that_must_be_carried_but_cannot_be_is_named_at_infinite_cost() -> None:
    problem = make.a_problem(
        2, 1, skip_cost=np.full(2, math.inf), allowed=np.array([[True, False]]), due_s=np.full(4, math.inf)
    )
    answer = improve(problem, seed=1, iterations=50)
    assert (answer.left_out, answer.cost) == ([1], math.inf)


def test_nobody_to_carry_leaves_everything_out() -> None:
    assert improve(make.a_problem(3, 0), seed=1, iterations=50).left_out == [0, 1, 2]


def test_nothing_to_carry_gives_empty_routes() -> None:
    assert improve(make.a_problem(0, 2), seed=1, iterations=50).routes == [[], []]


def test_an_unlawful_start_is_mended() -> None:
    problem = make.a_problem(4, 2, capacity=np.ones((2, 1), np.int64))
    answer = improve(problem, [[0, 2, 4, 6, 1, 3, 5, 7], []], seed=1, iterations=0)
    lawful_cost(problem, answer.routes, answer.cost)


@pytest.mark.parametrize("start", [[[0]], [[1, 0], []], [[0, 1, 0, 1], []], [[0], [1]], [[0], []], [[9], []]])
def test_a_start_that_is_no_set_of_routes_is_refused(start: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="route"):
        improve(make.a_problem(2, 2), start, seed=1, iterations=1)


def test_arrays_of_the_wrong_shape_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="due_s has shape"):
        improve(make.a_problem(2, 2, due_s=np.zeros(3)), seed=1, iterations=1)


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("place", np.array([2, 3, 4, 99])),
        ("start_place", np.array([0, -1])),
        ("end_place", np.array([-2, 0])),
        ("profile", np.array([0, 1])),
        ("aboard", np.array([-1, 2])),
        ("travel_s", np.full((1, 6, 6), -1.0)),
        ("cost", np.full((1, 6, 6), np.nan)),
        ("load", np.array([[1], [-1]])),
        ("open_s", np.full(4, -np.inf)),
    ],
)
def test_numbers_that_would_lead_the_compiled_loops_astray_are_refused_by_name(name: str, bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match=name):
        improve(make.a_problem(2, 2, **{name: bad}), seed=1, iterations=1)


def test_an_unreachable_door_is_left_out_and_nothing_else() -> None:
    travel = make.a_problem(4, 2).travel_s.copy()
    travel[0, :, 5] = math.inf
    problem = make.a_problem(4, 2, travel_s=travel, cost=travel, due_s=np.full(8, math.inf))
    answer = improve(problem, seed=1, iterations=200)
    assert answer.left_out == [1]
    assert answer.cost < math.inf


def test_many_orders_at_one_door_are_planned_in_bounded_work() -> None:
    """All rides are 0: every place ties with every other."""
    places = np.zeros((1, 1, 1))
    problem = make.a_problem(
        300,
        5,
        travel_s=places,
        cost=places,
        place=np.zeros(600, np.int64),
        start_place=np.zeros(5, np.int64),
        due_s=np.full(600, math.inf),
    )
    answer = improve(problem, seed=1, iterations=20)
    assert (answer.left_out, answer.cost) == ([], 0.0)


def test_windows_in_the_past_and_no_room_leave_everything_out() -> None:
    late = improve(make.a_problem(5, 2, due_s=np.full(10, -5.0)), seed=1, iterations=50)
    full = improve(make.a_problem(5, 2, capacity=np.zeros((2, 1), np.int64)), seed=1, iterations=50)
    assert (late.left_out, full.left_out) == ([0, 1, 2, 3, 4], [0, 1, 2, 3, 4])


def test_routes_are_fewest_first() -> None:
    vehicles = 8
    plain = make.a_problem(12, vehicles, seed=3)
    problem = make.a_problem(
        12,
        vehicles,
        seed=3,
        start_place=np.zeros(vehicles, np.int64),
        start_s=np.zeros(vehicles),
        end_place=np.zeros(vehicles, np.int64),
        fixed_cost=np.full(vehicles, 1e4),
        skip_cost=np.full(12, math.inf),
        due_s=plain.due_s + 3000,
    )
    loose = improve(problem, seed=1, iterations=0)
    answer = fewest_then_cheapest(problem, seed=1, seconds=1.0, iterations=300)
    lawful_cost(problem, answer.routes, answer.cost)
    assert not answer.left_out
    assert sum(map(bool, answer.routes)) <= sum(map(bool, loose.routes))


SCRIPT = """
from o2o.dispatch.planning.search import improve
from tests.dispatch.planning.search import make
print(improve(make.a_rich_problem(30, 8, 5), seed=9, iterations=300))
"""


def test_two_processes_give_the_same_answer_to_the_last_byte() -> None:
    runs = [subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, check=True) for _ in range(2)]
    here = improve(make.a_rich_problem(30, 8, 5), seed=9, iterations=300)
    digests = {hashlib.sha256(run.stdout).hexdigest() for run in runs}
    assert digests == {hashlib.sha256(f"{here}\n".encode()).hexdigest()}


def test_another_seed_searches_elsewhere() -> None:
    problem = make.a_rich_problem(30, 8, 5)
    assert len({str(improve(problem, seed=seed, iterations=30).routes) for seed in range(5)}) > 1
