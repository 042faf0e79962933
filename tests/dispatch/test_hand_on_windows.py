"""What was promised for later stays for later, whatever a dispatcher does with it by hand; and taking that back loses nothing."""

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from o2o.dispatch import ledger_check
from o2o.dispatch.carrying import deliveries
from o2o.dispatch.models import Delivery, Rider, Tour, Trip
from o2o.dispatch.tours import timetable
from o2o.geo.lonlat import offset
from o2o.kit import ids
from tests.conftest import Database
from tests.dispatch.make import STORE, Desk, Town
from tests.dispatch.test_hand import hand, undo
from tests.dispatch.test_tours import booked, planned, run


@pytest.fixture(autouse=True)
def _nothing_contradicts(database: Database) -> object:
    yield
    with database.sessions() as db:
        assert ledger_check.differences(db) == []


def row(town: Town, delivery_id: uuid.UUID) -> Delivery:
    with town.database.sessions() as db:
        return db.get_one(Delivery, delivery_id)


def costs_and_pay(town: Town, trip_id: uuid.UUID) -> tuple[int, int]:
    """What all deliveries cost so far, and what a trip paid."""
    with town.database.sessions() as db:
        return int(db.scalar(select(func.sum(Delivery.cost_fen))) or 0), db.get_one(Trip, trip_id).earnings_fen


def ride(desk: Desk, trip_id: uuid.UUID, rider_id: uuid.UUID, without: uuid.UUID | None = None) -> None:
    """Do what is left of a trip, but for one delivery."""
    for stop in desk.town.open_stops(trip_id):
        if stop.delivery_id != without:
            said = {"at": desk.town.clock().isoformat(), "code": row(desk.town, stop.delivery_id).code}
            assert desk.post(f"/stops/{stop.id}/complete", said, rider_id).status_code == 200


def test_a_booked_delivery_released_by_hand_still_waits_for_its_window(desk: Desk) -> None:
    town = desk.town
    desk.a_rider()
    [delivery_id] = booked(town, 1)
    was = row(town, delivery_id).hold_until
    assert hand(desk, {"act": "release", "delivery_id": str(delivery_id)}).status_code == 201
    town.round()
    now = row(town, delivery_id)
    assert (now.state, now.hold_until) == ("waiting", was)


def test_a_hold_ends_no_sooner_than_the_window_lets_anybody_leave(desk: Desk) -> None:
    town = desk.town
    desk.a_rider()
    [delivery_id] = booked(town, 1)
    was = row(town, delivery_id).hold_until
    soon, late = (town.clock() + timedelta(hours=h) for h in (0.1, 6))
    hand(desk, {"act": "hold", "delivery_id": str(delivery_id), "until": soon.isoformat()})
    assert row(town, delivery_id).hold_until == was
    hand(desk, {"act": "hold", "delivery_id": str(delivery_id), "until": late.isoformat()})
    assert row(town, delivery_id).hold_until == late
    hand(desk, {"act": "release", "delivery_id": str(delivery_id)})
    assert row(town, delivery_id).hold_until == was


def test_a_booked_delivery_given_by_hand_and_declined_waits_for_its_window_again(desk: Desk) -> None:
    town = desk.town
    rider_id = desk.a_rider()
    [delivery_id] = booked(town, 1)
    was = row(town, delivery_id).hold_until
    town.clock.set(was - timedelta(minutes=10))  # type: ignore[operator]
    town.seen()
    desk.again("dispatcher")
    desk.sign_in(rider_id)
    hand(desk, {"act": "assign", "delivery_id": str(delivery_id), "rider_id": str(rider_id)})
    trip_id = row(town, delivery_id).trip_id
    dropoff = town.open_stops(trip_id)[-1]  # type: ignore[arg-type]
    assert dropoff.eta_at >= row(town, delivery_id).due_from
    assert desk.post(f"/trips/{trip_id}/decline", {"reason": "other"}, rider_id).status_code == 200
    desk.a_rider()
    town.round()
    now = row(town, delivery_id)
    assert (now.state, now.hold_until) == ("waiting", was)


def test_a_hold_takes_a_booked_delivery_off_its_tour_which_is_planned_anew_after_it(desk: Desk) -> None:
    town = desk.town
    desk.a_rider()
    goods = booked(town, 3)
    run(town)
    until = town.clock() + timedelta(hours=6)
    hand(desk, {"act": "hold", "delivery_id": str(goods[0]), "until": until.isoformat()})
    assert row(town, goods[0]).tour_id is None
    run(town)
    at = {(s["delivery_id"], s["kind"]): datetime.fromisoformat(s["at"]) for tour in planned(town) for s in tour.stops}
    assert len(at) == 6
    assert at[str(goods[0]), "pickup"] >= until


def test_what_was_kept_for_one_rider_does_not_set_out_with_another(desk: Desk) -> None:
    town = desk.town
    mine = desk.a_rider(east_m=10)
    goods = booked(town, 2)
    run(town)
    [tour] = planned(town)
    chosen = desk.a_rider(east_m=2_000)
    town.clock.advance((tour.depart_at - timedelta(minutes=10) - town.clock()).total_seconds())
    town.seen()
    with town.database.sessions() as db:
        assert tour.depart_at - town.clock() < timetable.LEAD  # too late to plan it anew
        assert db.get_one(Tour, tour.id).state == "planned"
    desk.again("dispatcher")
    hand(desk, {"act": "reserve", "delivery_id": str(goods[0]), "rider_id": str(chosen)})
    run(town)
    assert row(town, goods[1]).rider_id == mine
    assert row(town, goods[0]).rider_id in (None, chosen)


