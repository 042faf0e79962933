"""Every sad way an order can go: nothing is lost, nothing is oversold, and all that was paid comes back."""

import uuid

import pytest
from sqlalchemy import text

from tests.journeys.town import ADDRESS, APPLES, BREAD, MILK, Json, Town


def _owed_nothing(town: Town, placed: Json) -> None:
    money = town.money(placed)
    assert money["captured_fen"] == money["refunded_fen"]
    assert money["state"] in ("voided", "captured")


def test_an_order_not_paid_in_time_expires_and_frees_its_stock(town: Town) -> None:
    placed = town.place()
    town.clock.advance(901)
    town.worker.do("inventory.expire_holds")
    assert town.order(placed)["state"] == "expired"
    assert town.stock(town.near, MILK) == (10, 0)
    town.clock.advance(86_400)
    town.worker.do("orders.close_due")
    assert (town.order(placed)["state"], town.order(placed)["reason"]) == ("cancelled", "never_paid")
    assert town.money(placed)["state"] == "voided"


def _pays_late(town: Town, placed: Json) -> None:
    """The customer confirms at the last moment; the notice arrives after the order has expired."""
    at = town.did(town.post(town.customer, f"/payments/{placed['order_id']}/cashier"))
    town.did(town.post(town.customer, f"/sandbox/charges/{at['ref']}/confirm"))
    town.clock.advance(901)
    town.worker.do("inventory.expire_holds")
    assert town.order(placed)["state"] == "expired"


def test_a_late_payment_takes_the_stock_again(town: Town) -> None:
    placed = town.place()
    _pays_late(town, placed)
    town.worker.do("payments.send_notices")
    assert town.order(placed)["state"] == "paid"
    assert town.stock(town.near, MILK) == (10, 2)
    town.pick()
    assert town.money(placed)["captured_fen"] == placed["total_fen"]


def test_a_late_payment_for_goods_that_are_gone_is_given_back_in_full(town: Town) -> None:
    placed = town.place((MILK, 8))
    _pays_late(town, placed)
    other = town.place((MILK, 9))
    town.worker.do("payments.send_notices")
    town.settle()
    order = town.order(placed)
    assert (order["state"], order["reason"]) == ("cancelled", "paid_too_late:inventory.hold_expired")
    _owed_nothing(town, placed)
    assert town.order(other)["state"] == "placed"


def test_goods_sold_out_since_the_quote_are_refused_by_name(town: Town) -> None:
    quoted = town.quote((MILK, 8))
    for _ in range(2):
        town.place((MILK, 8))
    answer = town.post(town.customer, "/orders", {"quote": quoted["quote"], "address": ADDRESS})
    assert answer.status_code == 409
    problem = answer.json()
    assert (problem["code"], problem["changed"]) == ("orders.quote_changed", ["stock"])
    assert problem["short"][0]["sku"] == MILK


def test_a_store_that_rejects_hands_over_to_the_next(town: Town) -> None:
    placed = town.bought()
    task = town.task(town.near)
    body = {"reason": "NOT_IN_STOCK", "missing": [{"sku": MILK, "quantity": 2}]}
    town.did(town.post(town.clerks[town.near], f"/pick-tasks/{task['id']}/reject", body))
    town.worker.drain()
    order = town.order(placed)
    assert order["state"] == "paid"
    assert [(s["store_id"], s["state"]) for s in order["shipments"]] == [
        (str(town.near), "rejected"),
        (str(town.far), "open"),
    ]
    assert town.stock(town.near, MILK) == (0, 0)
    assert town.stock(town.far, MILK) == (10, 2)
    assert town.tasks(town.near) == []
    town.pick(town.far)
    assert town.money(placed)["captured_fen"] == placed["total_fen"]


@pytest.mark.parametrize(
    ("missing", "field"),
    [
        ([{"sku": APPLES, "quantity": 1}], "missing.0.sku"),
        ([{"sku": MILK, "quantity": 1}, {"sku": "GOLD-001", "quantity": 1}], "missing.1.sku"),
        ([{"sku": MILK, "quantity": 3}], "missing.quantity"),
        ([{"sku": MILK, "quantity": 1}, {"sku": MILK, "quantity": 2}], "missing.quantity"),
    ],
)
def test_a_store_that_rejects_says_nothing_of_goods_the_order_does_not_want(
    town: Town, missing: list[Json], field: str
) -> None:
    placed = town.bought()
    near, task = town.clerks[town.near], town.task(town.near)
    answer = town.post(near, f"/pick-tasks/{task['id']}/reject", {"reason": "NOT_IN_STOCK", "missing": missing})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "orders.not_in_part", field)
    assert (town.order(placed)["state"], town.stock(town.near, APPLES), town.get(near, "/counts")) == (
        "paid",
        (10, 0),
        [],
    )


