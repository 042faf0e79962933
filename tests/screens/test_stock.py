"""One shelf on the screens: its numbers, and what stands behind each move."""

import uuid

from o2o.inventory.lines import Line
from o2o.inventory.supply import transfers
from o2o.kit import ids
from tests.journeys.conftest import town as town
from tests.journeys.town import MILK, Town


def test_each_move_says_what_it_was_for_and_what_was_left_after_it(town: Town) -> None:
    near = town.clerks[town.near]
    placed = town.bought((MILK, 2))
    town.pick(town.near)
    sale = {
        "sale_id": str(uuid.uuid4()),
        "items": [{"sku": MILK, "quantity": 3}],
        "tender": "cash",
        "at": town.clock().isoformat(),
    }
    sold = town.did(town.post(near, "/till/sales", sale), 201)
    off = {"sku": MILK, "quantity": 1, "reason": "broken"}
    town.did(town.post(near, "/write-offs", off), 201)
    screen = town.get(near, f"/screens/stock/{MILK}")
    assert [(m["kind"], m["delta"], m["after"], m["order_no"] or m["note"]) for m in screen["moves"]] == [
        ("write_off", -1, 4, "broken"), ("sale", -3, 5, sold["order_no"]), ("pick", -2, 8, placed["order_no"]), ("receipt", 10, 10, None)
    ]  # fmt: skip
    assert (screen["item"]["on_hand"], screen["item"]["app"], screen["item"]["reserved"]) == (4, 4, 0)


def test_goods_on_their_way_name_the_store_they_left(town: Town) -> None:
    transfer_id = ids.new_id()
    with town.database.sessions() as db:
        what = {"transfer_id": transfer_id, "now": town.clock()}
        transfers.draft(db, from_store_id=town.far, to_store_id=town.near, lines=[Line(MILK, 4)], **what)
        transfers.send(db, store_id=town.far, **what)
    screen = town.get(town.clerks[town.near], f"/screens/stock/{MILK}?bucket=in_transit")
    assert screen["item"]["in_transit"] == 4
    assert [(one["kind"], one["quantity"], one["whom_en"] != "") for one in screen["coming"]] == [("transfer", 4, True)]
    assert [(m["delta"], m["after"], m["whom_en"]) for m in screen["moves"]] == [(4, 4, screen["coming"][0]["whom_en"])]


def test_a_promise_names_its_order_and_a_clerk_sees_no_other_store(town: Town) -> None:
    placed = town.place((MILK, 2))
    near = town.clerks[town.near]
    [promise] = town.get(near, f"/screens/stock/{MILK}")["promises"]
    assert (promise["order_no"], promise["state"], promise["quantity"]) == (placed["order_no"], "held", 2)
    other = town.client.get(f"/api/screens/stock/{MILK}?store_id={town.far}", headers=town.headers(near))
    assert other.status_code == 403
