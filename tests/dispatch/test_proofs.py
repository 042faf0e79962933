"""Proof of a hand-over: photos that may follow later, signatures drawn from strokes, both forgotten in time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from o2o.dispatch import ledger_check
from o2o.dispatch.carrying import owed, proofs
from o2o.dispatch.models import Proof, Stop
from o2o.infra.files import DiskFiles
from o2o.kit import ids
from tests.conftest import Database
from tests.dispatch.make import Desk

JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 200


@pytest.fixture(autouse=True)
def _nothing_contradicts(database: Database) -> Iterator[None]:
    yield
    with database.sessions() as db:
        assert ledger_check.differences(db) == []


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


def test_a_hand_over_waits_for_its_photo_and_passes_with_it(sent: Desk) -> None:
    desk, town = sent, sent.town
    rider_id, order_id = desk.a_rider(), town.a_delivery()
    pickup, dropoff = town.open_stops(town.accepted(order_id).id)
    photo, signature = str(ids.new_id()), str(ids.new_id())
    at = town.clock().isoformat()
    assert desk.post(f"/stops/{pickup.id}/complete", {"at": at}, rider_id).status_code == 200
    done = f"/stops/{dropoff.id}/complete"
    refused = desk.post(done, {"at": at, "photo": photo}, rider_id)
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (
        409,
        "dispatch.proof_not_here",
        "photo",
    )
    assert town.delivery(order_id).state == "picked_up"
    assert put(desk, f"/stops/{dropoff.id}/photos/{photo}", rider_id, content=JPEG)[0] == 200
    both = desk.post(done, {"at": at, "photo": photo, "signature": signature}, rider_id)
    assert (both.status_code, both.json()["field"]) == (409, "signature")
    assert desk.post(done, {"at": at, "photo": "door.jpg"}, rider_id).status_code == 422
    wrong = f"{(int(town.delivery(order_id).code) + 1) % 10_000:04d}"
    assert desk.post(done, {"at": at, "photo": photo, "code": wrong}, rider_id).status_code == 200
    told = desk.get(f"/stops/{dropoff.id}/proofs").json()
    assert (told["code"], told["awaited"], len(told["proofs"])) == (False, [], 1)


def test_a_photo_named_without_signal_may_follow_later_and_twice(sent: Desk) -> None:
    desk, town = sent, sent.town
    rider_id, stranger, order_id = desk.a_rider(), desk.a_rider(east_m=9_000), town.a_delivery()
    trip = town.accepted(order_id)
    pickup, dropoff = town.open_stops(trip.id)
    photo = str(ids.new_id())
    at = town.clock().isoformat()
    assert desk.post(f"/stops/{pickup.id}/complete", {"at": at}, rider_id).status_code == 200
    town.clock.advance(owed.KEPT_BY_PHONE.total_seconds())
    assert desk.post(f"/stops/{dropoff.id}/complete", {"at": at, "photo": photo}, rider_id).status_code == 200
    nothing = {"code": False, "awaited": [], "proofs": []}
    assert desk.get(f"/stops/{dropoff.id}/proofs").json() == {**nothing, "awaited": ["photo"]}
    path = f"/stops/{dropoff.id}/photos/{photo}"
    assert put(desk, path, stranger, content=JPEG)[0] == 404
    for _ in range(2):
        status, body = put(desk, path, rider_id, content=JPEG)
        assert (status, body["media_type"], body["size_bytes"]) == (200, "image/jpeg", len(JPEG))
    other = put(desk, path, rider_id, content=JPEG + b"x")
    assert (other[0], other[1]["code"]) == (409, "dispatch.proof_taken")
    told = desk.get(f"/stops/{dropoff.id}/proofs").json()
    assert [one["proof_id"] for one in told["proofs"]] == [photo]
    assert (told["code"], told["awaited"]) == (False, [])
    shown = desk.get(f"/proofs/{photo}")
    assert (shown.status_code, shown.content, shown.headers["content-type"]) == (200, JPEG, "image/jpeg")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert desk.get(f"/proofs/{photo}", "stranger").status_code == 404
    assert desk.get(f"/stops/{dropoff.id}/proofs", "stranger").json() == nothing


def test_a_customer_s_code_is_a_proof_by_itself(sent: Desk) -> None:
    desk, town = sent, sent.town
    rider_id, order_id = desk.a_rider(), town.a_delivery()
    pickup, dropoff = town.open_stops(town.accepted(order_id).id)
    at, code = town.clock().isoformat(), town.delivery(order_id).code
    assert desk.post(f"/stops/{pickup.id}/complete", {"at": at}, rider_id).status_code == 200
    assert desk.post(f"/stops/{dropoff.id}/complete", {"at": at, "code": code}, rider_id).status_code == 200
    assert desk.get(f"/stops/{dropoff.id}/proofs").json() == {"code": True, "awaited": [], "proofs": []}


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