def test_pieces_missing_by_two_lines_are_missing_together(town: Town) -> None:
    town.bought()
    piece = {"sku": MILK, "quantity": 1}
    body = {"reason": "MISMATCH", "missing": [piece, piece]}
    town.did(town.post(town.clerks[town.near], f"/pick-tasks/{town.task(town.near)['id']}/reject", body))
    assert town.stock(town.near, MILK) == (8, 0)


def test_an_order_no_store_can_do_waits_and_then_gives_the_money_back(town: Town) -> None:
    placed = town.bought()
    for store in (town.near, town.far):
        task = town.task(store)
        town.did(town.post(town.clerks[store], f"/pick-tasks/{task['id']}/reject", {"reason": "TOO_BUSY"}))
    town.worker.drain()
    assert town.order(placed)["state"] == "unfillable"
    town.worker.do("orders.retry_unfillable")
    assert town.order(placed)["state"] == "unfillable"
    town.clock.advance(600)
    town.worker.do("orders.retry_unfillable")
    town.settle()
    assert (town.order(placed)["state"], town.order(placed)["reason"]) == ("cancelled", "no_store")
    _owed_nothing(town, placed)


def test_a_pickup_is_never_moved_to_another_store(town: Town) -> None:
    placed = town.bought(method="pickup", store_id=str(town.near))
    task = town.task(town.near)
    town.did(town.post(town.clerks[town.near], f"/pick-tasks/{task['id']}/reject", {"reason": "STORE_CLOSED"}))
    town.worker.drain()
    order = town.order(placed)
    assert (order["state"], len(order["shipments"])) == ("unfillable", 1)
    assert town.cancel(placed).status_code == 200
    _owed_nothing(town, placed)


@pytest.mark.parametrize("stage", ["placed", "paid", "picking", "packed", "assigned"])
def test_a_customer_may_cancel_until_the_rider_has_it(town: Town, stage: str) -> None:
    placed = town.place()
    if stage != "placed":
        town.pay(placed["order_id"])
    if stage == "picking":
        town.start(town.near)
    if stage in ("packed", "assigned"):
        town.pick()
    if stage == "assigned":
        town.accepted()
    assert town.cancel(placed).json() == {"state": "cancelled"}
    assert town.cancel(placed).json() == {"state": "cancelled"}
    assert town.stock(town.near, MILK) == (10, 0)
    assert town.tasks(town.near) == []
    _owed_nothing(town, placed)
    if stage == "assigned":
        assert town.get(town.rider, "/screens/rider")["trip"] is None


def test_a_customer_may_not_cancel_once_the_rider_has_it(town: Town) -> None:
    placed = town.bought()
    town.pick()
    town.picked_up()
    answer = town.cancel(placed)
    assert (answer.status_code, answer.json()["code"]) == (409, "dispatch.already_picked_up")
    assert town.order(placed)["state"] == "packed"


def test_a_customer_may_not_cancel_what_has_arrived(town: Town) -> None:
    placed = town.bought(method="pickup", store_id=str(town.near))
    town.pick()
    code = town.order(placed)["code"]
    town.did(town.post(town.clerks[town.near], f"/orders/{placed['order_id']}/hand-over", {"code": code}))
    answer = town.cancel(placed)
    assert (answer.status_code, answer.json()["code"]) == (409, "orders.too_late_to_cancel")


def test_a_rider_who_declines_loses_the_trip_and_the_order_is_planned_again(town: Town) -> None:
    placed = town.bought()
    town.pick()
    town.online()
    trip = town.offered()
    town.did(town.post(town.rider, f"/trips/{trip['id']}/decline", {"reason": "break"}))
    town.worker.drain()
    assert town.order(placed)["state"] == "packed"
    with town.database.sessions() as db:
        assert db.scalar(text("SELECT state FROM deliveries")) == "waiting"


def test_a_rider_who_falls_silent_loses_the_offer(town: Town) -> None:
    placed = town.bought()
    town.pick()
    town.online()
    first = town.offered()
    town.clock.advance(120)
    town.worker.do("dispatch.round")
    with town.database.sessions() as db:
        assert db.scalar(text("SELECT state FROM trips WHERE id = :id"), {"id": first["id"]}) not in (
            "offered",
            "accepted",
        )
    assert town.order(placed)["state"] == "packed"


