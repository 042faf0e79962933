"""Zones: shapes and what they have in common, windows, rings, exclusions, the best offer, versions and their history."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from o2o.geo.lonlat import LonLat, offset
from o2o.geo.polygons import area_from_geojson, area_m2
from o2o.infra.roads import StraightRoads
from o2o.kit import ids
from o2o.kit.errors import Invalid
from o2o.kit.ids import StoreId
from o2o.stores import hours
from o2o.stores.coverage import serving
from o2o.stores.hours import Opening
from o2o.stores.zones import shapes as kinds
from o2o.stores.zones import zone_lists
from o2o.stores.zones.shapes import Drawn, DriveTime, Radius, Shape
from o2o.stores.zones.zone_lists import Owner, ZoneIn
from tests.conftest import Clock, Sessions
from tests.stores import make

ROADS = StraightRoads()
MONDAY, SATURDAY = 0, 5


def a_zone(*shapes: Shape, **terms: Any) -> ZoneIn:
    return ZoneIn(shapes=shapes or (Radius(3_000),), **terms)


def put(db: Session, owner: Owner, wanted: Sequence[ZoneIn], clock: Clock, version: int | None = None) -> int:
    at = make.CENTRE if owner.store_id is not None else None
    drawn = zone_lists.resolved(wanted, at=at, roads=ROADS)
    read = zone_lists.of(db, owner).version if version is None else version
    return zone_lists.replace(db, owner=owner, zones=drawn, version=read, now=clock.now)


def option(db: Session, now: datetime, *, east_m: float = 0) -> serving.StoreOption | None:
    point = offset(make.CENTRE, east_m=east_m, north_m=0)
    return next(iter(serving.stores_serving(db, point=point, now=now)), None)


def at_local(weekday: int, clock_time: str) -> datetime:
    """A moment of the week of 2 March 2026 by Shanghai's clock."""
    hour, minute = map(int, clock_time.split(":"))
    return datetime(2026, 3, 2 + weekday, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def test_shapes_count_where_all_of_them_overlap(db: Session, clock: Clock) -> None:
    box = make.disc(offset(make.CENTRE, east_m=2_000, north_m=0), 1_500)
    store = Owner(store_id=make.a_store(db, now=clock.now, zones=[a_zone(Radius(2_000), Drawn(box))]))
    assert option(db, clock.now) is None
    assert option(db, clock.now, east_m=1_500) is not None
    assert option(db, clock.now, east_m=2_500) is None
    [kept] = zone_lists.of(db, store).zones
    assert kept.area.within(area_from_geojson(box).buffer(1e-6))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-3_000, 3_000), st.integers(300, 4_000)), min_size=1, max_size=4))
def test_what_shapes_have_in_common_lies_in_each_of_them(discs: list[tuple[int, int]]) -> None:
    shapes = [Radius(radius, offset(make.CENTRE, east_m=east, north_m=0)) for east, radius in discs]
    alone = [kinds.resolve([shape], at=None, roads=None) for shape in shapes]
    try:
        common = kinds.resolve(shapes, at=None, roads=None)
    except kinds.NothingInCommon:
        assert shapely.intersection_all(alone).area < 1e-7
        return
    assert common.is_valid
    assert all(common.difference(one).area < 1e-12 for one in alone)
    assert area_m2(common) <= min(area_m2(one) for one in alone) * 1.0001


def test_a_drive_time_area_is_what_is_reached_in_time() -> None:
    """Straight roads are equally fast everywhere, so the area must be the disc of their speed."""
    area = kinds.drive_time_area(ROADS, make.CENTRE, 10)
    [reach_m] = [m for m in range(100, 9_000, 10) if _ride_s(m) <= 600 < _ride_s(m + 10)]
    assert area_m2(area) == pytest.approx(math.pi * reach_m**2, rel=0.02)
    assert kinds.drive_time_area(ROADS, make.CENTRE, 20).covers(area)


def _ride_s(metres: int) -> int:
    there = offset(make.CENTRE, east_m=metres, north_m=0)
    return int(ROADS.table([make.CENTRE], [there]).seconds[0, 0])


