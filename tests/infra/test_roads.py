from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest
from prometheus_client import REGISTRY

from o2o.city import roads as network
from o2o.geo.lonlat import LonLat, distance_m
from o2o.geo.travel import estimate
from o2o.infra import citydata, osrm, roads
from o2o.infra.known_travel import rounded
from o2o.infra.roads import OsrmRoads, StraightRoads, roads_over
from tests.city import make

PLACES = [rounded(make.at(x + 0.3, y + 0.1)) for x in range(4) for y in range(3)]
SEA = LonLat(117.9, 39.0)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A grid of streets, and one more street that no other joins."""
    folder = tmp_path_factory.mktemp("network")
    draft = make.Draft()
    make.streets(draft)
    island = [draft.node(make.at(8 + n, 8)) for n in range(3)]
    draft.way(island, highway="residential", name="孤岛路")
    prepared = citydata.fresh(folder)
    network.prepare(draft.write(folder / "grid.osm.pbf"), prepared)
    return prepared


@pytest.fixture(scope="module")
def ours(files):
    return roads_over(files)


def estimated(reason):
    return REGISTRY.get_sample_value("o2o_travel_estimated_total", {"reason": reason}) or 0.0


def test_a_table_follows_the_streets_in_whole_seconds_and_metres(ours):
    table = ours.table(PLACES)
    assert table.seconds.dtype == table.metres.dtype == np.int32
    assert (np.diag(table.seconds) == 0).all()
    straight = [[distance_m(a, b) for b in PLACES] for a in PLACES]
    assert (table.metres >= np.array(straight) - 12 * len(PLACES)).all()
    off_diagonal = table.seconds[~np.eye(len(PLACES), dtype=bool)]
    assert off_diagonal.min() > 0
    speed = table.metres.sum() / table.seconds.sum()
    assert 2.5 < speed < 6.5, "an e-bike's speed along streets, in metres a second"


def test_sources_and_targets_may_differ(ours):
    whole, part = ours.table(PLACES), ours.table(PLACES[:2], PLACES[2:5])
    assert part.seconds.shape == (2, 3)
    assert (part.seconds == whole.seconds[:2, 2:5]).all()
    assert ours.table([], PLACES).seconds.shape == (0, 12)


def test_a_ride_takes_as_long_as_the_table_says_leg_by_leg(ours):
    a, b, c = PLACES[0], PLACES[7], PLACES[3]
    ride = ours.route(a, b, c)
    assert not ride.estimated
    assert (ride.points[0], ride.points[-1]) == (a, c)
    assert [ride.points[stop] for stop in ride.stops] == [a, b, c]
    table = ours.table([a, b], [b, c])
    first_s = ride.seconds[ride.stops[1]]
    legs_s = (first_s, ride.travel_s - first_s)
    assert legs_s == pytest.approx((table.seconds[0, 0], table.seconds[1, 1]), abs=2)
    assert ride.distance_m == pytest.approx(table.metres[0, 0] + table.metres[1, 1], abs=4)
    assert all(earlier <= later for earlier, later in zip(ride.seconds, ride.seconds[1:], strict=False))


def test_a_ride_may_pause_at_one_place_and_need_only_one(ours):
    ride = ours.route(PLACES[0], PLACES[0], PLACES[5])
    assert len(ride.stops) == 3
    assert ride.seconds[ride.stops[1]] < 60
    assert ours.route(PLACES[0]).travel_s == 0


def test_a_pair_without_a_way_alone_is_estimated_and_counted(ours):
    before = estimated("unreachable")
    island = rounded(make.at(9, 8))
    table = ours.table([PLACES[0], PLACES[1], island])
    guess = estimate([PLACES[0]], [island])
    assert table.seconds[0, 2] == guess.seconds[0, 0] > 0
    assert table.metres[2, 0] == guess.metres[0, 0]
    assert table.seconds[0, 1] == ours.table(PLACES[:2]).seconds[0, 1]
    assert estimated("unreachable") == before + 4
    assert ours.route(PLACES[0], island).estimated


def test_a_place_far_from_every_road_is_not_answered_for_the_road_it_snaps_to(ours):
    before = estimated("off_road")
    table = ours.table([PLACES[0]], [SEA])
    assert table.metres[0, 0] == estimate([PLACES[0]], [SEA]).metres[0, 0] > 100_000
    assert ours.route(PLACES[0], SEA).estimated
    assert estimated("off_road") == before + 2
    assert ours.nearest(SEA) == SEA


def test_the_nearest_road_is_near(ours):
    snapped = ours.nearest(make.at(0.5, 0.2))
    assert 40 < distance_m(snapped, make.at(0.5, 0.2)) < 60
    assert snapped != make.at(0.5, 0.2)


def test_without_a_network_all_is_estimated_and_counted(tmp_path):
    before = estimated("no_network")
    nowhere = OsrmRoads(tmp_path)
    assert not nowhere.ready()
    assert nowhere.table(PLACES) == StraightRoads().table(PLACES)
    assert nowhere.route(*PLACES[:3]).estimated
    assert nowhere.nearest(PLACES[0]) == PLACES[0]
    assert estimated("no_network") == before + len(PLACES) ** 2 + 2


def test_threads_get_the_answers_one_would_get(ours):
    expected = [ours.table(PLACES[n:], PLACES[:n]) for n in range(1, 9)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: ours.table(PLACES[n:], PLACES[:n]), [*range(1, 9)] * 5))
    assert answers == expected * 5


def served(files, asked):
    """Our in-process engine behind OSRM's own HTTP shapes, as `osrm-routed` answers; takes 100 places at most."""
    engine = osrm.InProcessEngine(files.roads)

    def plain(value):
        if type(value).__name__ == "Object":
            return {key: plain(value[key]) for key in value}
        return [plain(one) for one in value] if type(value).__name__ == "Array" else value

    def answer(request):
        _, service, _, _, where = request.url.path.split("/")
        places = [LonLat(*map(float, pair.split(","))) for pair in where.split(";")]
        asked.append((service, len(places)))
        try:
            if service == "table":
                rows, columns = (
                    [int(n) for n in request.url.params[key].split(";")] for key in ("sources", "destinations")
                )
                return httpx.Response(200, json=plain(engine.table(places, rows, columns)))
            return httpx.Response(
                200, json=plain(engine.route(places) if service == "route" else engine.nearest(places[0]))
            )
        except osrm.OsrmError:
            return httpx.Response(400, json={"code": "NoRoute"})

    return httpx.Client(transport=httpx.MockTransport(answer))