def test_nobody_home_brings_the_goods_and_the_money_back(town: Town) -> None:
    placed = town.bought()
    town.pick()
    trip = town.picked_up()
    dropoff = town.stop(trip, "dropoff")
    town.clock.advance(300)
    town.did(town.act(dropoff, "arrive"))
    town.clock.advance(600)
    town.did(town.act(dropoff, "fail", reason="no_contact"))
    order = town.order(placed)
    assert (order["state"], order["shipments"][0]["happened"]["failed"]) == ("packed", "delivery_failed:no_contact")
    told = town.get(town.customer, f"/screens/customer/orders/{placed['order_id']}")["delivery"]
    assert (told["failed"], told["again_by"], told["code"], told["eta_at"]) == ("no_contact", None, "", None)
    back = town.stop(town.get(town.rider, "/screens/rider")["trip"], "return")
    town.clock.advance(300)
    town.did(town.act(back, "arrive"))
    town.did(town.act(back, "complete"))
    town.settle()
    order = town.order(placed)
    assert (order["state"], order["reason"]) == ("cancelled", "delivery_failed:no_contact")
    assert sum(refund["amount_fen"] for refund in order["refunds"]) == placed["total_fen"]
    _owed_nothing(town, placed)
    assert town.stock(town.near, MILK) == (10, 0)


def test_a_short_pick_is_not_charged(town: Town) -> None:
    placed = town.bought()
    task = town.start(town.near)
    town.scan(town.near, task, MILK)
    town.scan(town.near, task, BREAD)
    clerk = town.clerks[town.near]
    early = town.post(clerk, f"/pick-tasks/{task['id']}/finish")
    assert (early.status_code, early.json()["lines"]) == (409, {MILK: 1})
    town.did(town.post(clerk, f"/pick-tasks/{task['id']}/short", {"sku": MILK, "quantity": 1, "reason": "MISMATCH"}))
    finished = town.did(town.post(clerk, f"/pick-tasks/{task['id']}/finish"))
    assert finished["charged_fen"] == placed["total_fen"] - 1890
    town.worker.drain()
    town.settle()
    assert town.money(placed)["captured_fen"] == placed["total_fen"] - 1890
    assert town.stock(town.near, MILK) == (8, 0)  # one left with the order, one was never there
    again = town.post(clerk, f"/pick-tasks/{task['id']}/finish")
    assert (again.status_code, again.json()["state"]) == (409, "picked")


def test_an_order_of_which_nothing_is_found_is_cancelled_and_paid_back(town: Town) -> None:
    placed = town.bought((MILK, 2), (BREAD, 1))
    task = town.start(town.near)
    clerk = town.clerks[town.near]
    for sku, quantity in ((MILK, 2), (BREAD, 1)):
        body = {"sku": sku, "quantity": quantity, "reason": "NOT_IN_STOCK"}
        town.did(town.post(clerk, f"/pick-tasks/{task['id']}/short", body))
    assert town.did(town.post(clerk, f"/pick-tasks/{task['id']}/finish"))["state"] == "cancelled"
    town.worker.drain()
    town.settle()
    _owed_nothing(town, placed)
    assert town.stock(town.near, MILK) == (0, 0)


def test_a_substitute_with_consent_is_charged_no_more_than_what_it_stands_for(town: Town) -> None:
    placed = town.bought((BREAD, 2))
    task = town.start(town.near)
    clerk = town.clerks[town.near]
    town.scan(town.near, task, BREAD)
    town.did(town.post(clerk, f"/pick-tasks/{task['id']}/short", {"sku": BREAD, "quantity": 1, "reason": "DAMAGE"}))
    offer = {"sku": BREAD, "substitute_sku": MILK, "quantity": 1}
    assert town.did(town.post(clerk, f"/pick-tasks/{task['id']}/substitutes", offer)) == {"consent": "waiting"}
    assert town.post(clerk, f"/pick-tasks/{task['id']}/finish").json()["code"] == "picking.consent_open"
    answer = {"sku": BREAD, "approve": True}
    town.did(town.post(town.customer, f"/orders/{placed['order_id']}/substitutes", answer))
    finished = town.did(town.post(clerk, f"/pick-tasks/{task['id']}/finish"))
    assert finished["charged_fen"] == placed["total_fen"]
    town.worker.drain()
    assert town.stock(town.near, MILK) == (9, 0)


def test_notices_that_come_twice_and_followers_that_run_twice_change_nothing(town: Town) -> None:
    placed = town.place()
    town.pay(placed["order_id"], times=2)
    town.worker.drain(times=2)
    order = town.order(placed)
    assert [move["state"] for move in order["history"]] == ["placed", "paid"]
    assert len(town.tasks(town.near)) == 1
    town.pick()
    town.settle()
    assert town.money(placed)["captured_fen"] == placed["total_fen"]


def test_a_declined_card_leaves_the_order_waiting(town: Town) -> None:
    placed = town.place()
    at = town.did(town.post(town.customer, f"/payments/{placed['order_id']}/cashier"))
    town.did(town.post(town.customer, f"/sandbox/charges/{at['ref']}/decline"))
    town.clock.advance(1)
    town.worker.do("payments.send_notices")
    assert town.order(placed)["state"] == "placed"
    town.pay(placed["order_id"])
    assert town.order(placed)["state"] == "paid"


