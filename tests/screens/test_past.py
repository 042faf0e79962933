"""What is over is found again at the desk, with its stops, proofs and couriers; only in the caller's areas."""

import pytest
from fastapi.testclient import TestClient

from o2o.dispatch.carrying import stops
from o2o.dispatch.couriers import fallback
from o2o.dispatch.couriers.sandbox import SandboxCourier
from o2o.infra.tools import Tools
from o2o.kit import ids
from tests.conftest import Database
from tests.dispatch.make import Desk, Town
from tests.hands import Clock


@pytest.fixture
def desk(database: Database, tools: Tools, clock: Clock, client: TestClient) -> Desk:
    """An area with a store on the map, seen over HTTP."""
    town = Town(database, tools, clock, area_id=ids.new_id(), store_id=ids.new_id())
    town.on_the_map()
    return Desk(client, town)


def delivered(desk: Desk) -> str:
    """The id of a delivery that a rider handed over with the code."""
    town = desk.town
    rider_id, order_id = desk.a_rider(), town.a_delivery()
    code = town.delivery(order_id).code
    with town.database.sessions() as db:
        for stop, said in zip(town.open_stops(town.accepted(order_id).id), ("", code), strict=True):
            stops.complete(db, stop_id=stop.id, rider_id=rider_id, at=town.clock(), now=town.clock(), code=said)
    return str(town.delivery(order_id).id)


def test_a_delivery_that_is_over_is_found_by_number_address_and_rider(desk: Desk) -> None:
    delivery_id, area = delivered(desk), desk.town.area_id
    desk.town.a_delivery()  # open: not among them
    for words in ("", "a1", "中关村", "骑手100"):
        found = desk.get("/screens/dispatcher/past", area_id=area, words=words).json()["deliveries"]
        assert [one["id"] for one in found] == [delivery_id], words
    for words in ("zz", "%", "_"):
        assert desk.get("/screens/dispatcher/past", area_id=area, words=words).json()["deliveries"] == []
    assert desk.get("/screens/dispatcher/past", "stranger", area_id=area).status_code == 403


def test_its_story_names_the_stop_whose_proof_can_be_looked_at(desk: Desk) -> None:
    delivery_id = delivered(desk)
    story = desk.get(f"/screens/deliveries/{delivery_id}").json()
    assert (story["state"], story["rider"], story["store_zh"]) == ("delivered", "骑手100", "S001 店")
    assert [(one["kind"], one["state"], one["proven"]) for one in story["stops"]] == [
        ("pickup", "done", False),
        ("dropoff", "done", True),
    ]
    assert desk.get(f"/stops/{story['stops'][1]['id']}/proofs").json()["code"] is True
    hidden = desk.get(f"/screens/deliveries/{delivery_id}", "stranger")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "screens.no_delivery")


def test_a_courier_of_another_house_is_named_with_the_reason_he_was_called_for(desk: Desk) -> None:
    town = desk.town
    order_id = town.a_delivery(minutes=15)
    town.round()
    assert fallback.run(town.tools, SandboxCourier(), area_id=town.area_id, now=town.clock()) == 1
    [shown] = desk.get("/screens/dispatcher", area_id=town.area_id).json()["deliveries"]
    told = {name: shown["courier"][name] for name in ("name", "state", "code", "zh", "en", "fee_fen")}
    assert told == {
        "name": "sandbox", "state": "booked", "code": "no_riders", "zh": "没有在线骑手", "en": "no rider is online",
        "fee_fen": 816,
    }  # fmt: skip
    assert (shown["pickup_lon"], shown["lon"]) == (116.32, 116.32)
    town.clock.advance(3_600)
    fallback.run(town.tools, SandboxCourier(), area_id=town.area_id, now=town.clock())
    desk = Desk(desk.client, town)  # signed in anew
    [over] = desk.get("/screens/dispatcher/past", area_id=town.area_id).json()["deliveries"]
    assert (over["id"], over["courier"], over["rider"]) == (str(town.delivery(order_id).id), "sandbox", "")
    story = desk.get(f"/screens/deliveries/{over['id']}").json()
    assert ([job["state"] for job in story["couriers"]], story["stops"]) == (["delivered"], [])
