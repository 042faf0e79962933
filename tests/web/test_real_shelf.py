"""A shelf's numbers on the screens of clerks, head office and customers, against the real house, as people change them."""

import uuid

import pytest
from playwright.sync_api import Page, expect

from o2o.kit.principal import Role
from tests.journeys.town import MILK, Town
from tests.web import make
from tests.web.conftest import Open, kept

pytestmark = pytest.mark.browser


def _pile(page: Page, pile: str, units: int) -> None:
    expect(page.locator(f"[data-pile='{pile}'] b")).to_have_text(str(units))


def _sell(town: Town, quantity: int) -> None:
    sale = {
        "sale_id": str(uuid.uuid4()), "items": [{"sku": MILK, "quantity": quantity}], "tender": "cash", "at": town.clock().isoformat(),
    }  # fmt: skip
    town.did(town.post(town.clerks[town.near], "/till/sales", sale), 201)


def test_a_clerk_sees_where_every_piece_is_and_the_moves_behind_each_number(real: Open, town: Town) -> None:
    town.bought((MILK, 3))
    page = real("/clerk/stock", Role.CLERK, make.TABLET)
    page.click(f"[data-stock='{MILK}']")
    _pile(page, "on_hand", 10)
    _pile(page, "reserved", 3)
    expect(page.locator("[data-sells]")).to_have_text("7")
    page.click("[data-form=apart]")
    page.fill("[data-how-many]", "2")
    page.click("[data-save]")
    _pile(page, "damaged", 2)
    expect(page.locator("[data-sells]")).to_have_text("5")
    page.click("[data-pile=damaged]")
    expect(page.locator("[data-moves]")).to_contain_text("+2")
    kept(page, "shelf-damaged")
    page.click("[data-undo]")
    _pile(page, "damaged", 0)
    expect(page.locator("[data-moves]")).to_contain_text("-2")
    page.click("[data-pile=reserved]")
    expect(page.locator("[data-truth]")).to_contain_text("已付款")
    page.click("[data-ask-count]")
    expect(page.locator("[data-done]")).to_contain_text("等着盘点")
    [count] = town.get(town.clerks[town.near], "/counts")
    assert count["waiting"] == [MILK]
    page.click("[data-form=off]")
    page.fill("[data-how-many]", "99")
    page.click("[data-save]")
    expect(page.locator("form")).to_contain_text("没有这么多")
    page.fill("[data-how-many]", "3")
    page.click("[data-save]")
    _pile(page, "on_hand", 7)
    page.click("[data-done] [data-undo]")
    _pile(page, "on_hand", 10)
    assert town.stock(town.near, MILK) == (10, 3)


def test_head_office_sees_each_shelf_and_on_a_phone_too(real: Open, town: Town) -> None:
    _sell(town, 4)
    page = real("/hq/stock", Role.HQ, make.PHONE)
    expect(page.locator("[data-tab=shelves]")).to_have_attribute("aria-selected", "true")
    page.locator(f"[data-shelf='{MILK}']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-truth]")).to_be_visible()
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    kept(page, "shelf-hq-phone")
    page.goto(page.url.split("/hq/")[0] + "/hq/stock/offers")
    expect(page.locator("[data-tab=offers]")).to_be_in_viewport()


def test_goods_that_come_back_are_agreed_to_taken_in_looked_at_and_on_the_shelf_again(real: Open, town: Town) -> None:
    placed = town.bought((MILK, 2), method="pickup", store_id=str(town.near))
    town.pick()
    code = town.order(placed)["code"]
    town.did(town.post(town.clerks[town.near], f"/orders/{placed['order_id']}/hand-over", {"code": code}))
    asked = {"return_id": str(uuid.uuid4()), "kind": "return", "lines": [{"no": 1, "quantity": 1}], "reason": "damaged"}
    town.did(town.post(town.customer, f"/orders/{placed['order_id']}/returns", asked), 201)
    page = real("/clerk/work", Role.CLERK, make.PHONE)
    expect(page.locator("[data-return=requested]")).to_contain_text(placed["order_no"])
    page.click("[data-return=requested]")
    kept(page, "return-asked-phone")
    page.click("[data-yes]")
    page.click("[data-return=approved]")
    page.click("[data-receive]")
    page.click("[data-return=received]")
    kept(page, "return-inspect-phone")
    page.click("[data-outcome=restocked]")
    page.click("[data-inspect]")
    expect(page.locator("[data-return]")).to_have_count(0)
    assert town.stock(town.near, MILK) == (9, 0)
    town.settle()
    assert town.money(placed)["refunded_fen"] == 1890
