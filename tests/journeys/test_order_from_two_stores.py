"""One order that two stores bring: one contract, one payment, one card of points; two shelves, two pick tasks, two rides."""

from dataclasses import replace

from sqlalchemy import text

from o2o.infra.settings import settings
from o2o.orders.quoting import quotes
from o2o.orders.quoting.quotes import Offer, Part
from tests.journeys.town import ADDRESS, BREAD, MILK, Json, Town

MILK_FEN, BREAD_FEN, FEE_FEN = 2 * 1890, 1250, 300
TOTAL_FEN = MILK_FEN + BREAD_FEN + FEE_FEN


def _sealed(town: Town, *, or_else_near: bool = False) -> str:
    """A quote of two milk from the near store and one bread from the far one, five minutes later."""
    secret = settings().token_secret.get_secret_value()
    token, whose = town.quote((MILK, 2), (BREAD, 1))["quote"], town.get(town.customer, "/me")["id"]
    with town.database.sessions() as db:
        member_id = db.scalar(text("SELECT id FROM accounts WHERE id = :id"), {"id": whose})
    terms = quotes.unseal(token, member_id=member_id, secret=secret, now=town.clock())
    plan = terms.promised
    near = Part(town.near, town.area, ((terms.lines[0][0], 2),), plan)
    far = Part(town.far, town.area, ((terms.lines[1][0], 1),), plan.shifted(300))
    alone = Part(town.near, town.area, tuple(terms.wanted.items()), plan)
    more = (Offer((alone,)),) if or_else_near else ()
    return quotes.seal(replace(terms, offers=(Offer((near, far)), *more)), secret=secret)


def _placed(town: Town, token: str | None = None) -> Json:
    placed = town.did(town.post(town.customer, "/orders", {"quote": token or _sealed(town), "address": ADDRESS}), 201)
    town.worker.drain()
    return placed


def _bought(town: Town) -> Json:
    placed = _placed(town)
    town.pay(placed["order_id"])
    return placed


def ride(town: Town, *, nobody_home: str | None = None) -> None:
    """The rider does all there is to do; at the door he reads the code, or finds nobody for goods of one store."""
    for _ in range(60):
        with town.database.sessions() as db:
            to_carry = db.scalar(
                text("SELECT count(*) FROM deliveries WHERE goods_ready_at IS NOT NULL AND ended_at IS NULL")
            )
        if not to_carry:
            return
        trip = town.get(town.rider, "/screens/rider")["trip"] or town.offered()
        stop = _next(town, trip)
        if stop is None:
            town.clock.advance(60)
            continue
        town.clock.advance(240)
        town.did(town.act(stop, "arrive"))
        with town.database.sessions() as db:
            query = text("SELECT store_id::text, code FROM deliveries WHERE id = :id")
            row = db.execute(query, {"id": stop["delivery_id"]}).one()
        if stop["kind"] == "dropoff" and row.store_id == nobody_home:
            town.clock.advance(600)
            town.did(town.act(stop, "fail", reason="no_contact"))
        else:
            code = {"code": row.code} if stop["kind"] == "dropoff" else {}
            town.did(town.act(stop, "complete", **code))
    raise AssertionError("the rider is still riding")


def _next(town: Town, trip: Json | None) -> Json | None:
    """The stop the rider can do now, the trip accepted; none where he waits for a trip or for a store."""
    if trip is None:
        return None
    if trip["state"] == "offered":
        town.did(town.post(town.rider, f"/trips/{trip['id']}/accept"))
    fetched = {s["delivery_id"] for s in trip["stops"] if s["kind"] == "pickup" and s["state"] == "done"}
    open_stops = [s for s in trip["stops"] if s["state"] in ("pending", "arrived")]
    can = (s for s in open_stops if s["goods_ready"] if s["kind"] == "pickup" or s["delivery_id"] in fetched)
    return next(can, None)


def _states(town: Town, placed: Json) -> list[tuple[str, str]]:
    return [(s["store_id"], s["state"]) for s in town.order(placed)["shipments"]]


