"""The customer's phone: a basket that survives, a quote that is explained, an order placed once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.web import make
from tests.web.conftest import Open
from tests.web.stage import Api

pytestmark = pytest.mark.browser
PLACE = "localStorage.setItem('o2o.place', JSON.stringify({at: {lon: 116.32, lat: 40.0}, text: '紫荆公寓'}))"
CONTACT = "localStorage.setItem('o2o.contact', JSON.stringify({name: '小王', phone: '13800138000'}))"


@pytest.fixture(autouse=True)
def _shop(api: Api) -> None:
    option = {
        "store_id": make.STORE_ID, "name_zh": "成府路店", "name_en": "Chengfu Road", "lon": 116.32, "lat": 40.0, "distance_m": 640,
        "zone_id": make.STORE_ID, "fee_fen": 300, "min_basket_fen": 2000, "opens_at": None,
    }  # fmt: skip
    api.on("GET", "/goods", {"items": [make.good("A-1", "苹果", price_fen=1500)], "next_page": None})
    api.on("GET", "/categories", make.AISLES)
    api.on("GET", "/stores/near", {"serving": [option], "near": []})
    api.on("GET", "/stores", [])
    api.on("GET", "/member", {
        "id": make.STORE_ID, "member_code": "M123456789015", "name": "小王", "tier": "basic", "points_balance": 0, "spendable": 0,
        "worth_fen": 0, "pending": 0, "held": 0, "debt": 0, "expiring_soon": 0, "spent_fen": 0, "next_tier": None,
    })  # fmt: skip
    api.on("GET", "/member/coupons", [])


def _quote() -> dict[str, Any]:
    return {
        "quote": "q" * 24, "expires_at": make.soon(300), "lines": [], "goods_fen": 3000, "coupon_fen": 0, "points": 0, "points_fen": 0,
        "delivery_fee_fen": 300, "total_fen": 3300,
        "store": {"id": make.STORE_ID, "name_zh": "成府路店", "name_en": "C", "distance_m": 640, "lon": 116.32, "lat": 40.0},
        "promise": {"arrive_from": make.soon(1500), "arrive_by": make.soon(2400), "ready_at": make.soon(900)},
        "why": {"runner_up": None, "difference_fen": None, "considered": []},
    }  # fmt: skip


def _filled(show: Open) -> Page:
    page = show("/customer/", make.PHONE, signed_in=("customer", make.account("customer")))
    page.evaluate(PLACE)
    page.evaluate(CONTACT)
    page.reload()
    page.click("[data-sku=A-1] .more")
    page.click("[data-sku=A-1] .more")
    return page


def test_a_basket_survives_a_reload_and_says_what_is_missing_to_the_minimum(show: Open) -> None:
    page = show("/customer/", make.PHONE)
    page.evaluate(PLACE)
    page.reload()
    page.click("[data-sku=A-1] .more")
    expect(page.locator(".bar")).to_contain_text("还差 ¥5.00 起送")
    page.reload()
    expect(page.locator(".bar")).to_contain_text("15.00")


def test_an_order_is_placed_with_the_quote_as_shown_and_one_key(show: Open, api: Api) -> None:
    api.on("POST", "/quotes", _quote())
    api.on("POST", "/orders", {"code": "busy", "title": "later", "status": 503}, 503)
    page = _filled(show)
    page.click("[data-checkout]")
    expect(page.locator("[data-total]")).to_contain_text("33.00")
    page.click("[data-place]")
    expect(page.locator("[role=alert]")).to_contain_text("现在人有点多")
    placed = {
        "order_id": make.STORE_ID, "order_no": "K7Q", "state": "placed", "store_id": make.STORE_ID, "total_fen": 3300, "pay_ref": "a" * 32,
        "pay_by": make.soon(900), "promise_from": make.soon(1500), "promise_by": make.soon(2400),
    }  # fmt: skip
    api.on("POST", "/orders", placed, 201)
    page.click("[data-place]")
    page.wait_for_url("**/pay")
    bodies = api.writes("/orders")
    assert [body["quote"] for body in bodies] == ["q" * 24] * 2
    keys = {
        headers["idempotency-key"] for verb, path, _, headers in api.told if verb == "POST" and path == "/api/orders"
    }
    assert len(keys) == 1


def test_goods_that_run_short_are_named_and_trimmed_by_one_tap(show: Open, api: Api) -> None:
    facts = {"short": [{"sku": "A-1", "wanted": 2, "left": 1}]}
    one = {"store_id": make.STORE_ID, "verdict": "no_stock", "facts": facts, "score_fen": None, "terms": {}}
    api.on("POST", "/quotes", {"code": "orders.unserved", "title": "no", "status": 409, "considered": [one]}, 409)
    page = _filled(show)
    page.click("[data-checkout]")
    expect(page.locator("[data-line=A-1]")).to_contain_text("只剩 1 件")
    api.on("POST", "/quotes", _quote())
    page.click("[data-trim]")
    expect(page.locator("[data-line=A-1] b").first).to_have_text("1")
    expect(page.locator("[data-promise]")).to_be_visible()


def test_an_ended_sign_in_leads_back_to_the_sign_in_page(show: Open, api: Api) -> None:
    for verb, path in (("GET", "/orders"), ("POST", "/auth/refresh")):
        api.on(verb, path, {"code": "identity.unauthenticated", "title": "no", "status": 401}, 401)
    page = show("/customer/orders", make.PHONE, signed_in=("customer", make.account("customer")))
    page.wait_for_url("**/sign-in?next=/orders")


def test_whoever_asked_for_too_many_codes_reads_from_when_they_may_again(show: Open, api: Api) -> None:
    """By the clock, not in a moment; and another number is not kept waiting by the mistyped one."""
    too_many = {"code": "identity.too_many", "title": "", "status": 429, "wait_s": 2_700}
    api.on("POST", "/auth/codes", too_many, status=429)
    page = show("/customer/sign-in", make.PHONE)
    page.clock.set_fixed_time("2026-03-02T06:00:30Z")
    page.fill("[name=phone]", "13800138000")
    page.click(".send")
    expect(page.locator(".problem")).to_have_text("试的次数太多了，14:46 以后可以再试")
    expect(page.locator(".send")).to_be_disabled()
    page.fill("[name=phone]", "13900139000")
    expect(page.locator(".send")).to_be_enabled()
    api.on("POST", "/auth/codes", {"phone": "139****9000", "valid_s": 300, "demo_code": None}, status=202)
    page.click(".send")
    expect(page.locator(".send")).to_have_text("60 秒后重发")
    expect(page.locator(".problem")).to_have_count(0)


def test_a_field_that_is_not_right_is_called_by_its_name(show: Open, api: Api) -> None:
    wrong = {"code": "invalid", "title": "", "status": 422, "field": "phone"}
    api.on("POST", "/auth/customer", wrong, status=422)
    page = show("/customer/sign-in", make.PHONE)
    page.fill("[name=phone]", "123")
    page.fill("[name=code]", "000000")
    page.click(".main")
    expect(page.locator(".problem")).to_have_text("填写的内容有误（手机号）")


def test_the_shop_says_how_soon_and_what_is_left_where(show: Open, api: Api) -> None:
    soon = {"kind": "minutes", "minutes": 30, "from_at": None, "store_id": make.STORE_ID, "store_zh": "成府路店"}
    api.on("GET", "/availability", soon | {"store_en": "C", "distance_m": 640, "text_zh": "", "text_en": ""})
    place = {"store_id": make.STORE_ID, "name_zh": "成府路店", "name_en": "C", "distance_m": 640, "open": True}
    api.on("GET", "/screens/customer/shelf", {"places": [place], "goods": [{"sku": "A-1", "most": 3, "left": [3]}]})
    page = show("/customer/", make.PHONE)
    page.evaluate(PLACE)
    page.reload()
    expect(page.locator("[data-soon=minutes]")).to_contain_text("约 30 分钟")
    page.click("[data-left='3']")
    expect(page.locator("[data-left-sheet]")).to_contain_text("成府路店")
    expect(page.locator("[data-left-sheet]")).to_contain_text("剩 3 件")


def test_a_window_is_chosen_at_checkout_and_asked_for_in_the_quote(show: Open, api: Api) -> None:
    asked: list[Any] = []

    def quoted(request: Request) -> dict[str, Any]:
        asked.append(request.post_data_json)
        return _quote()

    starts = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    window = {
        "slot_id": f"{make.STORE_ID}.1", "store_id": make.STORE_ID, "store_zh": "成府路店", "store_en": "C",
        "starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=1)).isoformat(), "free": True, "room": 0.8,
    }  # fmt: skip
    api.on("GET", "/slots", [window])
    api.on("POST", "/quotes", quoted)
    page = _filled(show)
    page.click("[data-checkout]")
    expect(page.locator("[data-holds]")).to_be_visible()
    page.click("[data-slots]")
    page.locator("[data-slot]").nth(1).click()
    api.heard(page, "/quotes", 2)
    assert [body["slot_id"] for body in asked] == [None, window["slot_id"]]


def test_an_order_of_two_parcels_says_so_before_anybody_pays(show: Open, api: Api) -> None:
    quote = _quote()
    line = {"sku": "A-1", "name_zh": "苹果", "name_en": "Apple", "quantity": 2, "weighed": False}
    money = {"unit_price_fen": 1500, "gross_fen": 3000, "coupon_fen": 0, "points_fen": 0, "due_fen": 3000}
    other = quote["store"] | {"id": "01976b2e-6f00-7abc-8def-000000000002", "name_zh": "五道口店"}
    promise = quote["promise"]
    parts = [
        {"store": store, "lines": [{"sku": "A-1", "quantity": 1}], "promise": promise}
        for store in (quote["store"], other)
    ]
    api.on("POST", "/quotes", quote | {"lines": [line | money], "parts": parts})
    page = _filled(show)
    page.click("[data-checkout]")
    expect(page.locator("[data-parcels]")).to_contain_text("分 2 个包裹送达")
    expect(page.locator("[data-parcels]")).to_contain_text("五道口店")


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


def test_the_basket_counts_weighed_goods_to_the_minimum_as_the_house_does(show: Open, api: Api) -> None:
    apples = make.good("A-1", "苹果", price_fen=2580, weighed=True)
    api.on("GET", "/goods", {"items": [apples], "next_page": None})
    page = _filled(show)
    expect(page.locator(".bar")).to_contain_text("¥12.90")
    expect(page.locator(".bar")).to_contain_text("还差 ¥5.81 起送")  # of 20.00, held are 14.19


def test_how_much_heavier_than_usual_weighed_goods_may_be_is_the_houses_word(show: Open, api: Api) -> None:
    house = {"profile": "test", "currency": "CNY", "weight_tolerance_pct": 30, "city": "", "map": None, "accounts": []}
    api.on("GET", "/config", house)
    apples = make.good("A-1", "苹果", price_fen=2580, weighed=True)
    api.on("GET", "/goods", {"items": [apples], "next_page": None})
    expect(_filled(show).locator(".bar")).to_contain_text("还差 ¥3.23 起送")  # of 20.00, held are 16.77


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
