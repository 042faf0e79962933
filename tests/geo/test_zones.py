from fractions import Fraction
from threading import Thread

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, STRtree

from bench import coverage
from o2o.geo import grid
from o2o.geo.lonlat import LonLat, circle
from o2o.geo.zones import ZoneIndex

HERE = LonLat(116.40, 39.90)
BLOCK = shapely.box(116.39, 39.89, 116.41, 39.91)
RING = Polygon(BLOCK.exterior, [shapely.box(116.395, 39.895, 116.405, 39.905).exterior])
TWINS = MultiPolygon([shapely.box(116.30, 39.80, 116.31, 39.81), shapely.box(116.50, 39.99, 116.51, 40.0)])


def test_a_place_is_covered_by_the_zones_around_it_in_their_order():
    index = ZoneIndex([TWINS, BLOCK, RING, Polygon(circle(HERE, 500))])
    assert index.covering(HERE) == [1, 3]
    assert index.covering(LonLat(116.392, 39.9)) == [1, 2]
    assert index.covering(LonLat(116.305, 39.805)) == [0]
    assert index.covering(LonLat(116.505, 39.995)) == [0]
    assert index.covering(LonLat(116.45, 39.9)) == []


def test_outline_corners_and_the_outline_of_a_hole_belong_to_the_zone():
    index = ZoneIndex([RING])
    for corner in [
        (116.39, 39.89),
        (116.41, 39.91),
        (116.39, 39.9),
        (116.40, 39.89),
        (116.395, 39.9),
        (116.405, 39.905),
    ]:
        assert index.covering(LonLat(*corner)) == [0]
    assert index.covering(LonLat(116.3950000001, 39.9)) == []
    assert index.covering(LonLat(116.3899999999, 39.9)) == []


def test_no_zones_and_no_places_are_fine():
    assert ZoneIndex([]).covering(HERE) == []
    assert ZoneIndex([BLOCK]).covering_many(np.empty((0, 2))).shape == (2, 0)


@pytest.mark.parametrize("place", [(float("nan"), 1.0), (1.0, float("inf")), (181.0, 0.0)])
def test_a_place_that_is_none_is_in_no_zone_and_refused_in_bulk(place):
    assert ZoneIndex([BLOCK]).covering(LonLat(*place)) == []
    with pytest.raises(ValueError, match="place 0"):
        ZoneIndex([BLOCK]).covering_many(np.array([place]))


def test_an_area_without_an_outline_or_with_wild_corners_is_refused():
    with pytest.raises(ValueError, match="area 1"):
        ZoneIndex([BLOCK, Polygon()])
    wild = shapely.set_coordinates(shapely.Polygon([(0, 0), (1, 0), (1, 1)]), [(0, 0), (1, np.inf), (1, 1), (0, 0)])
    with pytest.raises(ValueError, match="finite"):
        ZoneIndex([wild])


def test_the_index_agrees_with_a_tree_on_edges_one_by_one_and_in_bulk():
    zones, width_m = coverage.city(60, seed=3)
    index, tree = ZoneIndex(zones), STRtree(zones)
    places = coverage.edge_points(zones, width_m, 20_000, seed=4)
    pairs = tree.query(shapely.points(places), predicate="intersects")
    ordered = pairs[:, np.lexsort((pairs[1], pairs[0]))]
    assert pairs.shape[1] > 20_000
    assert np.array_equal(index.covering_many(places), ordered)
    one_by_one = [index.covering(LonLat(*place)) for place in places[::20].tolist()]
    assert one_by_one == [ordered[1][ordered[0] == n].tolist() for n in range(0, len(places), 20)]


corners = st.integers(0, 40)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(corners, corners), min_size=3, max_size=9, unique=True), st.integers(1, 4))
def test_any_polygon_on_a_lattice_is_judged_as_shapely_judges_it(ring, scale):
    polygon = Polygon([(116 + x * 0.001 * scale, 39 + y * 0.001 * scale) for x, y in ring])
    if not polygon.is_valid or polygon.is_empty:
        return
    index = ZoneIndex([polygon])
    lattice = np.array(
        [(116 + x * 0.0005 * scale, 39 + y * 0.0005 * scale) for x in range(0, 81, 3) for y in range(81)]
    )
    covered = np.zeros(len(lattice), bool)
    covered[index.covering_many(lattice)[0]] = True
    assert np.array_equal(covered, shapely.intersects(polygon, shapely.points(lattice)))


close = st.floats(-1, 1).map(lambda x: 116.4 + x * 1e-13)


@settings(max_examples=300, deadline=None)
@given(close, close, close, close, close, close)
def test_the_side_of_a_line_is_exact_where_doubles_cannot_tell(ax, ay, bx, by, cx, cy):
    exact = [Fraction(value) for value in (ax, ay, bx, by, cx, cy)]
    a_x, a_y, b_x, b_y, c_x, c_y = exact
    determinant = (a_x - c_x) * (b_y - c_y) - (a_y - c_y) * (b_x - c_x)
    assert grid.side(ax, ay, bx, by, cx, cy) == (determinant > 0) - (determinant < 0)


def test_threads_do_not_mix_their_answers():
    zones, width_m = coverage.city(40, seed=5)
    index = ZoneIndex(zones)
    places = [LonLat(*place) for place in coverage.edge_points(zones, width_m, 4_000, seed=6).tolist()]
    expected = [index.covering(place) for place in places]
    answers = [[], []]

    def ask(nth):
        answers[nth] = [index.covering(place) for place in places]

    threads = [Thread(target=ask, args=(nth,)) for nth in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [expected, expected]


def test_the_benchmark_measures_and_finds_no_point_in_dispute():
    measured = coverage.measure(50, 200, 1, seed=1)
    assert measured["stores"] == 50
    assert 0 < measured["one_us"] < measured["tree_one_us"] * 5
    checked = coverage.check(5_000, seed=1)
    assert (checked["checked_points"], checked["differing_points"]) == (5_000, 0)
