"""What rides besides deliveries: returns fetched at the door, transfers between stores; what carrying costs."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from o2o.dispatch import ledger_check, pay
from o2o.dispatch.carrying import deliveries, stops
from o2o.dispatch.carrying.deliveries import AlreadyPickedUp
from o2o.dispatch.models import Delivery, RoundRecord, Trip
from o2o.geo.lonlat import LonLat, offset
from o2o.kit import ids
from tests.conftest import Database
from tests.dispatch.make import STORE, Desk, Town
from tests.hands import Worker

DOOR = offset(STORE, east_m=600, north_m=200)


@pytest.fixture(autouse=True)
def _nothing_contradicts(database: Database) -> Iterator[None]:
    yield
    with database.sessions() as db:
        assert ledger_check.differences(db) == []


def a_return(town: Town, *, minutes: int = 0) -> tuple[uuid.UUID, uuid.UUID]:
    """Goods to fetch at a door; returns the order and the return."""
    order_id, return_id = ids.new_id(), ids.new_id()
    begin = town.clock() + timedelta(minutes=minutes)
    with town.database.sessions() as db:
        for _ in range(2):
            deliveries.request_return(
                db,
                delivery_id=ids.new_id(),
                return_id=return_id,
                order_id=order_id,
                order_no="A1",
                store_id=town.store_id,
                area_id=town.area_id,
                door=DOOR,
                store=STORE,
                address="中关村大街 1 号",
                due_from=begin,
                due_at=begin + timedelta(hours=1),
                weight_g=2_000,
                now=town.clock(),
            )
    return order_id, return_id


def a_transfer(town: Town) -> uuid.UUID:
    transfer_id = ids.new_id()
    with town.database.sessions() as db:
        deliveries.request_transfer(
            db,
            delivery_id=ids.new_id(),
            transfer_id=transfer_id,
            from_store_id=town.store_id,
            to_store_id=ids.new_id(),
            area_id=town.area_id,
            pickup=STORE,
            dropoff=DOOR,
            ready_at=town.clock(),
            due_at=town.clock() + timedelta(hours=1),
            weight_g=9_000,
            now=town.clock(),
        )
    return transfer_id


def ride(town: Town, trip: Trip, *, fail: str = "") -> None:
    """Every stop of a trip, one after another, with no code; `fail` is the kind of stop that fails."""
    while town.open_stops(trip.id):
        stop = town.open_stops(trip.id)[0]
        how = {"stop_id": stop.id, "rider_id": trip.rider_id, "at": town.clock.advance(300), "now": town.clock()}
        with town.database.sessions() as db:
            if stop.kind == fail:
                stops.fail(db, reason="no_contact", **how)
            else:
                stops.complete(db, **how)


def test_a_return_is_fetched_at_the_door_and_brought_to_the_store(town: Town, worker: Worker) -> None:
    town.a_rider()
    order_id, return_id = a_return(town)
    trip = town.accepted(order_id)
    first, last = town.open_stops(trip.id)
    assert [(s.kind, LonLat(s.lon, s.lat)) for s in (first, last)] == [("pickup", DOOR), ("dropoff", STORE)]
    ride(town, trip)
    done = town.delivery(order_id)
    assert (done.kind, done.state, done.shipment_id) == ("return", "delivered", return_id)
    heard = [name for name in worker.drain() if "return" in name]
    assert heard == ["dispatch.return_picked_up", "dispatch.return_delivered"]


def test_a_return_nobody_hands_over_ends_and_is_fetched_another_time(desk: Desk, worker: Worker) -> None:
    town = desk.town
    rider_id = desk.a_rider()
    order_id, _ = a_return(town)
    trip = town.accepted(order_id)
    ride(town, trip, fail="pickup")
    failed = town.delivery(order_id)
    assert (failed.state, failed.reason, failed.rider_id) == ("failed", "no_contact", None)
    assert failed.ended_at is not None
    assert "dispatch.return_failed" in worker.drain()
    begin = town.clock() + timedelta(hours=2)
    window = {"due_from": begin.isoformat(), "due_at": (begin + timedelta(hours=1)).isoformat()}
    assert desk.post(f"/deliveries/{failed.id}/reschedule", window).status_code == 200
    again = town.delivery(order_id)
    assert (again.state, again.hold_until, again.ended_at) == ("waiting", begin, None)
    town.clock.set(begin)
    town.seen()
    assert town.accepted(order_id).rider_id == rider_id


def test_a_return_is_not_fetched_before_its_window(town: Town) -> None:
    town.a_rider()
    order_id, _ = a_return(town, minutes=90)
    town.round()
    assert town.delivery(order_id).state == "waiting"


def test_a_transfer_rides_between_stores_without_a_code(town: Town, worker: Worker) -> None:
    town.a_rider()
    transfer_id = a_transfer(town)
    ride(town, town.accepted(transfer_id))
    assert town.delivery(transfer_id).state == "delivered"
    heard = [name for name in worker.drain() if "transfer" in name]
    assert heard == ["dispatch.transfer_picked_up", "dispatch.transfer_delivered"]


def test_a_transfer_the_other_store_cannot_take_rides_back(town: Town, worker: Worker) -> None:
    town.a_rider()
    transfer_id = a_transfer(town)
    ride(town, town.accepted(transfer_id), fail="dropoff")
    assert town.delivery(transfer_id).state == "returned"
    heard = [name for name in worker.drain() if "transfer" in name]
    assert heard == ["dispatch.transfer_picked_up", "dispatch.transfer_failed", "dispatch.transfer_returned"]


def test_a_transfer_given_up_in_time_is_not_carried(town: Town) -> None:
    town.a_rider()
    transfer_id = a_transfer(town)
    trip = town.accepted(transfer_id)
    with town.database.sessions() as db:
        deliveries.cancel(db, order_id=transfer_id, now=town.clock())
    assert town.open_stops(trip.id) == []
    other = a_transfer(town)
    trip = town.accepted(other)
    with town.database.sessions() as db:
        stop = town.open_stops(trip.id)[0]
        stops.complete(db, stop_id=stop.id, rider_id=trip.rider_id, at=town.clock(), now=town.clock())
        with pytest.raises(AlreadyPickedUp):
            deliveries.cancel(db, order_id=other, now=town.clock())
    ride(town, trip)


def test_what_a_delivery_cost_is_its_share_of_the_trip_and_which_round_gave_it_is_kept(town: Town) -> None:
    town.a_rider()
    first, second = town.a_delivery(), town.a_delivery(north_m=900)
    trip = town.accepted(first)
    with town.database.sessions() as db:
        records = list(db.scalars(select(RoundRecord.id)))
        codes = {d.id: d.code for d in db.scalars(select(Delivery))}
    assert [town.delivery(o).round_id for o in (first, second)] == records * 2
    for stop in town.open_stops(trip.id):
        at = town.clock.advance(200)
        code = codes[stop.delivery_id] if stop.kind == "dropoff" else ""
        with town.database.sessions() as db:
            stops.complete(db, stop_id=stop.id, rider_id=trip.rider_id, at=at, now=at, code=code)
    with town.database.sessions() as db:
        ended = db.get_one(Trip, trip.id)
    assert ended.earnings_fen == pay.for_trip(deliveries=2, distance_m=ended.distance_m) > 0
    costs = sorted(town.delivery(o).cost_fen for o in (first, second))
    assert sum(costs) == ended.earnings_fen
    assert costs[1] - costs[0] <= 1
