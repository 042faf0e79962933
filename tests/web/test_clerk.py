"""The clerk's tablet: counts at once, loses nothing, and tells it in order."""

from typing import Any

import pytest
from playwright.sync_api import Request, expect

from tests.web import make
from tests.web.conftest import Open
from tests.web.stage import Api, scan

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _store(api: Api) -> None:
    goods = [
        make.good("A-1", "苹果", barcode="6901234567892"),
        make.good("A-2", "香蕉", weighed=True, price_fen=698),
    ]
    task = make.pick_task("t1", [make.pick_line("A-1", "苹果", 2), make.pick_line("A-2", "香蕉", 1, weighed=True)])
    api.on("GET", "/goods", {"items": goods, "next_page": None})
    api.on("GET", "/categories", make.AISLES)
    api.on("GET", "/pick-tasks", lambda request: [] if "picked" in request.url else [task])
    api.on("GET", "/pick-tasks/*", task)
    api.on("POST", "/pick-tasks/*/start", {"state": "picking"})


def test_a_task_is_picked_by_scanner_and_scale_without_a_network_and_told_in_order_after(show: Open, api: Api) -> None:
    page = show("/clerk/", make.TABLET, signed_in=("clerk", make.account("clerk")))
    with page.expect_response("**/start"):
        page.click("[data-task=t1]")
    page.wait_for_selector("[data-line=A-1]")
    expect(page.locator("[data-waiting]")).to_have_count(0)
    api.away = True
    scan(page, "6901234567892")
    expect(page.locator("[data-total] b")).to_have_text("1")
    page.click("[data-line=A-1] .main-part")
    expect(page.locator("[data-total] b")).to_have_text("2")
    page.click("[data-line=A-2] .main-part")
    for key in "260":
        page.click(f"[data-key='{key}']")
    page.click("[data-key='✓']")
    expect(page.locator("[data-total] b")).to_have_text("3")
    page.click("[data-finish]")
    expect(page.locator("[data-waiting]")).to_be_visible()  # what waits is counted exactly below, when it is told

    api.on(
        "POST",
        "/pick-tasks/*/scans",
        {"sku": "A-1", "quantity": 2, "picked": 1, "short": 0, "weight_g": 0, "known": False},
    )
    api.on("POST", "/pick-tasks/*/finish", {"order_id": "o1", "state": "packed", "charged_fen": 900})
    api.away = False
    with page.expect_response("**/finish"):
        page.click(".live")
    expect(page.locator("[data-waiting]")).to_have_count(0)
    scans = api.writes("/scans")
    assert [(s["sku"], s["quantity"], s["weight_g"]) for s in scans] == [("A-1", 1, 0), ("A-1", 1, 0), ("A-2", 1, 260)]
    assert len({s["scan_id"] for s in scans}) == 3
    keys = [
        headers["idempotency-key"] for verb, path, _, headers in api.told if verb == "POST" and path.endswith("/scans")
    ]
    assert keys == [s["scan_id"] for s in scans]


def test_a_short_pick_has_its_reason_and_count(show: Open, api: Api) -> None:
    api.on(
        "POST",
        "/pick-tasks/*/short",
        {"sku": "A-1", "quantity": 2, "picked": 0, "short": 2, "weight_g": 0, "known": False},
    )
    page = show("/clerk/tasks/t1", make.TABLET, signed_in=("clerk", make.account("clerk")))
    page.click("[data-line=A-1] [data-short]")
    page.click("[data-reason=DAMAGE]")
    page.click("[data-confirm-short]")
    assert api.heard(page, "/short") == [{"sku": "A-1", "quantity": 2, "reason": "DAMAGE"}]


def test_a_till_sells_without_a_network_and_is_booked_once_when_it_is_back(show: Open, api: Api) -> None:
    page = show("/clerk/till", make.TABLET, signed_in=("clerk", make.account("clerk")))
    page.click("[data-tile=A-1]")
    scan(page, "6901234567892")
    expect(page.locator("[data-till-total]")).to_contain_text("20.00")
    api.away = True
    page.click("[data-pay=cash]")
    expect(page.locator("[data-receipt]")).to_contain_text("已存本机")
    api.on("POST", "/till/sales", {
        "order_id": "o", "order_no": "U3M5-P27F", "lines": [], "goods_fen": 2000, "coupon_fen": 0, "points": 0, "points_fen": 0,
        "total_fen": 2000, "pay_ref": None, "points_earned": 20, "discrepancies": 0, "known": False,
    }, 201)  # fmt: skip
    api.away = False
    expect(page.locator("[data-receipt]")).to_contain_text("U3M5-P27F")
    (sale,) = api.writes("/till/sales")
    assert [(item["sku"], item["quantity"]) for item in sale["items"]] == [("A-1", 2)]
    assert sale["tender"] == "cash"


