"""The dispatcher's desk: what waits says why, and hands may stay on the keyboard."""

import pytest
from playwright.sync_api import expect

from tests.web import make
from tests.web.conftest import Open
from tests.web.stage import Api

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _area(api: Api) -> None:
    api.on(
        "GET",
        "/screens/dispatcher",
        make.desk([make.delivery("AAA-1"), make.delivery("BBB-2", waits_for="没有在线骑手")]),
    )


def test_what_waits_says_why(show: Open) -> None:
    page = show("/dispatcher/", make.DESK, signed_in=("dispatcher", make.account("dispatcher")))
    page.click("[data-tab=waiting]")
    row = page.locator(".list > button")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("没有在线骑手")
    row.click()
    expect(page.locator(".detail")).to_contain_text("为什么还没派")


def test_keys_find_and_walk_the_deliveries(show: Open) -> None:
    page = show("/dispatcher/", make.DESK, signed_in=("dispatcher", make.account("dispatcher")))
    expect(page.locator(".el-table__row")).to_have_count(2)
    page.keyboard.press("j")
    expect(page.locator(".detail h2")).to_contain_text("AAA-1")
    page.keyboard.press("j")
    expect(page.locator(".detail h2")).to_contain_text("BBB-2")
    page.keyboard.press("Escape")
    expect(page.locator(".detail")).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("bbb")
    expect(page.locator(".el-table__row")).to_have_count(1)


def test_the_map_draws_stores_riders_and_doors_and_names_its_source(show: Open) -> None:
    page = show("/dispatcher/", make.DESK, signed_in=("dispatcher", make.account("dispatcher")))
    page.wait_for_selector(".map[data-idle=true]", timeout=20_000)
    assert page.locator(".spot.store").count() == 1
    assert page.locator(".spot.rider").count() == 1
    assert page.locator(".spot.door").count() == 2
    expect(page.locator(".credit")).to_have_text("© OpenStreetMap contributors")
