from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from o2o.geo.lonlat import LonLat, distance_m, offset
from o2o.geo.travel import CITY_DAY, EBIKE, ON_FOOT, SpeedProfile, TravelMatrix, Vehicle, estimate

HOME = LonLat(116.4, 39.9)
SHOP = offset(HOME, east_m=900, north_m=1_200)
EVENING = datetime(2026, 6, 1, 10, 30, tzinfo=UTC)  # 18:30 in Shanghai


def test_an_estimate_is_the_great_circle_times_detour_at_the_vehicles_speed():
    table = estimate([HOME], [SHOP, HOME])
    road_m = distance_m(HOME, SHOP) * EBIKE.detour
    assert table.metres[0, 0] == pytest.approx(road_m, abs=2)
    assert table.seconds[0, 0] == pytest.approx(road_m / EBIKE.speed_mps, abs=2)
    assert table.seconds[0, 1] == table.metres[0, 1] == 0
    assert table.seconds.dtype == table.metres.dtype == np.int32


def test_walking_takes_longer_and_a_fixed_time_is_added_only_to_real_legs():
    assert estimate([HOME], [SHOP], ON_FOOT).seconds[0, 0] > estimate([HOME], [SHOP]).seconds[0, 0]
    slow_start = Vehicle("cart", speed_mps=5.5, fixed_s=60)
    assert estimate([HOME], [SHOP], slow_start).seconds[0, 0] == estimate([HOME], [SHOP]).seconds[0, 0] + 60
    assert estimate([HOME], [HOME], slow_start).seconds[0, 0] == 0


def test_nowhere_to_go_is_an_empty_table():
    assert estimate([], []).seconds.shape == (0, 0)


def test_the_evening_is_slower_and_metres_stay():
    table = estimate([HOME], [SHOP])
    evening = table.at(EVENING)
    assert evening.seconds[0, 0] == np.ceil(table.seconds[0, 0] * CITY_DAY.factor(EVENING))
    assert evening.seconds[0, 0] > table.seconds[0, 0]
    assert (evening.metres == table.metres).all()
    assert table.at(EVENING, SpeedProfile((1.0,) * 24)) == table
    ways = zip(evening.seconds[:, 0].tolist(), evening.metres[:, 0].tolist(), strict=True)
    assert table.to_one(EVENING) == list(ways)


def test_a_speed_profile_never_jumps():
    factors = [CITY_DAY.factor(EVENING + timedelta(minutes=minute)) for minute in range(24 * 60)]
    assert max(abs(a - b) for a, b in pairwise(factors)) < 0.01
    assert CITY_DAY.factor(EVENING) == pytest.approx(1.3)


def test_a_profile_needs_every_hour_and_an_aware_time():
    with pytest.raises(ValueError, match="24"):
        SpeedProfile((1.0,) * 23)
    with pytest.raises(ValueError, match="aware"):
        CITY_DAY.factor(datetime(2026, 6, 1))  # noqa: DTZ001 - the naive time is the point


@pytest.mark.parametrize(
    ("seconds", "metres"),
    [
        (np.zeros((1, 2), np.int32), np.zeros((2, 1), np.int32)),
        (np.zeros((1, 1), np.int64), np.zeros((1, 1), np.int32)),
        (np.full((1, 1), -1, np.int32), np.zeros((1, 1), np.int32)),
    ],
)
def test_a_matrix_of_other_shape_type_or_sign_is_refused(seconds, metres):
    with pytest.raises(ValueError, match=r"shape|int32|negative"):
        TravelMatrix(seconds, metres)
