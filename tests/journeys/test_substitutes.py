"""Other goods for missing ones, by each store of a shared order: asked, charged, shown and given back each for itself."""

import uuid
from dataclasses import replace

import pytest
from sqlalchemy import text

from o2o.catalogue import goods
from o2o.infra.settings import settings
from o2o.inventory.shelf import receiving
from o2o.kit import ids
from o2o.kit.ids import StoreId
from o2o.orders import ledger_check
from o2o.orders.quoting import quotes
from o2o.orders.quoting.quotes import Offer, Part
from tests.catalogue.make import a_product
from tests.journeys.test_basket_and_quote import with_coupon_and_points
from tests.journeys.test_order_from_two_stores import ride
from tests.journeys.town import ADDRESS, BREAD, MILK, Json, Town

OATS, SOY = "DAIRY-101", "DAIRY-102"
OATS_FEN, SOY_FEN, MILK_FEN = 1150, 990, 1890


@pytest.fixture
def town(town: Town) -> Town:
    with town.database.sessions() as db:
        named = {OATS: ("燕麦奶", "Oat milk", OATS_FEN), SOY: ("豆奶", "Soy milk", SOY_FEN)}
        products = [a_product(sku, name_zh=z, name_en=e, price_fen=fen) for sku, (z, e, fen) in named.items()]
        goods.save(db, products=products, now=town.clock())
        for store in (town.near, town.far):
            lines = [receiving.ReceiptLine(sku, 10, None, None) for sku in named]
            receiving.receive(db, store_id=store, receipt_id=ids.new_id(), lines=lines, now=town.clock())
    return town


def _bought(town: Town, **more: object) -> Json:
    """Four milk, two of each store, and a bread of the near one."""
    secret = settings().token_secret.get_secret_value()
    token, whose = town.quote((MILK, 4), (BREAD, 1), **more)["quote"], town.get(town.customer, "/me")["id"]
    terms = quotes.unseal(token, member_id=uuid.UUID(whose), secret=secret, now=town.clock())
    milk, bread = terms.lines[0][0], terms.lines[1][0]
    near = Part(town.near, town.area, ((milk, 2), (bread, 1)), terms.promised)
    far = Part(town.far, town.area, ((milk, 2),), terms.promised.shifted(300))
    sealed = quotes.seal(replace(terms, offers=(Offer((near, far)),)), secret=secret)
    placed = town.did(town.post(town.customer, "/orders", {"quote": sealed, "address": ADDRESS}), 201)
    town.worker.drain()
    town.pay(placed["order_id"])
    return placed


def _short(town: Town, store: StoreId, instead: str) -> Json:
    """One milk is found, for the other something else is offered."""
    task, clerk = town.start(store), town.clerks[store]
    for line in task["lines"]:
        for _ in range(1 if line["sku"] == MILK else line["quantity"]):
            town.scan(store, task, line["sku"])
    told = {"sku": MILK, "quantity": 1, "reason": "DAMAGE"}
    town.did(town.post(clerk, f"/pick-tasks/{task['id']}/short", told))
    offer = {"sku": MILK, "substitute_sku": instead, "quantity": 1}
    assert town.did(town.post(clerk, f"/pick-tasks/{task['id']}/substitutes", offer)) == {"consent": "waiting"}
    return task


def _questions(town: Town, placed: Json) -> list[Json]:
    found: list[Json] = town.get(town.customer, f"/screens/customer/orders/{placed['order_id']}")["questions"]
    return found


def _answer(town: Town, placed: Json, task: Json, *, approve: bool) -> None:
    body = {"sku": MILK, "approve": approve, "task_id": task["id"]}
    town.did(town.post(town.customer, f"/orders/{placed['order_id']}/substitutes", body))


def _packed(town: Town, placed: Json) -> None:
    """The near store brings oat milk for one of its two, the far one soy milk."""
    near, far = _short(town, town.near, OATS), _short(town, town.far, SOY)
    for store, task in ((town.near, near), (town.far, far)):
        _answer(town, placed, task, approve=True)
        town.did(town.post(town.clerks[store], f"/pick-tasks/{task['id']}/finish"))
        town.worker.drain()
    town.settle()


def _back(town: Town, placed: Json, *lines: Json, kind: str = "refund") -> str:
    return_id = str(uuid.uuid4())
    body = {"return_id": return_id, "kind": kind, "lines": list(lines), "reason": "damaged"}
    town.did(town.post(town.customer, f"/orders/{placed['order_id']}/returns", body), 201)
    town.did(town.post(town.clerks[town.near], f"/returns/{return_id}/decide", {"approve": True}))
    town.worker.drain()
    town.settle()
    return return_id


