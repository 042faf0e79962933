"""What rides besides deliveries: returns fetched at the door, transfers between stores; and proofs, silence and costs."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from o2o.dispatch import deliveries, ledger_check, pay, proofs, stops, tracking, trips
from o2o.dispatch.deliveries import AlreadyPickedUp
from o2o.dispatch.models import Delivery, Incident, Proof, Rider, RoundRecord, Stop, TrackPoint, Trip
from o2o.geo.lonlat import LonLat, offset
from o2o.infra.files import DiskFiles
from o2o.kit import ids
from tests.conftest import Database
from tests.dispatch.make import STORE, Desk, Town
from tests.hands import Worker

DOOR = offset(STORE, east_m=600, north_m=200)
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 200


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
    with town.database.sessions() as db:
        assert deliveries.for_orders(db, order_ids=[order_id]) == {}
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
        assert db.get_one(Trip, trip.id).ended_at is not None
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


@pytest.fixture
def sent(desk: Desk, tmp_path: Path) -> Desk:
    """The desk of a house whose files lie in a folder of this test."""
    tools = desk.town.tools
    chosen = tools.settings.model_copy(update={"data_dir": tmp_path})
    desk.client.app.state.tools = replace(tools, settings=chosen)  # type: ignore[attr-defined]
    return desk


def put(
    desk: Desk, path: str, who: object, *, content: bytes = b"", json: object = None
) -> tuple[int, dict[str, object]]:
    headers = {**desk.headers(who), **({} if json else {"Content-Type": "application/octet-stream"})}
    answer = desk.client.put(f"/api{path}", headers=headers, **({"json": json} if json else {"content": content}))
    return answer.status_code, answer.json() if answer.status_code != 413 else {}


def test_a_photo_named_at_the_door_may_follow_later_and_twice(sent: Desk) -> None:
    desk, town = sent, sent.town
    rider_id, stranger, order_id = desk.a_rider(), desk.a_rider(east_m=9_000), town.a_delivery()
    trip = town.accepted(order_id)
    pickup, dropoff = town.open_stops(trip.id)
    photo = str(ids.new_id())
    at = town.clock().isoformat()
    assert desk.post(f"/stops/{pickup.id}/complete", {"at": at}, rider_id).status_code == 200
    assert desk.post(f"/stops/{dropoff.id}/complete", {"at": at, "photo": photo}, rider_id).status_code == 200
    assert desk.get(f"/stops/{dropoff.id}/proofs").json() == {"proofs": []}
    path = f"/stops/{dropoff.id}/photos/{photo}"
    assert put(desk, path, stranger, content=JPEG)[0] == 404
    for _ in range(2):
        status, body = put(desk, path, rider_id, content=JPEG)
        assert (status, body["media_type"], body["size_bytes"]) == (200, "image/jpeg", len(JPEG))
    other = put(desk, path, rider_id, content=JPEG + b"x")
    assert (other[0], other[1]["code"]) == (409, "dispatch.proof_taken")
    [listed] = desk.get(f"/stops/{dropoff.id}/proofs").json()["proofs"]
    assert listed["proof_id"] == photo
    shown = desk.get(f"/proofs/{photo}")
    assert (shown.status_code, shown.content, shown.headers["content-type"]) == (200, JPEG, "image/jpeg")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert desk.get(f"/proofs/{photo}", "stranger").status_code == 404
    assert desk.get(f"/stops/{dropoff.id}/proofs", "stranger").json() == {"proofs": []}


@pytest.mark.parametrize(
    "content", [b"", b"<svg onload=alert(1)>", b"GIF89a" + b"\0" * 50, b"%PDF-1.7", b"RIFF\0\0\0\0WAVE"]
)
def test_what_is_no_picture_is_refused(sent: Desk, content: bytes) -> None:
    desk, town = sent, sent.town
    rider_id, order_id = desk.a_rider(), town.a_delivery()
    stop = town.open_stops(town.accepted(order_id).id)[1]
    status, body = put(desk, f"/stops/{stop.id}/photos/{ids.new_id()}", rider_id, content=content)
    assert status == 422, body
    with town.database.sessions() as db:
        assert db.scalar(select(func.count()).select_from(Proof)) == 0


def test_a_photo_too_large_is_refused_before_it_is_read(sent: Desk) -> None:
    desk, town = sent, sent.town
    rider_id, order_id = desk.a_rider(), town.a_delivery()
    stop = town.open_stops(town.accepted(order_id).id)[1]
    large = JPEG + b"\0" * proofs.LARGEST_BYTES
    assert put(desk, f"/stops/{stop.id}/photos/{ids.new_id()}", rider_id, content=large)[0] == 413


def test_a_signature_is_drawn_here_from_strokes_and_hands_over_without_a_code(sent: Desk) -> None:
    desk, town = sent, sent.town
    rider_id, order_id = desk.a_rider(), town.a_delivery()
    trip = town.accepted(order_id)
    pickup, dropoff = town.open_stops(trip.id)
    signature = str(ids.new_id())
    path = f"/stops/{dropoff.id}/signatures/{signature}"
    status, body = put(desk, path, rider_id, json={"strokes": [[[0, 0], [500, 1000]], [[10, 10], [20, 20]]]})
    assert (status, body["kind"], body["media_type"]) == (200, "signature", "image/svg+xml")
    for strokes in ([], [[[1, 1]]], [[[0, 0], [1001, 5]]], [[[0, 0], ["5", 5]]]):
        assert put(desk, path, rider_id, json={"strokes": strokes})[0] == 422
    shown = desk.get(f"/proofs/{signature}")
    assert shown.text.count("<polyline") == 2
    assert "sandbox" in shown.headers["content-security-policy"]
    at = town.clock().isoformat()
    assert desk.post(f"/stops/{pickup.id}/complete", {"at": at}, rider_id).status_code == 200
    done = desk.post(f"/stops/{dropoff.id}/complete", {"at": at, "signature": signature}, rider_id)
    assert done.status_code == 200
    with town.database.sessions() as db:
        assert db.get_one(Stop, dropoff.id).proof == {"code": False, "photo": "", "signature": signature}


def test_proofs_are_forgotten_after_three_months_with_their_files(sent: Desk, tmp_path: Path) -> None:
    desk, town = sent, sent.town
    rider_id, order_id = desk.a_rider(), town.a_delivery()
    stop = town.open_stops(town.accepted(order_id).id)[1]
    for n in range(2):
        assert put(desk, f"/stops/{stop.id}/photos/{ids.new_id()}", rider_id, content=JPEG + bytes([n]))[0] == 200
    files = DiskFiles(tmp_path / "files")
    assert len([p for p in (tmp_path / "files").rglob("*") if p.is_file()]) == 2
    with town.database.sessions() as db:
        proofs.forget(db, files, now=town.clock() + proofs.KEPT)
    assert len([p for p in (tmp_path / "files").rglob("*") if p.is_file()]) == 2
    with town.database.sessions() as db:
        proofs.forget(db, files, now=town.clock() + proofs.KEPT + timedelta(seconds=1))
    assert [p for p in (tmp_path / "files").rglob("*") if p.is_file()] == []
