"""At the counter: the same stock, prices and points as in the app; and what comes back after the sale."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from o2o.catalogue import goods
from o2o.inventory.reserving import channel_rules
from o2o.inventory.reserving.rules import Rule
from o2o.inventory.shelf import receiving
from o2o.kit.ids import MemberId
from o2o.membership import points
from tests.catalogue.make import a_product, weight_label
from tests.journeys.town import APPLES, BREAD, MILK, Json, Town
from tests.membership.make import a_coupon, earned


def _sale(town: Town, items: list[Json], **more: Any) -> Json:
    return {"sale_id": str(uuid.uuid4()), "items": items, "tender": "cash", "at": town.clock().isoformat(), **more}


def _sell(town: Town, *items: Json, **more: Any) -> Json:
    body = _sale(town, list(items), **more)
    sold = town.did(town.post(town.clerks[town.near], "/till/sales", body), 201)
    town.worker.drain()
    return sold


def _card(town: Town) -> str:
    town.worker.drain()
    return str(town.points()["member_code"])


def _member(town: Town) -> MemberId:
    town.worker.drain()
    return MemberId(uuid.UUID(town.customer["account"]))


def test_a_sale_at_the_till_uses_the_same_stock_prices_and_points(town: Town) -> None:
    sold = _sell(town, {"sku": MILK, "quantity": 2}, {"sku": BREAD}, member_code=_card(town))
    assert sold["total_fen"] == 2 * 1890 + 1250
    assert town.stock(town.near, MILK) == (8, 0)
    assert town.points()["pending"] == sold["points_earned"] == 50
    order = town.order(sold)
    assert (order["channel"], order["state"], order["charged_fen"]) == ("till", "delivered", sold["total_fen"])
    assert town.money(sold)["captured_fen"] == sold["total_fen"]


def test_a_label_from_the_scale_carries_its_weight(town: Town) -> None:
    sold = _sell(town, {"barcode": weight_label("12345", 480)}, {"barcode": weight_label("12345", 520)})
    [line] = sold["lines"]
    assert (line["quantity"], line["due_fen"]) == (2, 1290)
    assert town.stock(town.near, APPLES) == (8, 0)


def test_weighed_goods_without_a_weight_are_asked_for_it(town: Town) -> None:
    answer = town.post(town.clerks[town.near], "/till/sales", _sale(town, [{"sku": APPLES}]))
    assert (answer.status_code, answer.json()["field"]) == (422, "items.weight_g")


def test_a_till_never_refuses_what_the_customer_holds(town: Town) -> None:
    town.bought((MILK, 8), method="pickup", store_id=str(town.near))
    sold = _sell(town, {"sku": MILK, "quantity": 5})
    assert sold["discrepancies"] == 1
    assert town.stock(town.near, MILK) == (5, 8)


def test_offline_sales_told_twice_and_in_any_order_come_to_the_same(town: Town) -> None:
    sales = [_sale(town, [{"sku": MILK, "quantity": n, "price_fen": 1800}], offline=True) for n in (1, 2, 3)]
    town.clock.advance(3_600)
    for sale in (sales[2], sales[0], sales[2], sales[1], sales[0]):
        town.did(town.post(town.clerks[town.near], "/till/sales", sale), 201)
    town.worker.drain()
    assert town.stock(town.near, MILK) == (4, 0)
    with town.database.sessions() as db:
        assert db.execute(text("SELECT count(*), sum(total_fen), max(delivered_at) FROM orders")).one() == (
            3, 6 * 1800, town.clock() - timedelta(hours=1),
        )  # fmt: skip


def test_coupon_and_points_pay_at_the_till_but_not_offline(town: Town) -> None:
    member = _member(town)
    with town.database.sessions() as db:
        coupon = a_coupon(db, member, now=town.clock())
        earned(db, member, 500, now=town.clock())
    card = _card(town)
    basket: Json = {"sku": MILK, "quantity": 3}
    refused = town.post(
        town.clerks[town.near],
        "/till/sales",
        _sale(town, [basket], member_code=card, coupon_id=str(coupon), offline=True),
    )
    assert (refused.status_code, refused.json()["field"]) == (422, "coupon_id")
    sold = _sell(town, basket, member_code=card, coupon_id=str(coupon), points=300)
    assert (sold["coupon_fen"], sold["points_fen"], sold["total_fen"]) == (1000, 300, 5670 - 1300)
    with town.database.sessions() as db:
        assert points.spendable(db, member_id=member, now=town.clock()) == 200


@pytest.mark.parametrize(
    ("shift_s", "offline", "status"),
    [
        (601, False, 422),
        (86_400, True, 201),
        (2 * 86_400 + 1, True, 422),
        (-7 * 86_400 - 1, True, 422),
        (-86_400, True, 201),
    ],
)
def test_a_sale_from_the_future_or_long_ago_is_not_believed(
    town: Town, shift_s: int, offline: bool, status: int
) -> None:
    """A till without a network has nobody to set its clock right: a day off is no reason to lose its sale."""
    at = (town.clock() + timedelta(seconds=shift_s)).isoformat()
    answer = town.post(town.clerks[town.near], "/till/sales", _sale(town, [{"sku": BREAD}], at=at, offline=offline))
    assert answer.status_code == status
    assert town.stock(town.near, BREAD) == (9 if status == 201 else 10, 0)


def test_two_sales_of_one_name_are_not_one(town: Town) -> None:
    sale = _sale(town, [{"sku": MILK, "quantity": 2}, {"sku": MILK}], offline=True)
    town.did(town.post(town.clerks[town.near], "/till/sales", sale), 201)
    again = town.did(
        town.post(town.clerks[town.near], "/till/sales", {**sale, "items": [{"sku": MILK, "quantity": 3}]}), 201
    )
    assert again["known"]
    for items in ([{"sku": MILK, "quantity": 4}], [{"sku": BREAD, "quantity": 3}]):
        other = town.post(town.clerks[town.near], "/till/sales", {**sale, "items": items})
        assert (other.status_code, other.json()["code"], other.json()["field"]) == (
            409, "orders.sale_id_taken", "sale_id",
        )  # fmt: skip
    assert (town.stock(town.near, MILK), town.stock(town.near, BREAD)) == ((7, 0), (10, 0))


def test_goods_a_store_never_kept_obey_the_rules_when_a_customer_brings_them(town: Town) -> None:
    with town.database.sessions() as db:
        goods.save(db, products=[a_product("NEW-1")], now=town.clock())
        receiving.receive(
            db, store_id=town.far, receipt_id=uuid.uuid4(), lines=[receiving.ReceiptLine("NEW-1", 2)], now=town.clock()
        )
        channel_rules.save(db, rule=Rule(uuid.uuid4(), sku="NEW-1", offered=False), now=town.clock())
    sale = _sale(town, [{"sku": "NEW-1", "quantity": 2}])
    sold = town.did(town.post(town.clerks[town.far], "/till/sales", sale), 201)
    near, back = town.clerks[town.near], str(uuid.uuid4())
    body: Json = {"return_id": back, "kind": "return", "lines": [{"no": 1, "quantity": 2}], "reason": "unwanted"}
    town.did(town.post(near, f"/counter/orders/{sold['order_id']}/returns", body), 201)
    town.did(town.post(near, f"/returns/{back}/decide", {"approve": True}))
    town.did(town.post(near, f"/returns/{back}/receive"))
    town.did(town.post(near, f"/returns/{back}/inspect", {"outcome": "restocked"}))
    [item] = [one for one in town.get(near, "/stock")["items"] if one["sku"] == "NEW-1"]
    assert (item["on_hand"], item["till"], item["app"]) == (2, 2, 0)


def test_a_sale_of_a_till_whose_clock_runs_ahead_is_booked_now(town: Town) -> None:
    at = (town.clock() + timedelta(seconds=300)).isoformat()
    order = town.order(_sell(town, {"sku": BREAD}, at=at, member_code=_card(town)))
    assert datetime.fromisoformat(order["delivered_at"]) == town.clock()
    assert [datetime.fromisoformat(move["at"]) for move in order["history"]] == [town.clock()]


@pytest.mark.parametrize("discount", [{"coupon_id": str(uuid.UUID(int=7))}, {"points": 100}])
def test_a_discount_is_somebody_s(town: Town, discount: Json) -> None:
    answer = town.post(town.clerks[town.near], "/till/sales", _sale(town, [{"sku": BREAD}], **discount))
    assert (answer.status_code, answer.json()["field"]) == (404, "member_code")


def _delivered(town: Town) -> Json:
    placed = town.bought((MILK, 3), (BREAD, 1), method="pickup", store_id=str(town.near))
    town.pick()
    code = town.order(placed)["code"]
    town.did(town.post(town.clerks[town.near], f"/orders/{placed['order_id']}/hand-over", {"code": code}))
    town.worker.drain()
    return placed


def _ask(town: Town, placed: Json, kind: str, *lines: tuple[int, int], status: int = 201) -> str:
    return_id = str(uuid.uuid4())
    body = {
        "return_id": return_id,
        "kind": kind,
        "lines": [{"no": n, "quantity": q} for n, q in lines],
        "reason": "damaged",
    }
    answer = town.post(town.customer, f"/orders/{placed['order_id']}/returns", body)
    assert answer.status_code == status, answer.text
    return return_id


@pytest.mark.parametrize(
    ("outcome", "far_stock"),
    [("restocked", (11, 0)), ("quarantined", (11, 0)), ("wasted", (11, 0)), ("rejected", (10, 0))],
)
def test_goods_may_come_back_to_any_store(town: Town, outcome: str, far_stock: tuple[int, int]) -> None:
    placed = _delivered(town)
    pending = town.points()["pending"]
    return_id = _ask(town, placed, "return", (1, 1))
    near, far = town.clerks[town.near], town.clerks[town.far]
    assert town.post(far, f"/returns/{return_id}/decide", {"approve": True}).status_code == 404
    town.did(town.post(near, f"/returns/{return_id}/decide", {"approve": True}))
    assert town.post(near, f"/returns/{return_id}/inspect", {"outcome": outcome}).status_code == 404
    town.did(town.post(far, f"/returns/{return_id}/receive"))
    assert town.post(near, f"/returns/{return_id}/inspect", {"outcome": outcome}).status_code == 404
    town.did(town.post(far, f"/returns/{return_id}/inspect", {"outcome": outcome}))
    town.worker.drain()
    town.settle()
    refunded = 0 if outcome == "rejected" else 1890
    assert town.money(placed)["refunded_fen"] == town.order(placed)["refunded_fen"] == refunded
    assert town.stock(town.far, MILK) == far_stock
    assert town.points()["pending"] == pending - (0 if outcome == "rejected" else 18)
    assert town.post(far, f"/returns/{return_id}/inspect", {"outcome": outcome}).status_code == 409


def test_another_stores_counter_does_all_of_a_return_it_was_asked_for_and_looks_at_nothing_before_it_has_it(
    town: Town,
) -> None:
    placed, far = _delivered(town), town.clerks[town.far]
    return_id = str(uuid.uuid4())
    body: Json = {"return_id": return_id, "kind": "return", "lines": [{"no": 1, "quantity": 1}], "reason": "damaged"}
    town.did(town.post(far, f"/counter/orders/{placed['order_id']}/returns", body), 201)
    town.did(town.post(far, f"/returns/{return_id}/decide", {"approve": True}))
    early = town.post(far, f"/returns/{return_id}/inspect", {"outcome": "restocked"})
    assert (early.status_code, early.json()["state"], town.stock(town.far, MILK)) == (409, "approved", (10, 0))
    town.did(town.post(far, f"/returns/{return_id}/receive"))
    town.did(town.post(far, f"/returns/{return_id}/inspect", {"outcome": "restocked"}))
    assert town.stock(town.far, MILK) == (11, 0)


def test_a_return_asked_for_again_answers_where_it_is_and_is_of_one_order(town: Town) -> None:
    placed, other = _delivered(town), _sell(town, {"sku": BREAD})
    return_id = _ask(town, placed, "return", (1, 1))
    town.did(town.post(town.clerks[town.near], f"/returns/{return_id}/decide", {"approve": True}))
    body: Json = {"return_id": return_id, "kind": "return", "lines": [{"no": 1, "quantity": 1}], "reason": "damaged"}
    again = town.post(town.customer, f"/orders/{placed['order_id']}/returns", body)
    assert (again.status_code, again.json()["state"]) == (201, "approved")
    strange = town.post(town.clerks[town.near], f"/counter/orders/{other['order_id']}/returns", body)
    assert (strange.status_code, strange.json()["field"]) == (404, "return_id")


def test_returns_in_pieces_sum_to_all_that_was_charged(town: Town) -> None:
    placed = _delivered(town)
    for lines in (((1, 1),), ((1, 2),), ((2, 1),)):
        return_id = _ask(town, placed, "refund", *lines)
        town.did(town.post(town.clerks[town.near], f"/returns/{return_id}/decide", {"approve": True}))
    town.worker.drain()
    town.settle()
    assert town.money(placed)["refunded_fen"] == town.order(placed)["charged_fen"]
    assert town.points()["pending"] == 0
    _ask(town, placed, "refund", (1, 1), status=422)


def test_a_return_after_the_window_is_refused(town: Town) -> None:
    placed = _delivered(town)
    town.clock.advance(3 * 86_400)
    town.worker.do("orders.close_due")
    _ask(town, placed, "return", (1, 1), status=409)


def test_anothers_order_is_not_there_to_return(town: Town) -> None:
    placed = _delivered(town)
    body = {"return_id": str(uuid.uuid4()), "kind": "refund", "lines": [{"no": 1, "quantity": 1}], "reason": "x"}
    stranger = town.clerks[town.near]
    assert town.post(stranger, f"/orders/{placed['order_id']}/returns", body).status_code == 403


def test_the_counter_sees_what_waits_there_and_no_names(town: Town) -> None:
    placed = town.bought(method="pickup", store_id=str(town.near))
    near, far = town.clerks[town.near], town.clerks[town.far]
    assert town.get(near, "/counter/pickups") == []
    town.pick()
    [waiting] = town.get(near, "/counter/pickups")
    assert (waiting["order_no"], town.get(far, "/counter/pickups")) == (placed["order_no"], [])
    found = town.get(far, f"/counter/orders/{placed['order_no']}")
    assert found == waiting
    assert not {"address", "code", "member_id", "lon"} & set(found)
