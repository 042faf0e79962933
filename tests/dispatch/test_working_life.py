"""Riders' working life: breaks, the open pool, planned shifts, second tries, fair ways, live times, arriving."""

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from o2o.dispatch import ledger_check, riders
from o2o.dispatch.carrying import arrivals, eta
from o2o.dispatch.models import Incident, PlannedShift, Rider, Shift, Stop, Trip
from o2o.dispatch.paces import carried
from o2o.dispatch.rounds import snapshot
from o2o.dispatch.working import fairness, planned_shifts, pool, shifts, supply
from o2o.dispatch.working.supply import Supply
from o2o.geo.lonlat import LonLat, offset
from o2o.kit import ids
from tests.conftest import Database
from tests.dispatch.make import STORE, Desk, Town


@pytest.fixture(autouse=True)
def _nothing_contradicts(database: Database) -> object:
    yield
    with database.sessions() as db:
        assert ledger_check.differences(db) == []


def done(desk: Desk, stop: Stop, rider_id: uuid.UUID, **how: str) -> None:
    at = desk.town.clock().isoformat()
    assert desk.post(f"/stops/{stop.id}/complete", {"at": at, **how}, rider_id).status_code == 200


def state(town: Town, rider_id: uuid.UUID) -> str:
    with town.database.sessions() as db:
        return db.get_one(Rider, rider_id).state


def test_nothing_is_offered_to_a_rider_on_a_break(desk: Desk) -> None:
    town = desk.town
    rider_id, order_id = desk.a_rider(), town.a_delivery()
    for _ in range(2):
        assert desk.post("/rider/break", who=rider_id).json()["state"] == "break"
    with town.database.sessions() as db:
        assert supply.rider_supply(db, area_ids=[town.area_id])[town.area_id] == Supply(open_deliveries=1, unassigned=1)
    town.round()
    assert town.delivery(order_id).state == "waiting"
    assert desk.get("/rider/pool", rider_id).json() == {"deliveries": []}
    assert desk.post("/rider/back", who=rider_id).json()["state"] == "available"
    town.round()
    assert town.trip_of(order_id).rider_id == rider_id


def test_a_break_asked_for_on_a_trip_begins_when_it_ends_and_nothing_joins_meanwhile(desk: Desk) -> None:
    town = desk.town
    rider_id, order_id = desk.a_rider(), town.a_delivery()
    trip = town.accepted(order_id)
    assert desk.post("/rider/break", who=rider_id).json()["state"] == "on_trip"
    late = town.a_delivery(north_m=820)
    town.round()
    assert town.delivery(late).state == "waiting"
    for stop, how in zip(town.open_stops(trip.id), ({}, {"code": town.delivery(order_id).code}), strict=True):
        done(desk, stop, rider_id, **how)
    assert state(town, rider_id) == "break"
    assert desk.post("/rider/offline", who=rider_id).status_code == 200
    assert desk.post("/rider/break", who=rider_id).json()["code"] == "dispatch.not_on_shift"


def test_what_nobody_took_may_be_taken_by_one_rider_and_not_by_a_second(desk: Desk) -> None:
    town = desk.town
    first, second = desk.a_rider(), desk.a_rider(east_m=300)
    order_id = town.a_delivery()
    delivery_id = str(town.delivery(order_id).id)
    early = desk.post(f"/rider/pool/{delivery_id}/take", who=first)
    assert (early.status_code, early.json()["code"]) == (409, "dispatch.not_in_pool")
    town.clock.advance(pool.OPEN_AFTER_S)
    [listed] = desk.get("/rider/pool", first).json()["deliveries"]
    assert (listed["delivery_id"], listed["distance_m"], listed["earnings_fen"]) == (delivery_id, 801, 430)
    taken = [desk.post(f"/rider/pool/{delivery_id}/take", who=first) for _ in range(2)]
    assert [(t.status_code, t.json()["state"]) for t in taken] == [(200, "accepted")] * 2
    assert town.trip_of(order_id).rider_id == first
    late = desk.post(f"/rider/pool/{delivery_id}/take", who=second)
    assert (late.status_code, late.json()["code"]) == (409, "dispatch.not_in_pool")
    assert desk.get("/rider/pool", second).json() == {"deliveries": []}
    with town.database.sessions() as db:
        assert db.scalar(select(func.count()).select_from(Trip)) == 1


