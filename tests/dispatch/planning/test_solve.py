"""The recipe on small streets: who rides, in which order, and what is given out now."""

from __future__ import annotations

from dataclasses import replace

from o2o.dispatch.planning import checker, solve
from o2o.dispatch.planning.plan import Plan
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Action, Problem, Rest, Stop
from tests.dispatch.planning.make import MINUTE_S, NOON_S, a_job, a_problem, a_rider, lunch_rush_small

POLICY = DispatchPolicy(emergency_floor_s=600)  # no clock stops a search on a busy machine


def solved(problem: Problem, policy: DispatchPolicy = POLICY) -> Plan:
    """The plan, which the checker passes."""
    plan = solve.solve(problem, policy, seed=1, time_limit_s=0.1)
    assert checker.check(problem, policy, plan) == []
    return plan


def order(plan: Plan, rider: str = "ann") -> list[str]:
    """The rider's stops as +job and -job."""
    stops = [s for t in plan.trips if t.rider_id == rider for s in t.stops]
    return [("+" if s.action is Action.PICKUP else "-") + s.job_id for s in stops]


def test_lunch_rush_is_served_whole() -> None:
    plan = solved(lunch_rush_small())
    assert plan.deferred == ()
    assert sum(len(t.stops) for t in plan.trips) == 12


def test_two_jobs_of_one_store_ride_together() -> None:
    plan = solved(a_problem((a_rider(),), (a_job("far", 1, 5), a_job("near", 1, 3))))
    assert order(plan)[:2] in (["+far", "+near"], ["+near", "+far"])
    assert order(plan)[2:] == ["-near", "-far"]


def test_last_in_first_out_loads_the_far_one_first() -> None:
    plan = solved(a_problem((a_rider(lifo=True),), (a_job("far", 1, 5), a_job("near", 1, 3))))
    assert order(plan) == ["+far", "+near", "-near", "-far"]


def test_goods_of_two_stores_are_not_mixed_where_that_is_forbidden() -> None:
    jobs = (a_job("one", 1, 5), a_job("two", 2, 6))
    plan = solved(a_problem((a_rider(),), jobs), replace(POLICY, mix_stores=False))
    assert order(plan) in (["+one", "-one", "+two", "-two"], ["+two", "-two", "+one", "-one"])


def test_goods_on_board_stay_on_board() -> None:
    rider = a_rider("ann", 9, carrying=("soup",), stops=(Stop("soup", Action.DROPOFF),))
    plan = solved(a_problem((rider, a_rider("bo", 3)), (a_job(),)))
    assert order(plan) == ["-soup"]


def test_a_shift_that_ended_with_goods_on_board_still_delivers_them_and_nothing_more() -> None:
    rider = a_rider(carrying=("soup",), shift_end_s=NOON_S - 60)
    plan = solved(a_problem((rider,), (a_job(), a_job("rice", 1, 3))))
    assert order(plan) == ["-soup"]


def test_frozen_stops_come_first_whatever_is_better() -> None:
    stops = (Stop("far", Action.PICKUP), Stop("far", Action.DROPOFF))
    rider = a_rider(stops=stops, frozen=1)
    plan = solved(a_problem((rider,), (a_job("far", 9, 11), a_job("near", 0, 1))))
    assert order(plan)[0] == "+far"


def test_a_break_is_taken_between_two_trips() -> None:
    rider = a_rider(rest=Rest(NOON_S + 60, NOON_S + 1_200, 600))
    plan = solved(a_problem((rider,), (a_job("one", 0, 2), a_job("two", 2, 4, ready_s=NOON_S + 900))))
    assert NOON_S + 60 <= plan.trips[0].rest_at_s <= NOON_S + 1_200


def test_nothing_is_given_out_before_it_must_be() -> None:
    ready = NOON_S + 30 * MINUTE_S
    problem = a_problem((a_rider(),), (a_job(ready_s=ready, due_s=ready + 3_600),))
    trip = solved(problem).trips[0]
    assert (trip.firm, trip.depart_by_s) == ((), ready - MINUTE_S)
    later = replace(problem, now_s=trip.depart_by_s, riders=(replace(problem.riders[0], free_s=trip.depart_by_s),))
    assert solved(later).trips[0].firm == ("soup",)


def test_a_rider_free_soon_is_waited_for_when_the_other_is_far() -> None:
    soon = replace(a_rider("soon", 1), free_s=NOON_S + MINUTE_S)
    plan = solved(a_problem((a_rider("far", 11), soon), (a_job(),)))
    assert [t.rider_id for t in plan.trips] == ["soon"]
    assert plan.trips[0].firm == ()


def test_far_riders_are_called_in_first_when_nobody_waits_longer_for_it() -> None:
    calm = replace(POLICY, busy_per_s=0, metre_cost=0, stand_per_s=5)
    riders = (a_rider("near", 0), a_rider("far", 11))
    problem = a_problem(riders, (a_job(pickup=0, ready_s=NOON_S + 1_800),), demand=((0, 1),))
    assert [t.rider_id for t in solved(problem, calm).trips] == ["far"]


def test_a_handicap_spreads_work() -> None:
    riders = (a_rider("tired", 1, handicap=100_000), a_rider("fresh", 2))
    assert [t.rider_id for t in solved(a_problem(riders, (a_job(),))).trips] == ["fresh"]


def test_a_priority_job_goes_first() -> None:
    jobs = (a_job("calm", 1, 5), a_job("urgent", 1, 0, priority=9))
    assert order(solved(a_problem((a_rider(max_jobs=1),), jobs)))[0] == "+urgent"
