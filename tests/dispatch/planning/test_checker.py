"""The checker finds every kind of unlawful plan; each case breaks a lawful one in one way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from o2o.dispatch.planning import checker, solve
from o2o.dispatch.planning.plan import Plan
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Job, Problem, Rest, RiderState
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