def test_the_pool_shows_neither_held_nor_reserved_nor_unpacked_nor_too_heavy_deliveries(desk: Desk) -> None:
    town = desk.town
    rider_id, other = desk.a_rider(), desk.a_rider()
    held, kept, heavy = (str(town.delivery(town.a_delivery()).id) for _ in range(3))
    town.a_delivery(packed=False)
    acts = [
        {"act": "hold", "delivery_id": held, "until": (town.clock() + timedelta(hours=1)).isoformat()},
        {"act": "reserve", "delivery_id": kept, "rider_id": str(other)},
    ]
    assert desk.post(f"/areas/{town.area_id}/hand", {"acts": acts}).status_code == 201
    town.clock.advance(pool.OPEN_AFTER_S)
    shown = [d["delivery_id"] for d in desk.get("/rider/pool", rider_id).json()["deliveries"]]
    assert shown == [heavy]
    with town.database.sessions() as db:
        db.execute(update(Rider).where(Rider.id == rider_id).values(capacity_g=2_999))
    assert desk.get("/rider/pool", rider_id).json() == {"deliveries": []}
    assert {d["delivery_id"] for d in desk.get("/rider/pool", other).json()["deliveries"]} == {heavy, kept}


def test_a_failed_delivery_is_tried_again_in_its_new_window(desk: Desk) -> None:
    town = desk.town
    rider_id, order_id = desk.a_rider(), town.a_delivery()
    trip = town.accepted(order_id)
    pickup, dropoff = town.open_stops(trip.id)
    delivery_id = town.delivery(order_id).id
    path, now = f"/deliveries/{delivery_id}/reschedule", town.clock()
    window = {
        "due_from": (now + timedelta(hours=3)).isoformat(),
        "due_at": (now + timedelta(hours=4)).isoformat(),
    }
    assert desk.post(path, window).json()["code"] == "dispatch.not_failed"
    done(desk, pickup, rider_id)
    desk.post(f"/stops/{dropoff.id}/fail", {"at": now.isoformat(), "reason": "no_contact"}, rider_id)
    assert desk.post(path, window, "stranger").status_code == 404
    backwards = desk.post(path, {**window, "due_from": window["due_at"]})
    assert (backwards.status_code, backwards.json()["field"]) == (422, "due_from")
    gone = desk.post(path, {**window, "due_at": now.isoformat()})
    assert (gone.status_code, gone.json()["field"]) == (422, "due_at")
    assert desk.post(path, window).status_code == 200
    [back] = town.open_stops(trip.id)
    done(desk, back, rider_id)
    again = town.delivery(order_id)
    assert (again.state, again.rider_id, again.picked_up_at) == ("waiting", None, None)
    assert (again.due_from, again.due_at) == (now + timedelta(hours=3), now + timedelta(hours=4))
    town.round()
    assert town.delivery(order_id).state == "waiting"  # it is held until it cannot come too early
    town.clock.advance(2.5 * 3_600)
    town.seen()
    town.round()
    assert town.delivery(order_id).state == "waiting"
    town.clock.advance(0.5 * 3_600 - 300)
    town.seen()
    desk.sign_in(rider_id)
    second = town.accepted(order_id)
    assert second.id != trip.id
    for stop, how in zip(town.open_stops(second.id), ({}, {"code": again.code}), strict=True):
        done(desk, stop, second.rider_id, **how)
    assert town.delivery(order_id).state == "delivered"