def test_a_zone_counts_in_its_windows_by_the_stores_clock_across_midnight(db: Session, clock: Clock) -> None:
    night = [Opening(SATURDAY, 22 * 60, 26 * 60)]
    make.a_store(db, now=clock.now, zones=[a_zone(windows=night)])
    for when, serves in (
        (at_local(SATURDAY, "21:59"), False),
        (at_local(SATURDAY, "22:00"), True),
        (at_local(SATURDAY + 1, "01:59"), True),
        (at_local(SATURDAY + 1, "02:00"), False),
        (at_local(MONDAY, "23:00"), False),
    ):
        assert (option(db, when) is not None) is serves, when


def test_while_a_store_is_shut_its_zones_count_as_they_will_when_it_opens(db: Session, clock: Clock) -> None:
    by_day = [Opening(day, 8 * 60, 22 * 60) for day in range(7)]
    make.a_store(db, now=clock.now, openings=hours.every_day("08:00", "22:00"), zones=[a_zone(windows=by_day)])
    found = option(db, at_local(MONDAY, "23:30"))
    assert found is not None
    assert found.opens_at == at_local(MONDAY + 1, "08:00")


def test_rings_promise_by_distance(db: Session, clock: Clock) -> None:
    near = a_zone(Radius(3_000), name="3 km", fee_fen=300, speed_s=1_800)
    far = a_zone(Radius(10_000), name="10 km", fee_fen=600, arrives=(time(14), time(18)))
    make.a_store(db, now=clock.now, zones=[far, near])
    for east_m, name, speed_s, arrives in ((1_000, "3 km", 1_800, None), (8_000, "10 km", None, (time(14), time(18)))):
        found = option(db, clock.now, east_m=east_m)
        assert found is not None
        assert (found.zone.name, found.zone.speed_s, found.zone.arrives) == (name, speed_s, arrives)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"fee_fen": 200, "min_basket_fen": 9_000}, {"fee_fen": 300}),
        ({"fee_fen": 300, "min_basket_fen": 1_000}, {"fee_fen": 300, "min_basket_fen": 2_000, "speed_s": 60}),
        ({"speed_s": 3_600}, {"arrives": (time(14), time(18)), "speed_s": 60}),
        ({"speed_s": 1_800}, {"speed_s": 2_400}),
        ({"speed_s": 1_800}, {}),
    ],
)
def test_of_overlapping_zones_the_best_offer_counts_whatever_their_order(
    db: Session, clock: Clock, one: dict[str, Any], other: dict[str, Any]
) -> None:
    for wanted in ([one, other], [other, one]):
        drawn = [a_zone(name="best" if terms is one else "worse", **terms) for terms in wanted]
        make.a_store(db, now=clock.now, zones=drawn)
        found = option(db, clock.now)
        assert found is not None
        assert found.zone.name == "best"


def test_an_areas_exclusions_bar_all_its_stores_in_their_hours_and_no_others(db: Session, clock: Clock) -> None:
    area, elsewhere = make.an_area(db, "朝阳"), make.an_area(db, "海淀")
    inside = {make.a_store(db, code, now=clock.now, area_id=area) for code in ("A", "B")}
    outside = make.a_store(db, "C", now=clock.now, area_id=elsewhere)
    campus = a_zone(Radius(500, make.CENTRE), excluded=True, windows=[Opening(MONDAY, 9 * 60, 12 * 60)])
    put(db, Owner(area_id=area), [campus], clock)

    def served_by(now: datetime, east_m: float = 0) -> set[StoreId]:
        point = offset(make.CENTRE, east_m=east_m, north_m=0)
        return {found.store.id for found in serving.stores_serving(db, point=point, now=now)}

    assert served_by(at_local(MONDAY, "10:00")) == {outside}
    assert served_by(at_local(MONDAY, "12:00")) == inside | {outside}
    assert served_by(at_local(MONDAY, "10:00"), east_m=600) == inside | {outside}


