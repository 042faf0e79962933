"""The checker finds every kind of unlawful plan; each case breaks a lawful one in one way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from o2o.dispatch.planning import checker, solve
from o2o.dispatch.planning.plan import Plan
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Action, Job, Problem, Rest, RiderState, Stop, Travel
from tests.dispatch.planning.make import NOON_S, a_job, a_problem, a_rider, lunch_rush_small

POLICY = DispatchPolicy()


def faults_after(change_rider: dict[str, object], change_job: dict[str, object]) -> list[str]:
    """Plan a free rider's job, then judge that plan under stricter facts."""
    problem = a_problem((a_rider(),), (a_job(weight_g=700, volume_ml=700, boxes=1),))
    plan = solve.solve(problem, POLICY, 1, 0.01)
    assert checker.check(problem, POLICY, plan) == []
    rider: RiderState = replace(problem.riders[0], **change_rider)  # type: ignore[arg-type]
    job: Job = replace(problem.jobs[0], **change_job)  # type: ignore[arg-type]
    return checker.check(replace(problem, riders=(rider,), jobs=(job,)), POLICY, plan)


@pytest.mark.parametrize(
    ("rider", "job", "word"),
    [
        ({"capacity_g": 600}, {}, "weight"),
        ({"capacity_ml": 600}, {}, "volume"),
        ({"capacity_boxes": 0}, {}, "boxes"),
        ({"max_jobs": 0}, {}, "units"),
        ({"max_added_stops": 0}, {}, "more stops"),
        ({"shift_end_s": NOON_S + 60}, {}, "shift"),
        ({"last_pickup_s": NOON_S}, {}, "too late"),
        ({"rest": Rest(NOON_S, NOON_S, 600)}, {}, "times"),
        ({"rest": Rest(NOON_S + 70, NOON_S + 80, 600)}, {}, "break"),
        ({"zones": ("south",)}, {}, "zone"),
        ({"place": 5}, {}, "times"),
        ({"locked": True}, {}, "locked"),
        ({"carrying": ("soup",)}, {}, "out of order"),
        ({}, {"skills": ("wine",)}, "skill"),
        ({}, {"refused_by": ("ann",)}, "declined"),
        ({}, {"only_for": "bo"}, "another"),
        ({}, {"latest_s": NOON_S + 60}, "latest"),
        ({}, {"max_ride_s": 60}, "on the way"),
        ({}, {"ready_s": NOON_S + 300}, "times"),
        ({}, {"id": "rice"}, "unknown job"),
    ],
)
def test_a_stricter_rule_makes_the_plan_unlawful(rider: dict[str, object], job: dict[str, object], word: str) -> None:
    assert any(word in fault for fault in faults_after(rider, job))


def _drop_trip(plan: Plan) -> Plan:
    return replace(plan, trips=plan.trips[1:], digest="")


def _twice(plan: Plan) -> Plan:
    return replace(plan, trips=(*plan.trips, plan.trips[0]), digest="")


def _reversed(plan: Plan) -> Plan:
    trip = plan.trips[0]
    return replace(plan, trips=(replace(trip, stops=trip.stops[::-1]), *plan.trips[1:]), digest="")


def _cheaper(plan: Plan) -> Plan:
    return replace(plan, cost=plan.cost - 1)


def _firm_stranger(plan: Plan) -> Plan:
    return replace(plan, trips=(replace(plan.trips[0], firm=("nobody's",)), *plan.trips[1:]), digest="")


@pytest.mark.parametrize("spoil", [_drop_trip, _twice, _reversed, _cheaper, _firm_stranger])
def test_a_spoiled_plan_is_refused(spoil: Callable[[Plan], Plan]) -> None:
    problem: Problem = lunch_rush_small()
    plan = solve.solve(problem, POLICY, 1, 0.05)
    assert checker.check(problem, POLICY, plan) == []
    assert checker.check(problem, POLICY, spoil(plan)) != []


