import math

import pytest

from o2o.geo.datum import Datum, from_wgs84, in_china, ring_to_wgs84, to_wgs84
from o2o.geo.lonlat import BadPoint, LonLat, distance_m

BEIJING, LONDON = LonLat(116.397, 39.909), LonLat(-0.1276, 51.5072)


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_a_chinese_datum_is_hundreds_of_metres_off_and_comes_back_to_a_decimetre(datum):
    there = from_wgs84(BEIJING, datum)
    assert 300 < distance_m(BEIJING, there) < 2_000
    back = to_wgs84(there, datum)
    assert max(abs(back.lon - BEIJING.lon), abs(back.lat - BEIJING.lat)) < 1e-6


def test_gcj02_in_beijing_is_what_is_published_for_it():
    there = from_wgs84(LonLat(116.3912757, 39.906217), Datum.GCJ02)
    assert there.lon == pytest.approx(116.3975179, abs=2e-5)
    assert there.lat == pytest.approx(39.9076190, abs=2e-5)


def test_outside_china_gcj02_is_wgs84():
    assert not in_china(LONDON)
    assert from_wgs84(LONDON, Datum.GCJ02) == LONDON
    assert to_wgs84(LONDON, Datum.GCJ02) == LONDON


def test_wgs84_is_left_alone():
    assert to_wgs84(BEIJING, Datum.WGS84) == from_wgs84(BEIJING, Datum.WGS84) == BEIJING


def test_a_closed_ring_stays_closed():
    ring = [(116.39, 39.90), (116.41, 39.90), (116.40, 39.92), (116.39, 39.90)]
    converted = ring_to_wgs84(ring, Datum.BD09)
    assert converted[0] == converted[-1]
    assert len(set(converted)) == 3


def test_what_is_no_point_is_refused():
    with pytest.raises(BadPoint):
        to_wgs84(LonLat(math.nan, 1.0), Datum.GCJ02)
