"""The desk over a real house: what goes with another house's courier, why, and where it is found when it is over."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from o2o.dispatch.couriers import fallback
from o2o.dispatch.couriers.sandbox import SandboxCourier
from o2o.dispatch.models import Delivery, Rider
from o2o.dispatch.working import pool
from o2o.kit.principal import Role
from tests.dispatch.test_tours import booked
from tests.web import make
from tests.web.house import House

pytestmark = pytest.mark.browser
WORDS = {
    "zh": ("第三方", "没有在线骑手，再等就超时", "演示快送", "已接单", "外", "已送达"),
    "en": (
        "Courier",
        "no rider is online, and waiting longer would be late",
        "Demo courier",
        "Booked",
        "3P",
        "Delivered",
    ),
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
    expect(row.locator("[data-mark=courier]")).to_have_text(sign)
    expect(row.locator("[data-mark=courier]")).to_have_attribute("title", courier)
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


@pytest.mark.parametrize(
    ("language", "wrong", "anywhere"),
    [("zh", "0 到 1000 公斤的数", "不限"), ("en", "A number from 0 to 1000 kg", "Anywhere")],
)
def test_a_rider_s_load_skill_and_zone_are_set_with_the_error_at_its_field_and_taken_back(
    house: House, language: str, wrong: str, anywhere: str
) -> None:
    rider_id = house.a_rider()

    def rider() -> Rider:
        with house.town.database.sessions() as db:
            return db.get_one(Rider, rider_id)

    page = desk(house, language)
    page.click("[data-tab=riders]")
    page.click("tbody tr")
    page.click("[data-do=outfit]")
    box = page.locator("dialog")
    expect(box.locator("[data-number=capacity_g]")).to_have_value("30")
    box.locator("[data-number=capacity_g]").fill("5000")
    box.locator("[data-outfit-save]").click()
    expect(box.locator("[role=alert]")).to_have_text(wrong)
    assert rider().capacity_g == 30_000
    box.locator("[data-number=capacity_g]").fill("12.5")
    box.locator("[data-number=max_jobs]").fill("2")
    box.locator("[data-age]").uncheck()
    box.locator("[data-zone=around]").check()
    box.locator("[data-km]").fill("0")
    box.locator("[data-outfit-save]").click()
    expect(box.locator("fieldset [role=alert]")).to_be_visible()
    box.locator("[data-km]").fill("1.5")
    expect(box.locator("[data-changes] .pill")).to_have_count(4)
    box.locator("[data-outfit-save]").click()
    expect(box.locator("[data-outfit-undo]")).to_be_visible()
    now = rider()
    assert (now.capacity_g, now.max_jobs, now.skills, (now.zone or {})["type"]) == (12_500, 2, [], "Polygon")
    box.locator("[data-outfit-undo]").click()
    expect(box.locator("[data-zone=anywhere]")).to_be_checked()
    expect(box.locator("fieldset")).to_contain_text(anywhere)
    now = rider()
    assert (now.capacity_g, now.max_jobs, now.skills, now.zone) == (30_000, 4, ["age_check"], None)


@pytest.mark.parametrize(
    ("language", "as_promised", "lost"),
    [("zh", "顾客看到：", "按常见的 4 分钟算"), ("en", "The customer is told:", "the usual 4 min are counted")],
)
def test_what_waits_says_what_its_customer_is_told_and_what_that_rests_on_once_the_promise_is_lost(
    house: House, language: str, as_promised: str, lost: str
) -> None:
    order_id = house.town.a_delivery(minutes=40)
    page = desk(house, language)
    page.click("[data-row='A1']")
    expect(page.locator("[data-told]")).to_contain_text(as_promised)
    expect(page.locator("[data-told]")).not_to_contain_text(lost)
    with house.town.database.sessions() as db:
        db.get_one(Delivery, house.town.delivery(order_id).id).due_at = house.town.clock() - timedelta(minutes=5)
    page.reload()
    page.click("[data-row='A1']")
    expect(page.locator("[data-told]")).to_contain_text(lost)


def test_a_rider_takes_from_the_pool_what_no_round_gave_out_and_the_desk_sees_it(house: House) -> None:
    town, rider_id = house.town, house.a_rider()
    order_id = town.a_delivery()
    with town.database.sessions() as db:
        waited = db.get_one(Delivery, town.delivery(order_id).id)
        waited.goods_ready_at = town.clock() - timedelta(seconds=pool.OPEN_AFTER_S + 5)
    seen = desk(house, "zh")
    expect(seen.locator("[data-chip=pool] b")).to_have_text("1")
    phone = house.show("rider", rider_id, make.PHONE)
    phone.click("[data-pooled='A1'] [data-take]")
    expect(phone.locator("[data-deed=pickup]")).to_be_visible()
    assert (town.delivery(order_id).state, town.delivery(order_id).rider_id) == ("assigned", rider_id)
    seen.reload()
    expect(seen.locator("[data-row='A1']")).to_contain_text("骑手100")


@pytest.mark.parametrize(
    ("language", "kept", "said"), [("zh", "起", "已指定给"), ("en", "from", "reserved for")], ids=["zh", "en"]
)
def test_what_is_booked_for_later_is_kept_for_the_rider_it_is_given_to_and_the_desk_says_from_when(
    house: House, language: str, kept: str, said: str
) -> None:
    house.a_rider()
    [delivery_id] = booked(house.town, 1)
    page = desk(house, language)
    page.click("[data-row='B0']")
    page.click(".detail [data-do=assign]")
    page.locator("dialog [role=option]").first.click()
    expect(page.locator("[data-effect='B0'] [data-kept]")).to_be_visible()
    expect(page.locator("[data-effect='B0']")).to_contain_text(kept)
    page.click("[data-perform]")
    expect(page.locator("[data-undo]")).to_contain_text(said)
    with house.town.database.sessions() as db:
        assert db.get_one(Delivery, delivery_id).state == "waiting"