def test_an_order_whose_goods_were_sold_over_the_counter_moves_to_another_store(town: Town) -> None:
    placed = town.bought((MILK, 8))
    sale = {
        "sale_id": str(uuid.uuid4()), "items": [{"sku": MILK, "quantity": 5}], "tender": "cash", "at": town.clock().isoformat(),
    }  # fmt: skip
    town.did(town.post(town.clerks[town.near], "/till/sales", sale), 201)
    town.worker.drain()
    order = town.order(placed)
    assert (order["state"], order["shipments"][-1]["store_id"]) == ("paid", str(town.far))
    assert (town.stock(town.near, MILK), town.stock(town.far, MILK)) == ((5, 0), (10, 8))
    town.pick(town.far)


def test_what_was_sold_over_the_counter_while_the_customer_paid_moves_the_order_as_soon_as_it_is_paid(
    town: Town,
) -> None:
    placed = town.place((MILK, 8))
    sale = {
        "sale_id": str(uuid.uuid4()), "items": [{"sku": MILK, "quantity": 5}], "tender": "cash", "at": town.clock().isoformat(),
    }  # fmt: skip
    town.did(town.post(town.clerks[town.near], "/till/sales", sale), 201)
    town.worker.drain()
    town.pay(placed["order_id"])
    order = town.order(placed)
    assert (order["state"], order["shipments"][-1]["store_id"]) == ("paid", str(town.far))
    assert (town.stock(town.near, MILK), town.stock(town.far, MILK)) == ((5, 0), (10, 8))


def test_an_endangered_order_stays_where_it_is_when_no_other_store_has_its_goods(town: Town) -> None:
    placed = town.bought((MILK, 8))
    for store in (town.far, town.near):
        sale = {
            "sale_id": str(uuid.uuid4()), "items": [{"sku": MILK, "quantity": 5}], "tender": "cash", "at": town.clock().isoformat(),
        }  # fmt: skip
        town.did(town.post(town.clerks[store], "/till/sales", sale), 201)
    town.worker.drain()
    order = town.order(placed)
    assert (order["state"], [s["state"] for s in order["shipments"]]) == ("paid", ["open"])
    assert len(town.tasks(town.near)) == 1


def test_a_picker_who_leaves_hands_the_task_with_its_scans_to_the_next(town: Town) -> None:
    placed = town.bought((BREAD, 2))
    task, clerk = town.start(town.near), town.clerks[town.near]
    town.scan(town.near, task, BREAD)
    other = {"account": str(_colleague(town))}
    refused = town.post(other, f"/pick-tasks/{task['id']}/start")
    assert (refused.status_code, refused.json()["code"]) == (409, "picking.somebody_elses")
    assert town.did(town.post(clerk, f"/pick-tasks/{task['id']}/release"))["state"] == "paid"
    assert town.did(town.post(other, f"/pick-tasks/{task['id']}/start"))["state"] == "picking"
    body = {"scan_id": "the-last-one", "sku": BREAD}
    for _ in range(2):
        town.did(town.post(other, f"/pick-tasks/{task['id']}/scans", body))
    assert town.did(town.post(other, f"/pick-tasks/{task['id']}/finish"))["charged_fen"] == placed["total_fen"]
    town.worker.drain()


def _colleague(town: Town) -> uuid.UUID:
    from o2o.kit.principal import Role
    from tests.identity.make import a_member_of_staff

    with town.database.sessions() as db:
        return a_member_of_staff(db, Role.CLERK, now=town.clock(), store_id=town.near)


def test_goods_that_are_not_packed_cannot_leave_the_store(town: Town) -> None:
    placed = town.bought()
    town.clock.advance(150)  # nearly the time the store promised
    pickup = town.stop(town.accepted(), "pickup")
    town.clock.advance(60)
    town.did(town.act(pickup, "arrive"))
    assert town.act(pickup, "complete").status_code == 409
    town.pick()
    town.did(town.act(pickup, "complete"))
    assert town.order(placed)["shipments"][0]["state"] == "handed_over"


def test_anothers_store_cannot_touch_a_task(town: Town) -> None:
    town.bought()
    task, stranger = town.task(town.near), town.clerks[town.far]
    for path, body in (("start", {}), ("finish", {}), ("release", {}), ("reject", {"reason": "OTHER"})):
        assert town.post(stranger, f"/pick-tasks/{task['id']}/{path}", body).status_code == 404
    assert town.post(town.customer, f"/pick-tasks/{task['id']}/start").status_code == 403
