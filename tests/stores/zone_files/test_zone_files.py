"""Zones in files: out and in again unchanged; and everything a stranger may send, refused with where and why."""

import io
import json
import math
import stat
import struct
import zipfile
from dataclasses import asdict
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from o2o.geo.datum import Datum, from_wgs84
from o2o.geo.lonlat import LonLat, circle, offset
from o2o.geo.polygons import area_from_geojson
from o2o.stores.hours import Opening
from o2o.stores.zone_files import formats, importing, reading, writing
from o2o.stores.zone_files.formats import BadZoneFile, Format
from o2o.stores.zones import zone_lists
from o2o.stores.zones.shapes import Radius
from o2o.stores.zones.zone_lists import Owner, ZoneIn
from tests.conftest import Clock
from tests.stores import make

RING = [[116.45, 39.90], [116.47, 39.90], [116.47, 39.92], [116.45, 39.92], [116.45, 39.90]]
HOLE = [[116.455, 39.905], [116.465, 39.905], [116.465, 39.915], [116.455, 39.905]]
WINDOWS = (*(Opening(day, 8 * 60, 22 * 60) for day in range(5)), Opening(5, 18 * 60, 26 * 60))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files are read in this process, not in one of their own, which takes a second to start."""

    def here(content: bytes, *, kind: Format, **how: Any) -> list[reading.Read]:
        file = tmp_path / f"zones{formats.SUFFIX[kind]}"
        file.write_bytes(content)
        return json_like(reading.here(file, kind=kind, **how))

    monkeypatch.setattr(reading, "read", here)


def json_like(found: list[reading.Read]) -> list[reading.Read]:
    """As it comes through the pipe from the other process."""
    return [reading.Read(**json.loads(json.dumps(asdict(one), default=str))) for one in found]


def feature(*rings: Any, **fields: Any) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": list(rings or [RING])}
    return {"type": "Feature", "geometry": geometry, "properties": {"store": "S001"} | fields}


def a_file(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)} | more).encode()


def plan(db: Session, content: bytes, kind: Format = Format.GEOJSON, **how: Any) -> importing.Plan:
    return importing.plan(db, content, kind=kind, **how)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("kind", list(Format))
@pytest.mark.parametrize("datum", list(Datum))
def test_zones_go_out_and_come_in_again_as_they_were(db: Session, clock: Clock, kind: Format, datum: Datum) -> None:
    rich = ZoneIn(
        shapes=(Radius(3_000),),
        name="三公里 / near",
        fee_fen=300,
        min_basket_fen=2_000,
        speed_s=1_800,
        arrives=(time(14), time(18)),
        windows=WINDOWS,
    )
    lake = ZoneIn(shapes=(Radius(200),), name="湖", excluded=True)
    store = make.a_store(db, now=clock.now, zones=[rich, lake])
    area = Owner(area_id=make.an_area(db))
    campus = zone_lists.resolved_exclusions([ZoneIn(shapes=(Radius(400, make.CENTRE),), name="校园", excluded=True)])
    zone_lists.replace(db, owner=area, zones=campus, version=0, now=clock.now)
    before = zone_lists.named(db)
    content = writing.write(before, kind, datum)
    found = plan(db, content, kind, datum=datum)
    assert (found.problems, found.ignored_fields, len(found.owners)) == ([], [], 2)
    importing.apply(db, found, now=clock.now)
    after = zone_lists.named(db)
    assert [(n.store, n.area) for n in after] == [(n.store, n.area) for n in before]
    for old, new in zip(before, after, strict=True):
        terms = ("name", "excluded", "fee_fen", "min_basket_fen", "speed_s", "arrives", "windows")
        assert [getattr(new.kept.zone, t) for t in terms] == [getattr(old.kept.zone, t) for t in terms]
        assert new.kept.area.hausdorff_distance(old.kept.area) < 1e-7  # a centimetre
    assert zone_lists.of(db, Owner(store_id=store)).version == 2


@pytest.mark.usefixtures("quick")
def test_owners_named_are_replaced_and_others_keep_theirs(db: Session, clock: Clock) -> None:
    named, other = make.a_store(db, "S001", now=clock.now), make.a_store(db, "S002", now=clock.now)
    found = plan(db, a_file(feature(name="a"), feature(name="b", fee_fen=5.0, OBJECTID=7)))
    assert [(one.name, one.before, len(one.zones)) for one in found.owners] == [("S001", 1, 2)]
    assert found.ignored_fields == ["OBJECTID"]
    importing.apply(db, found, now=clock.now)
    assert [k.zone.name for k in zone_lists.of(db, Owner(store_id=named)).zones] == ["a", "b"]
    assert zone_lists.of(db, Owner(store_id=other)).version == 1


@pytest.mark.usefixtures("quick")
def test_a_file_tried_before_somebody_elses_change_is_not_applied_over_it(db: Session, clock: Clock) -> None:
    owner = Owner(store_id=make.a_store(db, now=clock.now))
    found = plan(db, a_file(feature()))
    zone_lists.replace(db, owner=owner, zones=[], version=1, now=clock.now)
    with pytest.raises(zone_lists.ZonesMoved):
        importing.apply(db, found, now=clock.now)


BOW_TIE = [RING[0], RING[2], RING[1], RING[3], RING[0]]
HUGE = [list(corner) for corner in circle(make.CENTRE, 1_000, corners=100_000)]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("bad", "code", "facts"),
    [
        (feature(BOW_TIE), "geo.self_crossing", {"at": [116.46, 39.91]}),
        (feature(RING[:-1]), "geo.unclosed", {"at": "polygon 1, outline"}),
        (feature([[lat, lon] for lon, lat in RING]), "geo.swapped", {}),
        (feature([[24.9, 60.1], [24.9, 60.2], [25.0, 60.1], [24.9, 60.1]]), "geo.far_from_store", {}),
        (feature([[math.nan, 1], *RING[1:]]), "geo.bad_corner", {"at": "polygon 1, outline, corner 0"}),
        (feature([RING[0], [math.inf, 1], *RING[2:]]), "geo.bad_corner", {"at": "polygon 1, outline, corner 1"}),
        (feature([[*RING[0]], [181, 39.9], *RING[2:]]), "geo.out_of_range", {"at": "polygon 1, outline, corner 1"}),
        (feature(HUGE), "geo.too_many_corners", {"corners": 100_001}),
        (feature([RING[0], RING[2], RING[0]]), "geo.too_few_corners", {}),
        (feature([RING[0], RING[1], [116.46, 39.9], RING[0]]), "geo.zero_area", {}),
        (feature(RING, [[lon + 1, lat] for lon, lat in HOLE]), "geo.hole_outside", {}),
        ({"type": "Feature", "geometry": None, "properties": {"store": "S001"}}, "geo.not_a_polygon", {}),
        (feature(store="S999"), "stores.bad_field", {"field": "store"}),
        (feature(store=None), "stores.bad_field", {"field": "store"}),
        (feature(area="朝阳"), "stores.bad_field", {"field": "store"}),
        (feature(store=None, area="nowhere"), "stores.bad_field", {"field": "area"}),
        (feature(store=None, area="朝阳"), "stores.bad_field", {"field": "excluded"}),
        (feature(fee_fen=-1), "stores.bad_field", {"field": "fee_fen"}),
        (feature(fee_fen=1.5), "stores.bad_field", {"field": "fee_fen"}),
        (feature(fee_fen=2**63), "stores.bad_field", {"field": "fee_fen"}),
        (feature(fee_fen="３"), "stores.bad_field", {"field": "fee_fen"}),
        (feature(min_fen=True), "stores.bad_field", {"field": "min_fen"}),
        (feature(speed_s=5), "stores.bad_zone", {"field": "feature.speed_s"}),
        (feature(from_time="25:00"), "stores.bad_field", {"field": "from_time"}),
        (feature(from_time="18:00", until_time="14:00"), "stores.bad_zone", {"field": "feature.arrives"}),
        (feature(windows="7 08:00-10:00"), "stores.bad_field", {"field": "windows"}),
        (feature(windows="1 08:00"), "stores.bad_field", {"field": "windows"}),
        (feature(excluded="maybe"), "stores.bad_field", {"field": "excluded"}),
        (feature(name="x" * 121), "stores.bad_zone", {"field": "feature.name"}),
        (feature(name="a\0"), "stores.bad_zone", {"field": "feature.name"}),
        (feature(store="\ud800"), "stores.bad_field", {"found": "?"}),
        (feature(fee_fen=math.nan), "stores.bad_field", {"field": "fee_fen"}),
        (feature(fee_fen=[1]), "stores.bad_field", {"field": "fee_fen"}),
    ],
)
def test_what_is_wrong_with_a_feature_is_told_by_its_number_and_place(
    db: Session, clock: Clock, bad: Any, code: str, facts: dict[str, Any]
) -> None:
    make.a_store(db, now=clock.now)
    found = plan(db, a_file(feature(name="fine"), bad))
    [problem] = found.problems
    told = {
        name: pytest.approx(value) if name == "at" and isinstance(value, list) else value
        for name, value in facts.items()
    }
    assert (problem["feature"], problem["code"]) == (2, code)
    assert {name: problem[name] for name in facts} == told
    assert problem["message"]
    with pytest.raises(BadZoneFile):
        importing.apply(db, found, now=clock.now)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("bad", "mended"),
    [
        (feature(BOW_TIE), ["geo.self_crossing"]),
        (feature(RING[:-1]), ["geo.unclosed"]),
        (feature([[lat, lon] for lon, lat in RING]), ["geo.swapped"]),
        (feature(HUGE), ["geo.too_many_corners"]),
    ],
)
def test_an_outline_is_mended_only_when_asked_and_it_says_so(
    db: Session, clock: Clock, bad: Any, mended: list[str]
) -> None:
    make.a_store(db, now=clock.now)
    assert plan(db, a_file(bad)).mended == []
    found = plan(db, a_file(bad), repair=True)
    assert (found.problems, found.mended) == ([], [{"feature": 1, "codes": mended}])
    area_from_geojson(found.owners[0].zones[0].polygon)


def a_zip(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return packed.getvalue()


def a_link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("zones.shp")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


PARTS = [(f"zones.{suffix}", b"x") for suffix in ("shp", "shx", "dbf")]
BOMB = a_zip(("zones.shp", b"\0" * (formats.MOST_UNPACKED + 1)), *PARTS[1:])


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        (b"", Format.GEOJSON, "not_json"),
        (b'{"type": "FeatureCollection", "features": [', Format.GEOJSON, "not_json"),
        (b"[" * 100_000 + b"]" * 100_000, Format.GEOJSON, "not_json"),
        (b"\xff\xfe\x00", Format.GEOJSON, "not_json"),
        (b"[]", Format.GEOJSON, "not_geojson"),
        (b'{"type": "FeatureCollection", "features": [1]}', Format.GEOJSON, "not_geojson"),
        (a_file(), Format.GEOJSON, "empty"),
        (a_file(feature(), crs={"properties": {"name": "EPSG:3857"}}), Format.GEOJSON, "not_degrees"),
        (a_file(feature(), datum="gcj02"), Format.GEOJSON, "datum_differs"),
        (b" " * (formats.MOST_BYTES + 1), Format.GEOJSON, "too_large"),
        (a_file(*[{"type": "Feature"}] * (formats.MOST_FEATURES + 1)), Format.GEOJSON, "too_many_features"),
        (a_file(feature(HUGE), feature(HUGE)), Format.GEOJSON, "too_many_corners"),
        (b"PK\x03\x04 nothing", Format.GPKG, "not_a_geopackage"),
        (b"not a zip", Format.SHP, "not_a_zip"),
        (a_zip(*PARTS), Format.SHP, "unreadable"),
        (a_zip(PARTS[0]), Format.SHP, "part_missing"),
        (a_zip(("readme.txt", b"x")), Format.SHP, "one_shapefile_wanted"),
        (a_zip(*PARTS, ("b.shp", b"x")), Format.SHP, "one_shapefile_wanted"),
        (a_zip(*PARTS, ("../../etc/cron.d/x", b"x")), Format.SHP, "path_leads_out"),
        (a_zip(*PARTS, ("/etc/passwd", b"x")), Format.SHP, "path_leads_out"),
        (a_zip(*PARTS, ("..\\x", b"x")), Format.SHP, "path_leads_out"),
        (a_zip((a_link(), b"/etc/passwd"), *PARTS[1:]), Format.SHP, "link"),
        (a_zip(*PARTS, *[(f"{n}.txt", b"") for n in range(formats.MOST_ENTRIES)]), Format.SHP, "too_many_entries"),
        (BOMB, Format.SHP, "too_large_unpacked"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.usefixtures("quick")
def test_a_file_that_is_no_file_of_zones_is_refused_with_its_reason(
    db: Session, clock: Clock, content: bytes, kind: Format, reason: str
) -> None:
    make.a_store(db, now=clock.now)
    with pytest.raises(BadZoneFile) as refused:
        plan(db, content, kind)
    assert refused.value.facts["reason"] == reason


def test_what_the_map_library_cannot_read_is_refused_in_the_other_process() -> None:
    torn = formats.SQLITE + struct.pack(">H", 4096) + b"\0" * 200
    with pytest.raises(BadZoneFile) as refused:
        reading.read(torn, kind=Format.GPKG, datum=Datum.WGS84, repair=False, stores={})
    assert refused.value.facts["reason"] == "unreadable"


def test_a_file_that_takes_for_ever_is_given_up() -> None:
    with pytest.raises(BadZoneFile) as refused:
        reading.read(a_file(feature()), kind=Format.GPKG, datum=Datum.WGS84, repair=False, stores={}, seconds=0)
    assert refused.value.facts["reason"] == "takes_too_long"


def _beside(place: LonLat, datum: Datum, radius_m: int = 2_000) -> list[list[float]]:
    return [list(from_wgs84(LonLat(*corner), datum)) for corner in circle(place, radius_m)]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("written", "declared"), [(Datum.GCJ02, Datum.WGS84), (Datum.WGS84, Datum.BD09)])
def test_zones_of_another_datum_than_declared_are_suspected(
    db: Session, clock: Clock, written: Datum, declared: Datum
) -> None:
    features = []
    for n in range(4):
        place = offset(make.CENTRE, east_m=3_000 * n, north_m=0)
        make.a_store(db, f"S{n}", now=clock.now, east_m=3_000 * n)
        features.append(feature(_beside(place, written), store=f"S{n}"))
    content = a_file(*features)
    [problem] = plan(db, content, datum=declared).problems
    assert (problem["code"], problem["declared"], problem["seems"]) == ("stores.wrong_datum", declared, written)
    assert plan(db, content, datum=declared, sure=True).problems == []
    assert plan(db, content, datum=written).problems == []


spans = st.tuples(st.integers(0, 6), st.integers(0, 1_439), st.integers(1, 1_440))


@given(st.lists(spans, max_size=12))
def test_windows_are_written_so_that_they_are_read_as_they_were(found: list[tuple[int, int, int]]) -> None:
    windows = [Opening(day, opens, opens + length) for day, opens, length in found]
    assert sorted(importing._windows(writing.windows_text(windows))) == sorted(windows)
