"""Riders without signal: what they did before counts, by the time it happened; nothing late overwrites what is newer."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from o2o.dispatch import ledger_check, pay
from o2o.dispatch.carrying import stops, tracking, trips
from o2o.dispatch.models import Delivery, Incident, Rider, Stop, TrackPoint, Trip
from o2o.geo.lonlat import offset
from tests.conftest import Database
from tests.dispatch.make import STORE, Desk, Town


@pytest.fixture(autouse=True)
def _nothing_contradicts(database: Database) -> Iterator[None]:
    yield
    with database.sessions() as db:
        assert ledger_check.differences(db) == []


def test_goods_taken_without_signal_before_the_trip_was_taken_back_are_still_the_riders(town: Town) -> None:
    rider_id, order_id = town.a_rider(), town.a_delivery()
    trip = town.accepted(order_id)
    pickup, dropoff = town.open_stops(trip.id)
    taken_at = town.clock.advance(100)
    town.clock.advance(trips.SILENT_S + 60)
    with town.database.sessions() as db:
        trips.take_back_silent(db, area_id=town.area_id, now=town.clock())
    assert town.delivery(order_id).state == "waiting"
    town.clock.advance(30)
    how = {"rider_id": rider_id, "now": town.clock()}
    with town.database.sessions() as db, pytest.raises(stops.StopOver):
        stops.complete(db, stop_id=pickup.id, at=town.clock(), **how)  # after he had lost it
    with town.database.sessions() as db:
        stops.complete(db, stop_id=pickup.id, at=taken_at, **how)
    mine = town.delivery(order_id)
    assert (mine.state, mine.rider_id, mine.trip_id, mine.picked_up_at) == ("picked_up", rider_id, trip.id, taken_at)
    assert [s.id for s in town.open_stops(trip.id)] == [dropoff.id]
    with town.database.sessions() as db:
        stops.complete(db, stop_id=dropoff.id, at=town.clock(), code=mine.code, **how)
        assert db.get_one(Trip, trip.id).state == "completed"


def test_a_trip_that_ended_for_silence_and_goes_on_is_paid_and_costed_once(town: Town) -> None:
    town.a_rider()
    first, second = town.a_delivery(), town.a_delivery(north_m=3_000)
    trip = town.accepted(first)
    assert town.trip_of(second).id == trip.id
    early, late = (town.delivery(order_id).id for order_id in (first, second))
    for stop in [s for s in town.open_stops(trip.id) if s.delivery_id == early]:
        act(town, trip, stop)
    taken_at = town.clock.advance(10)
    town.clock.advance(trips.SILENT_S + 10)
    with town.database.sessions() as db:
        trips.take_back_silent(db, area_id=town.area_id, now=town.clock())
        half = db.get_one(Trip, trip.id)
        assert (half.state, half.earnings_fen) == ("completed", pay.for_trip(deliveries=1, distance_m=half.distance_m))
        pickup, _ = db.scalars(select(Stop).where(Stop.delivery_id == late).order_by(Stop.position)).all()
    with town.database.sessions() as db:
        stops.complete(db, stop_id=pickup.id, rider_id=trip.rider_id, at=taken_at, now=town.clock())
    [dropoff] = town.open_stops(trip.id)
    act(town, trip, dropoff)
    with town.database.sessions() as db:
        ended = db.get_one(Trip, trip.id)
    assert ended.earnings_fen == pay.for_trip(deliveries=2, distance_m=ended.distance_m)
    assert sum(town.delivery(order_id).cost_fen for order_id in (first, second)) == ended.earnings_fen


def act(town: Town, trip: Trip, stop: Stop) -> None:
    """What the stop is for, a few minutes on, with the code where one is needed."""
    at = town.clock.advance(120)
    with town.database.sessions() as db:
        code = db.get_one(Delivery, stop.delivery_id).code if stop.kind == "dropoff" else ""
        stops.complete(db, stop_id=stop.id, rider_id=trip.rider_id, at=at, now=at, code=code)


def test_when_another_rider_was_sent_meanwhile_the_dispatcher_is_told_of_two(desk: Desk) -> None:
    town = desk.town
    silent, order_id = desk.a_rider(), town.a_delivery()
    trip = town.accepted(order_id)
    pickup = town.open_stops(trip.id)[0]
    taken_at = town.clock.advance(100)
    town.clock.advance(trips.SILENT_S + 60)
    other = desk.a_rider(east_m=50)
    assert town.accepted(order_id).rider_id == other
    for _ in range(2):
        late = desk.post(f"/stops/{pickup.id}/complete", {"at": taken_at.isoformat()}, silent)
        assert (late.status_code, late.json()["code"]) == (409, "dispatch.stop_over")
    with town.database.sessions() as db:
        assert [(i.kind, i.rider_id) for i in db.scalars(select(Incident))] == [("two_riders", silent)]


def test_a_phone_whose_clock_is_wrong_cannot_put_acts_before_the_trip_or_into_the_future(town: Town) -> None:
    rider_id, order_id = town.a_rider(), town.a_delivery()
    trip = town.accepted(order_id)
    accepted_at = town.clock()
    pickup, dropoff = town.open_stops(trip.id)
    town.clock.advance(600)
    for stop, at in ((pickup, accepted_at - timedelta(days=1)), (dropoff, town.clock() + timedelta(days=1))):
        with town.database.sessions() as db:
            code = town.delivery(order_id).code if stop is dropoff else ""
            stops.complete(db, stop_id=stop.id, rider_id=rider_id, at=at, now=town.clock(), code=code)
    done = town.delivery(order_id)
    assert (done.picked_up_at, done.ended_at) == (accepted_at, town.clock())


def test_a_position_told_late_fills_the_track_and_moves_nobody(town: Town) -> None:
    rider_id = town.a_rider()
    begin = town.clock()
    far, near = offset(STORE, east_m=1_500, north_m=0), offset(STORE, east_m=500, north_m=0)
    now = town.clock.advance(600)
    for place, at, taken in ((far, now, True), (near, begin + timedelta(seconds=300), False)):
        with town.database.sessions() as db:
            told = {"rider_id": rider_id, "place": place, "at": at, "now": now}
            assert tracking.record_position(db, town.tools.valkey, **told) is taken
    with town.database.sessions() as db:
        rider = db.get_one(Rider, rider_id)
        assert (rider.lon, rider.lat) == (far.lon, far.lat)
        tracks = db.execute(select(TrackPoint.at, TrackPoint.lon).order_by(TrackPoint.at)).all()
    assert [lon for _, lon in tracks] == [near.lon, far.lon]


def test_an_act_told_late_does_not_move_the_rider_back(town: Town) -> None:
    rider_id, order_id = town.a_rider(), town.a_delivery()
    trip = town.accepted(order_id)
    pickup = town.open_stops(trip.id)[0]
    done_at = town.clock.advance(60)
    now = town.clock.advance(120)
    far = offset(STORE, east_m=1_500, north_m=0)
    with town.database.sessions() as db:
        tracking.record_position(db, town.tools.valkey, rider_id=rider_id, place=far, at=now, now=now)
    with town.database.sessions() as db:
        stops.complete(db, stop_id=pickup.id, rider_id=rider_id, at=done_at, now=now)
    with town.database.sessions() as db:
        rider = db.get_one(Rider, rider_id)
        assert (rider.lon, rider.lat, rider.placed_at) == (far.lon, far.lat, now)
