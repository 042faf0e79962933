import shapely

from o2o.city import zoning
from o2o.geo.polygons import area_from_geojson
from o2o.infra.roads import StraightRoads
from tests.city.make import at

ROADS = StraightRoads()


def test_the_area_of_more_minutes_holds_that_of_fewer_and_its_store():
    around = zoning.surroundings([at(-20, -20), at(20, 20)])
    near = area_from_geojson(zoning.drive_time_area(ROADS, at(0, 0), 5, around))
    far = area_from_geojson(zoning.drive_time_area(ROADS, at(0, 0), 10, around))
    assert far.covers(near)
    assert near.covers(shapely.Point(at(0, 0)))
    assert near.covers(shapely.Point(at(4, 0)))
    assert not near.covers(shapely.Point(at(6, 0)))


def test_the_area_ends_where_the_map_ends():
    around = zoning.surroundings([at(0, 0), at(2, 2)], margin_m=100)
    area = area_from_geojson(zoning.drive_time_area(ROADS, at(0, 0), 15, around))
    assert around.buffer(1e-6).covers(area)


def test_the_reach_grows_until_two_stores_serve_nearly_every_door():
    stores = [at(0, 0), at(1, 0)]
    near, far = [at(0.5, n / 10) for n in range(20)], [at(0.5, 12 + n / 10) for n in range(20)]
    assert zoning.reach_minutes(ROADS, stores, near) == 4
    assert zoning.reach_minutes(ROADS, stores, near + far) > 10


def test_stores_far_apart_form_areas_of_their_own():
    places = [at(0, 0), at(1, 1), at(60, 0), at(61, 1), at(0, 60)]
    areas = zoning.areas(places)
    assert len(set(areas)) == 3
    assert areas[0] == areas[1] != areas[2] == areas[3] != areas[4]
    assert zoning.areas([at(0, 0)]) == [0]
