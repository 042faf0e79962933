"""The promise grows with the queue, the ride and the want of riders, and holds as often as it says."""

import random
from dataclasses import replace
from datetime import UTC, datetime

from o2o.orders import promise
from o2o.orders.promise import STANDARD, Load

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
CALM = Load(backlog_s=0, riders=4, free_riders=3, open_deliveries=1)


def _by(load: Load, *, work_s: int = 165, ride_s: int = 300) -> float:
    plan = promise.plan_delivery(now=NOW, work_s=work_s, load=load, ride_s=ride_s, distance_m=1_650)
    return (plan.arrive_by - NOW).total_seconds()


def test_a_calm_shop_promises_about_a_quarter_of_an_hour() -> None:
    assert _by(CALM) == 900


def test_the_promise_grows_with_backlog_ride_and_want_of_riders() -> None:
    assert _by(replace(CALM, backlog_s=1_800)) > _by(CALM)
    assert _by(CALM, ride_s=900) > _by(CALM)
    waits = [promise.rider_wait_s(replace(CALM, free_riders=0, open_deliveries=n)) for n in range(0, 60, 5)]
    assert waits == sorted(waits)
    assert waits[-1] > waits[0]
    assert _by(replace(CALM, riders=0, free_riders=0)) > _by(replace(CALM, free_riders=0, open_deliveries=12))


def test_stages_follow_one_another() -> None:
    plan = promise.plan_delivery(now=NOW, work_s=200, load=replace(CALM, backlog_s=600), ride_s=300, distance_m=1_650)
    times = [NOW, plan.pick_start_at, plan.pick_end_at, plan.rider_at, plan.expected_at, plan.arrive_by]
    assert times == sorted(times)
    assert plan.pick_start_at.timestamp() - NOW.timestamp() == 300
    assert plan.ready_at <= plan.arrive_from < plan.arrive_by
    assert plan.cost_fen == 350 + 99
    assert plan.shifted(60).arrive_by.timestamp() - plan.arrive_by.timestamp() == 60


def test_a_pickup_is_promised_when_it_is_surely_ready() -> None:
    plan = promise.plan_pickup(now=NOW, work_s=300, load=CALM)
    assert plan.ready_at.timestamp() - NOW.timestamp() == 300
    assert 300 < (plan.arrive_by - NOW).total_seconds() <= 300 + 300 * 0.3 * 1.2816 + 60
    assert plan.cost_fen == 0


def test_picking_work_counts_lines_and_weight() -> None:
    assert promise.pick_work_s(3, 1_000) == 60 + 3 * 35
    assert promise.pick_work_s(3, 25_000, line_s=50) == 60 + 150 + 120


def test_nine_of_ten_arrive_in_time_when_stages_spread_as_assumed() -> None:
    """Stages drawn from the very normals the plan assumes: the share kept is the percentile, within sampling."""
    dice, kept = random.Random(7), 0
    plan = promise.plan_delivery(
        now=NOW, work_s=400, load=CALM, ride_s=600, distance_m=3_300, policy=replace(STANDARD, step_s=1)
    )
    by_s = (plan.arrive_by - NOW).total_seconds()
    wait_s = (plan.rider_at - plan.ready_at).total_seconds()
    for _ in range(4_000):
        total = dice.gauss(400, 120) + dice.gauss(wait_s, wait_s * 0.4) + dice.gauss(600, 150) + dice.gauss(180, 72)
        kept += total <= by_s
    assert 0.885 <= kept / 4_000 <= 0.915
