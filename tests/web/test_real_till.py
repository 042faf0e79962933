"""The till and the count on two screens at once, against the real house: nothing is sold twice, and nobody counts beside another."""

import json

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import text

from o2o.inventory.shelf import counting
from o2o.kit.principal import Role
from tests.journeys.town import BREAD, MILK, Town
from tests.web import make
from tests.web.conftest import Open, kept
from tests.web.stage import scan

pytestmark = pytest.mark.browser
HALF_A_MINUTE_MS = 31_000
"""After which a store's work is read again, if nobody told of a change before."""


def _ask(town: Town, *skus: str) -> None:
    with town.database.sessions() as db:
        counting.ask(db, store_id=town.near, skus=list(skus), because="weekly", now=town.clock())


def test_a_sale_whose_answer_is_lost_is_told_again_and_booked_once(real: Open, town: Town) -> None:
    page = real("/clerk/till", Role.CLERK, make.TABLET)
    heard: list[int] = []

    def lose(route: Route) -> None:
        heard.append(route.fetch().status)
        route.abort("connectionreset")

    page.click(f"[data-tile='{MILK}']")
    scan(page, MILK)
    page.route("**/api/till/sales", lose, times=2)
    page.click("[data-pay=cash]")
    expect(page.locator("[data-receipt]")).to_contain_text("已存本机")
    kept(page, "till-kept")
    expect(page.locator("[data-receipt] p.digits")).to_be_visible()
    expect(page.locator("[data-waiting]")).to_have_count(0)
    kept(page, "till-told")
    assert heard == [201, 201]
    with town.database.sessions() as db:
        assert db.scalar(text("SELECT count(*) FROM orders WHERE channel = 'till'")) == 1
    assert town.stock(town.near, MILK) == (8, 0)


def _sells(page: Page, sku: str, *, way: str = "cash") -> None:
    page.click(f"[data-tile='{sku}']")
    page.click(f"[data-pay={way}]")
    expect(page.locator("[data-receipt]")).to_be_visible()


def _booked(town: Town) -> int:
    with town.database.sessions() as db:
        return db.scalar(text("SELECT count(*) FROM orders WHERE channel = 'till'")) or 0


def test_a_sale_the_house_fails_over_stands_aside_and_those_behind_it_are_booked(real: Open, town: Town) -> None:
    page = real("/clerk/till", Role.CLERK, make.TABLET)

    def fail_over_milk(route: Route) -> None:
        if MILK in (route.request.post_data or ""):
            problem = json.dumps({"code": "server", "title": "", "status": 500})
            route.fulfill(status=500, body=problem, content_type="application/problem+json")
        else:
            route.continue_()

    page.route("**/api/till/sales", fail_over_milk)
    _sells(page, MILK)
    expect(page.locator("[data-told=failing]")).to_be_visible()
    kept(page, "till-failing")
    page.click("[data-next-sale]")
    _sells(page, BREAD)
    expect(page.locator("[data-told=told]")).to_be_visible()
    assert _booked(town) == 1
    page.click("[data-next-sale]")
    page.click("[data-kept-sales]")  # after its third try
    sale = page.locator("[data-kept-sale]")
    expect(sale).to_contain_text("¥18.90")
    expect(sale).to_contain_text("鲜牛奶")
    kept(page, "till-kept-sales")
    page.reload()
    page.click("[data-kept-sales]")  # it is on the device
    page.unroute("**/api/till/sales")
    page.locator("[data-send-again]").click()
    expect(sale).to_have_count(0)
    assert _booked(town) == 2
    assert town.stock(town.near, MILK) == (9, 0)


def test_a_sale_the_house_refuses_is_kept_until_a_clerk_gives_it_up(real: Open, town: Town) -> None:
    page = real("/clerk/till?lang=en", Role.CLERK, make.TABLET)
    no = json.dumps({"code": "orders.bad_sale_time", "title": "", "status": 422})
    page.route(
        "**/api/till/sales", lambda route: route.fulfill(status=422, body=no, content_type="application/problem+json")
    )
    _sells(page, MILK)
    expect(page.locator("[data-told=stopped]")).to_be_visible()
    page.click("[data-next-sale]")
    page.click("[data-kept-sales]")
    page.click("[data-send-again]")
    expect(page.locator("[data-kept-sale]")).to_be_visible()
    page.click("[data-drop]")
    kept(page, "till-drop")
    page.get_by_role("button", name="Give up").last.click()
    expect(page.locator("[data-kept-sale]")).to_have_count(0)
    expect(page.locator("[data-kept-sales]")).to_have_count(0)


