"""Head office buys, prices, promotes and opens limited offers on its screens, against the real house."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from o2o.kit.principal import Role
from tests.journeys.town import BREAD, MILK, Town
from tests.web import make
from tests.web.conftest import Open, kept

pytestmark = pytest.mark.browser


def _choose(page: Page, form: str, nth: int, words: str) -> None:
    """Pick from one of a form's lists by typing."""
    box = page.locator(f"{form} .el-select").nth(nth)
    box.click()
    box.locator("input").fill(words)
    page.locator(".el-select-dropdown:visible .el-select-dropdown__item:visible").filter(has_text=words).first.click()


def _rows(town: Town, query: str) -> list[Any]:
    with town.database.sessions() as db:
        return [tuple(row) for row in db.execute(text(query))]


def test_terms_of_supply_are_kept_changed_dropped_and_had_back(real: Open, town: Town) -> None:
    page = real("/hq/stock/terms", Role.HQ, make.DESK)
    expect(page.get_by_text("还没有采购条件")).to_be_visible()
    _choose(page, "[data-terms-form]", 0, MILK)
    page.fill("[name=supplier]", "青青牧场")
    page.fill("[name=lead_days]", "99")
    page.click("[data-terms-form] [data-save]")
    expect(page.locator("[data-wrong=lead_days]")).to_be_visible()
    kept(page, "terms-wrong")
    page.fill("[name=lead_days]", "2")
    page.fill("[name=multiple]", "12")
    page.click("[data-terms-form] [data-save]")
    expect(page.locator(f"[data-terms='{MILK}']")).to_contain_text("青青牧场")
    kept(page, "terms")
    query = "SELECT supplier, lead_days, multiple FROM supply_terms"
    assert _rows(town, query) == [("青青牧场", 2, 12)]
    page.click(f"[data-terms='{MILK}'] [data-drop]")
    page.click(".el-message-box .el-button--primary")
    expect(page.locator(f"[data-terms='{MILK}']")).to_have_count(0)
    assert _rows(town, query) == []
    page.click("[data-done] [data-undo]")
    expect(page.locator(f"[data-terms='{MILK}']")).to_be_visible()
    assert _rows(town, query) == [("青青牧场", 2, 12)]


def test_a_price_is_seen_beside_the_old_one_holds_at_once_and_can_be_taken_back(real: Open, town: Town) -> None:
    page = real("/hq/stock/prices", Role.HQ, make.DESK)
    page.click(f"[data-good='{MILK}']")
    page.fill("[name=price]", "16.90")
    expect(page.locator("[data-change]")).to_contain_text("-10.6%")
    page.click("[data-price-form] [data-save]")
    kept(page, "prices-sure")
    page.click(".el-message-box .el-button--primary")
    expect(page.locator("[data-done]")).to_contain_text("18.90 → ¥16.90")
    assert town.quote((MILK, 2))["goods_fen"] == 2 * 1690
    expect(page.locator("[data-was]").first).to_contain_text("16.90")
    kept(page, "prices")
    page.click("[data-done] [data-undo]")
    expect(page.locator("[data-done]")).to_have_count(0)
    assert town.quote((MILK, 2))["goods_fen"] == 2 * 1890
    assert [row[0] for row in _rows(town, f"SELECT price_fen FROM price_changes WHERE sku = '{MILK}' ORDER BY id")][
        -2:
    ] == [
        1690,
        1890,
    ]


def test_promoted_days_are_noted_refused_where_they_end_before_they_begin_and_taken_back(
    real: Open, town: Town
) -> None:
    page = real("/hq/stock/promotions", Role.HQ, make.DESK)
    expect(page.get_by_text("没有促销日")).to_be_visible()
    _choose(page, "[data-promotion-form]", 0, BREAD)
    first, before, last = (str((town.clock() + timedelta(days=days)).date()) for days in (30, 28, 32))
    page.fill("[name=first_day]", first)
    page.fill("[name=last_day]", before)
    page.click("[data-promotion-form] [data-save]")
    expect(page.locator("[data-wrong=last_day]")).to_be_visible()
    page.fill("[name=last_day]", last)
    page.click("[data-promotion-form] [data-save]")
    expect(page.locator(f"[data-promotion='{BREAD}']")).to_contain_text("未开始")
    kept(page, "promotions")
    page.click(f"[data-promotion='{BREAD}'] [data-drop]")
    expect(page.locator(f"[data-promotion='{BREAD}']")).to_have_count(0)
    assert _rows(town, "SELECT sku FROM stock_promotions") == []
    page.click("[data-done] [data-undo]")
    expect(page.locator(f"[data-promotion='{BREAD}']")).to_be_visible()
    assert [row[0] for row in _rows(town, "SELECT sku FROM stock_promotions")] == [BREAD]


def test_a_limited_offer_sells_what_was_set_apart_and_gives_the_rest_back(real: Open, town: Town) -> None:
    page = real("/hq/stock/offers", Role.HQ, make.DESK)
    expect(page.get_by_text("没有进行中的抢购")).to_be_visible()
    _choose(page, "[data-offer-form]", 0, "NEAR")
    _choose(page, "[data-offer-form]", 1, MILK)
    page.fill("[name=quantity]", "11")
    page.click("[data-offer-form] [data-save]")
    expect(page.locator("[data-offer-form] [role=alert]")).to_be_visible()
    page.fill("[name=quantity]", "6")
    page.click("[data-offer-form] [data-save]")
    offer = page.locator(f"[data-offer='{MILK}']")
    expect(offer).to_contain_text("剩 6 / 6")
    town.place((MILK, 2))
    expect(offer).to_contain_text("剩 4 / 6")
    kept(page, "offers")
    offer.locator("[data-end]").click()
    page.click(".el-message-box .el-button--primary")
    expect(offer).to_have_count(0)
    assert town.stock(town.near, MILK) == (10, 2)