def _adds_up(town: Town) -> bool:
    with town.database.sessions() as db:
        return ledger_check.differences(db) == []


def test_two_stores_ask_about_the_same_good_and_each_is_answered_for_itself(town: Town) -> None:
    placed = _bought(town)
    near, far = _short(town, town.near, OATS), _short(town, town.far, SOY)
    asked = {one["task_id"]: one["substitute_sku"] for one in _questions(town, placed)}
    assert asked == {near["id"]: OATS, far["id"]: SOY}
    _answer(town, placed, far, approve=True)
    assert [one["task_id"] for one in _questions(town, placed)] == [near["id"]]
    _answer(town, placed, near, approve=False)
    assert _questions(town, placed) == []
    town.did(town.post(town.clerks[town.near], f"/pick-tasks/{near['id']}/finish"))
    done = town.did(town.post(town.clerks[town.far], f"/pick-tasks/{far['id']}/finish"))
    assert done["charged_fen"] == 2 * MILK_FEN + SOY_FEN + 1250 + placed["total_fen"] - 4 * MILK_FEN - 1250
    [line, _] = town.order(placed)["lines"]
    assert [(one["sku"], one["quantity"]) for one in line["substitutes"]] == [(SOY, 1)]


def test_each_stores_substitute_is_charged_shown_and_given_back_at_its_own_price(town: Town) -> None:
    placed = _bought(town)
    fee_fen = placed["total_fen"] - 4 * MILK_FEN - 1250
    _packed(town, placed)
    order = town.order(placed)
    assert order["charged_fen"] == 2 * MILK_FEN + OATS_FEN + SOY_FEN + 1250 + fee_fen
    assert town.money(placed)["captured_fen"] == order["charged_fen"]
    shown = [
        {
            "sku": OATS,
            "name_zh": "燕麦奶",
            "name_en": "Oat milk",
            "quantity": 1,
            "charged_fen": OATS_FEN,
            "returned": 0,
        },
        {"sku": SOY, "name_zh": "豆奶", "name_en": "Soy milk", "quantity": 1, "charged_fen": SOY_FEN, "returned": 0},
    ]
    assert order["lines"][0]["substitutes"] == shown
    counter = town.get(town.clerks[town.far], f"/counter/orders/{placed['order_no']}")
    assert counter["lines"][0]["substitutes"] == shown
    assert (town.stock(town.near, OATS), town.stock(town.far, SOY)) == ((9, 0), (9, 0))
    assert (town.stock(town.near, SOY), town.stock(town.far, OATS)) == ((10, 0), (10, 0))

    town.online()
    ride(town)
    assert town.points()["pending"] == (order["charged_fen"] - fee_fen) // 100

    return_id = _back(town, placed, {"no": 1, "quantity": 1, "sku": SOY}, kind="return")
    town.did(town.post(town.clerks[town.far], f"/returns/{return_id}/receive"))
    town.did(town.post(town.clerks[town.far], f"/returns/{return_id}/inspect", {"outcome": "restocked"}))
    town.worker.drain()
    assert town.order(placed)["refunded_fen"] == SOY_FEN
    assert (town.stock(town.far, SOY), town.stock(town.far, OATS)) == ((10, 0), (10, 0))
    again = {
        "return_id": str(uuid.uuid4()),
        "kind": "refund",
        "reason": "x",
        "lines": [{"no": 1, "quantity": 1, "sku": SOY}],
    }
    refused = town.post(town.customer, f"/orders/{placed['order_id']}/returns", again)
    assert (refused.status_code, refused.json()["code"]) == (422, "orders.more_than_sold")

    _back(town, placed, {"no": 1, "quantity": 1, "sku": OATS})
    assert town.order(placed)["refunded_fen"] == SOY_FEN + OATS_FEN
    _back(town, placed, {"no": 1, "quantity": 2}, {"no": 2, "quantity": 1})
    assert town.money(placed)["refunded_fen"] == order["charged_fen"] - fee_fen
    assert town.points()["pending"] == 0
    assert _adds_up(town)


def test_pieces_no_sku_is_named_of_are_the_substitutes_first(town: Town) -> None:
    placed = _bought(town)
    _packed(town, placed)
    town.online()
    ride(town)
    _back(town, placed, {"no": 1, "quantity": 3})
    assert town.order(placed)["refunded_fen"] == OATS_FEN + SOY_FEN + MILK_FEN
    [asked] = town.get(town.customer, f"/orders/{placed['order_id']}/returns")
    assert list(zip(asked["nos"], asked["skus"], asked["quantities"], strict=True)) == [
        (1, OATS, 1), (1, SOY, 1), (1, MILK, 1)
    ]  # fmt: skip


