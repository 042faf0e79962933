"""From a request to the customer's door, and every way it goes wrong."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from o2o.dispatch import ledger_check, pay
from o2o.dispatch.carrying import deliveries, owed, stops, tracking, trips
from o2o.dispatch.models import Incident, Proof, Refusal, Rider, RoundRecord, Stop, TrackPoint, Trip
from o2o.dispatch.queries import replay
from o2o.dispatch.working import incidents, shifts, supply
from o2o.geo.lonlat import LonLat
from o2o.infra.outbox import OutboxRow
from o2o.kit import ids
from tests.conftest import Database
from tests.dispatch.make import STORE, Town


@pytest.fixture(autouse=True)
def _nothing_contradicts(database: Database) -> object:
    yield
    with database.sessions() as db:
        assert ledger_check.differences(db) == []


def act(town: Town, stop: Stop, rider_id: uuid.UUID, **what: str) -> None:
    with town.database.sessions() as db:
        stops.complete(db, stop_id=stop.id, rider_id=rider_id, at=town.clock(), now=town.clock(), **what)


def said(town: Town, name: str) -> int:
    with town.database.sessions() as db:
        return len(db.scalars(select(OutboxRow.id).where(OutboxRow.name == name)).all())


def state_of(town: Town, trip_id: uuid.UUID) -> str:
    with town.database.sessions() as db:
        return db.get_one(Trip, trip_id).state


def test_a_packed_order_is_offered_ridden_and_handed_over_with_its_code(town: Town) -> None:
    rider_id, order_id = town.a_rider(), town.a_delivery()
    trip = town.accepted(order_id)
    assert trip.rider_id == rider_id
    pickup, dropoff = town.open_stops(trip.id)
    assert (pickup.kind, dropoff.kind) == ("pickup", "dropoff")
    assert pickup.eta_at < dropoff.eta_at < town.delivery(order_id).due_at
    with town.database.sessions() as db:
        for _ in range(2):
            stops.arrive(db, stop_id=pickup.id, rider_id=rider_id, at=town.clock(), now=town.clock())
    act(town, pickup, rider_id)
    town.clock.advance(240)
    code = town.delivery(order_id).code
    for _ in range(2):
        act(town, dropoff, rider_id, code=code)
    assert town.delivery(order_id).state == "delivered"
    assert state_of(town, trip.id) == "completed"
    assert said(town, "dispatch.delivery_picked_up") == said(town, "dispatch.delivery_completed") == 1
    with town.database.sessions() as db:
        assert db.get_one(Rider, rider_id).state == "available"
        paid = db.get_one(Trip, trip.id)
        assert paid.distance_m > 800
        assert paid.earnings_fen == pay.for_trip(deliveries=1, distance_m=paid.distance_m)


def test_goods_not_packed_are_not_handed_to_the_rider(town: Town) -> None:
    town.a_rider()
    order_id = town.a_delivery(packed=False)
    town.clock.advance(280)
    with town.database.sessions() as db:
        db.execute(Rider.__table__.update().values(seen_at=town.clock()))
    trip = town.accepted(order_id)
    pickup = town.open_stops(trip.id)[0]
    with pytest.raises(stops.GoodsNotReady):
        act(town, pickup, trip.rider_id)
    assert town.delivery(order_id).state == "assigned"


def test_a_wrong_code_is_refused_and_after_five_a_photo_is_needed(town: Town) -> None:
    rider_id, order_id = town.a_rider(), town.a_delivery()
    trip = town.accepted(order_id)
    pickup, dropoff = town.open_stops(trip.id)
    code = town.delivery(order_id).code
    with pytest.raises(stops.NotPickedUp):
        act(town, dropoff, rider_id, code=code)
    act(town, pickup, rider_id)
    wrong = f"{(int(code) + 1) % 10_000:04d}"
    for _ in range(5):
        with pytest.raises(stops.WrongCode):
            act(town, dropoff, rider_id, code=wrong)
        with town.database.sessions() as db:
            stops.note_wrong_code(db, stop_id=dropoff.id, rider_id=rider_id, now=town.clock())
    with pytest.raises(stops.TooManyWrongCodes):
        act(town, dropoff, rider_id, code=code)
    photo = str(ids.new_id())
    with pytest.raises(owed.ProofNotHere):
        act(town, dropoff, rider_id, photo=photo)
    with town.database.sessions() as db:
        at_door = Proof(id=uuid.UUID(photo), stop_id=dropoff.id, kind="photo", media_type="image/jpeg", size_bytes=9)
        at_door.sha256, at_door.received_at = "0" * 64, town.clock()
        db.add(at_door)
    act(town, dropoff, rider_id, photo=photo)
    assert town.delivery(order_id).state == "delivered"


def test_a_declined_order_goes_to_another_rider_and_never_back_to_the_first(town: Town) -> None:
    near, far = town.a_rider(east_m=50), town.a_rider(east_m=600)
    order_id = town.a_delivery()
    town.round()
    first = town.trip_of(order_id)
    assert first.rider_id == near
    with town.database.sessions() as db:
        for _ in range(2):
            trips.decline(db, trip_id=first.id, rider_id=near, reason="too_far", now=town.clock())
    assert town.delivery(order_id).state == "waiting"
    town.round()
    assert town.trip_of(order_id).rider_id == far
    with town.database.sessions() as db, pytest.raises(trips.OfferGone):
        trips.accept(db, trip_id=first.id, rider_id=near, now=town.clock())


def test_an_offer_nobody_answers_goes_to_another_rider(town: Town) -> None:
    near, far = town.a_rider(east_m=50), town.a_rider(east_m=600)
    order_id = town.a_delivery()
    town.round()
    first = town.trip_of(order_id)
    town.clock.advance(trips.OFFER_S)
    with town.database.sessions() as db, pytest.raises(trips.OfferGone):
        trips.accept(db, trip_id=first.id, rider_id=near, now=town.clock())
    town.round()
    assert state_of(town, first.id) == "expired"
    assert town.trip_of(order_id).rider_id == far
    with town.database.sessions() as db:
        assert db.scalars(select(Refusal.reason)).all() == ["silent"]


def test_a_rider_who_falls_silent_loses_what_he_has_not_picked_up(town: Town) -> None:
    silent = town.a_rider(east_m=50)
    order_id = town.a_delivery()
    trip = town.accepted(order_id)
    town.clock.advance(trips.SILENT_S + 1)
    other = town.a_rider(east_m=600)
    town.round()
    assert state_of(town, trip.id) == "expired"
    assert town.trip_of(order_id).rider_id == other != silent


def test_a_rider_who_falls_silent_with_the_goods_keeps_them_and_a_dispatcher_is_told(town: Town) -> None:
    rider_id = town.a_rider()
    order_id = town.a_delivery()
    trip = town.accepted(order_id)
    act(town, town.open_stops(trip.id)[0], rider_id)
    town.clock.advance(trips.SILENT_S + 1)
    town.round()
    town.round()
    assert town.delivery(order_id).state == "picked_up"
    with town.database.sessions() as db:
        found = db.scalars(select(Incident)).one()
        assert (found.kind, found.rider_id) == ("silent_with_goods", rider_id)
        incidents.resolve(db, incident_id=found.id, area_ids=frozenset({town.area_id}), now=town.clock())
        with pytest.raises(incidents.NoIncident):
            incidents.resolve(db, incident_id=found.id, area_ids=frozenset({ids.new_id()}), now=town.clock())


def test_nobody_home_brings_the_goods_back_to_the_store(town: Town) -> None:
    rider_id, order_id = town.a_rider(), town.a_delivery()
    trip = town.accepted(order_id)
    pickup, dropoff = town.open_stops(trip.id)
    act(town, pickup, rider_id)
    with town.database.sessions() as db:
        for _ in range(2):
            stops.fail(
                db, stop_id=dropoff.id, rider_id=rider_id, reason="no_contact", at=town.clock(), now=town.clock()
            )
    assert town.delivery(order_id).state == "failed"
    town.round()  # a round in between must carry the return along
    [back] = town.open_stops(trip.id)
    assert (back.kind, back.lon, back.lat) == ("return", STORE.lon, STORE.lat)
    act(town, back, rider_id)
    assert town.delivery(order_id).state == "returned"
    assert state_of(town, trip.id) == "completed"
    assert said(town, "dispatch.delivery_failed") == said(town, "dispatch.delivery_returned") == 1


def test_a_cancelled_order_leaves_its_trip_until_it_is_picked_up(town: Town) -> None:
    rider_id, first, second = town.a_rider(), town.a_delivery(), town.a_delivery(north_m=850)
    trip = town.accepted(first)
    assert town.trip_of(second).id == trip.id
    with town.database.sessions() as db:
        deliveries.cancel(db, order_id=first, now=town.clock())
        deliveries.cancel(db, order_id=first, now=town.clock())
    assert {s.delivery_id for s in town.open_stops(trip.id)} == {town.delivery(second).id}
    act(town, town.open_stops(trip.id)[0], rider_id)
    with town.database.sessions() as db, pytest.raises(deliveries.AlreadyPickedUp):
        deliveries.cancel(db, order_id=second, now=town.clock())
    assert town.delivery(first).state == "cancelled"
    assert town.delivery(second).state == "picked_up"


def test_cancelling_the_only_order_of_an_offer_frees_its_rider(town: Town) -> None:
    rider_id, order_id = town.a_rider(), town.a_delivery()
    town.round()
    trip = town.trip_of(order_id)
    with town.database.sessions() as db:
        deliveries.cancel(db, order_id=order_id, now=town.clock())
        assert db.get_one(Rider, rider_id).state == "available"
        assert db.get_one(Trip, trip.id).state == "cancelled"
        assert supply.rider_supply(db, area_ids=[town.area_id])[town.area_id] == supply.Supply(on_shift=1, free=1)


def test_what_moved_while_the_round_thought_is_left_to_the_next(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from o2o.dispatch.rounds import one_round

    rider_id, order_id = town.a_rider(), town.a_delivery()
    solve = one_round.solve.solve

    def and_meanwhile(*args: object, **kwargs: object) -> object:
        plan = solve(*args, **kwargs)
        with town.database.sessions() as db:
            shifts.go_offline(db, rider_id=rider_id, now=town.clock())
        return plan

    monkeypatch.setattr(one_round.solve, "solve", and_meanwhile)
    outcome = town.round()
    assert outcome is not None
    assert (outcome.given, outcome.dropped) == (0, 1)
    assert town.delivery(order_id).state == "waiting"


def test_a_shift_does_not_end_in_the_middle_of_a_trip(town: Town) -> None:
    rider_id, order_id = town.a_rider(), town.a_delivery()
    town.accepted(order_id)
    with town.database.sessions() as db, pytest.raises(shifts.TripUnfinished):
        shifts.go_offline(db, rider_id=rider_id, now=town.clock())


def test_without_riders_an_order_waits_with_a_reason_and_a_round_can_be_played_again(town: Town) -> None:
    order_id = town.a_delivery()
    outcome = town.round()
    assert outcome is not None
    with town.database.sessions() as db:
        record = db.get_one(RoundRecord, outcome.round_id)
        assert [d["reason"] for d in record.deferred] == ["no_riders"]
        assert record.deferred[0]["delivery_id"] == str(town.delivery(order_id).id)
        again = replay(db, round_id=outcome.round_id)
    assert again.same


def test_another_riders_trip_cannot_be_touched(town: Town) -> None:
    town.a_rider()
    order_id = town.a_delivery()
    stranger = town.a_rider(east_m=5_000)
    town.round()
    trip = town.trip_of(order_id)
    assert trip.rider_id != stranger
    with town.database.sessions() as db:
        with pytest.raises(trips.NoTrip):
            trips.accept(db, trip_id=trip.id, rider_id=stranger, now=town.clock())
        with pytest.raises(stops.NoStop):
            stops.arrive(
                db, stop_id=town.open_stops(trip.id)[0].id, rider_id=stranger, at=town.clock(), now=town.clock()
            )


def test_a_late_position_never_overwrites_a_newer_one(town: Town) -> None:
    rider_id = town.a_rider()
    newer, older = LonLat(116.33, 39.99), LonLat(116.31, 39.98)
    taken = []
    with town.database.sessions() as db:
        for place, at in ((newer, town.clock()), (older, town.clock() - timedelta(seconds=20))):
            taken.append(
                tracking.record_position(db, town.tools.valkey, rider_id=rider_id, place=place, at=at, now=town.clock())
            )
    assert taken == [True, False]
    assert tracking.positions(town.tools.valkey, [rider_id])[rider_id].place == newer
    with town.database.sessions() as db:
        assert db.scalars(select(TrackPoint.lon).order_by(TrackPoint.at)).all() == [116.31, 116.33]
        assert db.get_one(Rider, rider_id).lon == 116.33


@pytest.mark.parametrize("late_minutes", [10, 60, 300])
def test_however_late_a_delivery_is_it_is_given_out(town: Town, late_minutes: int) -> None:
    order_id = town.a_delivery(minutes=30)
    town.clock.advance(60 * (30 + late_minutes))
    town.a_rider()
    town.round()
    assert town.delivery(order_id).state == "assigned"
