"""Tours for booked windows: planned ahead, planned anew when orders join, offered in time, never early, lawful."""

import uuid
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from o2o.dispatch import ledger_check, riders
from o2o.dispatch.carrying import bags, deliveries, trips
from o2o.dispatch.models import Delivery, Rider, Stop, Tour, Trip
from o2o.dispatch.tours import timetable
from o2o.dispatch.working import planned_shifts
from o2o.geo.lonlat import offset
from o2o.kit import ids
from tests.conftest import Database
from tests.dispatch.make import STORE, Desk, Town


@pytest.fixture(autouse=True)
def _nothing_contradicts(database: Database) -> object:
    yield
    with database.sessions() as db:
        assert ledger_check.differences(db) == []


def booked(town: Town, n: int, *, opens_h: float = 4, lasts_h: float = 3) -> list[uuid.UUID]:
    """So many deliveries around the store, in a window this afternoon; returns their ids."""
    found = []
    for k in range(n):
        delivery_id, shipment_id = ids.new_id(), ids.new_id()
        door = offset(STORE, east_m=400 * (k % 5) - 800, north_m=300 * (k // 5) + 300)
        with town.database.sessions() as db:
            deliveries.request(
                db,
                delivery_id=delivery_id,
                order_id=ids.new_id(),
                shipment_id=shipment_id,
                order_no=f"B{k}",
                store_id=town.store_id,
                area_id=town.area_id,
                pickup=STORE,
                dropoff=door,
                address=f"{k} 号楼",
                ready_at=town.clock() + timedelta(minutes=20),
                due_from=town.clock() + timedelta(hours=opens_h),
                due_at=town.clock() + timedelta(hours=opens_h + lasts_h),
                weight_g=4_000,
                now=town.clock(),
            )
            deliveries.mark_ready(db, shipment_id=shipment_id, now=town.clock())
        found.append(delivery_id)
    return found


def planned(town: Town) -> list[Tour]:
    with town.database.sessions() as db:
        return list(db.scalars(select(Tour).where(Tour.state == "planned").order_by(Tour.depart_at, Tour.id)))


def run(town: Town) -> None:
    timetable.run(town.tools, area_id=town.area_id, now=town.clock())


def test_booked_windows_are_planned_ahead_in_tours_and_left_alone_by_the_rounds(town: Town) -> None:
    town.a_rider()
    goods = booked(town, 12)
    at_once = town.a_delivery()
    run(town)
    made = planned(town)
    assert sorted(uuid.UUID(s["delivery_id"]) for t in made for s in t.stops if s["kind"] == "dropoff") == sorted(goods)
    assert max(len(t.stops) for t in made) >= 10
    assert all(len(t.stops) <= 30 for t in made)
    opens = town.clock() + timedelta(hours=4)
    for tour in made:
        times = [datetime.fromisoformat(s["at"]) for s in tour.stops]
        assert all(a <= b for a, b in pairwise(times))
        drops = [datetime.fromisoformat(s["at"]) for s in tour.stops if s["kind"] == "dropoff"]
        assert min(drops) >= opens
        assert max(drops) <= opens + timedelta(hours=3)
    town.round()
    assert town.delivery(at_once).state == "assigned"
    with town.database.sessions() as db:
        assert {d.state for d in db.scalars(select(Delivery).where(Delivery.id.in_(goods)))} == {"waiting"}


def test_nothing_is_planned_again_until_something_changes_and_then_all_of_it_is(town: Town) -> None:
    town.a_rider()
    booked(town, 4)
    run(town)
    first = [t.id for t in planned(town)]
    town.clock.advance(60)
    run(town)
    assert [t.id for t in planned(town)] == first
    late = booked(town, 1)
    run(town)
    again = planned(town)
    assert not {t.id for t in again} & set(first)
    assert {uuid.UUID(s["delivery_id"]) for t in again for s in t.stops} >= set(late)
    assert sum(len(t.stops) for t in again) == 10
    with town.database.sessions() as db:
        order_id = db.get_one(Delivery, late[0]).order_id
        deliveries.cancel(db, order_id=order_id, now=town.clock())
    run(town)
    assert sum(len(t.stops) for t in planned(town)) == 8


def test_a_tour_is_offered_to_the_rider_it_was_planned_for_and_ridden_in_its_order(desk: Desk) -> None:
    town = desk.town
    town.on_the_map()
    mine, other = desk.a_rider(east_m=900), desk.a_rider(east_m=10)
    with town.database.sessions() as db:
        db.get_one(Rider, other).max_jobs = 1
    goods = booked(town, 4)
    run(town)
    [tour] = planned(town)
    assert tour.rider_id == mine
    shown = desk.get(f"/areas/{town.area_id}/tours").json()["tours"]
    assert [(t["rider_id"], len(t["stops"])) for t in shown] == [(str(mine), 8)]
    assert desk.get(f"/areas/{town.area_id}/tours", "stranger").status_code == 403
    town.clock.set(tour.depart_at - timetable.LEAD - timedelta(seconds=1))
    town.seen()
    run(town)
    assert [t.id for t in planned(town)] == [tour.id]
    town.clock.advance(2)
    town.seen()
    run(town)
    with town.database.sessions() as db:
        trip = db.scalars(select(Trip)).one()
        assert (trip.rider_id, trip.state, trip.locked) == (mine, "offered", True)
        rows = db.scalars(select(Stop).where(Stop.trip_id == trip.id).order_by(Stop.position)).all()
        assert [(str(s.delivery_id), s.kind) for s in rows] == [(s["delivery_id"], s["kind"]) for s in tour.stops]
        trips.accept(db, trip_id=trip.id, rider_id=mine, now=town.clock())
        opens_at = db.get_one(Delivery, goods[0]).due_from
    desk.sign_in(mine)
    shown = desk.get("/screens/rider", mine).json()["trip"]["stops"]
    early = {s["kind"]: s["not_before"] and datetime.fromisoformat(s["not_before"]) for s in shown}
    assert early == {"pickup": None, "dropoff": opens_at}
    town.round()
    for stop in town.open_stops(trip.id):
        at = town.clock.advance(240)
        desk.sign_in(mine)
        code = town_code(town, stop.delivery_id) if stop.kind == "dropoff" else ""
        body = {"at": at.isoformat(), **({"code": code} if code else {})}
        assert desk.post(f"/stops/{stop.id}/complete", body, mine).status_code == 200
    with town.database.sessions() as db:
        assert {d.state for d in db.scalars(select(Delivery).where(Delivery.id.in_(goods)))} == {"delivered"}
        assert db.get_one(Trip, trip.id).state == "completed"


def town_code(town: Town, delivery_id: uuid.UUID) -> str:
    with town.database.sessions() as db:
        return db.get_one(Delivery, delivery_id).code


def test_a_tour_its_rider_declines_goes_to_the_rounds_and_keeps_its_window(town: Town) -> None:
    first, second = town.a_rider(), town.a_rider(east_m=2_000)
    [delivery_id] = booked(town, 1)
    run(town)
    [tour] = planned(town)
    town.clock.set(tour.depart_at - timedelta(minutes=10))
    town.seen()
    run(town)
    with town.database.sessions() as db:
        trip = db.scalars(select(Trip)).one()
        trips.decline(db, trip_id=trip.id, rider_id=trip.rider_id, reason="other", now=town.clock())
        left = db.get_one(Delivery, delivery_id)
        assert (left.state, left.tour_id) == ("waiting", None)
    town.clock.advance(600)
    town.seen()
    town.round()
    with town.database.sessions() as db:
        again = db.get_one(Delivery, delivery_id)
        assert again.state == "assigned"
        assert again.rider_id == ({first, second} - {trip.rider_id}).pop()
        drop = db.scalars(select(Stop).where(Stop.trip_id == again.trip_id, Stop.kind == "dropoff")).one()
        assert drop.eta_at >= again.due_from - timedelta(minutes=1)


def test_a_bag_too_heavy_for_the_rider_of_a_tour_goes_to_the_rounds(town: Town) -> None:
    """Of a tour that had set out nobody would have thought of it again."""
    town.a_rider()
    [delivery_id] = booked(town, 1)
    run(town)
    [tour] = planned(town)
    town.clock.set(tour.depart_at - timedelta(minutes=10))
    town.seen()
    run(town)
    with town.database.sessions() as db:
        given = db.get_one(Delivery, delivery_id)
        assert (given.state, given.tour_id) == ("assigned", tour.id)
        shipment_id, too_much = given.shipment_id, db.get_one(Rider, given.rider_id).capacity_g + 1
        bags.repack(db, shipment_id=shipment_id, weight_g=too_much, load=deliveries.PLAIN, now=town.clock())
    with town.database.sessions() as db:
        left = db.get_one(Delivery, delivery_id)
        assert (left.state, left.tour_id) == ("waiting", None)


def test_with_nobody_on_shift_tours_wait_for_whoever_is_free_and_then_for_the_rounds(town: Town) -> None:
    goods = booked(town, 3)
    run(town)
    assert {t.rider_id for t in planned(town)} == {None}
    late = max(t.depart_at for t in planned(town))
    town.clock.set(late + timetable.GIVEN_UP + timedelta(seconds=1))
    run(town)
    assert planned(town) == []
    with town.database.sessions() as db:
        assert {d.tour_id for d in db.scalars(select(Delivery).where(Delivery.id.in_(goods)))} == {None}


def test_riders_planned_for_the_afternoon_take_seats_and_a_trike_takes_more(town: Town) -> None:
    absent = ids.new_id()
    with town.database.sessions() as db:
        riders.enrol(db, rider_id=absent, name="三轮", area_id=town.area_id, vehicle="cargo_trike", now=town.clock())
        planned_shifts.plan(
            db,
            rider_id=absent,
            area_id=town.area_id,
            starts_at=town.clock() + timedelta(hours=3),
            ends_at=town.clock() + timedelta(hours=9),
            by=absent,
            now=town.clock(),
        )
    booked(town, 14)
    run(town)
    made = planned(town)
    assert {t.rider_id for t in made} == {absent}
    assert max(t.most_aboard for t in made) > riders.MAX_JOBS["ebike"]
    assert max(len(t.stops) for t in made) >= 20


def test_a_window_soon_is_not_booked_and_one_later_is_held_until_its_ride(town: Town) -> None:
    [later] = booked(town, 1, opens_h=2)
    soon = town.delivery(town.a_delivery(minutes=60))
    with town.database.sessions() as db:
        row = db.get_one(Delivery, later)
    assert (soon.booked, soon.hold_until) == (False, None)
    assert row.booked
    assert row.hold_until is not None
    assert timedelta(minutes=2) < row.due_from - row.hold_until < timedelta(minutes=8)