def test_undone_after_its_tour_was_planned_anew_a_delivery_is_planned_again(desk: Desk) -> None:
    town = desk.town
    rider_id = desk.a_rider()
    goods = booked(town, 3)
    run(town)
    done = hand(desk, {"act": "assign", "delivery_id": str(goods[0]), "rider_id": str(rider_id)})
    run(town)
    assert undo(desk, done).status_code == 200
    assert row(town, goods[0]).state == "waiting"
    run(town)
    assert {s["delivery_id"] for tour in planned(town) for s in tour.stops} == {str(one) for one in goods}


def test_undone_after_its_tour_set_out_a_delivery_is_left_to_the_rounds(desk: Desk) -> None:
    town = desk.town
    mine, other = desk.a_rider(east_m=10), desk.a_rider(east_m=2_000)
    goods = booked(town, 2)
    run(town)
    [tour] = planned(town)
    town.clock.advance((tour.depart_at - timedelta(minutes=10) - town.clock()).total_seconds())
    town.seen()
    desk.again("dispatcher")
    away = other if tour.rider_id == mine else mine
    done = hand(desk, {"act": "assign", "delivery_id": str(goods[0]), "rider_id": str(away)})
    run(town)
    assert row(town, goods[1]).state == "assigned"
    assert undo(desk, done).status_code == 200
    now = row(town, goods[0])
    assert (now.state, now.tour_id) == ("waiting", None)


def test_undone_the_end_of_a_trip_costs_its_deliveries_nothing(desk: Desk) -> None:
    town = desk.town
    rider_id = desk.a_rider()
    orders = [town.a_delivery(north_m=500), town.a_delivery(north_m=900)]
    trip = town.accepted(orders[0])
    assert town.trip_of(orders[1]).id == trip.id
    last = town.open_stops(trip.id)[-1].delivery_id
    ride(desk, trip.id, rider_id, without=last)
    taken = hand(desk, {"act": "take_back", "delivery_id": str(last)})
    cost, paid = costs_and_pay(town, trip.id)
    assert cost == paid > 0
    assert undo(desk, taken).status_code == 200
    assert costs_and_pay(town, trip.id) == (0, 0)
    ride(desk, trip.id, rider_id)
    cost, paid = costs_and_pay(town, trip.id)
    assert cost == paid > 0


def test_a_booked_delivery_given_by_hand_hours_early_is_kept_for_its_rider_who_rides_other_trips_meanwhile(
    desk: Desk,
) -> None:
    town = desk.town
    mine, other = desk.a_rider(east_m=900), desk.a_rider(east_m=2_500)
    [delivery_id] = booked(town, 1)
    was = row(town, delivery_id).hold_until
    assert was is not None
    given = hand(desk, {"act": "assign", "delivery_id": str(delivery_id), "rider_id": str(mine)})
    [effect] = given.json()["effects"]
    assert (effect["rider_after"], effect["kept_for"]) == (None, str(mine))
    assert datetime.fromisoformat(effect["kept_from"]) == was
    # He is free, and takes what comes.
    at_once = town.a_delivery()
    trip = town.accepted(at_once)
    assert trip.rider_id == mine
    ride(desk, trip.id, mine)
    with town.database.sessions() as db:
        assert db.get_one(Trip, trip.id).state == "completed"
    # When it is time it is his, though another is as free.
    run(town)
    [tour] = planned(town)
    town.clock.set(tour.depart_at - timedelta(minutes=10))
    town.seen()
    run(town)
    now = row(town, delivery_id)
    assert (now.state, now.rider_id) == ("assigned", mine)
    assert town.open_stops(now.trip_id)[-1].eta_at >= now.due_from  # type: ignore[arg-type]
    assert other != mine


def test_a_return_given_by_hand_hours_before_it_may_be_fetched_is_kept_for_its_rider(desk: Desk) -> None:
    town = desk.town
    rider_id = desk.a_rider()
    delivery_id = ids.new_id()
    fetched_from = town.clock() + timedelta(hours=3)
    with town.database.sessions() as db:
        deliveries.request_return(
            db,
            delivery_id=delivery_id,
            return_id=ids.new_id(),
            order_id=ids.new_id(),
            order_no="R1",
            store_id=town.store_id,
            area_id=town.area_id,
            door=offset(STORE, east_m=0, north_m=700),
            store=STORE,
            address="1 号楼",
            due_from=fetched_from,
            due_at=fetched_from + timedelta(hours=2),
            weight_g=1_000,
            now=town.clock(),
        )
    hand(desk, {"act": "assign", "delivery_id": str(delivery_id), "rider_id": str(rider_id)})
    now = row(town, delivery_id)
    assert (now.state, now.only_for, now.hold_until) == ("waiting", rider_id, fetched_from)
    town.round()
    assert row(town, delivery_id).state == "waiting"
    town.clock.set(fetched_from)
    town.seen()
    town.round()
    assert (row(town, delivery_id).state, row(town, delivery_id).rider_id) == ("assigned", rider_id)


def test_what_a_rider_can_never_carry_is_not_kept_for_him_either(desk: Desk) -> None:
    town = desk.town
    rider_id = desk.a_rider()
    [delivery_id] = booked(town, 1)
    with town.database.sessions() as db:
        db.get_one(Rider, rider_id).capacity_g = 3_000
    refused = hand(desk, {"act": "assign", "delivery_id": str(delivery_id), "rider_id": str(rider_id)})
    assert refused.status_code == 409
    assert refused.json()["failures"][0]["facts"]["reason"] == "too_heavy"
    assert row(town, delivery_id).only_for is None
