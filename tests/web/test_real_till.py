"""The till and the count on two screens at once, against the real house: nothing is sold twice, and nobody counts beside another."""

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import text

from o2o.inventory.shelf import counting
from o2o.kit.principal import Role
from tests.journeys.town import BREAD, MILK, Town
from tests.web import make
from tests.web.conftest import Open, kept
from tests.web.stage import scan

pytestmark = pytest.mark.browser


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


def test_a_count_somebody_holds_is_not_counted_by_another_until_it_is_free(real: Open, town: Town) -> None:
    _ask(town, MILK, BREAD)
    first = real("/clerk/work", Role.CLERK, make.TABLET)
    second = real("/clerk/work", Role.CLERK, make.TABLET)
    second.click("[data-count]")
    expect(second.locator(f"[data-shelf='{BREAD}']")).to_be_visible()
    first.click("[data-count]")
    with first.expect_response("**/lines"):
        first.fill(f"[data-shelf='{BREAD}']", "10")
        first.keyboard.press("Tab")
    first.keyboard.type("3")  # the next shelf: what is typed and where stays when the count is read anew
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
