"""A quote is what the customer agrees to: it is kept to the fen, or refused with the name of what changed."""

import uuid
from typing import Any

import pytest
from sqlalchemy import text

from o2o.catalogue import goods
from o2o.kit.ids import MemberId
from o2o.stores import switches
from tests.catalogue.make import a_product
from tests.journeys.town import ADDRESS, BREAD, HOME, MILK, Json, Town
from tests.membership.make import a_coupon, earned


def _basket(**changes: Any) -> Json:
    return {"lines": [{"sku": MILK, "quantity": 2}], "method": "delivery", "point": HOME, **changes}


def _accept(town: Town, quoted: Json) -> Any:
    return town.post(town.customer, "/orders", {"quote": quoted["quote"], "address": ADDRESS})


def test_the_same_sku_twice_is_one_line(town: Town) -> None:
    quoted = town.quote((MILK, 2), (BREAD, 1), (MILK, 3))
    assert [(line["sku"], line["quantity"]) for line in quoted["lines"]] == [(MILK, 5), (BREAD, 1)]
    placed = town.did(_accept(town, quoted), 201)
    assert town.stock(town.near, MILK) == (10, 5)
    assert placed["total_fen"] == quoted["total_fen"]


def test_a_quote_says_why_this_store(town: Town) -> None:
    why = town.quote()["why"]
    chosen, other = why["considered"]
    assert (chosen["store_id"], other["store_id"], why["runner_up"]) == (str(town.near), str(town.far), str(town.far))
    assert other["score_fen"] - chosen["score_fen"] == why["difference_fen"] > 0
    assert sum(chosen["terms"].values()) == chosen["score_fen"]


def test_a_store_without_the_goods_is_passed_over_by_name(town: Town) -> None:
    town.place((MILK, 8))
    quoted = town.quote((MILK, 5))
    assert quoted["store"]["id"] == str(town.far)
    [refused] = [one for one in quoted["why"]["considered"] if one["verdict"]]
    assert (refused["verdict"], refused["facts"]) == ("no_stock", {"short": [{"sku": MILK, "wanted": 5, "left": 2}]})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [{"sku": MILK, "quantity": 0}]}, "lines.0.quantity"),
        ({"lines": [{"sku": MILK, "quantity": -1}]}, "lines.0.quantity"),
        ({"lines": [{"sku": MILK, "quantity": 1.5}]}, "lines.0.quantity"),
        ({"lines": [{"sku": MILK, "quantity": True}]}, "lines.0.quantity"),
        ({"lines": [{"sku": MILK, "quantity": 2**63}]}, "lines.0.quantity"),
        ({"lines": [{"sku": "a\0b", "quantity": 1}]}, "lines.0.sku"),
        ({"lines": [{"sku": MILK, "quantity": 999}, {"sku": MILK, "quantity": 1}]}, "lines.quantity"),
        ({"point": {"lon": 200, "lat": 0}}, "point.lon"),
        ({"point": None}, "point"),
        ({"method": "drone"}, "method"),
        ({"store_id": "x"}, "store_id"),
        ({"points": -1}, "points"),
        ({"total_fen": 1}, "total_fen"),
    ],
    ids=str,
)
def test_a_basket_that_cannot_be_meant_is_refused_by_field(town: Town, changes: Json, field: str) -> None:
    answer = town.post(town.customer, "/quotes", _basket(**changes))
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_where_nobody_delivers_the_nearest_stores_are_named(town: Town) -> None:
    answer = town.post(town.customer, "/quotes", _basket(point={"lon": 117.5, "lat": 39.9}))
    assert (answer.status_code, answer.json()["code"]) == (409, "orders.out_of_area")
    assert answer.json()["nearest"][0]["store_id"] == str(town.far)


def test_goods_nobody_sells_are_named(town: Town) -> None:
    answer = town.post(town.customer, "/quotes", _basket(lines=[{"sku": "GHOST", "quantity": 1}]))
    assert (answer.status_code, answer.json()["skus"]) == (409, ["GHOST"])


def test_a_basket_below_the_minimum_is_told_what_is_missing(town: Town) -> None:
    answer = town.post(town.customer, "/quotes", _basket(lines=[{"sku": BREAD, "quantity": 1}]))
    assert (answer.status_code, answer.json()["code"]) == (409, "orders.unserved")
    assert [(one["verdict"], one["facts"]["missing_fen"]) for one in answer.json()["considered"]] == [
        ("below_minimum", 750)
    ] * 2


def test_a_changed_price_is_named_and_nothing_is_placed(town: Town) -> None:
    quoted = town.quote()
    with town.database.sessions() as db:
        goods.save(db, products=[a_product(MILK, price_fen=1990)], now=town.clock())
    answer = _accept(town, quoted)
    assert (answer.status_code, answer.json()["changed"]) == (409, ["price"])
    assert answer.json()["prices"] == [{"sku": MILK, "was_fen": 1890, "now_fen": 1990}]
    with town.database.sessions() as db:
        assert db.scalar(text("SELECT count(*) FROM orders")) == 0


def test_a_store_that_closed_is_replaced_only_where_the_promise_holds(town: Town) -> None:
    quoted = town.quote()
    with town.database.sessions() as db:
        switches.set_open(db, store_id=town.near, open=False, now=town.clock())
    answer = _accept(town, quoted)
    assert (answer.status_code, answer.json()["changed"]) == (409, ["store", "promise"])


