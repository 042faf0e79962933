"""The customer's phone once an order is placed: where it is, what is asked, what became of it and of the money."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web import make
from tests.web.conftest import Open
from tests.web.stage import Api

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _quiet(api: Api) -> None:
    api.on("GET", "/goods/*", make.good("A-1", "苹果", price_fen=1500))
    api.on("GET", "/stores/*", {"id": make.STORE_ID, "name_zh": "成府路店", "name_en": "C", "lon": 116.32, "lat": 40.0})
    api.on("GET", "/orders/*/returns", [])


def test_a_question_about_a_substitute_is_still_asked_after_a_reload(show: Open, api: Api) -> None:
    asked = {
        "task_id": "t1", "sku": "A-1", "name_zh": "苹果", "name_en": "Apple", "missing": 2, "was_fen": 3000, "substitute_sku": "A-2",
        "substitute_zh": "梨", "substitute_en": "Pear", "substitute_picture": "🍐", "quantity": 2, "instead_fen": 2600,
        "until": make.soon(900),
    }  # fmt: skip
    api.on("GET", "/orders/*", _order(state="picking"))
    api.on("GET", "/screens/customer/orders/*", _followed(asked))
    api.on("POST", "/orders/*/substitutes", {"state": "approved"})
    page = show("/customer/orders/o1", make.PHONE, signed_in=("customer", make.account("customer")))
    expect(page.locator("[data-ask]")).to_contain_text("省 ¥4.00")
    page.reload()
    page.click("[data-approve]")
    assert api.heard(page, "/substitutes") == [{"sku": "A-1", "approve": True, "task_id": "t1"}]


def test_something_wrong_is_said_in_three_taps_and_followed(show: Open, api: Api) -> None:
    line = {
        "no": 1, "sku": "A-1", "name_zh": "苹果", "name_en": "Apple", "quantity": 2, "weighed": False, "piece_g": 500,
        "unit_price_fen": 1500, "gross_fen": 3000, "coupon_fen": 0, "points_fen": 0, "due_fen": 3000, "picked": 1, "picked_g": 0,
        "substitutes": [{"sku": "A-2", "name_zh": "梨", "name_en": "Pear", "quantity": 1, "charged_fen": 900, "returned": 0}],
        "charged_fen": 2400, "returned": 0, "refunded_fen": 0,
    }  # fmt: skip
    told: list[dict[str, object]] = []
    asked = {
        "id": "r1", "order_id": "o1", "kind": "refund", "state": "requested", "reason": "damaged", "note": "", "nos": [1],
        "skus": ["A-2"], "quantities": [1], "store_id": None, "outcome": None, "refund_fen": 0, "requested_at": make.soon(0),
        "ended_at": None,
    }  # fmt: skip
    api.on("GET", "/orders/*", _order(state="delivered") | {"lines": [line]})
    api.on("GET", "/orders/*/returns", lambda _: told)
    api.on("GET", "/screens/customer/orders/*", {**_followed({}), "questions": []})
    api.on("POST", "/orders/*/returns", {"return_id": "r1", "state": "requested"}, then=lambda: told.append(asked))
    page = show("/customer/orders/o1", make.PHONE, signed_in=("customer", make.account("customer")))
    expect(page.locator("[data-instead=A-2]")).to_contain_text("换成 梨 ×1")
    page.click("[data-ask-return]")
    page.click("[data-good=A-2] .more")
    page.click("[data-send]")
    expect(page.locator("[data-returns]")).to_contain_text("梨 ×1")
    [sent] = api.writes("/returns")
    assert (sent["kind"], sent["lines"]) == ("refund", [{"no": 1, "sku": "A-2", "quantity": 1}])


def test_weighed_goods_are_struck_out_at_the_price_that_was_said_and_the_sums_add_up(show: Open, api: Api) -> None:
    weighed = {
        "no": 1, "sku": "A-1", "name_zh": "苹果", "name_en": "Apple", "quantity": 2, "weighed": True, "piece_g": 500,
        "unit_price_fen": 1290, "gross_fen": 1419, "coupon_fen": 0, "points_fen": 0, "due_fen": 1419, "picked": 2, "picked_g": 969,
        "substitutes": [], "charged_fen": 1250, "returned": 0, "refunded_fen": 0,
    }  # fmt: skip
    heavier = {
        **weighed,
        "no": 2,
        "sku": "A-2",
        "name_zh": "梨",
        "name_en": "Pear",
        "picked_g": 1060,
        "charged_fen": 1367,
    }
    order = _order(state="packed") | {"goods_fen": 2838, "total_fen": 3138, "charged_fen": 2917}
    api.on("GET", "/orders/*", {**order, "lines": [weighed, heavier]})
    page = show("/customer/orders/o1", make.PHONE, signed_in=("customer", make.account("customer")))
    expect(page.locator(".line").first).to_contain_text("¥12.50¥12.90")
    expect(page.locator(".line s")).to_have_text(["¥12.90"])  # of the heavier pieces, nothing was said that is dearer
    expect(page.locator("dl dd")).to_have_text(["¥28.38", "¥3.00", "-¥2.21", "¥29.17"])
    expect(page.locator("dl")).to_contain_text("含称重预留 ¥2.58")


def test_money_is_asked_back_for_a_pickup_only_after_a_second_thought(show: Open, api: Api) -> None:
    parked = {
        "order_id": "o1", "kind": "pickup_endangered", "owner": "customer", "store_id": make.STORE_ID, "skus": [],
        "asked": {"stores": []}, "tries": 1, "since": make.soon(-30), "due_at": make.soon(900),
    }  # fmt: skip
    api.on("GET", "/orders/*", {**_order(state="unfillable"), "method": "pickup"})
    api.on("GET", "/orders/*/parked", parked)
    api.on("POST", "/orders/*/parked/answer", {"state": "cancelled"})
    page = show("/customer/orders/o1?lang=en", make.PHONE, signed_in=("customer", make.account("customer")))
    page.click("[data-give-up]")
    page.get_by_role("button", name="Back").last.click()
    page.click("[data-give-up]")
    page.get_by_role("button", name="Refund me").last.click()
    assert api.heard(page, "/parked/answer") == [{"answer": "cancel"}]


def test_a_pickup_its_store_cannot_do_asks_and_is_moved_to_another_by_one_tap(show: Open, api: Api) -> None:
    other = "01976b2e-6f00-7abc-8def-000000000002"
    place = {"id": other, "name_zh": "五道口店", "name_en": "Wudaokou", "lon": 116.33, "lat": 40.0}
    parked = {
        "order_id": "o1", "kind": "pickup_rejected", "owner": "customer", "store_id": make.STORE_ID, "skus": ["A-1"],
        "asked": {"stores": [{"store_id": other, "distance_m": 900, "ready_by": make.soon(1800)}]}, "tries": 1,
        "since": make.soon(-30), "due_at": make.soon(900),
    }  # fmt: skip
    api.on("GET", "/stores", [place])
    api.on("GET", "/orders/*", {**_order(state="unfillable"), "method": "pickup"})
    api.on("GET", "/orders/*/parked", parked)
    api.on("POST", "/orders/*/parked/answer", {"state": "paid"})
    page = show("/customer/orders/o1", make.PHONE, signed_in=("customer", make.account("customer")))
    card = page.locator("[data-parked]")
    expect(card).to_contain_text("您选的门店这次做不了")
    expect(card.locator("[data-wait]")).to_be_visible()
    expect(card.locator("[data-give-up]")).to_be_visible()
    expect(card.locator("[data-move]")).to_contain_text("五道口店")
    page.click("[data-move]")
    assert api.heard(page, "/parked/answer") == [{"answer": "move", "store_id": other}]


def test_an_order_for_another_day_names_the_day_wherever_its_time_is_said(show: Open, api: Api) -> None:
    page = show("/customer/", make.PHONE, signed_in=("customer", make.account("customer")))
    page.clock.set_fixed_time("2026-03-02T07:30:00Z")
    window = {"promise_from": "2026-03-02T19:00:00Z", "promise_by": "2026-03-02T20:00:00Z"}
    api.on("GET", "/orders/*", _order(state="paid") | window)
    api.on("GET", "/orders", [_order(state="paid") | window])
    api.on("GET", "/screens/customer/orders/*", {**_followed({}), "questions": []})
    page.goto(page.url + "orders")
    expect(page.locator("[data-order] .soon")).to_contain_text("3月3日 03:00 – 04:00")
    page.click("[data-order]")
    expect(page.locator(".eta")).to_have_text("预计 3月3日 03:00 – 04:00 送达")


def test_whoever_could_not_be_reached_is_told_so_and_what_comes_next(show: Open, api: Api) -> None:
    """Nothing is on its way any more: no time, no code to tell a rider."""
    part = {
        "store": {"id": make.STORE_ID, "name_zh": "成府路店", "name_en": "C", "lon": 116.32, "lat": 40.0, "phone": ""},
        "moved": None, "state": "handed_over", "skus": ["A-1"], "quantities": [1], "packed_at": make.soon(-300), "delivery": None,
    }  # fmt: skip
    failed = {
        "state": "failed", "code": "", "eta_at": None, "eta_from": None, "eta_by": None, "due_at": make.soon(600), "stops_before": 0,
        "failed": "no_contact", "again_from": None, "again_by": None, "rider": {"name": "老周", "lon": None, "lat": None},
        "geometry": None,
    }  # fmt: skip
    shipment = {"id": "s1", "leg": 1, "attempt": 1, "store_id": make.STORE_ID, "state": "handed_over", "skus": ["A-1"], "quantities": [1],
                "plan": {}, "happened": {}}  # fmt: skip
    told = {**_followed({}), "questions": [], "parts": [part], "delivery": failed, "state": "packed"}
    api.on("GET", "/orders/*", _order(state="packed") | {"shipments": [shipment]})
    api.on("GET", "/screens/customer/orders/*", lambda _: told)
    page = show("/customer/orders/o1", make.PHONE, signed_in=("customer", make.account("customer")))
    expect(page.locator("[data-failed]")).to_contain_text("骑手联系不上您")
    expect(page.locator("[data-failed]")).to_contain_text("全额退款")
    expect(page.locator("h1")).to_have_text("没有送成")
    expect(page.locator(".eta, [data-code]")).to_have_count(0)
    failed |= {"again_from": make.soon(7_200), "again_by": make.soon(10_800)}
    page.reload()
    expect(page.locator("[data-failed]")).to_contain_text("再送一次")


def test_a_cancelled_order_says_why_and_where_the_money_is(show: Open, api: Api) -> None:
    api.on("GET", "/orders/*", _order(state="cancelled") | {"reason": "delivery_failed:no_contact", "coupon_fen": 500})
    page = show("/customer/orders/o1", make.PHONE, signed_in=("customer", make.account("customer")))
    expect(page.locator("[data-ended]")).to_contain_text("骑手联系不上您")
    expect(page.locator("[data-ended]")).to_contain_text("已付的 ¥33.00 原路退回 · 优惠券已退还")
    api.on("GET", "/orders/*", _order(state="cancelled") | {"reason": "never_paid", "paid_at": None})
    page.reload()
    expect(page.locator("[data-ended]")).to_contain_text("超时未付款")
    expect(page.locator("[data-ended]")).to_contain_text("不会扣款")


def _order(*, state: str) -> dict[str, Any]:
    return {
        "id": "o1", "order_no": "K7Q2-M9XA", "channel": "app", "method": "delivery", "state": state, "total_fen": 3300,
        "charged_fen": None, "refunded_fen": 0, "placed_at": make.soon(-600), "promise_from": make.soon(600),
        "promise_by": make.soon(1500), "reason": None, "goods_fen": 3000, "coupon_fen": 0, "points": 0, "points_fen": 0,
        "fee_fen": 300, "code": "4071", "address": {"text": "紫荆公寓"}, "lon": 116.32, "lat": 40.0, "preference": "ask",
        "note": "", "pay_by": None, "paid_at": make.soon(-500), "delivered_at": None, "version": 3, "lines": [],
        "shipments": [], "history": [], "refunds": [],
    }  # fmt: skip


def _followed(question: dict[str, Any]) -> dict[str, Any]:
    return {
        "order_id": "o1", "order_no": "K7Q2-M9XA", "state": "picking", "method": "delivery", "store": None, "stages": [],
        "delivery": None, "parts": [], "questions": [question], "server_at": make.soon(0),
    }  # fmt: skip
