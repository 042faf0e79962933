import math

import numpy as np
import pytest

from o2o.geo.lonlat import BadPoint, LonLat, Plane, as_array, checked, circle, distance_m, distances_m, offset

TIANANMEN = LonLat(116.3913, 39.9075)
PEOPLES_SQUARE = LonLat(121.4737, 31.2304)


def test_beijing_to_shanghai_is_known_to_a_kilometre():
    assert distance_m(TIANANMEN, PEOPLES_SQUARE) == pytest.approx(1_068_000, abs=2_000)


def test_a_point_is_no_distance_from_itself_and_as_far_back_as_there():
    assert distance_m(TIANANMEN, TIANANMEN) == 0
    assert distance_m(TIANANMEN, PEOPLES_SQUARE) == distance_m(PEOPLES_SQUARE, TIANANMEN)


def test_a_table_of_distances_holds_what_single_distances_say():
    places = [TIANANMEN, PEOPLES_SQUARE, LonLat(-0.1, 51.5)]
    table = distances_m(as_array(places), as_array(places[:2]))
    assert table.shape == (3, 2)
    assert [[round(metres) for metres in row] for row in table] == [
        [distance_m(a, b) for b in places[:2]] for a in places
    ]


def test_the_plane_agrees_with_the_great_circle_within_a_city_and_leads_back():
    plane = Plane(TIANANMEN)
    near = as_array([LonLat(116.45, 39.95), LonLat(116.30, 39.85)])
    x, y = plane.to_xy(near)[0]
    assert math.hypot(x, y) == pytest.approx(distance_m(TIANANMEN, LonLat(116.45, 39.95)), rel=0.004)
    assert np.allclose(plane.to_lonlat(plane.to_xy(near)), near, atol=1e-12)


def test_an_offset_lies_as_far_away_as_asked():
    assert distance_m(TIANANMEN, offset(TIANANMEN, east_m=300, north_m=400)) == pytest.approx(500, abs=2)


def test_a_circle_is_closed_anticlockwise_and_round():
    ring = circle(TIANANMEN, 1_000, corners=24)
    assert len(ring) == 25
    assert ring[0] == ring[-1]
    assert all(distance_m(TIANANMEN, LonLat(*corner)) == pytest.approx(1_000, abs=6) for corner in ring)
    xy = Plane(TIANANMEN).to_xy(np.array(ring))
    assert np.sum(xy[:-1, 0] * xy[1:, 1] - xy[1:, 0] * xy[:-1, 1]) > 0


@pytest.mark.parametrize("lon", [math.nan, math.inf, 180.1, -181])
def test_what_is_no_longitude_is_refused(lon):
    with pytest.raises(BadPoint) as refused:
        checked(lon, 39.9)
    assert refused.value.code == "geo.bad_point"


@pytest.mark.parametrize("lat", [math.nan, -math.inf, 90.0001])
def test_what_is_no_latitude_is_refused(lat):
    with pytest.raises(BadPoint):
        checked(116.4, lat)