def by_url(client):
    there = OsrmRoads(None, url="http://osrm.example")
    there._opened = (None, osrm.HttpEngine("http://osrm.example", client))
    return there


def test_a_server_answers_as_the_library_does_in_blocks_it_takes(files, ours):
    asked = []
    there = by_url(served(files, asked))
    many = [make.at(n % 11 * 0.35, n // 11 * 0.3) for n in range(120)]
    many = [LonLat(round(place.lon, 6), round(place.lat, 6)) for place in many]
    assert there.table(many) == ours.table(many)
    assert max(places for _, places in asked) <= 100
    assert there.route(many[0], many[50]) == ours.route(many[0], many[50])
    assert there.nearest(many[7]) == ours.nearest(many[7])
    assert there.route(many[0], make.at(9, 8)).estimated


def test_a_server_that_is_down_is_asked_twice_then_estimated_and_counted(ours):
    calls = []

    def refuse(request):
        calls.append(request.url.path)
        raise httpx.ConnectError("down", request=request)

    there = by_url(httpx.Client(transport=httpx.MockTransport(refuse)))
    before = estimated("error")
    assert there.table(PLACES[:2]) == StraightRoads().table(PLACES[:2])
    assert len(calls) == 2
    assert there.route(*PLACES[:2]).estimated
    assert there.nearest(PLACES[0]) == PLACES[0]
    assert estimated("error") == before + 5


def test_the_settings_choose_between_library_and_server(tmp_path, monkeypatch):
    from o2o.infra.settings import Settings

    assert not roads.open_roads(Settings(data_dir=tmp_path)).ready()
    assert roads.open_roads(Settings(data_dir=tmp_path, osrm_url="http://127.0.0.1:9")).ready()
