"""A store's work beside the orders, on its own screen, against the real house."""

import uuid
from datetime import timedelta

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import text

from o2o.inventory.lines import Line
from o2o.inventory.shelf import counting
from o2o.inventory.supply import suppliers
from o2o.kit import ids
from o2o.kit.principal import Role
from tests.journeys.town import BREAD, MILK, Town
from tests.web import make
from tests.web.conftest import Open, kept
from tests.web.stage import scan

pytestmark = pytest.mark.browser


def test_a_delivery_that_differs_says_why_and_can_be_taken_back(real: Open, town: Town) -> None:
    with town.database.sessions() as db:
        due_at = town.clock() + timedelta(hours=1)
        announced = [Line(MILK, 24), Line(BREAD, 6)]
        suppliers.announce(
            db,
            notice_id=ids.new_id(),
            supplier="青青牧场",
            store_id=town.near,
            due_at=due_at,
            lines=announced,
            now=town.clock(),
        )
        suppliers.call_in_english(db, supplier="青青牧场", name_en="Green Pastures")
        db.commit()
    page = real("/clerk/work?lang=en", Role.CLERK, make.PHONE)
    page.locator("[data-notice]", has_text="Green Pastures").click()
    page.fill(f"[data-field='{MILK}/damaged']", "99")
    expect(page.locator("aside [data-act]")).to_be_disabled()
    page.fill(f"[data-field='{MILK}/damaged']", "2")
    expect(page.locator(f"[data-why='{MILK}/broken']")).to_have_attribute("aria-pressed", "true")
    lot = page.locator(f"[data-came-line='{MILK}'] [type=date]")
    lot.fill("2024-01-31")
    expect(page.locator(f"[data-came-line='{MILK}'] [data-past]")).to_be_visible()
    lot.fill("2099-01-31")
    expect(page.locator("[data-past]")).to_have_count(0)
    page.fill(f"[data-field='{BREAD}/received']", "4")
    page.click(f"[data-why='{BREAD}/wrong']")
    kept(page, "notice-differs-phone")
    page.click("aside [data-act]")
    expect(page.locator("[data-done]")).to_contain_text("2 goods differ")
    assert (town.stock(town.near, MILK), town.stock(town.near, BREAD)) == ((34, 0), (14, 0))
    query = text("SELECT sku, received, damaged, reason FROM supply_notice_lines ORDER BY sku")
    with town.database.sessions() as db:
        assert [tuple(row) for row in db.execute(query)] == [(BREAD, 4, 0, "wrong"), (MILK, 24, 2, "broken")]
    page.click("[data-done] [data-undo]")
    expect(page.locator("[data-done]")).to_have_text("✓ Taken back; stock is as it was")
    expect(page.locator("[data-notice]")).to_have_count(1)
    assert (town.stock(town.near, MILK), town.stock(town.near, BREAD)) == ((10, 0), (10, 0))


def test_a_receipt_number_opens_a_return_at_the_counter(real: Open, town: Town) -> None:
    sale = {
        "sale_id": str(uuid.uuid4()), "items": [{"sku": MILK, "quantity": 2}], "tender": "cash", "at": town.clock().isoformat(),
    }  # fmt: skip
    sold = town.did(town.post(town.clerks[town.near], "/till/sales", sale), 201)
    page = real("/clerk/work", Role.CLERK, make.TABLET)
    page.click("[data-desk]")
    page.fill("[data-receipt-no]", "zzzz 9999")
    page.keyboard.press("Enter")
    expect(page.locator("aside [role=alert]")).to_have_text("没有这笔订单")
    page.fill("[data-receipt-no]", sold["order_no"].replace("-", "").lower())
    page.keyboard.press("Enter")
    page.locator(f"[data-good='{MILK}'] .more").click()
    expect(page.locator("[data-found]")).to_contain_text("店内购买")
    page.click("[data-reason=unwanted]")
    expect(page.locator("[data-outcome=restocked]")).to_have_attribute("aria-pressed", "true")
    page.click("[data-reason=damaged]")  # what is said to be broken is not put back on the shelf unasked
    expect(page.locator("[data-outcome=wasted]")).to_have_attribute("aria-pressed", "true")
    page.click("[data-take]")
    expect(page.locator("[data-done]")).to_contain_text("已退款")
    page.click("[data-desk]")
    page.fill("[data-receipt-no]", sold["order_no"])
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-good='{MILK}']")).to_contain_text("还能退 1 件")
    query = text("SELECT on_hand, damaged FROM stock_items WHERE store_id = :store AND sku = :sku")
    with town.database.sessions() as db:
        assert tuple(db.execute(query, {"store": town.near, "sku": MILK}).one()) == (9, 1)


def test_a_count_goes_by_scanner_and_enter_and_is_reviewed_by_others(real: Open, town: Town) -> None:
    with town.database.sessions() as db:
        counting.ask(db, store_id=town.near, skus=[BREAD, MILK], because="weekly", now=town.clock())
        db.commit()
    page = real("/clerk/work", Role.CLERK, make.TABLET)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/goods?**", hold)
    with page.expect_request("**/api/goods?**"):
        page.reload()
    page.click("[data-count]")
    scan(page, MILK)  # the catalogue is not here yet; the code waits for it
    page.unroute("**/api/goods?**")
    for route in held:
        route.continue_()
    expect(page.locator(f"[data-shelf='{MILK}']")).to_be_focused()
    page.keyboard.type("7")
    page.click("[data-submit]")
    expect(page.locator("[data-done]")).to_be_visible()
    page.click("[data-count]")
    expect(page.locator("[data-own]")).to_be_visible()
    other = real("/hq/stock/counts", Role.HQ, make.DESK)
    other.wait_for_function("localStorage.getItem('o2o.hq.store')")
    other.evaluate("store => localStorage.setItem('o2o.hq.store', store)", str(town.near))
    other.reload()
    other.click("[data-review]")
    other.check(f"[data-doubt='{BREAD}']")
    other.click("[data-again]")
    expect(other.locator("[data-count=requested]")).to_be_visible()
    page.reload()
    page.click("[data-count]")
    page.fill(f"[data-shelf='{BREAD}']", "10")
    page.keyboard.press("Enter")
    page.click("[data-submit]")
    expect(page.locator("[data-done]")).to_be_visible()
    other.reload()
    other.click("[data-review]")
    other.click("[data-post]")
    expect(other.locator("[data-count]")).to_have_count(0)
    assert (town.stock(town.near, MILK), town.stock(town.near, BREAD)) == ((7, 0), (10, 0))
