import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from o2o.geo import polygons
from o2o.geo.lonlat import LonLat, circle
from o2o.geo.polygons import area_from_geojson, area_m2, repair, to_geojson

STORE = LonLat(116.40, 39.90)
SQUARE = [(116.39, 39.89), (116.41, 39.89), (116.41, 39.91), (116.39, 39.91), (116.39, 39.89)]
HOLE = [(116.395, 39.895), (116.405, 39.895), (116.405, 39.905), (116.395, 39.905), (116.395, 39.895)]
FAR_HOLE = [(lon + 1, lat) for lon, lat in HOLE]
BOW_TIE = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]
SPIKE = [(116.39, 39.89), (116.41, 39.91), (116.40, 39.90), (116.39, 39.89)]


def of(*rings):
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in ring] for ring in rings]}


def test_a_good_polygon_passes_with_its_hole_and_comes_back_as_geojson():
    area = area_from_geojson(of(SQUARE, HOLE), near=STORE)
    assert area_m2(area) == pytest.approx(area_m2(shapely.Polygon(SQUARE)) * 0.75, rel=1e-3)
    again = area_from_geojson(to_geojson(area))
    assert again.equals(area)


def test_heights_are_dropped():
    high = {"type": "Polygon", "coordinates": [[[*corner, 35.0] for corner in SQUARE]]}
    assert not area_from_geojson(high).has_z


def test_several_polygons_are_one_zone():
    both = {"type": "MultiPolygon", "coordinates": [of(SQUARE)["coordinates"], of(FAR_HOLE)["coordinates"]]}
    assert area_from_geojson(both).geom_type == "MultiPolygon"


NAN_CORNER = [*SQUARE[:2], (math.nan, 39.91), *SQUARE[3:]]
TWO = "polygon 1, outline"


@pytest.mark.parametrize(
    ("geometry", "code", "at"),
    [
        (of(BOW_TIE), "geo.self_crossing", pytest.approx((116.40, 39.90))),
        (of(SQUARE[:-1]), "geo.unclosed", TWO),
        (of([SQUARE[0], SQUARE[1], SQUARE[0]]), "geo.too_few_corners", TWO),
        (of([]), "geo.too_few_corners", TWO),
        (of(SPIKE), "geo.zero_area", ...),
        (of([(lat, lon) for lon, lat in SQUARE]), "geo.swapped", (39.89, 116.39)),
        (of([*SQUARE[:2], (200.0, 39.9), *SQUARE[3:]]), "geo.out_of_range", "polygon 1, outline, corner 2"),
        (of(SQUARE, [*HOLE[:2], (181.0, 91.0), *HOLE[3:]]), "geo.out_of_range", "polygon 1, hole 1, corner 2"),
        (of(NAN_CORNER), "geo.bad_corner", "polygon 1, outline, corner 2"),
        (of([*SQUARE[:1], (math.inf, 1.0), *SQUARE[2:]]), "geo.bad_corner", "polygon 1, outline, corner 1"),
        ({"type": "Polygon", "coordinates": [[[True, 1], [2, 3]]]}, "geo.bad_corner", "polygon 1, outline, corner 0"),
        ({"type": "Polygon", "coordinates": [[["116", "39"]]]}, "geo.bad_corner", "polygon 1, outline, corner 0"),
        (of(SQUARE, FAR_HOLE), "geo.hole_outside", ...),
        (of(circle(STORE, 1_000, corners=100_000)), "geo.too_many_corners", ...),
        (of(circle(STORE, 90_000)), "geo.too_large", ...),
        (of(circle(STORE, 2)), "geo.zero_area", ...),
        ({"type": "Point", "coordinates": [1, 2]}, "geo.not_a_polygon", ...),
        ({"type": "Polygon"}, "geo.not_a_polygon", ...),
        ({"type": "Polygon", "coordinates": []}, "geo.not_a_polygon", ...),
        ({"type": "Polygon", "coordinates": [5]}, "geo.not_a_polygon", ...),
        ({"type": "MultiPolygon", "coordinates": [[]]}, "geo.not_a_polygon", ...),
        ([], "geo.not_a_polygon", ...),
    ],
)
def test_a_bad_polygon_is_refused_and_told_where(geometry, code, at):
    with pytest.raises(polygons.BadPolygon) as refused:
        area_from_geojson(geometry)
    assert refused.value.code == code
    assert refused.value.facts["field"] == "geometry"
    if at is not ...:
        assert refused.value.facts["at"] == at


