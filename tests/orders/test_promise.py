"""The promise grows with the queue, the crowd and the ride, learns from what came, and holds as often as it says."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest

from o2o.orders import promise
from o2o.orders.promise import STANDARD, FulfilmentPlan, Load, Paces, Stage
from o2o.orders.promise.paces import Known, Margin, Seen, learn

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
CALM = Load(backlog_s=0, riders=4, free_riders=3, open_deliveries=1)


def _plan(load: Load, *, work_s: int = 165, ride_s: int = 300, paces: Paces = promise.UNKNOWN) -> FulfilmentPlan:
    return promise.plan_delivery(now=NOW, work_s=work_s, load=load, ride_s=ride_s, distance_m=1_650, paces=paces)


def _by(load: Load, *, work_s: int = 165, ride_s: int = 300, paces: Paces = promise.UNKNOWN) -> float:
    return (_plan(load, work_s=work_s, ride_s=ride_s, paces=paces).arrive_by - NOW).total_seconds()


def test_a_calm_shop_nothing_is_known_of_promises_eighteen_minutes() -> None:
    assert _by(CALM) == 1_080


def test_the_promise_grows_with_backlog_ride_and_crowd() -> None:
    assert _by(replace(CALM, backlog_s=1_800)) > _by(CALM)
    assert _by(CALM, ride_s=900) > _by(CALM)
    crowds = [_by(replace(CALM, open_deliveries=n)) for n in range(0, 60, 5)]
    assert crowds == sorted(crowds)
    assert crowds[-1] > crowds[0] + 1_800
    assert _by(replace(CALM, riders=0, free_riders=0)) > _by(replace(CALM, open_deliveries=12))


def test_a_free_hand_begins_at_once_and_more_hands_shorten_the_queue() -> None:
    idle = promise.queue_s(replace(CALM, backlog_s=300, tasks=1))
    assert idle == promise.queue_s(CALM)
    two, four = (promise.queue_s(replace(CALM, backlog_s=2_400, tasks=8, hands=n)) for n in (2, 4))
    assert two > four > idle


def test_stages_follow_one_another() -> None:
    plan = _plan(replace(CALM, backlog_s=600), work_s=200)
    times = [NOW, plan.pick_start_at, plan.pick_end_at, plan.rider_at, plan.expected_at, plan.arrive_by]
    assert times == sorted(times)
    assert plan.planned is not None
    assert sum(plan.planned.values()) == (plan.expected_at - NOW).total_seconds()
    assert plan.ready_at <= plan.arrive_from < plan.arrive_by
    assert plan.cost_fen == 350 + 99
    assert plan.shifted(60).arrive_by.timestamp() - plan.arrive_by.timestamp() == 60


def test_a_window_that_was_agreed_on_does_not_move_with_the_payment() -> None:
    plan = replace(_plan(CALM), agreed=True)
    assert plan.shifted(600) == plan


def test_a_plan_is_the_same_after_a_trip_over_the_wire_and_old_ones_are_still_read() -> None:
    plan = _plan(replace(CALM, backlog_s=600, tasks=3, hands=3, rush_s=300))
    assert FulfilmentPlan.from_json(plan.as_json()) == plan
    old = {
        k: v
        for k, v in plan.as_json().items()
        if k not in ("planned_at", "spread_s", "load", "expected", "planned", "agreed")
    }
    assert FulfilmentPlan.from_json(old).arrive_by == plan.arrive_by


def test_rush_mode_adds_its_minutes_to_every_promise() -> None:
    assert _by(replace(CALM, rush_s=600)) - _by(CALM) == 600


def test_a_pickup_is_promised_when_it_is_surely_ready() -> None:
    plan = promise.plan_pickup(now=NOW, work_s=300, load=CALM)
    assert (plan.ready_at - NOW).total_seconds() == 320
    assert 320 < (plan.arrive_by - NOW).total_seconds() <= 600
    assert plan.cost_fen == 0


def test_picking_work_counts_lines_and_weight() -> None:
    assert promise.pick_work_s(3, 1_000) == 60 + 3 * 35
    assert promise.pick_work_s(3, 25_000, line_s=50) == 60 + 150 + 120


def _seen(plan: FulfilmentPlan, took: dict[Stage, float]) -> Seen:
    assert plan.expected is not None
    assert plan.planned is not None
    stages = {s: (took[s], plan.expected[s], plan.planned[s], promise.scale_s(plan.planned[s])) for s in took}
    over_s = sum(took.values()) - (plan.expected_at - NOW).total_seconds()
    assert plan.load is not None
    crowd = promise.crowd_of(promise.crowding(plan.load))
    return Seen(stages, over_s - STANDARD.step_s / 2, plan.spread_s, crowd)


def _took(dice: random.Random, plan: FulfilmentPlan, slower: float = 1.0) -> dict[Stage, float]:
    """Stages with errors that are neither normal nor what the plan thinks of them."""
    assert plan.expected is not None
    return {stage: slower * seconds * dice.lognormvariate(-0.08, 0.4) for stage, seconds in plan.expected.items()}


@pytest.mark.parametrize("slower", [0.7, 1.0, 1.6])
def test_nine_of_ten_are_kept_however_stages_really_run(slower: float) -> None:
    """Lognormal errors, stores faster or slower than thought, loads of all kinds: after 300 orders the share kept is right."""
    dice, paces, kept = random.Random(7), promise.UNKNOWN, 0
    for nth in range(2_300):
        load = replace(CALM, backlog_s=dice.randrange(0, 3_000), riders=10, open_deliveries=dice.randrange(0, 40))
        plan = _plan(load, ride_s=dice.randrange(100, 700), paces=paces)
        took = _took(dice, plan, slower)
        kept += nth >= 300 and NOW + timedelta(seconds=sum(took.values())) <= plan.arrive_by
        paces = learn(paces, _seen(plan, took))
    assert 0.90 <= kept / 2_000 <= 0.945


def test_a_slower_city_is_followed_and_late_orders_stay_few() -> None:
    """From one order to the next everything takes half as long again: the promise grows, and after a hundred orders it holds."""
    dice, paces = random.Random(3), promise.UNKNOWN
    for _ in range(600):
        plan = _plan(CALM, paces=paces)
        paces = learn(paces, _seen(plan, _took(dice, plan)))
    before = _by(CALM, paces=paces)
    kept = 0
    for nth in range(700):
        plan = _plan(CALM, paces=paces)
        took = _took(dice, plan, 1.5)
        kept += nth >= 100 and NOW + timedelta(seconds=sum(took.values())) <= plan.arrive_by
        paces = learn(paces, _seen(plan, took))
    assert _by(CALM, paces=paces) > before * 1.25
    assert kept / 600 >= 0.88


def test_a_store_with_few_orders_leans_on_its_city() -> None:
    slow = Known(_after(_many(1.5, 400)).city.paces)
    fresh = Paces(Known(), slow)
    own = Paces(_after(_many(1.0, 400)).store, slow)
    assert 1.4 <= fresh.pace(Stage.PICK).factor <= 1.55
    assert 1.0 <= own.pace(Stage.PICK).factor <= 1.2


def _after(seen: Iterable[Seen]) -> Paces:
    """What these orders have taught, one after the other."""
    return reduce(learn, seen, promise.UNKNOWN)


def _many(slower: float, count: int) -> list[Seen]:
    plan = _plan(CALM)
    assert plan.expected is not None
    return [_seen(plan, {s: slower * seconds for s, seconds in plan.expected.items()})] * count


def test_one_absurd_order_moves_a_margin_no_more_than_any_late_one() -> None:
    plan = _plan(CALM)
    late, absurd = (Seen({}, over_s, plan.spread_s) for over_s in (3 * plan.spread_s, 1e9))
    assert learn(promise.UNKNOWN, late) == learn(promise.UNKNOWN, absurd)


def test_a_margin_is_never_below_nothing() -> None:
    assert Paces(Known(margin=Margin(-9.0, 10)), Known()).margin() == 0.0


def test_what_a_calm_morning_taught_does_not_make_noon_late() -> None:
    """Ten hours of orders that all come early narrow the calm margin, and leave the crowded one alone."""
    plan = _plan(CALM)
    early = Seen({}, -float(plan.spread_s), plan.spread_s, crowd=0)
    paces = Paces(Known(), _after([early] * 500).city)
    assert paces.margin(0) < 0.5 * promise.UNKNOWN.margin(0)
    assert paces.margin(1) == paces.margin(2) == promise.UNKNOWN.margin(2) == STANDARD.first_margin


def test_times_are_calm_busy_and_crowded_by_what_is_open_for_each_rider() -> None:
    crowds = [promise.crowd_of(promise.crowding(replace(CALM, open_deliveries=n))) for n in (0, 3, 5, 7, 20)]
    assert crowds == [0, 0, 1, 2, 2]
    assert promise.crowd_of(promise.crowding(replace(CALM, riders=0))) == 2
