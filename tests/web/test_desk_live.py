"""The desk over a real house: what goes with another house's courier, why, and where it is found when it is over."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from o2o.dispatch import fallback
from o2o.dispatch.sandbox_courier import SandboxCourier
from o2o.kit.principal import Role
from tests.web import make
from tests.web.house import House

pytestmark = pytest.mark.browser
WORDS = {
    "zh": ("第三方", "没有在线骑手，再等就超时", "演示快送", "已接单", "外", "已送达"),
    "en": ("Courier", "no rider is online, and waiting longer would be late", "Demo courier", "Booked", "3P", "Delivered"),
}


@pytest.fixture
def called(house: House) -> House:
    """Packed goods nobody of our own can bring in time are with a courier."""
    house.town.a_delivery(minutes=15)
    house.town.round()
    assert fallback.run(house.town.tools, SandboxCourier(), area_id=house.town.area_id, now=house.town.clock()) == 1
    return house


def desk(house: House, language: str) -> Page:
    return house.show("dispatcher", house.somebody(Role.DISPATCHER), make.DESK, language=language)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_courier_of_another_house_is_marked_and_says_why_he_was_called(called: House, language: str) -> None:
    courier, why, name, booked, sign, delivered = WORDS[language]
    page = desk(called, language)
    row = page.locator("[data-row='A1']")
    expect(row.locator("[data-mark=courier]")).to_have_text(courier)
    expect(row).to_contain_text(f"{name} · {booked}")
    expect(page.locator(".spot.door .sign")).to_have_text(sign)
    page.click("[data-chip=courier]")
    row.click()
    expect(page.locator("[data-courier]")).to_contain_text(name)
    expect(page.locator("[data-courier-why]")).to_contain_text(why)
    later = called.town.clock() + timedelta(hours=1)
    fallback.run(called.town.tools, SandboxCourier(), area_id=called.town.area_id, now=later)
    page.reload()
    expect(page.locator("[data-row]")).to_have_count(0)
    page.click("[data-past-head]")
    page.click("[data-past='A1']")
    expect(page.locator("[data-story] [data-courier]")).to_contain_text(delivered)