def test_corners_swapped_within_range_are_noticed_by_the_stores_place():
    helsinki = LonLat(24.94, 60.17)
    swapped = of([(lat, lon) for lon, lat in circle(helsinki, 2_000)])
    assert area_from_geojson(swapped) is not None
    with pytest.raises(polygons.SwappedCorners):
        area_from_geojson(swapped, near=helsinki)


@pytest.mark.parametrize(
    ("geometry", "mended", "share"),
    [
        (of(SQUARE), (), 1.0),
        (of(SQUARE[:-1]), ("geo.unclosed",), 1.0),
        (of([(lat, lon) for lon, lat in SQUARE]), ("geo.swapped",), 1.0),
        (of(BOW_TIE), ("geo.self_crossing",), 0.5),
        (of(SQUARE, FAR_HOLE), ("geo.hole_outside",), 1.0),
        (of(SQUARE, SPIKE[:2]), ("geo.unclosed",), 1.0),
    ],
)
def test_repair_mends_what_can_be_mended_and_says_what(geometry, mended, share):
    done = repair(geometry)
    assert done.mended == mended
    assert done.area.is_valid
    whole = area_m2(shapely.Polygon(SQUARE))
    extra = area_m2(shapely.Polygon(FAR_HOLE)) if "geo.hole_outside" in mended and area_m2(done.area) > whole else 0
    assert area_m2(done.area) == pytest.approx(whole * share + extra, rel=1e-6)


def test_repair_thins_far_too_many_corners_and_keeps_the_shape():
    done = repair(of(circle(STORE, 1_000, corners=100_000)))
    assert done.mended == ("geo.too_many_corners",)
    assert shapely.get_num_coordinates(done.area) <= polygons.MOST_CORNERS
    assert area_m2(done.area) == pytest.approx(math.pi * 1e6, rel=0.01)


@pytest.mark.parametrize("geometry", [of(NAN_CORNER), of(SPIKE), of(circle(STORE, 90_000)), of([SQUARE[0], SQUARE[0]])])
def test_repair_does_not_invent_what_is_not_there(geometry):
    with pytest.raises(polygons.BadPolygon):
        repair(geometry)


anywhere = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(
    lambda c: (116.39 + c[0] * 0.002, 39.89 + c[1] * 0.002)
)
wild = st.one_of(anywhere, st.tuples(st.floats(), st.floats()))


def tried(work, *asked):
    """What comes of it: a value, or the refusal."""
    try:
        return work(*asked, near=STORE)
    except polygons.BadPolygon as refused:
        return refused


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(anywhere, min_size=1, max_size=9), min_size=1, max_size=3), st.booleans())
def test_any_rings_are_lawful_or_refused_and_mended_ones_are_lawful(rings, closed):
    """What passes is valid, comes back the same and needs no mending; what is mended passes."""
    geometry = of(*([*ring, ring[0]] if closed else ring for ring in rings))
    found = tried(area_from_geojson, geometry)
    if isinstance(found, polygons.BadPolygon):
        assert found.facts["field"] == "geometry"
    else:
        assert found.is_valid
        assert area_from_geojson(to_geojson(found)).equals(found)
        assert repair(geometry).mended == ()
    done = tried(repair, geometry)
    if not isinstance(done, polygons.BadPolygon):
        assert area_from_geojson(to_geojson(done.area)).equals(done.area)


@settings(max_examples=150, deadline=None)
@given(st.lists(wild, min_size=0, max_size=6))
def test_whatever_numbers_come_the_answer_is_an_area_or_a_refusal_with_its_field(ring):
    found = tried(area_from_geojson, of(ring))
    if isinstance(found, polygons.BadPolygon):
        assert found.facts["field"] == "geometry"
    else:
        assert found.is_valid


def test_a_polygon_of_another_city_is_noticed_by_the_stores_place():
    with pytest.raises(polygons.FarFromStore) as refused:
        area_from_geojson(of(circle(LonLat(121.47, 31.23), 2_000)), near=STORE)
    assert refused.value.facts["away_m"] == pytest.approx(1_067_000, rel=0.01)
