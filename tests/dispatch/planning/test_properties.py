"""Whatever comes in, a lawful plan or reasons come out, in bounded work, and the same bytes every time."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from o2o.dispatch.planning import checker, explain, solve
from o2o.dispatch.planning.plan import Plan
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Place, Problem, one_profile
from o2o.dispatch.planning.reasons import TEXTS, Reason
from tests.dispatch.planning import make

AT_EASE_S = 600
"""Work is counted here: the clock, which stops a search in an emergency, may stand still for seconds on a busy machine."""
POLICY = DispatchPolicy(emergency_floor_s=AT_EASE_S)
BAGS = DispatchPolicy(emergency_floor_s=AT_EASE_S, mix_stores=False, stand_per_s=5, max_trip_stops=6)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(problem=make.hostile())
def test_any_problem_gives_a_lawful_plan(problem: Problem) -> None:
    for policy in (POLICY, BAGS):
        plan = solve.solve(problem, policy, seed=3, time_limit_s=0.01)
        assert checker.check(problem, policy, plan) == []
        assert not plan.cut_short


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(problem=make.hostile())
def test_problem_and_plan_replay_byte_for_byte(problem: Problem) -> None:
    raw = problem.to_json()
    again = Problem.from_json(raw)
    assert again.to_json() == raw
    plan = solve.solve(problem, POLICY, seed=9, time_limit_s=0.01)
    assert solve.solve(again, POLICY, seed=9, time_limit_s=0.01).to_json() == plan.to_json()
    assert Plan.from_json(plan.to_json()).to_json() == plan.to_json()


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(problem=make.hostile())
def test_every_job_of_any_problem_can_be_explained(problem: Problem) -> None:
    plan = solve.solve(problem, POLICY, seed=1, time_limit_s=0.01)
    for job in problem.jobs:
        said = explain.explain(problem, POLICY, plan, job.id)
        assert len(said.verdicts) == len(problem.riders)


def test_two_processes_write_the_same_bytes() -> None:
    code = (
        "import sys; from tests.dispatch.planning import make; from o2o.dispatch.planning import solve;"
        "from tests.dispatch.planning.test_properties import POLICY;"
        "sys.stdout.write(solve.solve(make.lunch_rush_small(), POLICY, 7, 0.2).digest)"
    )
    said = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert said[0] == said[1] == solve.solve(make.lunch_rush_small(), POLICY, 7, 0.2).digest


def test_a_plan_the_clock_cut_short_replays_to_the_same_bytes() -> None:
    hasty = DispatchPolicy(emergency_floor_s=0, emergency_factor=0)
    problem = make.lunch_rush_small()
    plan = solve.solve(problem, hasty, 7, 0.2)
    assert plan.cut_short
    again = solve.solve(problem, hasty, 7, 0.2, stopped_at=plan.work)
    assert again.to_json() == plan.to_json()
    assert solve.solve(problem, POLICY, 7, 0.2).work > plan.work


def test_work_is_bounded_by_the_limit_however_long_the_trips() -> None:
    calm = DispatchPolicy(stops_per_s=1_000_000, steps_per_job=1_000_000)
    jobs = tuple(make.a_job(f"job {k}", k % 3, 11 - k % 7) for k in range(60))
    few, many = (
        solve.solve(make.a_problem(tuple(make.a_rider(f"rider {k}") for k in range(riders)), jobs), calm, 1, 0.3)
        for riders in (3, 60)
    )
    assert 0 < few.work < many.work  # long trips are walked longer, so fewer steps are done


def test_ten_thousand_jobs_on_one_door_end_in_bounded_work() -> None:
    jobs = tuple(make.a_job(f"job {k}", pickup=0, dropoff=1) for k in range(10_000))
    problem = make.a_problem(tuple(make.a_rider(f"rider {k}") for k in range(20)), jobs)
    began = time.perf_counter()
    plan = solve.solve(problem, POLICY, seed=1, time_limit_s=0.1)
    assert time.perf_counter() - began < 300
    assert checker.check(problem, POLICY, plan) == []
    assert Reason.WORK_LIMIT in {one.reason for one in plan.deferred}


def test_no_riders_is_said() -> None:
    plan = solve.solve(make.a_problem((), (make.a_job(),)), POLICY, 1, 0.1)
    assert [(one.job_id, one.reason) for one in plan.deferred] == [("soup", Reason.NO_RIDERS)]


def test_nothing_at_all_is_a_plan() -> None:
    problem = Problem(0, (), (), (), one_profile(np.zeros((0, 0)), np.zeros((0, 0))))
    assert solve.solve(problem, POLICY, 1, 1.0).trips == ()


def test_an_id_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        solve.solve(make.a_problem((), (make.a_job(), make.a_job())), POLICY, 1, 0.1)


def test_a_place_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no place 99"):
        solve.solve(make.a_problem((), (make.a_job(pickup=99),)), POLICY, 1, 0.1)


def test_every_reason_has_words_in_both_languages() -> None:
    assert set(TEXTS) == set(Reason)
    assert all(zh and en for zh, en in TEXTS.values())


def test_a_place_knows_its_defaults() -> None:
    assert Place("door").access_s == 0
