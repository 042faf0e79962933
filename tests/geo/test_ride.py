import pytest

from o2o.geo.lonlat import LonLat, offset
from o2o.geo.ride import Ride, straight
from o2o.geo.travel import estimate

A = LonLat(116.4, 39.9)
B, C = offset(A, east_m=1_000, north_m=0), offset(A, east_m=1_000, north_m=500)


def test_a_straight_ride_takes_what_the_estimates_of_its_legs_take():
    ride = straight([A, B, C])
    assert ride.estimated
    legs = estimate([A], [B]).seconds[0, 0], estimate([B], [C]).seconds[0, 0]
    assert [ride.seconds[stop] for stop in ride.stops] == pytest.approx([0, legs[0], sum(legs)], abs=2)
    assert ride.travel_s == ride.seconds[ride.stops[-1]]
    assert ride.distance_m == ride.metres[-1] > 1_500


def test_a_rider_is_on_the_line_at_every_moment():
    ride = Ride((A, B, C), (0, 100, 150), (0, 1_000, 1_500), (0, 1, 2))
    assert ride.position_at(-5) == ride.position_at(0) == A
    assert ride.position_at(50) == pytest.approx(((A.lon + B.lon) / 2, (A.lat + B.lat) / 2))
    assert ride.position_at(100) == B
    assert ride.position_at(1_000) == C


def test_two_corners_at_one_moment_are_no_division_by_zero():
    ride = Ride((A, B, B, C), (0, 10, 10, 20), (0, 1, 1, 2), (0, 3))
    assert ride.position_at(10) == B
    assert ride.position_at(15) == pytest.approx(((B.lon + C.lon) / 2, (B.lat + C.lat) / 2))


def test_slower_streets_stretch_the_clock_not_the_line():
    slow = straight([A, B]).slowed(1.5)
    assert slow.travel_s == round(straight([A, B]).travel_s * 1.5)
    assert slow.points == (A, B)


def test_a_ride_is_a_geojson_line_even_when_nobody_moves():
    assert straight([A, B]).to_geojson()["coordinates"] == [[116.4, 39.9], [round(B.lon, 6), round(B.lat, 6)]]
    assert straight([A]).to_geojson()["coordinates"] == [[116.4, 39.9], [116.4, 39.9]]


def test_a_ride_needs_a_time_for_every_corner():
    with pytest.raises(ValueError, match="every corner"):
        Ride((A, B), (0,), (0, 1), (0, 1))
