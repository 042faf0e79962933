import shapely

from o2o.city import zoning
from o2o.infra.roads import StraightRoads
from tests.city.make import at

ROADS = StraightRoads()


def test_what_surrounds_places_holds_them_with_a_margin():
    around = zoning.surroundings([at(0, 0), at(2, 2)], margin_m=100)
    assert around.covers(shapely.Point(at(-0.3, 2.3)))
    assert not around.covers(shapely.Point(at(-1.5, 0)))


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
