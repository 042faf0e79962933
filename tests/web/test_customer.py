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


def test_a_basket_below_the_minimum_leads_back_to_the_shop(show: Open, api: Api) -> None:
    one = {
        "store_id": make.STORE_ID,
        "verdict": "below_minimum",
        "facts": {"missing_fen": 500},
        "score_fen": None,
        "terms": {},
    }
    api.on("POST", "/quotes", {"code": "orders.unserved", "title": "no", "status": 409, "considered": [one]}, 409)
    page = _filled(show)
    page.click("[data-checkout]")
    page.click("[data-more]")
    expect(page.locator("[data-sku=A-1]")).to_be_visible()


def test_a_pickup_speaks_of_collecting_and_a_store_that_cannot_says_why(show: Open, api: Api) -> None:
    other = "01976b2e-6f00-7abc-8def-000000000002"
    names = {make.STORE_ID: "成府路店", other: "五道口店"}
    api.on("GET", "/stores", [{"id": one, "name_zh": name, "name_en": name} for one, name in names.items()])
    api.on("GET", "/slots", [])
    api.on("POST", "/quotes", _quote())
    page = _filled(show)
    page.click("[data-checkout]")
    page.get_by_role("radio", name="到店自提").click()
    expect(page.locator("[data-slots]")).to_contain_text("尽快取货")
    expect(page.locator("[data-promise]")).to_contain_text("在 成府路店 自提")
    expect(page.locator("[data-promise]")).not_to_contain_text("为什么是这家店")
    said = [("emergency_closed", other), ("not_chosen", make.STORE_ID)]
    considered = [
        {"store_id": store, "verdict": why, "facts": {}, "score_fen": None, "terms": {}} for why, store in said
    ]
    api.on("POST", "/quotes", {"code": "orders.unserved", "title": "no", "status": 409, "considered": considered}, 409)
    page.locator("select").first.select_option(other)
    expect(page.locator("[data-refused]")).to_contain_text("五道口店 临时关闭")
    expect(page.locator("[data-refused] li")).to_have_count(1)


def test_points_taken_back_before_they_counted_are_shown_with_their_number(show: Open, api: Api) -> None:
    entry = {"order_id": None, "at": make.soon(-60), "points": 0}
    said = [{"id": 2, "kind": "reverse", "pending": -13, **entry}, {"id": 1, "kind": "accrue", "pending": 98, **entry}]
    api.on("GET", "/member/points", {"items": said, "next_page": None})
    page = show("/customer/me", make.PHONE, signed_in=("customer", make.account("customer")))
    expect(page.locator(".entry").first).to_contain_text("待生效 -13")
    expect(page.locator(".entry").last).to_contain_text("待生效 +98")


def test_demo_accounts_are_called_in_the_reader_s_language(show: Open, api: Api) -> None:
    account = {
        "role": "rider",
        "name": "演示骑手",
        "name_en": "Demo rider",
        "username": "rider",
        "password": "x",
        "phone": "",
    }
    told = {"profile": "demo", "currency": "CNY", "weight_tolerance_pct": 10, "city": "", "map": None}
    api.on("GET", "/config", told | {"accounts": [account]})
    page = show("/rider/?lang=en", make.PHONE)
    expect(page.locator("[data-demo=rider]")).to_have_text("Demo rider")


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