def test_a_part_that_comes_back_is_paid_back_with_its_own_substitute(town: Town) -> None:
    placed = _bought(town)
    _packed(town, placed)
    town.online()
    ride(town, nobody_home=str(town.far))
    town.settle()
    assert town.order(placed)["refunded_fen"] == MILK_FEN + SOY_FEN
    [line, _] = town.order(placed)["lines"]
    assert [(one["sku"], one["returned"]) for one in line["substitutes"]] == [(OATS, 0), (SOY, 1)]
    assert (line["picked"], line["returned"]) == (2, 2)
    assert _adds_up(town)


def test_coupon_and_points_are_shared_with_substitutes_to_the_fen_and_the_point(town: Town) -> None:
    coupon = with_coupon_and_points(town)
    held = town.points()["spendable"]
    placed = _bought(town, coupon_id=coupon, points=400)
    _packed(town, placed)
    order = town.order(placed)
    fee_fen, line = order["fee_fen"], order["lines"][0]
    gross_fen = 2 * MILK_FEN + OATS_FEN + SOY_FEN
    assert line["charged_fen"] == line["due_fen"] * gross_fen // (4 * MILK_FEN)
    with town.database.sessions() as db:
        shares = db.execute(
            text("SELECT sku, charged_fen, points_kept FROM order_substitutes WHERE order_id = :id ORDER BY sku"),
            {"id": placed["order_id"]},
        ).all()
        kept = db.scalar(
            text("SELECT points_kept FROM order_lines WHERE order_id = :id AND no = 1"), {"id": placed["order_id"]}
        )
    exact = [(OATS, OATS_FEN), (SOY, SOY_FEN)]
    for (sku, charged_fen, points_kept), (wanted, fen) in zip(shares, exact, strict=True):
        assert sku == wanted
        assert abs(charged_fen - line["charged_fen"] * fen / gross_fen) < 1
        assert abs(points_kept - kept * fen / gross_fen) < 1
    town.online()
    ride(town)
    for sku in (SOY, OATS):
        _back(town, placed, {"no": 1, "quantity": 1, "sku": sku})
    assert town.order(placed)["refunded_fen"] == sum(share.charged_fen for share in shares)
    _back(town, placed, {"no": 1, "quantity": 2}, {"no": 2, "quantity": 1})
    assert town.order(placed)["refunded_fen"] == order["charged_fen"] - fee_fen
    assert town.points()["spendable"] == held
    assert town.points()["pending"] == 0
    assert _adds_up(town)


def test_a_dearer_substitute_costs_what_was_missing_in_the_question_on_the_order_and_when_it_comes_back(
    town: Town,
) -> None:
    placed = town.bought((SOY, 3))
    task, clerk = town.start(town.near), town.clerks[town.near]
    for _ in range(2):
        town.scan(town.near, task, SOY)
    told = {"sku": SOY, "quantity": 1, "reason": "DAMAGE"}
    town.did(town.post(clerk, f"/pick-tasks/{task['id']}/short", told))
    offer = {"sku": SOY, "substitute_sku": MILK, "quantity": 1}
    town.did(town.post(clerk, f"/pick-tasks/{task['id']}/substitutes", offer))
    [asked] = _questions(town, placed)
    assert (asked["was_fen"], asked["instead_fen"]) == (SOY_FEN, SOY_FEN)
    body = {"sku": SOY, "approve": True, "task_id": task["id"]}
    town.did(town.post(town.customer, f"/orders/{placed['order_id']}/substitutes", body))
    town.did(town.post(clerk, f"/pick-tasks/{task['id']}/finish"))
    town.worker.drain()
    town.settle()
    [line] = town.order(placed)["lines"]
    assert line["charged_fen"] == 3 * SOY_FEN
    assert [(one["sku"], one["charged_fen"]) for one in line["substitutes"]] == [(MILK, SOY_FEN)]
    town.online()
    ride(town)
    _back(town, placed, {"no": 1, "quantity": 1, "sku": SOY})
    assert town.order(placed)["refunded_fen"] == SOY_FEN
    assert _adds_up(town)


def test_the_missing_good_itself_is_no_substitute(town: Town) -> None:
    town.bought((MILK, 2))
    task, clerk = town.start(town.near), town.clerks[town.near]
    told = {"sku": MILK, "quantity": 1, "reason": "DAMAGE"}
    town.did(town.post(clerk, f"/pick-tasks/{task['id']}/short", told))
    offer = {"sku": MILK, "substitute_sku": MILK, "quantity": 1}
    answer = town.post(clerk, f"/pick-tasks/{task['id']}/substitutes", offer)
    assert (answer.status_code, answer.json()["code"]) == (422, "picking.same_good")