@pytest.mark.parametrize("far", ["9999-12-31T23:59:00Z", "0001-01-01T00:00:00+14:00"])
def test_a_moment_beyond_any_calendar_is_refused_by_its_field(desk: Desk, far: str) -> None:
    area = f"/areas/{desk.town.area_id}"
    window = {"due_from": far, "due_at": far}
    answers = [
        (desk.get(f"{area}/shifts", from_at=far, half_hours=96), "from_at"),
        (desk.get(f"{area}/capacity", from_at=far), "from_at"),
        (desk.post(f"{area}/shifts", {"rider_id": str(ids.new_id()), "starts_at": far, "ends_at": far}), "starts_at"),
        (desk.post(f"/deliveries/{ids.new_id()}/reschedule", window), "due_from"),
    ]
    wanted = {"starts_at": far, "riders": 3}
    put = desk.client.put(f"/api{area}/capacity", json=wanted, headers=desk.headers("dispatcher"))
    report = desk.client.get("/api/promises/report", params={"until": far}, headers=desk.headers("hq"))
    for answer, field in [*answers, (put, "starts_at"), (report, "until")]:
        assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_what_a_rider_brings_in_a_half_hour_is_what_riders_brought_lately(desk: Desk) -> None:
    town = desk.town
    area = {"area_id": town.area_id, "now": town.clock()}
    with town.database.sessions() as db:
        assert carried.each_half_hour(db, **area) == carried.USUAL
        rider_id = town.a_rider()
        for k in range(carried.TRIPS_LEAST):
            began = town.clock() - timedelta(hours=k + 1)
            trip = Trip(id=ids.new_id(), rider_id=rider_id, area_id=town.area_id, state="completed", offered_at=began)
            trip.offer_expires_at = trip.accepted_at = began
            trip.ended_at = began + timedelta(minutes=15)
            db.add(trip)
            db.flush()
            order_id = town.a_delivery(north_m=300 + k)
            for position, kind in enumerate(("pickup", "dropoff")):
                at_door = {"kind": kind, "state": "done", "lon": 116.3, "lat": 39.9, "eta_at": began, "proof": {}}
                db.add(
                    Stop(
                        id=ids.new_id(),
                        trip_id=trip.id,
                        delivery_id=town.delivery(order_id).id,
                        position=position,
                        **at_door,
                    )
                )
            db.flush()
            each = carried.each_half_hour(db, **area)
            assert each == (carried.USUAL if k < carried.TRIPS_LEAST - 1 else round(2 * carried.RIDING, 1))


def test_shifts_are_planned_without_overlap_and_make_capacity(desk: Desk) -> None:
    town = desk.town
    first, second = desk.a_rider(), desk.a_rider()
    noon = town.clock() + timedelta(hours=2)
    path = f"/areas/{town.area_id}/shifts"

    def plan(rider_id: uuid.UUID, begin: int, end: int, who: object = "dispatcher"):
        at = [(noon + timedelta(minutes=m)).isoformat() for m in (begin, end)]
        return desk.post(path, {"rider_id": str(rider_id), "starts_at": at[0], "ends_at": at[1]}, who)

    made = plan(first, 0, 120)
    assert made.status_code == 201
    assert plan(second, 30, 75).status_code == 201
    assert plan(first, 90, 180).json()["code"] == "dispatch.shift_overlaps"
    assert plan(first, 120, 180).status_code == 201
    assert (plan(first, 300, 310).json()["field"], plan(first, -300, 0).json()["field"]) == ("ends_at", "starts_at")
    assert plan(ids.new_id(), 0, 60).json()["code"] == "dispatch.no_rider"
    assert plan(second, 200, 260, "stranger").status_code == 403
    wanted = {"starts_at": noon.isoformat(), "riders": 3}
    put = desk.client.put(f"/api/areas/{town.area_id}/capacity", json=wanted, headers=desk.headers("dispatcher"))
    assert put.status_code == 200
    odd = {**wanted, "starts_at": (noon + timedelta(minutes=10)).isoformat()}
    off = desk.client.put(f"/api/areas/{town.area_id}/capacity", json=odd, headers=desk.headers("dispatcher"))
    assert (off.status_code, off.json()["field"]) == (422, "starts_at")
    town.a_delivery(minutes=125)
    slots = desk.get(f"/areas/{town.area_id}/capacity", from_at=noon.isoformat(), half_hours=7).json()["half_hours"]
    assert [s["planned"] for s in slots] == [1, 2, 1, 1, 1, 1, 0]
    assert [s["can_carry"] for s in slots] == [2, 4, 2, 2, 2, 2, 0]
    assert [(s["wanted"], s["promised"]) for s in slots] == [(3, 1), *[(None, 0)] * 6]
    assert len(desk.get("/rider/shifts", first).json()["shifts"]) == 2
    cancel = f"/shifts/{made.json()['shift_id']}/cancel"
    assert desk.post(cancel, who="stranger").status_code == 404
    for _ in range(2):
        assert desk.post(cancel).json()["state"] == "cancelled"
    listed = desk.get(path, from_at=noon.isoformat(), half_hours=8).json()["shifts"]
    assert [s["rider_id"] for s in listed] == [str(second), str(first)]


