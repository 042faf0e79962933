"""When people order and what they put in the basket; pure, from dice.

The day has two peaks, at noon and in the early evening, as neighbourhood stores see them: the share of a day's orders by hour is
an assumption, written down here, not a measurement.
"""

import math
import random
from collections.abc import Sequence
from zoneinfo import ZoneInfo

SHARE_BY_HOUR = (0, 0, 0, 0, 0, 0, 1, 2, 4, 5, 7, 9, 11, 7, 4, 4, 6, 9, 11, 9, 6, 3, 2, 0)
"""Per cent of a day's orders placed in each local hour."""

LINES_MEAN = 4
ZONE = ZoneInfo("Asia/Shanghai")


def arrivals_s(dice: random.Random, *, orders_a_day: int, from_s: int, until_s: int) -> list[int]:
    """Seconds after local midnight at which orders come, sorted: a Poisson process with the hourly rates above."""
    found: list[int] = []
    for hour in range(from_s // 3_600, math.ceil(until_s / 3_600)):
        rate = orders_a_day * SHARE_BY_HOUR[hour % 24] / 100
        found += [hour * 3_600 + dice.randrange(3_600) for _ in range(_poisson(dice, rate))]
    return sorted(at for at in found if from_s <= at < until_s)


def _poisson(dice: random.Random, mean: float) -> int:
    """How many arrive, by waiting times (the sum of exponentials up to one)."""
    count, waited = 0, dice.expovariate(1.0) if mean else math.inf
    while waited < mean:
        count += 1
        waited += dice.expovariate(1.0)
    return count


def basket(dice: random.Random, skus: Sequence[str]) -> dict[str, int]:
    """What one customer wants: a few SKUs with pieces of each, the popular ones (earlier in the list) more often."""
    wants: dict[str, int] = {}
    for _ in range(1 + min(9, int(dice.expovariate(1 / (LINES_MEAN - 1))))):
        # Squaring the dice makes the front of the list several times as likely as the back.
        sku = skus[int(len(skus) * dice.random() ** 2)]
        wants[sku] = 1 + min(4, int(dice.expovariate(1.2)))
    return wants