def test_a_whole_sale_is_made_from_the_keyboard_and_the_next_scan_is_the_next_customer_s(show: Open, api: Api) -> None:
    page = show("/clerk/till", make.TABLET, signed_in=("clerk", make.account("clerk")))
    expect(page.locator("[data-tile=A-1]")).to_be_visible()
    scan(page, "6901234567892")
    expect(page.locator("[data-till-total]")).to_contain_text("10.00")
    page.keyboard.press("F8")
    page.click("[data-note='2000']")
    expect(page.locator("[data-change]")).to_contain_text("¥10.00")
    page.fill("[data-given]", "9.5")
    expect(page.locator("[data-change]")).to_contain_text("还差 ¥0.50")
    page.keyboard.press("F8")  # nothing is on the belt: nothing is sold
    scan(page, "6901234567892")
    expect(page.locator("[data-receipt]")).to_have_count(0)
    expect(page.locator("[data-till-total]")).to_contain_text("10.00")
    page.keyboard.press("F8")
    expect(page.locator("[data-next-sale]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-receipt]")).to_have_count(0)
    assert len({sale["sale_id"] for sale in api.heard(page, "/till/sales", 2)}) == 2


def test_what_is_weighed_by_hand_asks_for_its_weight_and_is_not_sold_without(show: Open, api: Api) -> None:
    page = show("/clerk/till", make.TABLET, signed_in=("clerk", make.account("clerk")))
    page.click("[data-tile=A-2]")
    expect(page.locator(".grams input")).to_be_focused()
    page.keyboard.press("Delete")
    expect(page.locator("[data-no-weight]")).to_be_visible()
    expect(page.locator("[data-pay=cash]")).to_be_disabled()
    page.keyboard.press("F8")
    page.keyboard.type("1000")
    expect(page.locator("[data-till-total]")).to_contain_text("6.98")
    page.click("[data-pay=cash]")
    assert [sale["items"][0]["weight_g"] for sale in api.heard(page, "/till/sales")] == [1_000]


def test_who_picks_when_is_planned_and_taken_off_again(show: Open, api: Api) -> None:
    rota = [{"id": "h1", "hands": 2, "starts_at": make.soon(-1800), "ends_at": make.soon(5400)}]

    def planned(request: Request) -> dict[str, Any]:
        rota.append({"id": "h2", **request.post_data_json})
        return rota[-1]

    def taken_off(_: Request) -> dict[str, Any]:
        rota.pop(0)
        return {}

    for path in ("/counts", "/transfers", "/supply-notices", "/expiring-lots", "/discrepancies"):
        api.on("GET", path, [])
    api.on("GET", "/picker-shifts", lambda _: rota)
    api.on("POST", "/picker-shifts", planned, 201)
    api.on("DELETE", "/picker-shifts/*", taken_off)
    page = show("/clerk/work", make.TABLET, signed_in=("clerk", make.account("clerk")))
    expect(page.locator("[data-rota]")).to_contain_text("现在 2 人在拣")
    page.click("[data-rota]")
    expect(page.locator("[data-shift]")).to_have_count(1)
    page.select_option("[data-day]", index=1)
    page.select_option("[data-from]", label="10:00")
    page.select_option("[data-until]", label="14:00")
    page.click("form .more")
    page.click("[data-add]")
    expect(page.locator("[data-shift=h2]")).to_contain_text("10:00 – 14:00")
    (asked,) = api.writes("/picker-shifts")
    ten = page.evaluate(
        "() => { const d = new Date(); d.setDate(d.getDate() + 1); d.setHours(10, 0, 0, 0); return +d }"
    )
    assert asked["hands"] == 3
    assert page.evaluate("([a, b]) => [+new Date(a), +new Date(b)]", [asked["starts_at"], asked["ends_at"]]) == [
        ten,
        ten + 4 * 3_600_000,
    ]
    page.click("[data-shift=h1] [data-off]")
    expect(page.locator("[data-shift]")).to_have_count(1)
    expect(page.locator("[data-rota]")).to_contain_text("现在没有排班")


def test_whoever_thinks_better_of_refusing_an_order_goes_on_with_it(show: Open, api: Api) -> None:
    """What is left unsaid is no script error either: `show` would fail."""
    page = show("/clerk/tasks/t1", make.TABLET, signed_in=("clerk", make.account("clerk")))
    page.locator("footer .button.line").last.click()
    page.get_by_text("太忙了").click()
    page.click(".van-dialog__cancel")
    expect(page.locator(".van-dialog")).not_to_be_visible()
    page.click("[data-line=A-1] .main-part")
    expect(page.locator("[data-total] b")).to_have_text("1")
    assert api.writes("/reject") == []


@pytest.mark.parametrize("size", [make.PHONE, (360, 740)])
def test_a_phone_shows_whole_what_a_clerk_presses(show: Open, api: Api, size: tuple[int, int]) -> None:
    page = show("/clerk/tasks/t1", size, signed_in=("clerk", make.account("clerk")))
    for part in ("header h1", "[data-total]", "[data-finish]"):
        expect(page.locator(part)).to_be_in_viewport(ratio=1)
    page.wait_for_function("document.querySelector('header').offsetHeight < 170")
    page.click("[data-line=A-1] [data-short]")
    expect(page.locator(".van-popup .sheet")).to_be_in_viewport(ratio=1)
    expect(page.locator("[data-confirm-short]")).to_be_in_viewport(ratio=1)
