"""An order that its store can no longer bring: a delivery moves and its customer is told, a pickup's customer is asked."""

import uuid

from sqlalchemy import text

from tests.journeys.town import MILK, Json, Town


def _owed_nothing(town: Town, placed: Json) -> None:
    money = town.money(placed)
    assert money["captured_fen"] == money["refunded_fen"]
    assert money["state"] in ("voided", "captured")


def _follow(town: Town, placed: Json) -> Json:
    found: Json = town.get(town.customer, f"/screens/customer/orders/{placed['order_id']}")
    return found


def _till_takes(town: Town, sku: str, quantity: int) -> None:
    body = {
        "sale_id": str(uuid.uuid4()), "items": [{"sku": sku, "quantity": quantity}], "tender": "cash",
        "at": town.clock().isoformat(),
    }  # fmt: skip
    town.did(town.post(town.clerks[town.near], "/till/sales", body), 201)
    town.worker.drain(times=2)


def test_a_customer_is_told_when_another_store_brings_their_order(town: Town) -> None:
    placed = town.bought((MILK, 2))
    assert _follow(town, placed)["parts"][0]["moved"] is None
    promised = town.order(placed)["promise_by"]
    town.clock.advance(1_500)
    _till_takes(town, MILK, 9)
    (part,) = _follow(town, placed)["parts"]
    assert (part["store"]["id"], part["moved"]["from_en"]) == (str(town.far), "Store NEAR")
    assert part["moved"]["was_by"] == promised < part["moved"]["now_by"]
    assert town.order(placed)["promise_by"] == promised, "an order is judged by what it was promised"
    with town.database.sessions() as db:
        query = text("SELECT payload, channels FROM outbox WHERE name = 'orders.moved'")
        ((payload, channels),) = db.execute(query).all()
    assert (payload["later"], payload["from_store_id"]) == (True, str(town.near))
    assert f"member:{town.customer['account']}" in channels


def test_a_store_that_is_as_quick_leaves_the_promise_as_it_was(town: Town) -> None:
    placed = town.bought((MILK, 2))
    _till_takes(town, MILK, 9)
    (part,) = _follow(town, placed)["parts"]
    moved, order = part["moved"], town.order(placed)
    later = moved["now_by"] is not None and moved["now_by"] > order["promise_by"]
    assert (moved["now_by"] is None) is not later
    assert order["shipments"][-1]["store_id"] == str(town.far)


def _endangered_pickup(town: Town) -> Json:
    placed = town.bought((MILK, 8), method="pickup", store_id=str(town.near))
    _till_takes(town, MILK, 4)
    return placed


def _asked(town: Town, placed: Json) -> Json:
    found: Json = town.get(town.customer, f"/orders/{placed['order_id']}/parked")
    return found


def _answer(town: Town, placed: Json, **answer: str) -> Json:
    said = town.did(town.post(town.customer, f"/orders/{placed['order_id']}/parked/answer", answer))
    town.worker.drain()
    return said


def test_whoever_will_fetch_an_endangered_pickup_is_asked_and_can_fetch_it_elsewhere(town: Town) -> None:
    placed = _endangered_pickup(town)
    asked = _asked(town, placed)
    assert (asked["kind"], asked["skus"], asked["owner"]) == ("pickup_endangered", [MILK], "customer")
    assert [one["store_id"] for one in asked["asked"]["stores"]] == [str(town.far)]
    assert (town.order(placed)["state"], _follow(town, placed)["parked"]) == ("paid", True)
    assert len(town.tasks(town.near)) == 1, "it stands where it is until they say otherwise"
    near = town.post(
        town.customer, f"/orders/{placed['order_id']}/parked/answer", {"answer": "move", "store_id": str(town.near)}
    )
    assert near.json()["code"] == "orders.store_not_offered"
    assert _answer(town, placed, answer="move", store_id=str(town.far))["state"] == "paid"
    assert (town.tasks(town.near), len(town.tasks(town.far))) == ([], 1)
    assert (town.stock(town.near, MILK), town.stock(town.far, MILK)) == ((6, 0), (10, 8))
    assert (town.order(placed)["shipments"][-1]["store_id"], _follow(town, placed)["parked"]) == (str(town.far), False)


def test_an_endangered_pickup_may_be_left_or_given_up(town: Town) -> None:
    placed = _endangered_pickup(town)
    assert _answer(town, placed, answer="wait")["state"] == "paid"
    assert (len(town.tasks(town.near)), _follow(town, placed)["parked"]) == (1, False)
    _till_takes(town, MILK, 1)
    assert _asked(town, placed)["skus"] == [MILK], "more is gone: asked again"
    assert _answer(town, placed, answer="cancel")["state"] == "cancelled"
    town.settle()
    _owed_nothing(town, placed)


def test_silence_leaves_an_endangered_pickup_where_it_is_and_picking_ends_the_question(town: Town) -> None:
    placed = _endangered_pickup(town)
    town.clock.advance(1_801)
    town.worker.do("orders.retry_unfillable")
    assert (town.order(placed)["state"], _follow(town, placed)["parked"]) == ("paid", False)
    _till_takes(town, MILK, 1)
    assert _follow(town, placed)["parked"]
    town.start(town.near)
    assert not _follow(town, placed)["parked"]
    gone = town.post(town.customer, f"/orders/{placed['order_id']}/parked/answer", {"answer": "wait"})
    assert gone.json()["code"] == "orders.not_parked"


def test_a_discrepancy_says_what_is_missing_still_when_its_order_has_moved_on(town: Town) -> None:
    town.bought((MILK, 2))
    _till_takes(town, MILK, 11)
    [open_one] = town.get(town.clerks[town.near], "/discrepancies")
    assert open_one["missing"] == 1