def test_an_old_quote_a_strangers_and_a_forged_one_are_refused(town: Town) -> None:
    quoted = town.quote()
    body, _, signature = quoted["quote"].partition(".")
    forged = {"quote": f"{body[:-4]}AAAA.{signature}"}
    assert _accept(town, forged).json()["code"] == "orders.bad_quote"
    stranger = {"account": str(_another_customer(town))}
    answer = town.post(stranger, "/orders", {"quote": quoted["quote"], "address": ADDRESS})
    assert (answer.status_code, answer.json()["code"]) == (422, "orders.bad_quote")
    town.clock.advance(300)
    assert _accept(town, quoted).json()["code"] == "orders.quote_expired"


def _another_customer(town: Town) -> uuid.UUID:
    from tests.identity.make import a_customer

    with town.database.sessions() as db:
        return a_customer(db, "13911112222", now=town.clock())


def test_the_same_key_places_one_order(town: Town) -> None:
    body = {"quote": town.quote()["quote"], "address": ADDRESS}
    first, second = (town.post(town.customer, "/orders", body, key="one-and-only") for _ in range(2))
    assert (first.status_code, first.json()) == (201, second.json())
    assert second.headers["Idempotent-Replay"] == "true"
    other = town.post(town.customer, "/orders", {**body, "note": "x"}, key="one-and-only")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")
    assert town.stock(town.near, MILK) == (10, 2)


def test_a_delivery_needs_an_address(town: Town) -> None:
    answer = town.post(town.customer, "/orders", {"quote": town.quote()["quote"]})
    assert (answer.status_code, answer.json()["field"]) == (422, "address")


def with_coupon_and_points(town: Town, points: int = 500) -> str:
    town.worker.drain()
    member = MemberId(uuid.UUID(town.customer["account"]))
    with town.database.sessions() as db:
        coupon = a_coupon(db, member, now=town.clock())
        earned(db, member, points, now=town.clock())
    return str(coupon)


def test_coupon_and_points_are_shared_by_line_and_come_back_on_cancelling(town: Town) -> None:
    coupon = with_coupon_and_points(town)
    more = {"coupon_id": coupon, "points": 400}
    quoted = town.quote(**more)
    assert (quoted["coupon_fen"], quoted["points"], quoted["total_fen"]) == (1000, 400, 5030 + 300 - 1400)
    assert sum(line["due_fen"] for line in quoted["lines"]) + 300 == quoted["total_fen"]
    placed = town.bought(**more)
    assert town.points()["spendable"] == 100
    town.cancel(placed)
    assert town.points()["spendable"] == 500
    assert [c["id"] for c in town.get(town.customer, "/member/coupons")] == [coupon]


def test_a_short_pick_gives_its_points_back(town: Town) -> None:
    placed = town.bought(coupon_id=with_coupon_and_points(town), points=400)
    task = town.start(town.near)
    town.scan(town.near, task, BREAD)
    clerk = town.clerks[town.near]
    town.did(town.post(clerk, f"/pick-tasks/{task['id']}/short", {"sku": MILK, "quantity": 2, "reason": "DAMAGE"}))
    charged = town.did(town.post(clerk, f"/pick-tasks/{task['id']}/finish"))["charged_fen"]
    town.worker.drain()
    town.settle()
    [bread] = [line for line in town.order(placed)["lines"] if line["sku"] == BREAD]
    assert charged == bread["due_fen"] + 300 == town.money(placed)["captured_fen"]
    assert town.points()["spendable"] == 500 - bread["points_fen"]


def test_an_expired_order_gives_coupon_and_points_back(town: Town) -> None:
    coupon = with_coupon_and_points(town)
    town.place(coupon_id=coupon, points=400)
    town.clock.advance(901)
    town.worker.do("inventory.expire_holds")
    assert town.points()["spendable"] == 500
    assert [c["id"] for c in town.get(town.customer, "/member/coupons")] == [coupon]


def test_an_order_that_costs_nothing_is_paid_at_once(town: Town) -> None:
    town.worker.drain()
    member = MemberId(uuid.UUID(town.customer["account"]))
    with town.database.sessions() as db:
        coupon = a_coupon(db, member, now=town.clock(), value=2_000, threshold_fen=0)
    placed = town.place((BREAD, 1), method="pickup", store_id=str(town.near), coupon_id=str(coupon))
    assert (placed["state"], placed["total_fen"], placed["pay_ref"]) == ("paid", 0, None)
    assert town.pick()["charged_fen"] == 0
    assert town.cancel(placed).json()["state"] == "cancelled"
    assert town.stock(town.near, BREAD) == (10, 0)


def test_the_promise_starts_when_the_order_is_paid(town: Town) -> None:
    placed = town.place()
    town.clock.advance(600)
    town.pay(placed["order_id"])
    before, after = placed["promise_by"], town.order(placed)["promise_by"]
    assert after > before


def test_orders_are_listed_for_their_owner_only(town: Town) -> None:
    placed = town.place()
    assert [o["id"] for o in town.get(town.customer, "/orders")] == [placed["order_id"]]
    stranger = {"account": str(_another_customer(town))}
    assert town.get(stranger, "/orders") == []
    for path in ("", "/returns"):
        answer = town.client.get(f"/api/orders/{placed['order_id']}{path}", headers=town.headers(stranger))
        assert answer.status_code == 404
    assert town.post(stranger, f"/orders/{placed['order_id']}/cancel").status_code == 404
