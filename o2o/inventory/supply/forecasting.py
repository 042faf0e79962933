"""What will be wanted tomorrow: pure. Daily demand of one SKU at one store, with effects of weekday and promotion.

The model is a Poisson regression (log link, ridge; scikit-learn's PoissonRegressor) on weekday and promotion with recent days
weighing more. It is measured against the seasonal naive forecast (the same weekday a week ago) from rolling origins, as
Hyndman and Athanasopoulos lay it out (Forecasting: Principles and Practice, 3rd ed., chapter 5.10), and used only where it is
no worse.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

HALF_LIFE_DAYS = 28
"""A day that long ago weighs half of yesterday: slow enough for weekdays to be learnt, quick enough for a season."""
RIDGE = 1e-3
"""Enough to keep a weekday that never sold from running away to minus infinity; too little to shrink a real effect."""
LEAST_DAYS = 21
"""Three of each weekday; with fewer the mean is all there is to learn."""
HORIZON = 7


@dataclass(frozen=True, slots=True)
class Day:
    """What one day sold. `censored`: the shelf ran empty, so more may have been wanted; such a day teaches nothing."""

    day: date
    sold: int
    promoted: bool = False
    censored: bool = False


@dataclass(frozen=True, slots=True)
class Backtest:
    """Error of the last weeks as a share of what was sold (WAPE, in thousandths), for the model and for the naive forecast."""

    days: int
    model_permille: int
    naive_permille: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """Expected units for each coming day, which method says so, and how both did."""

    daily: tuple[float, ...]
    method: str
    backtest: Backtest | None

    def units(self, days: int) -> float:
        """Expected units of the first `days` days."""
        return float(sum(self.daily[:days]))


def forecast(history: Sequence[Day], *, days: int, promoted: Collection[date] = ()) -> Forecast:
    """Demand of the `days` after the last of `history` (every day in order, none missing).

    `promoted` are the coming days on promotion. Methods: `model`, `naive` where it was better, `mean` of a short history.
    """
    if not history:
        return Forecast((0.0,) * days, "mean", None)
    coming = [history[-1].day + timedelta(days=n + 1) for n in range(days)]
    learnt = [day for day in history if not day.censored]
    if len(learnt) < LEAST_DAYS:
        mean = sum(day.sold for day in learnt) / len(learnt) if learnt else 0.0
        return Forecast((mean,) * days, "mean", None)
    measured = backtest(history)
    if measured is not None and measured.naive_permille < measured.model_permille:
        return Forecast(tuple(_naive(history, coming)), "naive", measured)
    return Forecast(tuple(_model(learnt, coming, frozenset(promoted))), "model", measured)


def backtest(history: Sequence[Day], *, weeks: int = 4) -> Backtest | None:
    """Forecast each of the last weeks from what was known before it; None where there is too little to tell."""
    missed_model = missed_naive = sold = 0.0
    days = 0
    for week in range(weeks, 0, -1):
        cut = len(history) - week * HORIZON
        known, truth = history[: max(cut, 0)], [day for day in history[cut : cut + HORIZON] if not day.censored]
        learnt = [day for day in known if not day.censored]
        if len(learnt) < LEAST_DAYS or not truth:
            continue
        coming, told = [day.day for day in truth], frozenset(day.day for day in truth if day.promoted)
        for day, guess, naive in zip(truth, _model(learnt, coming, told), _naive(known, coming), strict=True):
            missed_model += abs(guess - day.sold)
            missed_naive += abs(naive - day.sold)
            sold += day.sold
            days += 1
    if not sold:
        return None
    return Backtest(days, round(1000 * missed_model / sold), round(1000 * missed_naive / sold))


def _model(learnt: Sequence[Day], coming: Sequence[date], promoted: Collection[date]) -> list[float]:
    sold = np.array([day.sold for day in learnt], dtype=np.float64)
    if not sold.any():
        return [0.0] * len(coming)
    age = np.array([(learnt[-1].day - day.day).days for day in learnt], dtype=np.float64)
    seen = _features([day.day for day in learnt], {day.day: day.promoted for day in learnt})
    regressor, threads = _library()
    with threads.limit(limits=1):
        fitted = regressor(alpha=RIDGE, max_iter=300).fit(seen, sold, sample_weight=0.5 ** (age / HALF_LIFE_DAYS))
        guessed: Floats = fitted.predict(_features(coming, dict.fromkeys(promoted, True)))
    # A promotion never seen before may not promise more than the best day there ever was, twice over.
    return [float(units) for units in np.minimum(guessed, 2 * sold.max())]


@cache
def _library() -> tuple[Any, Any]:
    """Imported when first needed: it costs a second and 100 MB that an API process need not spend. One thread: on problems this
    small more of them only wait for each other, by seconds on a busy machine."""
    from sklearn.linear_model import PoissonRegressor
    from threadpoolctl import ThreadpoolController

    return PoissonRegressor, ThreadpoolController()


def _features(days: Sequence[date], promoted: Mapping[date, bool]) -> Floats:
    rows = np.zeros((len(days), 8), dtype=np.float64)
    for row, day in enumerate(days):
        rows[row, day.weekday()] = 1.0
        rows[row, 7] = 1.0 if promoted.get(day) else 0.0
    return rows


def _naive(known: Sequence[Day], coming: Sequence[date]) -> list[float]:
    """The same weekday of the last week known (that was not sold out), else the mean."""
    last: dict[int, float] = {day.day.weekday(): float(day.sold) for day in known if not day.censored}
    mean = sum(last.values()) / len(last) if last else 0.0
    return [last.get(day.weekday(), mean) for day in coming]