def test_a_list_is_replaced_by_its_version_and_whoever_is_slower_is_told(db: Session, clock: Clock) -> None:
    owner = Owner(store_id=make.a_store(db, now=clock.now))
    read = zone_lists.of(db, owner).version
    assert put(db, owner, [a_zone(fee_fen=100)], clock, read) == read + 1
    for stale in (read, read + 2):
        with pytest.raises(zone_lists.ZonesMoved) as refused:
            put(db, owner, [a_zone(fee_fen=200)], clock, stale)
        assert refused.value.facts["version"] == read + 1
    found = option(db, clock.now)
    assert found is not None
    assert found.zone.fee_fen == 100


def test_two_who_save_at_once_one_wins(sessions: Sessions, clock: Clock) -> None:
    with sessions() as db:
        owner = Owner(store_id=make.a_store(db, now=clock.now))
    cheap, dear = (zone_lists.resolved([a_zone(fee_fen=fen)], at=make.CENTRE, roads=None) for fen in (100, 900))
    with sessions() as slower:
        read = zone_lists.of(slower, owner)
        with sessions() as faster:
            zone_lists.put(faster, owner=owner, before=zone_lists.of(faster, owner), zones=cheap, now=clock.now)
        with pytest.raises(zone_lists.ZonesMoved):
            zone_lists.put(slower, owner=owner, before=read, zones=dear, now=clock.now)
    with sessions() as db:
        assert [kept.zone.fee_fen for kept in zone_lists.of(db, owner).zones] == [100]


def test_an_earlier_list_comes_back_as_it_was_and_that_can_be_undone(db: Session, clock: Clock) -> None:
    wanted = a_zone(name="before", windows=[Opening(0, 60, 120)], arrives=(time(14), time(18)))
    owner = Owner(store_id=make.a_store(db, now=clock.now, zones=[wanted]))
    first = zone_lists.of(db, owner)
    second = put(db, owner, [], clock)
    third = zone_lists.restore(db, owner=owner, back_to=first.version, version=second, by=ids.new_id(), now=clock.now)
    again = zone_lists.of(db, owner)
    assert [(k.zone, k.polygon) for k in again.zones] == [(k.zone, k.polygon) for k in first.zones]
    assert [(one.version, one.zones) for one in zone_lists.history(db, owner)] == [(third, 1), (second, 0), (1, 1)]
    zone_lists.restore(db, owner=owner, back_to=second, version=third, by=ids.new_id(), now=clock.now)
    assert zone_lists.of(db, owner).zones == ()
    with pytest.raises(zone_lists.NoSuchVersion):
        zone_lists.restore(db, owner=owner, back_to=99, version=third + 1, by=ids.new_id(), now=clock.now)


def test_drive_time_areas_follow_new_roads_and_nothing_else_changes(db: Session, clock: Clock) -> None:
    class Slow(StraightRoads):
        """The same roads at half the speed."""

        def table(self, sources: Sequence[LonLat], targets: Sequence[LonLat] | None = None) -> Any:
            found = super().table(sources, targets)
            return type(found)(found.seconds * 2, found.metres)

    ridden = Owner(store_id=make.a_store(db, "A", now=clock.now))
    put(db, ridden, [a_zone(DriveTime(10)), a_zone(Radius(500))], clock)
    drawn = Owner(store_id=make.a_store(db, "B", now=clock.now))
    versions = zone_lists.of(db, ridden).version, zone_lists.of(db, drawn).version
    assert zone_lists.recompute(db, roads=ROADS, now=clock.now) == []
    [changed] = zone_lists.recompute(db, roads=Slow(), now=clock.now)
    assert (changed.code, changed.after_km2 < changed.before_km2 / 3) == ("A", True)
    assert (zone_lists.of(db, ridden).version, zone_lists.of(db, drawn).version) == (versions[0] + 1, versions[1])


RING = [[116.45, 39.90], [116.47, 39.90], [116.47, 39.92], [116.45, 39.92], [116.45, 39.90]]


def drawn(corners: list[Any]) -> Drawn:
    return Drawn({"type": "Polygon", "coordinates": [corners]})


