"""Where one limit alone stands in the way, that limit is named, and the smallest change that would have fitted."""

from __future__ import annotations

from typing import Any

import pytest

from o2o.dispatch.planning import checker, explain, solve
from o2o.dispatch.planning.plan import Explanation, Plan
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Action, Job, Problem, Rest, RiderState, Stop
from o2o.dispatch.planning.reasons import Reason
from tests.dispatch.planning.make import MINUTE_S, NOON_S, a_job, a_problem, a_rider

POLICY = DispatchPolicy()


def solved(problem: Problem) -> Plan:
    """The plan, which the checker passes."""
    plan = solve.solve(problem, POLICY, seed=1, time_limit_s=0.05)
    assert checker.check(problem, POLICY, plan) == []
    return plan


def explained(rider: RiderState, job: Job, *more: Job) -> Explanation:
    """What is said of `job` when there is one rider."""
    problem = a_problem((rider,), (job, *more))
    return explain.explain(problem, POLICY, solved(problem), job.id)


# Facts of the rider, facts of the job, the reason, and by how much the limit has to give.
BLOCKED: list[tuple[dict[str, Any], dict[str, Any], Reason, int]] = [
    ({"capacity_g": 500}, {"weight_g": 700}, Reason.TOO_HEAVY, 200),
    ({"capacity_ml": 500}, {"volume_ml": 900}, Reason.TOO_BULKY, 400),
    ({"capacity_boxes": 1}, {"boxes": 3}, Reason.NO_BOX_FREE, 2),
    ({"max_jobs": 0}, {}, Reason.HANDS_FULL, 1),
    ({"max_added_stops": 1}, {}, Reason.STOP_LIMIT, 1),
    ({"shift_end_s": NOON_S + 2 * MINUTE_S}, {}, Reason.SHIFT_ENDS, MINUTE_S),
    ({"last_pickup_s": NOON_S}, {}, Reason.PICKUP_TOO_LATE, MINUTE_S),
    ({}, {"latest_s": NOON_S + 2 * MINUTE_S}, Reason.WINDOW_MISSED, MINUTE_S),
    ({}, {"max_ride_s": MINUTE_S}, Reason.RIDE_TOO_LONG, MINUTE_S),
    ({"rest": Rest(NOON_S + 60, NOON_S + 120, 600)}, {}, Reason.BREAK_DUE, MINUTE_S),
    ({}, {"skills": ("wine",)}, Reason.SKILL_MISSING, 0),
    ({"zones": ("south",)}, {}, Reason.ZONE_NOT_ALLOWED, 0),
    ({}, {"refused_by": ("ann",)}, Reason.DECLINED, 0),
    ({}, {"only_for": "somebody else"}, Reason.RESERVED, 0),
    ({}, {"holder": "somebody else"}, Reason.HELD_BY_OTHER, 0),
]


@pytest.mark.parametrize(("rider", "job", "reason", "amount"), BLOCKED, ids=[str(row[2]) for row in BLOCKED])
def test_the_one_blocking_limit_is_named_with_its_smallest_change(
    rider: dict[str, Any], job: dict[str, Any], reason: Reason, amount: int
) -> None:
    said = explained(a_rider(**rider), a_job(**job))
    assert said.reason is reason
    assert [v.reason for v in said.verdicts] == [reason]
    limits = [one for one in said.relaxations if one.kind != "rider"]
    assert [(one.reason, one.amount, one.rider_id) for one in limits] == [(reason, amount, "ann")]
    assert all(one.zh and one.en for one in said.relaxations)


def test_a_missed_window_is_worded_in_minutes() -> None:
    said = explained(a_rider(place=9), a_job(latest_s=NOON_S + 2 * MINUTE_S))
    assert said.relaxations[0].en == "window +8 min"
    assert said.relaxations[0].zh == "时间窗延长 8 分钟"


def test_one_more_rider_is_named_with_the_latest_time_that_helps() -> None:
    said = explained(a_rider(place=9), a_job(latest_s=NOON_S + 4 * MINUTE_S))
    assert said.relaxations[-1].reason is Reason.NO_RIDERS
    assert said.relaxations[-1].amount == NOON_S + 2 * MINUTE_S


def test_without_riders_only_one_more_rider_helps() -> None:
    problem = a_problem((), (a_job(latest_s=NOON_S + 4 * MINUTE_S),))
    said = explain.explain(problem, POLICY, solved(problem), "soup")
    assert [one.kind for one in said.relaxations] == ["rider"]


def test_a_locked_trip_takes_nothing_more() -> None:
    stops = (Stop("rice", Action.PICKUP), Stop("rice", Action.DROPOFF))
    said = explained(a_rider(stops=stops, locked=True), a_job(), a_job("rice", holder="ann"))
    assert said.reason is Reason.TRIP_LOCKED


