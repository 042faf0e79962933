"""The forecast learns weekdays and promotions, is measured against the naive one, and steps back where that is better."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from o2o.inventory.supply.forecasting import Day, backtest, forecast
from o2o.inventory.supply.replenishment import order_up_to
from o2o.inventory.supply.terms import Terms

MONDAY = date(2026, 1, 5)


def sold(
    days: int, mean: Callable[[date], float], *, seed: int = 7, promoted: Callable[[date], bool] = lambda _: False
):
    dice = np.random.default_rng(seed)
    every = [MONDAY + timedelta(days=n) for n in range(days)]
    return [Day(day, int(dice.poisson(mean(day))), promoted(day)) for day in every]


def weekend(day: date) -> float:
    return 24.0 if day.weekday() >= 5 else 8.0


def fortnightly(day: date) -> bool:
    return (day - MONDAY).days // 3 % 5 == 0


def test_weekdays_are_learnt_and_beat_the_naive_forecast() -> None:
    found = forecast(sold(112, weekend), days=7)
    assert found.method == "model"
    assert found.backtest is not None
    assert found.backtest.model_permille < found.backtest.naive_permille
    assert all(20 < units < 28 for units in found.daily[5:7])
    assert all(6 < units < 10 for units in found.daily[:5])


def test_a_coming_promotion_raises_its_days_by_what_promotions_did() -> None:
    history = sold(112, lambda day: 30.0 if fortnightly(day) else 10.0, promoted=fortnightly)
    coming = MONDAY + timedelta(days=113)
    plain, raised = forecast(history, days=3).daily[1], forecast(history, days=3, promoted=[coming]).daily[1]
    assert raised / plain == pytest.approx(3.0, rel=0.2)


def test_over_many_skus_the_chosen_forecast_errs_less_than_the_naive_one() -> None:
    chosen = naive = 0
    for seed in range(20):
        tested = backtest(sold(112, lambda day, seed=seed: (1 + seed) * weekend(day) / 8, seed=seed))
        assert tested is not None
        chosen += min(tested.model_permille, tested.naive_permille)
        naive += tested.naive_permille
    assert chosen < 0.85 * naive


def test_days_on_which_the_shelf_ran_empty_teach_nothing() -> None:
    full = sold(84, weekend)
    cut = [Day(d.day, 0, censored=True) if n % 4 == 0 else d for n, d in enumerate(full)]
    assert forecast(cut, days=7).units(7) == pytest.approx(forecast(full, days=7).units(7), rel=0.15)


def test_a_short_history_gives_its_mean_and_none_gives_nothing() -> None:
    assert forecast([Day(MONDAY, 4), Day(MONDAY + timedelta(days=1), 6)], days=2).daily == (5.0, 5.0)
    assert forecast([], days=3).daily == (0.0, 0.0, 0.0)


def test_what_never_sold_is_not_forecast_to() -> None:
    assert forecast([Day(MONDAY + timedelta(days=n), 0) for n in range(60)], days=7).units(7) == 0


@pytest.mark.parametrize(
    ("position", "terms", "quantity"),
    [
        (40, Terms("a", "s"), 0),
        (10, Terms("a", "s"), 18),
        (10, Terms("a", "s", multiple=12), 24),
        (10, Terms("a", "s", lead_days=6, weeks_of_supply=1, multiple=10), 60),
        (10, Terms("a", "s", lead_days=6, weeks_of_supply=1), 60),
        (10, Terms("a", "s", lead_days=6, weeks_of_supply=1, multiple=2), 60),
        (10, Terms("a", "s", lead_days=20, weeks_of_supply=1), 200),
        (10, Terms("a", "s", lead_days=20, weeks_of_supply=1, multiple=24), 192),
        (0, Terms("a", "s", multiple=500, weeks_of_supply=1), 500),
        (5, Terms("a", "s", multiple=500, weeks_of_supply=1), 0),
    ],
)
def test_the_order_covers_lead_time_in_multiples_within_the_weeks_of_supply(position, terms, quantity) -> None:
    """Ten a day; lead and review of a day each: 20 plus 1.64 standard deviations make 28."""
    found = forecast([Day(MONDAY + timedelta(days=n), 10) for n in range(14)], days=60)
    assert order_up_to(found, position=position, terms=terms).quantity == quantity
