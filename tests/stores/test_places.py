from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from o2o.geo.lonlat import BadPoint
from o2o.geo.polygons import BadPolygon
from o2o.kit import ids
from o2o.kit.ids import AreaId, StoreId
from o2o.stores import hours, places, switches
from o2o.stores.hours import Opening
from o2o.stores.zones.shapes import Drawn
from tests.conftest import Clock
from tests.stores import make

SQUARE = [[116.45, 39.90], [116.47, 39.90], [116.47, 39.92], [116.45, 39.92], [116.45, 39.90]]


def test_saving_a_store_again_changes_it_and_replaces_its_hours_and_zones(db: Session, clock: Clock) -> None:
    first = make.a_store(db, now=clock.now)
    again = make.a_store(
        db, now=clock.now, name_zh="新名", openings=[Opening(0, 480, 720)], zones=[], special={date(2026, 2, 17): []}
    )
    assert again == first
    store = places.get(db, store_id=first)
    assert (store.name_zh, store.hours.openings) == ("新名", (Opening(0, 480, 720),))
    assert store.hours.special == {date(2026, 2, 17): ()}


def test_an_area_is_found_by_its_name(db: Session) -> None:
    assert make.an_area(db, "海淀") == make.an_area(db, "海淀")
    assert [area.name for area in places.areas(db)] == ["海淀"]


def test_only_stores_that_are_switched_on_are_open(db: Session, clock: Clock) -> None:
    open_, shut = make.a_store(db, "A", now=clock.now), make.a_store(db, "B", now=clock.now, open=False)
    assert [store.id for store in places.all_open(db)] == [open_]
    assert [store.id for store in places.all_stores(db)] == [open_, shut]


def test_what_is_unknown_is_said_so(db: Session, clock: Clock) -> None:
    with pytest.raises(places.NoSuchStore):
        places.get(db, store_id=StoreId(ids.new_id()))
    with pytest.raises(places.NoSuchStore):
        switches.set_open(db, store_id=StoreId(ids.new_id()), open=False, now=clock.now)
    with pytest.raises(places.NoSuchArea):
        make.a_store(db, now=clock.now, area_id=AreaId(ids.new_id()))


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("code", {"code": "a b"}),
        ("name_zh", {"name_zh": " "}),
        ("name_en", {"name_en": "a\0"}),
        ("timezone", {"timezone": "Mars/Olympus"}),
        ("timezone", {"timezone": "../../etc/passwd"}),
        ("timezone", {"timezone": ""}),
        ("pick_line_s", {"pick_line_s": 0}),
        ("phone", {"phone": "1" * 41}),
    ],
)
def test_a_bad_part_of_a_store_is_named(db: Session, clock: Clock, field: str, changes: dict[str, Any]) -> None:
    fields = {"name_zh": "店", "name_en": "Store", "area_id": make.an_area(db)} | {"code": "S1"} | changes
    store = places.StoreIn(lon=116.46, lat=39.91, **fields)
    with pytest.raises(places.BadStore) as refusal:
        places.save_store(db, store=store, zones=[], hours=hours.every_day("08:00", "20:00"), now=clock.now)
    assert refusal.value.facts["field"] == field


@pytest.mark.parametrize(
    "corners",
    [
        [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]],
        SQUARE[:-1],
        [SQUARE[0], SQUARE[1], SQUARE[0]],
        [[lat, lon] for lon, lat in SQUARE],
        [[float("nan"), 39.9], *SQUARE],
        [[float("inf"), 39.9], *SQUARE],
        [[True, False], *SQUARE],
        [["116", "39"], *SQUARE],
        [],
    ],
)
def test_a_zone_that_is_no_polygon_saves_nothing(db: Session, clock: Clock, corners: list[Any]) -> None:
    zone = places.ZoneIn(shapes=(Drawn({"type": "Polygon", "coordinates": [corners]}),))
    with pytest.raises(BadPolygon):
        make.a_store(db, now=clock.now, zones=[zone])
    assert places.all_stores(db) == []


def test_a_place_that_is_none_is_refused(db: Session, clock: Clock) -> None:
    store = places.StoreIn(code="S1", name_zh="店", name_en="S", lon=float("nan"), lat=91.0, area_id=make.an_area(db))
    with pytest.raises(BadPoint):
        places.save_store(db, store=store, zones=[], hours=(), now=clock.now)