def test_a_job_no_road_leads_to_is_said_to_be_unreachable() -> None:
    problem = a_problem((a_rider(),), (a_job(),))
    problem.travel.seconds[0, 1, 3] = -1
    said = explain.explain(problem, POLICY, solved(problem), "soup")
    assert (said.reason, said.relaxations) == (Reason.UNREACHABLE, ())


def test_a_held_job_says_so_and_until_when() -> None:
    problem = a_problem((a_rider(),), (a_job(hold_until_s=NOON_S + 7_200),))
    one = solved(problem).deferred[0]
    assert (one.reason, one.until_s) == (Reason.HELD_ON_PURPOSE, NOON_S + 7_200)


def test_the_chosen_rider_is_shown_with_terms_and_the_margin_to_the_runner_up() -> None:
    problem = a_problem((a_rider("far", 9), a_rider("near", 1)), (a_job(),))
    said = explain.explain(problem, POLICY, solved(problem), "soup")
    assert (said.chosen, said.runner_up) == ("near", "far")
    costs = {v.rider_id: v.extra_cost for v in said.verdicts}
    assert said.margin == costs["far"] - costs["near"] > 0
    assert sum(amount for _, amount in said.terms) == costs["near"]
    assert dict(said.terms)["wait"] == 2 * MINUTE_S * POLICY.wait_per_s


def test_a_job_already_held_names_its_rider_only() -> None:
    stops = (Stop("soup", Action.PICKUP), Stop("soup", Action.DROPOFF))
    problem = a_problem((a_rider("ann", stops=stops), a_rider("bo")), (a_job(holder="ann"),))
    said = explain.explain(problem, POLICY, solved(problem), "soup")
    assert {v.rider_id: v.reason for v in said.verdicts} == {"ann": Reason.FITS, "bo": Reason.HELD_BY_OTHER}


def in_a_hurry(**facts: Any) -> Explanation:
    """Both have to be picked up on the way out, at doors 1 and 2, and dropped off on the way on, at doors 9 and 10."""
    rider = a_rider(last_pickup_s=NOON_S + 2 * MINUTE_S, **facts)
    rice = a_job("rice", 1, 9, latest_s=NOON_S + 9 * MINUTE_S, priority=9)
    return explained(rider, a_job("soup", 2, 10, latest_s=NOON_S + 10 * MINUTE_S), rice)


def test_an_order_of_unloading_in_the_way_is_named_among_what_would_have_fitted() -> None:
    assert in_a_hurry().chosen == "ann"
    said = in_a_hurry(lifo=True)
    assert (said.chosen, said.reason) == ("", Reason.ALL_BETTER_USED)
    assert Reason.LOADING_ORDER in {one.reason for one in said.relaxations}


def test_stores_that_may_not_be_mixed_are_named_among_what_would_have_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.dispatch.planning.test_explain.POLICY", DispatchPolicy(mix_stores=False))
    assert Reason.STORES_MIXED in {one.reason for one in in_a_hurry().relaxations}


@pytest.mark.parametrize("whose", [{"only_for": "somebody else"}, {"holder": "somebody else"}])
def test_what_is_one_riders_is_not_said_to_fit_one_more(whose: dict[str, str]) -> None:
    assert [one.kind for one in explained(a_rider(), a_job(**whose)).relaxations] == ["rule"]


def test_what_would_have_fitted_is_told_in_units_people_use() -> None:
    heavy = explained(a_rider(capacity_g=500), a_job(weight_g=1_734)).relaxations[0]
    assert (heavy.amount, heavy.en, heavy.zh) == (1_234, "load +1.3 kg", "载重增加 1.3 公斤")
    cold = explained(a_rider(capacity_boxes=1), a_job(boxes=3)).relaxations[0]
    assert (cold.en, cold.zh) == ("insulated boxes +2", "保温箱增加 2 个")


def test_a_rider_whose_work_is_worth_more_elsewhere_is_said_to_be_better_used() -> None:
    jobs = (a_job("urgent", priority=9), a_job("soup"))
    problem = a_problem((a_rider(max_added_stops=2),), jobs)
    said = explain.explain(problem, POLICY, solved(problem), "soup")
    assert (said.reason, [v.reason for v in said.verdicts]) == (Reason.ALL_BETTER_USED, [Reason.STOP_LIMIT])
    assert (said.relaxations[0].en, said.relaxations[0].zh) == ("stops added +2", "允许再加 2 站")


def test_work_beyond_the_bound_of_a_round_says_so() -> None:
    problem = a_problem((a_rider(),), (a_job("rice"), a_job("soup", due_s=NOON_S + 7_200)))
    plan = solve.solve(problem, DispatchPolicy(jobs_max=1), seed=1, time_limit_s=0.05)
    assert [(one.job_id, one.reason) for one in plan.deferred] == [("soup", Reason.WORK_LIMIT)]