def test_each_store_brings_its_part_and_points_are_earned_once(town: Town) -> None:
    town.worker.drain()
    placed = _placed(town)
    assert placed["total_fen"] == TOTAL_FEN
    assert (town.stock(town.near, MILK), town.stock(town.far, MILK)) == ((10, 2), (10, 0))
    assert (town.stock(town.near, BREAD), town.stock(town.far, BREAD)) == ((10, 0), (10, 1))

    town.pay(placed["order_id"])
    assert [line["sku"] for line in town.task(town.near)["lines"]] == [MILK]
    assert [line["sku"] for line in town.task(town.far)["lines"]] == [BREAD]

    assert town.pick(town.near) == {"order_id": placed["order_id"], "state": "picking", "charged_fen": 0}
    assert town.money(placed)["captured_fen"] == 0
    assert town.pick(town.far) == {"order_id": placed["order_id"], "state": "packed", "charged_fen": TOTAL_FEN}
    assert town.money(placed)["captured_fen"] == TOTAL_FEN
    assert (town.stock(town.near, MILK), town.stock(town.far, BREAD)) == ((8, 0), (9, 0))

    town.online()
    ride(town)
    order = town.order(placed)
    assert order["state"] == "delivered"
    assert _states(town, placed) == [(str(town.near), "delivered"), (str(town.far), "delivered")]
    assert [move["state"] for move in order["history"]] == ["placed", "paid", "picking", "packed", "delivered"]
    assert town.points()["pending"] == 50
    screen = town.get(town.customer, f"/screens/customer/orders/{placed['order_id']}")
    assert [(part["store"]["id"], part["skus"], part["state"]) for part in screen["parts"]] == [
        (str(town.near), [MILK], "delivered"),
        (str(town.far), [BREAD], "delivered"),
    ]
    assert all(stage["at"] for stage in screen["stages"])


def test_a_part_that_has_arrived_waits_for_the_other_before_the_order_is_charged(town: Town) -> None:
    placed = _bought(town)
    town.pick(town.near)
    town.online()
    ride(town)
    assert _states(town, placed) == [(str(town.near), "delivered"), (str(town.far), "open")]
    order = town.order(placed)
    assert (order["state"], order["charged_fen"]) == ("picking", None)
    town.pick(town.far)
    ride(town)
    assert town.order(placed)["state"] == "delivered"
    assert town.money(placed)["captured_fen"] == TOTAL_FEN


def test_cancelling_gives_back_what_both_stores_hold_and_have_packed(town: Town) -> None:
    placed = _bought(town)
    town.pick(town.near)
    assert town.cancel(placed).json() == {"state": "cancelled"}
    town.settle()
    assert _states(town, placed) == [(str(town.near), "cancelled"), (str(town.far), "cancelled")]
    assert (town.stock(town.near, MILK), town.stock(town.far, BREAD)) == ((10, 0), (10, 0))
    assert town.tasks(town.far) == []
    money = town.money(placed)
    assert (money["state"], money["captured_fen"]) == ("voided", 0)


def test_a_part_of_which_nothing_is_found_is_not_charged_and_holds_nothing_up(town: Town) -> None:
    placed = _bought(town)
    town.pick(town.near)
    task, clerk = town.start(town.far), town.clerks[town.far]
    town.did(
        town.post(clerk, f"/pick-tasks/{task['id']}/short", {"sku": BREAD, "quantity": 1, "reason": "NOT_IN_STOCK"})
    )
    finished = town.did(town.post(clerk, f"/pick-tasks/{task['id']}/finish"))
    assert (finished["state"], finished["charged_fen"]) == ("packed", MILK_FEN + FEE_FEN)
    town.worker.drain()
    town.settle()
    assert town.money(placed)["captured_fen"] == MILK_FEN + FEE_FEN
    assert _states(town, placed) == [(str(town.near), "packed"), (str(town.far), "cancelled")]
    assert town.stock(town.far, BREAD) == (0, 0)
    town.online()
    ride(town)
    assert town.order(placed)["state"] == "delivered"
    assert town.points()["pending"] == 37


def test_nothing_found_after_the_other_part_has_arrived_ends_the_order_there(town: Town) -> None:
    placed = _bought(town)
    town.pick(town.near)
    town.online()
    ride(town)
    task, clerk = town.start(town.far), town.clerks[town.far]
    town.did(town.post(clerk, f"/pick-tasks/{task['id']}/short", {"sku": BREAD, "quantity": 1, "reason": "MISMATCH"}))
    finished = town.did(town.post(clerk, f"/pick-tasks/{task['id']}/finish"))
    assert (finished["state"], finished["charged_fen"]) == ("delivered", MILK_FEN + FEE_FEN)
    town.worker.drain()
    town.settle()
    assert town.money(placed)["captured_fen"] == MILK_FEN + FEE_FEN
    assert town.points()["pending"] == 37