def test_a_shift_begun_as_planned_ends_as_planned_and_supply_looks_ahead(town: Town) -> None:
    now = town.clock()
    rider_id = town.a_rider()
    absent = ids.new_id()
    with town.database.sessions() as db:
        shift = db.scalars(select(Shift)).one()
        assert shift.planned_end_at == now + timedelta(hours=8)
        riders.enrol(db, rider_id=absent, name="骑手", area_id=town.area_id, now=now)
        planned_shifts.plan(
            db,
            rider_id=absent,
            area_id=town.area_id,
            starts_at=now + timedelta(minutes=20),
            ends_at=now + timedelta(hours=10),
            by=rider_id,
            now=now,
        )
    with town.database.sessions() as db:
        ahead = [supply.rider_supply(db, area_ids=[town.area_id], at=now + timedelta(hours=h)) for h in (0, 1, 9, 11)]
        assert [s[town.area_id].on_shift for s in ahead] == [1, 2, 1, 0]
        shifts.go_online(db, rider_id=absent, position=STORE, now=now)
        mine = select(Shift.planned_end_at).where(Shift.rider_id == absent)
        assert db.scalars(mine).one() == now + timedelta(hours=10)
        assert db.scalar(select(func.count()).select_from(PlannedShift)) == 1


def test_who_rode_far_today_is_a_little_dearer() -> None:
    a, b, c = (uuid.UUID(int=n) for n in (1, 2, 3))
    assert fairness.handicaps({a: 9_000, b: 3_000, c: 0}) == {a: 1_000, b: 0, c: 0}
    assert fairness.handicaps({a: 90_000, b: 0}) == {a: fairness.MOST, b: 0}
    assert fairness.handicaps({}) == {}


def test_between_two_riders_alike_the_one_who_rode_less_is_asked(town: Town) -> None:
    tired, fresh = sorted((town.a_rider(), town.a_rider()))
    with town.database.sessions() as db:
        for rider_id, hours, metres in ((tired, 1, 20_000), (fresh, 5, 90_000)):
            ended = town.clock() - timedelta(hours=hours)
            db.add(
                Trip(
                    id=ids.new_id(),
                    rider_id=rider_id,
                    area_id=town.area_id,
                    state="completed",
                    offered_at=ended,
                    offer_expires_at=ended,
                    ended_at=ended,
                    distance_m=metres,
                )
            )
    order_id = town.a_delivery()
    with town.database.sessions() as db:
        seen = snapshot.load(db, town.tools.valkey, area_id=town.area_id, now=town.clock())
    assert seen.handicaps == {tired: 2_000, fresh: 0}
    town.round()
    assert town.trip_of(order_id).rider_id == fresh


