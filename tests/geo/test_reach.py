import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from o2o.geo import reach
from o2o.geo.lonlat import LonLat, Plane
from o2o.geo.polygons import ZeroArea, area_m2
from o2o.geo.reach import Grid

HERE = LonLat(116.40, 39.90)


def metres(grid: Grid):
    return Plane(grid.centre).to_xy(grid.degrees.reshape(-1, 2)).reshape(grid.side, grid.side, 2)


def test_equal_speed_everywhere_gives_a_disc():
    grid = reach.around(HERE, 2_500)
    seconds = np.hypot(*np.moveaxis(metres(grid), 2, 0)) / 4.0
    area = reach.within(grid, seconds, 500)
    assert area_m2(area) == pytest.approx(math.pi * 2_000**2, rel=0.01)
    assert not reach.touches_border(seconds, 500)
    assert reach.touches_border(seconds, 700)


def test_a_lake_in_reach_is_a_hole_and_a_puddle_is_none():
    grid = reach.around(HERE, 3_000)
    xy = metres(grid)
    seconds = np.hypot(xy[..., 0], xy[..., 1]) / 4.0
    lake = np.hypot(xy[..., 0] - 1_000, xy[..., 1]) < 500
    area = reach.within(grid, np.where(lake, 9_999, seconds), 600)
    assert len(area.interiors) == 1
    seconds[reach.STEPS + 5, reach.STEPS + 5] = 9_999
    assert len(reach.within(grid, seconds, 600).interiors) == 0


def test_nothing_in_reach_is_said_so():
    grid = reach.around(HERE, 1_000)
    with pytest.raises(ZeroArea):
        reach.within(grid, np.full((grid.side, grid.side), 900.0), 300)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(200, 800))
def test_whatever_the_times_the_area_is_valid_and_grows_with_the_limit(seed: int, limit_s: int):
    """Places well within the limit lie inside, those well beyond it outside, but for islands and puddles."""
    dice = np.random.default_rng(seed)
    grid = Grid(HERE, 150.0, 21)
    xy = metres(grid)
    seconds = np.hypot(xy[..., 0], xy[..., 1]) / dice.uniform(2, 6, (grid.side, grid.side))
    near = reach.within(grid, seconds, limit_s)
    far = reach.within(grid, seconds, limit_s + 200)
    assert near.is_valid
    assert far.is_valid
    assert far.area >= near.area
    assert near.covers(shapely.Point(HERE))
