from datetime import timedelta
from typing import Any

import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from o2o.geo.lonlat import circle, offset
from o2o.stores import hours, places, switches
from o2o.stores.coverage import serving
from o2o.stores.hours import Opening
from o2o.stores.zones.shapes import Drawn, Radius
from tests.conftest import Clock, Database, Sessions
from tests.stores import make


def test_a_point_is_served_by_the_stores_whose_zones_cover_it_nearest_first(db: Session, clock: Clock) -> None:
    far = make.a_store(db, "FAR", now=clock.now, east_m=2_000)
    near = make.a_store(db, "NEAR", now=clock.now, east_m=500)
    make.a_store(db, "AWAY", now=clock.now, east_m=9_000)
    found = serving.stores_serving(db, point=make.CENTRE, now=clock.now)
    assert [option.store.id for option in found] == [near, far]
    assert [option.distance_m for option in found] == [499, 1_995]
    assert (found[0].zone.fee_fen, found[0].zone.min_basket_fen, found[0].opens_at) == (300, 2_000, None)


def test_the_cheapest_of_overlapping_zones_counts(db: Session, clock: Clock) -> None:
    wide = places.ZoneIn(shapes=(Drawn(make.disc(make.CENTRE, 5_000)),), fee_fen=900)
    close = places.ZoneIn(shapes=(Drawn(make.disc(make.CENTRE, 1_000)),), fee_fen=200)
    make.a_store(db, now=clock.now, zones=[wide, close])
    assert serving.stores_serving(db, point=make.CENTRE, now=clock.now)[0].zone.fee_fen == 200
    further = offset(make.CENTRE, east_m=2_000, north_m=0)
    assert serving.stores_serving(db, point=further, now=clock.now)[0].zone.fee_fen == 900


def test_an_excluded_zone_and_a_distance_keep_a_store_out(db: Session, clock: Clock) -> None:
    lake = offset(make.CENTRE, east_m=1_500, north_m=0)
    edge = offset(make.CENTRE, east_m=2_500, north_m=0)
    zones = [
        places.ZoneIn(shapes=(Drawn(make.disc(make.CENTRE, 5_000)), Radius(2_000))),
        places.ZoneIn(shapes=(Drawn(make.disc(lake, 300)),), excluded=True),
    ]
    make.a_store(db, now=clock.now, zones=zones)
    assert len(serving.stores_serving(db, point=make.CENTRE, now=clock.now)) == 1
    assert serving.stores_serving(db, point=lake, now=clock.now) == []
    assert serving.stores_serving(db, point=edge, now=clock.now) == []


def test_a_store_outside_its_hours_says_when_it_opens(db: Session, clock: Clock) -> None:
    make.a_store(db, now=clock.now, openings=hours.every_day("12:00", "20:00"))
    [option] = serving.stores_serving(db, point=make.CENTRE, now=clock.now)
    assert option.opens_at == clock.now + timedelta(hours=2)


def test_shutting_a_store_takes_effect_at_once_in_every_transaction(sessions: Sessions, clock: Clock) -> None:
    with sessions() as db:
        store_id = make.a_store(db, now=clock.now)
    with sessions() as db:
        assert len(serving.stores_serving(db, point=make.CENTRE, now=clock.now)) == 1
    with sessions() as writer:
        switches.set_open(writer, store_id=store_id, open=False, now=clock.now)
        assert serving.stores_serving(writer, point=make.CENTRE, now=clock.now) == []
        with sessions() as reader:
            assert len(serving.stores_serving(reader, point=make.CENTRE, now=clock.now)) == 1
    with sessions() as db:
        assert serving.stores_serving(db, point=make.CENTRE, now=clock.now) == []


def test_one_transaction_sees_one_map_and_asks_once_for_it(database: Database, clock: Clock) -> None:
    with database.sessions() as db:
        store_id = make.a_store(db, now=clock.now)
    asked: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_: object) -> None:
        asked.append(statement)

    with database.sessions() as db:
        serving.stores_serving(db, point=make.CENTRE, now=clock.now)
    event.listen(database.engine, "before_cursor_execute", note)
    try:
        with database.sessions() as db:
            for _ in range(3):
                assert len(serving.stores_serving(db, point=make.CENTRE, now=clock.now)) == 1
                places.get(db, store_id=store_id)
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    assert len(asked) == 1


def test_out_of_area_the_nearest_open_stores_are_named(db: Session, clock: Clock) -> None:
    near = make.a_store(db, "NEAR", now=clock.now, east_m=4_000)
    make.a_store(db, "SHUT", now=clock.now, east_m=3_500, open=False)
    far = make.a_store(db, "FAR", now=clock.now, east_m=8_000)
    assert serving.stores_serving(db, point=make.CENTRE, now=clock.now) == []
    found = serving.nearest(db, point=make.CENTRE, now=clock.now)
    assert [(one.store.id, one.distance_m, one.delivers) for one in found] == [
        (near, 3_990, False),
        (far, 7_980, False),
    ]


minutes = st.integers(0, 23).map(lambda hour: hour * 60)
windows = st.lists(st.tuples(st.integers(0, 6), minutes, st.sampled_from([360, 720, 1_440])), max_size=1).map(
    lambda found: [Opening(day, opens, opens + length) for day, opens, length in found]
)
rings = st.lists(
    st.fixed_dictionaries(
        {
            "east_m": st.integers(-1_500, 1_500),
            "radius_m": st.sampled_from([600, 1_200, 2_500]),
            "excluded": st.booleans(),
            "fee_fen": st.sampled_from([0, 300]),
            "min_basket_fen": st.sampled_from([0, 900]),
            "windows": windows,
        }
    ),
    max_size=5,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rings, min_size=1, max_size=3), st.integers(0, 7 * 24 - 1), st.integers(-3_000, 3_000))
def test_who_serves_is_what_the_rules_say_one_by_one(
    db: Session, clock: Clock, drawn: list[list[dict[str, Any]]], hour: int, east_m: int
) -> None:
    """Against the rules written out plainly: a valid zone here, no valid exclusion here, the lowest fee and least basket."""
    now = clock.now + timedelta(hours=hour)
    local = (clock.now.weekday() * 1_440 + 600 + hour * 60) % (7 * 1_440)
    here = offset(make.CENTRE, east_m=east_m, north_m=0)

    def counts(one: dict[str, Any]) -> bool:
        spans = [(w.weekday * 1_440 + w.opens_min, w.closes_min - w.opens_min) for w in one["windows"]]
        in_time = not spans or any((local - start) % (7 * 1_440) < length for start, length in spans)
        disc = shapely.Polygon(circle(offset(make.CENTRE, east_m=one["east_m"], north_m=0), one["radius_m"], 96))
        return in_time and bool(disc.intersects(shapely.Point(here)))

    expected = {}
    savepoint = db.begin_nested()
    for n, some in enumerate(drawn):
        zones = [
            places.ZoneIn(
                shapes=(Radius(one["radius_m"], offset(make.CENTRE, east_m=one["east_m"], north_m=0)),),
                **{name: value for name, value in one.items() if name not in ("east_m", "radius_m")},
            )
            for one in some
        ]
        store_id = make.a_store(db, f"S{n}", now=clock.now, zones=zones)
        offers = [(one["fee_fen"], one["min_basket_fen"]) for one in some if not one["excluded"] and counts(one)]
        if offers and not any(one["excluded"] and counts(one) for one in some):
            expected[store_id] = min(offers)
    found = serving.stores_serving(db, point=here, now=now)
    savepoint.rollback()
    assert {one.store.id: (one.zone.fee_fen, one.zone.min_basket_fen) for one in found} == expected