def test_a_sale_by_code_is_found_again_while_it_is_not_paid(real: Open, town: Town) -> None:
    page = real("/clerk/till", Role.CLERK, make.TABLET)
    _sells(page, MILK, way="code")
    expect(page.locator("[data-told=owed]")).to_be_visible()
    page.click("[data-next-sale]")
    page.reload()
    page.click("[data-unpaid-sales]")
    page.click("[data-unpaid-sale] button")
    expect(page.locator("[data-unpaid-sale] [data-pay-url]")).to_be_visible()
    kept(page, "till-unpaid")
    page.click("[data-unpaid-sale] [data-cash-instead]")
    expect(page.locator("[data-unpaid-sale]")).to_have_count(0)
    expect(page.locator("[data-unpaid-sales]")).to_have_count(0)


@pytest.mark.parametrize("paid_by", ["the customer", "cash at another till"])
def test_a_till_hears_that_an_unpaid_sale_is_paid_without_asking_time_and_again(
    real: Open, town: Town, paid_by: str
) -> None:
    page = real("/clerk/till", Role.CLERK, make.TABLET)
    page.add_init_script("window.setInterval = () => 0")  # nothing on this page is done by the clock
    _sells(page, MILK, way="code")
    expect(page.locator("[data-told=owed]")).to_be_visible()
    page.reload()
    expect(page.locator("[data-unpaid-sales]")).to_be_visible()
    sale = town.get(town.clerks[town.near], "/till/unpaid")[0]["sale_id"]
    if paid_by == "the customer":
        pay_url = town.get(town.clerks[town.near], f"/till/sales/{sale}/code")["pay_url"]
        town.did(town.post(town.customer, f"/sandbox/charges/{pay_url.rsplit('/', 1)[1]}/confirm"))
        town.clock.advance(2)
        town.worker.do("payments.send_notices")
    else:
        town.did(town.post(town.clerks[town.near], f"/till/sales/{sale}/cash"))
    town.worker.drain(times=2)
    expect(page.locator("[data-unpaid-sales]")).to_have_count(0)


def test_a_count_somebody_holds_is_not_counted_by_another_until_it_is_free(real: Open, town: Town) -> None:
    _ask(town, MILK, BREAD)
    first, second = (real("/clerk/work", Role.CLERK, make.TABLET) for _ in range(2))
    for page in (first, second):
        page.clock.install()
        page.reload()
    second.click("[data-count]")
    expect(second.locator(f"[data-shelf='{BREAD}']")).to_be_visible()
    first.click("[data-count]")
    with first.expect_response("**/lines"):
        first.fill(f"[data-shelf='{BREAD}']", "10")
        first.keyboard.press("Tab")
    first.keyboard.type("3")  # the next shelf: what is typed and where stays when the count is read anew
    for page in (first, second):
        page.clock.fast_forward(HALF_A_MINUTE_MS)
    expect(second.locator("[data-taken]")).to_be_visible()  # it is told while the form stands open
    kept(second, "count-taken")
    expect(first.locator("[data-count]")).to_contain_text("盘点中 1/2")
    expect(first.locator(f"[data-shelf='{MILK}']")).to_have_value("3")
    expect(first.locator(f"[data-shelf='{MILK}']")).to_be_focused()


def test_a_sale_in_the_middle_of_a_count_is_no_difference(real: Open, town: Town) -> None:
    _ask(town, MILK)
    page = real("/clerk/work", Role.CLERK, make.TABLET)
    page.click("[data-count]")
    with page.expect_response("**/lines"):
        page.fill(f"[data-shelf='{MILK}']", "10")
        page.keyboard.press("Tab")
    till = real("/clerk/till", Role.CLERK, make.TABLET)
    till.click(f"[data-tile='{MILK}']")
    with till.expect_response("**/till/sales"):
        till.click("[data-pay=cash]")
    page.click("[data-submit]")
    expect(page.locator("[data-done]")).to_be_visible()
    till.goto(till.url.replace("/till", "/work"))
    till.click("[data-count]")
    expect(till.locator("aside label", has=till.locator("[data-doubt]"))).to_contain_text("10 → 10")
    kept(till, "count-review-after-sale")
    till.click("[data-post]")
    expect(till.locator("[data-done]")).to_be_visible()
    assert town.stock(town.near, MILK) == (9, 0)


def test_a_channel_rule_is_tried_on_the_shelves_before_it_holds(real: Open, town: Town) -> None:
    page = real("/hq/stock/rules", Role.HQ, make.DESK)
    page.fill("[name=safety]", "4")
    page.fill("[name=note]", "周末留货")
    page.click("[data-preview]")
    expect(page.locator("[data-effects]")).to_be_visible()
    kept(page, "rules-preview")
    page.click("[data-rule-form] [data-save]")
    expect(page.locator("[data-rule='周末留货']")).to_be_visible()
    kept(page, "rules-in-force")