def test_live_times_follow_the_rider_and_their_range_narrows_on_the_way(desk: Desk) -> None:
    town = desk.town
    town.on_the_map()
    rider_id, order_id = desk.a_rider(east_m=2_000), town.a_delivery()
    trip = town.accepted(order_id)

    def told() -> list[tuple[datetime, timedelta]]:
        stops = desk.get("/screens/rider", rider_id).json()["trip"]["stops"]
        at, begin, end = (
            [datetime.fromisoformat(s[name]) for s in stops] for name in ("live_at", "live_from_at", "live_until_at")
        )
        assert all(b < a < e for a, b, e in zip(at, begin, end, strict=True))
        return [(a, e - b) for a, b, e in zip(at, begin, end, strict=True)]

    before = told()
    near = offset(STORE, east_m=200, north_m=0)
    body = {"lon": near.lon, "lat": near.lat, "at": town.clock().isoformat()}
    assert desk.post("/rider/position", body, rider_id).json() == {"taken": True, "near_stop_id": None}
    after = told()
    saved = [(b[0] - a[0]).total_seconds() for b, a in zip(before, after, strict=True)]
    assert len(saved) == 2
    assert saved[0] == saved[1] > 400
    assert after[1][1] < before[1][1]
    with town.database.sessions() as db:
        found = eta.ways(db, town.tools.roads, trip_ids=[trip.id], places={rider_id: near}, now=town.clock())
        assert [f.arrival.at for f in eta.forecasts(found, town.clock()).values()] == [a for a, _ in after]


def test_a_phone_at_the_door_suggests_that_the_rider_has_arrived(desk: Desk) -> None:
    town = desk.town
    rider_id, order_id = desk.a_rider(east_m=900), town.a_delivery()
    trip = town.accepted(order_id)
    pickup, dropoff = town.open_stops(trip.id)

    def suggested(place: LonLat) -> uuid.UUID | None:
        with town.database.sessions() as db:
            return arrivals.near(db, rider_id=rider_id, place=place)

    assert suggested(offset(STORE, east_m=arrivals.NEAR_M - 1, north_m=0)) == pickup.id
    assert suggested(offset(STORE, east_m=arrivals.NEAR_M + 1, north_m=0)) is None
    assert suggested(LonLat(dropoff.lon, dropoff.lat)) is None
    body = {"lon": STORE.lon, "lat": STORE.lat, "at": town.clock().isoformat()}
    assert desk.post("/rider/position", body, rider_id).json() == {"taken": True, "near_stop_id": str(pickup.id)}
    assert town.open_stops(trip.id)[0].state == "pending"
    near_at = town.clock()
    town.clock.advance(70)
    assert desk.post("/rider/position", {**body, "at": town.clock().isoformat()}, rider_id).json()["taken"]
    town.clock.advance(20)
    done(desk, pickup, rider_id)
    with town.database.sessions() as db:
        row = db.get_one(Stop, pickup.id)
        assert (row.arrived_at, row.done_at) == (near_at, near_at + timedelta(seconds=90))
    assert suggested(LonLat(dropoff.lon, dropoff.lat)) == dropoff.id
    desk.post(f"/stops/{dropoff.id}/arrive", {"at": town.clock().isoformat()}, rider_id)
    assert suggested(LonLat(dropoff.lon, dropoff.lat)) is None


def test_the_desk_shows_what_was_decided_by_hand(desk: Desk) -> None:
    town = desk.town
    town.on_the_map()
    rider_id, order_id = desk.a_rider(), town.a_delivery()
    until = town.clock() + timedelta(hours=1)
    delivery_id = str(town.delivery(order_id).id)
    acts = [
        {"act": "hold", "delivery_id": delivery_id, "until": until.isoformat()},
        {"act": "reserve", "delivery_id": delivery_id, "rider_id": str(rider_id)},
    ]
    desk.post(f"/areas/{town.area_id}/hand", {"acts": acts})
    desk.post("/rider/break", who=rider_id)
    seen = desk.get("/screens/dispatcher").json()
    [shown] = seen["deliveries"]
    assert (datetime.fromisoformat(shown["hold_until"]), shown["only_for"]) == (until, str(rider_id))
    assert [(r["state"], r["break_wanted"]) for r in seen["riders"]] == [("break", False)]


def test_trouble_told_twice_with_one_key_is_one_incident(desk: Desk) -> None:
    rider_id, key = desk.a_rider(), str(ids.new_id())
    told = {"kind": "vehicle", "note": "", "delivery_id": None}
    answers = [desk.post("/rider/incidents", told, rider_id, key=key) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    with desk.town.database.sessions() as db:
        assert db.scalar(select(func.count()).select_from(Incident)) == 1