@pytest.mark.parametrize(
    ("zone", "code", "field"),
    [
        (a_zone(drawn([RING[0], RING[2], RING[1], RING[3], RING[0]])), "geo.self_crossing", "shapes.0.polygon"),
        (a_zone(Radius(900), drawn(RING[:-1])), "geo.unclosed", "shapes.1.polygon"),
        (a_zone(drawn([[lat, lon] for lon, lat in RING])), "geo.swapped", "shapes.0.polygon"),
        (a_zone(drawn([[lon - 20, lat] for lon, lat in RING])), "geo.far_from_store", "shapes.0.polygon"),
        (a_zone(drawn([[math.nan, 39.9], *RING[1:]])), "geo.bad_corner", "shapes.0.polygon"),
        (a_zone(drawn([[math.inf, 39.9], *RING[1:]])), "geo.bad_corner", "shapes.0.polygon"),
        (a_zone(drawn([[1e308, 39.9], *RING[1:]])), "geo.out_of_range", "shapes.0.polygon"),
        (a_zone(drawn([RING[0], RING[1], RING[0]])), "geo.too_few_corners", "shapes.0.polygon"),
        (a_zone(Radius(49)), "stores.bad_shape", "shapes.0.radius_m"),
        (a_zone(Radius(50_001)), "stores.bad_shape", "shapes.0.radius_m"),
        (a_zone(DriveTime(0)), "stores.bad_shape", "shapes.0.minutes"),
        (a_zone(DriveTime(91)), "stores.bad_shape", "shapes.0.minutes"),
        (a_zone(Radius(900), Radius(900, LonLat(116.6, 39.9))), "stores.nothing_in_common", "shapes"),
        (ZoneIn(shapes=()), "stores.bad_zone", "shapes"),
        (a_zone(*[Radius(900)] * 9), "stores.bad_zone", "shapes"),
        (a_zone(name="x" * 121), "stores.bad_zone", "name"),
        (a_zone(name="a\0"), "stores.bad_zone", "name"),
        (a_zone(fee_fen=-1), "stores.bad_zone", "fee_fen"),
        (a_zone(min_basket_fen=2**63), "stores.bad_zone", "min_basket_fen"),
        (a_zone(speed_s=59), "stores.bad_zone", "speed_s"),
        (a_zone(arrives=(time(18), time(14))), "stores.bad_zone", "arrives"),
        (a_zone(windows=[Opening(7, 0, 60)]), "stores.bad_hours", "windows"),
        (a_zone(windows=[Opening(0, 0, 120), Opening(0, 60, 180)]), "stores.bad_hours", "windows"),
    ],
)
def test_a_zone_that_cannot_be_is_refused_and_told_where(zone: ZoneIn, code: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        zone_lists.resolved([a_zone(), zone], at=make.CENTRE, roads=ROADS)
    assert (refused.value.code, refused.value.facts["field"]) == (code, f"zones.1.{field}")


def test_of_a_drawn_polygon_only_its_outline_is_kept(db: Session, clock: Clock) -> None:
    high = {
        "type": "Polygon",
        "coordinates": [[[*corner, math.nan] for corner in RING]],
        "bbox": [math.inf],
        "note": "\0",
    }
    owner = Owner(store_id=make.a_store(db, now=clock.now, zones=[a_zone(Drawn(high))]))
    [kept] = zone_lists.of(db, owner).zones
    assert kept.zone.shapes == (Drawn({"type": "Polygon", "coordinates": [RING]}),)


def test_an_areas_list_holds_exclusions_that_need_no_store() -> None:
    for zone, field in (
        (a_zone(Radius(500, make.CENTRE)), "zones.0.excluded"),
        (a_zone(Radius(500), excluded=True), "zones.0.shapes.0.centre"),
        (a_zone(DriveTime(5), excluded=True), "zones.0.shapes.0.kind"),
    ):
        with pytest.raises(Invalid) as refused:
            zone_lists.resolved_exclusions([zone])
        assert refused.value.facts["field"] == field