def test_a_part_its_store_rejects_is_left_out_when_nobody_else_has_it(town: Town) -> None:
    placed = _bought(town)
    task = town.task(town.far)
    town.did(town.post(town.clerks[town.far], f"/pick-tasks/{task['id']}/reject", {"reason": "TOO_BUSY"}))
    town.worker.drain()
    assert town.order(placed)["state"] == "paid"
    town.pick(town.near)
    assert town.money(placed)["captured_fen"] == MILK_FEN + FEE_FEN
    assert town.stock(town.far, BREAD) == (10, 0)
    assert _states(town, placed) == [(str(town.near), "packed"), (str(town.far), "rejected")]


def test_goods_of_one_part_that_come_back_are_paid_back_alone(town: Town) -> None:
    placed = _bought(town)
    town.pick(town.near)
    town.pick(town.far)
    town.online()
    ride(town, nobody_home=str(town.far))
    town.settle()
    order = town.order(placed)
    assert order["state"] == "delivered"
    assert _states(town, placed) == [(str(town.near), "delivered"), (str(town.far), "returned")]
    assert [(refund["amount_fen"], refund["reason"]) for refund in order["refunds"]] == [
        (BREAD_FEN, "delivery_failed:no_contact")
    ]
    assert town.money(placed)["refunded_fen"] == BREAD_FEN
    assert town.points()["pending"] == 38
    asked = {"return_id": placed["order_id"], "kind": "refund", "reason": "broken", "lines": [{"no": 2, "quantity": 1}]}
    assert town.post(town.customer, f"/orders/{placed['order_id']}/returns", asked).status_code == 422


def test_goods_of_both_parts_that_come_back_are_paid_back_with_the_fee(town: Town) -> None:
    _bought(town)
    town.pick(town.near)
    town.pick(town.far)
    town.online()
    ride(town, nobody_home=str(town.far))
    with town.database.sessions() as db:
        delivered = db.scalar(text("SELECT count(*) FROM shipments WHERE state = 'delivered'"))
    assert delivered == 1
    other = _bought(town)
    town.pick(town.near)
    town.did(town.post(town.clerks[town.far], f"/pick-tasks/{town.task(town.far)['id']}/reject", {"reason": "OTHER"}))
    town.worker.drain()
    ride(town, nobody_home=str(town.near))
    town.settle()
    order = town.order(other)
    assert (order["state"], order["reason"]) == ("cancelled", "delivery_failed:no_contact")
    money = town.money(other)
    assert money["captured_fen"] == money["refunded_fen"] == MILK_FEN + FEE_FEN


def test_a_late_payment_takes_both_parts_again(town: Town) -> None:
    placed = _placed(town)
    at = town.did(town.post(town.customer, f"/payments/{placed['order_id']}/cashier"))
    town.did(town.post(town.customer, f"/sandbox/charges/{at['ref']}/confirm"))
    town.clock.advance(901)
    town.worker.do("inventory.expire_holds")
    assert town.order(placed)["state"] == "expired"
    assert (town.stock(town.near, MILK), town.stock(town.far, BREAD)) == ((10, 0), (10, 0))
    town.worker.do("payments.send_notices")
    assert town.order(placed)["state"] == "paid"
    assert (town.stock(town.near, MILK), town.stock(town.far, BREAD)) == ((10, 2), (10, 1))
    assert town.pick(town.near)["state"] == "picking"
    assert town.pick(town.far)["state"] == "packed"


def test_an_order_both_stores_reject_waits_for_a_store_and_is_taken_up_again(town: Town) -> None:
    placed = _bought(town)
    for store in (town.near, town.far):
        task = town.task(store)
        town.did(town.post(town.clerks[store], f"/pick-tasks/{task['id']}/reject", {"reason": "TOO_BUSY"}))
        town.worker.drain()
    assert town.order(placed)["state"] == "unfillable"
    town.clock.advance(600)
    town.worker.do("orders.retry_unfillable")
    town.settle()
    assert (town.order(placed)["state"], town.order(placed)["reason"]) == ("cancelled", "no_store")
    assert town.money(placed)["state"] == "voided"


def test_a_part_that_was_sold_meanwhile_makes_room_for_the_next_way(town: Town) -> None:
    token = _sealed(town, or_else_near=True)
    town.place((BREAD, 10), method="pickup", store_id=str(town.far))
    placed = _placed(town, token)
    order = town.order(placed)
    assert [(s["store_id"], s["skus"], s["quantities"]) for s in order["shipments"]] == [
        (str(town.near), [BREAD, MILK], [1, 2])
    ]
    assert (town.stock(town.near, MILK), town.stock(town.near, BREAD)) == ((10, 2), (10, 1))
    refused = town.post(town.customer, "/orders", {"quote": _sealed(town), "address": ADDRESS})
    assert refused.json()["changed"] == ["stock"]
    assert [short["sku"] for short in refused.json()["short"]] == [BREAD]