def two_stores(**rider: object) -> tuple[Problem, Plan]:
    """One rider fetches from two stores before bringing anything, the far one's goods first off."""
    jobs = (a_job("one", 1, 9, latest_s=NOON_S + 10 * 60), a_job("two", 2, 8, latest_s=NOON_S + 9 * 60))
    problem = a_problem((a_rider(**rider),), jobs)
    plan = solve.solve(problem, POLICY, 1, 0.05)
    assert [s.action for s in plan.trips[0].stops] == [Action.PICKUP, Action.PICKUP, Action.DROPOFF, Action.DROPOFF]
    assert checker.check(problem, POLICY, plan) == []
    return problem, plan


def test_goods_of_two_stores_may_be_mixed_only_where_the_policy_says_so() -> None:
    problem, plan = two_stores()
    assert any("mixed" in fault for fault in checker.check(problem, replace(POLICY, mix_stores=False), plan))


def test_last_in_first_out_is_proved() -> None:
    problem, plan = two_stores()
    stops = plan.trips[0].stops
    assert stops[1].job_id == stops[2].job_id == "two"  # lawful for a stack; the other way round it is not
    assert checker.check(replace(problem, riders=(replace(problem.riders[0], lifo=True),)), POLICY, plan) == []
    jobs = (a_job("one", 1, 8, latest_s=NOON_S + 8 * 60), a_job("two", 2, 9, latest_s=NOON_S + 9 * 60))
    problem = a_problem((a_rider(),), jobs)
    plan = solve.solve(problem, POLICY, 1, 0.05)
    stacked = replace(problem, riders=(replace(problem.riders[0], lifo=True),))
    assert any("last in, first out" in fault for fault in checker.check(stacked, POLICY, plan))


def test_frozen_stops_are_proved_to_be_first() -> None:
    problem, plan = two_stores()
    owed = (Stop("two", Action.PICKUP), Stop("two", Action.DROPOFF))
    frozen = replace(problem, riders=(replace(problem.riders[0], stops=owed, frozen=1),))
    assert any("frozen" in fault for fault in checker.check(frozen, POLICY, plan))


def test_what_another_rider_holds_is_not_taken_from_him() -> None:
    problem, plan = two_stores()
    held = replace(problem, jobs=(replace(problem.jobs[0], holder="bo"), problem.jobs[1]))
    assert any("belongs to another" in fault for fault in checker.check(held, POLICY, plan))


def test_a_way_that_does_not_exist_is_not_ridden() -> None:
    problem, plan = two_stores()
    problem.travel.seconds[0, 1, 2] = -1
    assert any("no way" in fault for fault in checker.check(problem, POLICY, plan))


def test_a_slower_vehicle_cannot_keep_these_times() -> None:
    problem, plan = two_stores()
    one = problem.travel
    two = Travel(np.concatenate([one.seconds, one.seconds * 2]), np.concatenate([one.metres, one.metres]))
    slower = replace(problem, travel=two, riders=(replace(problem.riders[0], profile=1),))
    assert any("times" in fault for fault in checker.check(slower, POLICY, plan))


def test_what_may_be_decided_later_is_not_given_out() -> None:
    ready = NOON_S + 30 * 60
    problem = a_problem((a_rider(),), (a_job(ready_s=ready, due_s=ready + 3_600),))
    plan = solve.solve(problem, POLICY, 1, 0.05)
    assert plan.trips[0].firm == ()
    eager = replace(plan, trips=(replace(plan.trips[0], firm=("soup",)),), digest="")
    assert any("before it must be" in fault for fault in checker.check(problem, POLICY, eager))
    busy = replace(problem, riders=(replace(problem.riders[0], free_s=ready),))
    plan = solve.solve(busy, POLICY, 1, 0.05)
    eager = replace(plan, trips=(replace(plan.trips[0], firm=("soup",)),), digest="")
    assert any("before it must be" in fault for fault in checker.check(busy, POLICY, eager))


def test_what_is_held_far_ahead_is_not_planned() -> None:
    problem, plan = two_stores()
    held = replace(problem, jobs=(replace(problem.jobs[0], hold_until_s=NOON_S + 2 * 3_600), problem.jobs[1]))
    assert any("held on purpose" in fault for fault in checker.check(held, POLICY, plan))
