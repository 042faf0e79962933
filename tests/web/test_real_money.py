"""Money that did not go its way, a sale paid by code, and orders that move, on real screens against the real house."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text, update

from o2o.kit.principal import Role
from o2o.payments.models import SandboxCharge
from tests.journeys.town import MILK, Json, Town
from tests.web import make
from tests.web.conftest import Open, kept

pytestmark = pytest.mark.browser
ASKS_AGAIN_AFTER_MS = 11_000
"""Whether a code was paid."""


def _packed_unpaid(town: Town) -> Json:
    """An order packed whose money its provider no longer holds, and will not give however often it is asked."""
    placed = town.bought()
    with town.database.sessions() as db:
        db.execute(update(SandboxCharge).where(SandboxCharge.state == "held").values(state="lapsed"))
    town.pick()
    for seconds in (61, 301, 1_801, 7_201):
        town.clock.advance(seconds)
        town.worker.do("payments.sweep")
    return placed


def test_money_that_did_not_come_is_seen_at_the_desk_and_paid_another_way_by_its_customer(
    real: Open, town: Town
) -> None:
    placed = _packed_unpaid(town)
    desk = real("/dispatcher/", Role.DISPATCHER, make.DESK)
    desk.click("[data-troubles]")
    trouble = desk.locator("[data-trouble]")
    expect(trouble.locator("[data-state]")).to_have_text("待处理")
    expect(trouble).to_contain_text("支付渠道拒绝")
    expect(trouble.locator("[data-end]")).to_have_count(0)
    kept(desk, "desk-troubles")
    trouble.locator("[data-ask]").click()
    expect(trouble.locator("[data-state]")).to_have_text("等顾客付款")
    trouble.locator("[data-unask]").click()
    expect(trouble.locator("[data-state]")).to_have_text("待处理")
    expect(trouble.locator("[data-retry]")).to_have_count(0)
    trouble.locator("[data-ask]").click()
    expect(trouble.locator("[data-state]")).to_have_text("等顾客付款")
    town.worker.drain(times=2)
    phone = real(f"/customer/orders/{placed['order_id']}", Role.CUSTOMER, make.PHONE)
    expect(phone.locator("[data-owed]")).to_contain_text("还需支付")
    kept(phone, "customer-owed")
    phone.click("[data-pay-owed]")
    phone.click("[data-confirm]")
    expect(phone.locator("main")).to_contain_text("正在确认支付结果")
    town.clock.advance(2)
    town.worker.do("payments.send_notices")
    town.worker.drain(times=2)
    expect(phone.locator("[data-paid]")).to_be_visible()
    assert town.money(placed)["captured_fen"] == placed["total_fen"]


def test_a_customer_of_the_demo_pays_with_money_that_never_comes(real: Open, town: Town) -> None:
    placed = town.place()
    phone = real(f"/customer/orders/{placed['order_id']}/pay?lang=en", Role.CUSTOMER, make.PHONE)
    kept(phone, "customer-pay")
    with phone.expect_response("**/decline"):
        phone.click("[data-decline]")
    town.clock.advance(2)
    town.worker.do("payments.send_notices")
    expect(phone.locator(".pay")).to_contain_text("did not go through")
    kept(phone, "customer-pay-failed")
    phone.click("[data-lapse]")
    expect(phone.locator("main")).to_contain_text("Waiting for the bank")
    town.clock.advance(2)
    town.worker.do("payments.send_notices")
    town.worker.drain(times=2)
    expect(phone.locator("h1[data-state=paid]")).to_be_visible()
    town.pick()
    hq = real("/hq/?lang=en", Role.HQ, make.DESK)
    expect(hq.locator("[data-trouble] [data-state]")).to_have_text("trying again")


def test_head_office_writes_off_with_a_reason_and_the_order_keeps_who_did_it(real: Open, town: Town) -> None:
    placed = _packed_unpaid(town)
    page = real("/hq/?lang=en", Role.HQ, make.DESK)
    expect(page.locator("[data-number=troubles] dd").first).to_have_text("1")
    trouble = page.locator("[data-trouble]")
    trouble.locator("[data-end]").click()
    page.fill("[data-why]", "too small to chase")
    kept(page, "hq-troubles")
    page.click("[data-end-sure]")
    expect(page.locator("[data-trouble]")).to_have_count(0)
    page.goto(page.url.split("/hq")[0] + f"/hq/orders/{placed['order_id']}?lang=en")
    page.locator("[data-troubles] summary").click()
    expect(page.locator("[data-troubles] [data-step]").last).to_contain_text(
        "written off · head office · too small to chase"
    )
    kept(page, "hq-order-troubles")


def _sells_by_code(page: Page) -> None:
    page.click(f"[data-tile='{MILK}']")
    page.click("[data-pay=code]")


def _asks_in_time(page: Page) -> Page:
    """A page whose time can be put forward: nobody waits for what it asks every so often."""
    page.clock.install()
    page.reload()
    return page


def _scans(town: Town, url: str) -> None:
    """Somebody with the app scans the code and pays."""
    town.did(town.post(town.customer, f"/sandbox/charges/{url.rsplit('/', 1)[1]}/confirm"))
    town.clock.advance(2)
    town.worker.do("payments.send_notices")
    town.worker.drain(times=2)


def test_a_till_shows_the_code_and_hears_when_it_is_paid(real: Open, town: Town) -> None:
    page = real("/clerk/till", Role.CLERK, make.TABLET)
    _sells_by_code(page)
    code = page.locator("[data-code-state=waiting] [data-pay-url]")
    expect(code).to_be_visible()
    expect(page.locator("[data-receipt] .tick")).to_have_count(0)
    kept(page, "till-code-waiting")
    phone = _asks_in_time(real(str(code.get_attribute("data-pay-url")), Role.CUSTOMER, make.PHONE))
    expect(phone.locator("[data-confirm]")).to_be_visible()
    kept(phone, "customer-cashier")
    _scans(town, str(code.get_attribute("data-pay-url")))
    expect(page.locator("[data-code-state=paid]")).to_be_visible()
    expect(page.locator("[data-receipt] .tick")).to_be_visible()
    phone.clock.fast_forward(ASKS_AGAIN_AFTER_MS)
    expect(phone.locator("[data-paid]")).to_be_visible()
    kept(page, "till-code-paid")


def test_a_code_that_ran_out_is_followed_by_a_fresh_one_or_by_cash(real: Open, town: Town) -> None:
    page = _asks_in_time(real("/clerk/till?lang=en", Role.CLERK, make.TABLET))
    _sells_by_code(page)
    first = page.locator("[data-code-state=waiting] [data-pay-url]").get_attribute("data-pay-url")
    town.clock.advance(901)
    page.clock.fast_forward(ASKS_AGAIN_AFTER_MS)
    expect(page.locator("[data-code-state=expired]")).to_contain_text("nothing was paid")
    kept(page, "till-code-expired")
    page.click("[data-fresh]")
    fresh = page.locator("[data-code-state=waiting] [data-pay-url]")
    expect(fresh).to_be_visible()
    assert fresh.get_attribute("data-pay-url") != first
    page.click("[data-cash-instead]")
    expect(page.locator("[data-code-state=paid]")).to_be_visible()


def test_a_code_whose_sale_was_all_returned_says_that_nothing_is_owed(real: Open, town: Town) -> None:
    page = real("/clerk/till", Role.CLERK, make.TABLET)
    _sells_by_code(page)
    expect(page.locator("[data-code-state=waiting]")).to_be_visible()
    with town.database.sessions() as db:
        [order_id] = db.scalars(text("SELECT id FROM orders WHERE channel = 'till'"))
        pieces = db.scalar(text("SELECT quantity FROM order_lines"))
    clerk, return_id = town.clerks[town.near], str(uuid.uuid4())
    body = {"return_id": return_id, "kind": "return", "reason": "damaged", "lines": [{"no": 1, "quantity": pieces}]}
    town.did(town.post(clerk, f"/counter/orders/{order_id}/returns", body), 201)
    for act, what in (("decide", {"approve": True}), ("receive", None), ("inspect", {"outcome": "restocked"})):
        town.did(town.post(clerk, f"/returns/{return_id}/{act}", what))
    town.worker.drain(times=2)
    expect(page.locator("[data-code-state=over]")).to_contain_text("不用付了")
    expect(page.locator("[data-cash-instead]")).to_have_count(0)


def _till_takes(town: Town, quantity: int) -> None:
    sale = {
        "sale_id": str(uuid.uuid4()), "items": [{"sku": MILK, "quantity": quantity}], "tender": "cash",
        "at": town.clock().isoformat(),
    }  # fmt: skip
    town.did(town.post(town.clerks[town.near], "/till/sales", sale), 201)
    town.worker.drain(times=2)


def test_a_customer_reads_that_another_store_brings_it_and_when(real: Open, town: Town) -> None:
    placed = town.bought((MILK, 2))
    phone = real(f"/customer/orders/{placed['order_id']}", Role.CUSTOMER, make.PHONE)
    expect(phone.locator("h1[data-state=paid]")).to_be_visible()
    expect(phone.locator("[data-moved]")).to_have_count(0)
    town.clock.advance(1_500)
    _till_takes(town, 9)
    expect(phone.locator("[data-moved]")).to_contain_text("改由")
    expect(phone.locator("[data-moved] s")).to_be_visible()
    kept(phone, "customer-moved")
    expect(phone.locator(".van-toast")).to_have_count(0)  # its own page says it in full
    phone.wait_for_function(
        """() => {
            const [said, moved] = ['.eta', '[data-moved] b.digits'].map((part) => document.querySelector(part)?.textContent)
            return said === `预计 ${moved} 送达`
        }"""
    )


def test_a_customer_elsewhere_in_the_app_is_told_that_another_store_brings_it(
    real: Open, town: Town, listening: Callable[[str], None]
) -> None:
    placed = town.bought((MILK, 2))
    phone = real("/customer/", Role.CUSTOMER, make.PHONE)
    listening(f"member:{town.customer['account']}")
    town.clock.advance(1_500)
    _till_takes(town, 9)
    expect(phone.locator(".van-toast")).to_contain_text(town.order(placed)["order_no"])
    kept(phone, "customer-moved-toast")


def test_whoever_will_fetch_it_is_asked_and_answers_on_the_phone(real: Open, town: Town) -> None:
    placed = town.bought((MILK, 8), method="pickup", store_id=str(town.near))
    phone = real(f"/customer/orders/{placed['order_id']}?lang=en", Role.CUSTOMER, make.PHONE)
    expect(phone.locator("h1[data-state=paid]")).to_be_visible()
    _till_takes(town, 4)
    expect(phone.locator("[data-parked]")).to_contain_text("may not have all of it")
    kept(phone, "customer-endangered")
    phone.click("[data-move]")
    expect(phone.locator("[data-parked]")).to_have_count(0)
    assert len(town.tasks(town.far)) == 1
