"""Head office says how stores are chosen, tries it on orders that were, and asks of any order why."""

import pytest
from playwright.sync_api import expect

from tests.web import make, make_hq
from tests.web.conftest import Open
from tests.web.stage import Api

pytestmark = pytest.mark.browser
HQ = ("hq", make.account("hq"))


@pytest.fixture(autouse=True)
def _chain(api: Api) -> None:
    api.on("GET", "/stores", [make_hq.store(), make_hq.store(make_hq.OTHER_ID, "五道口店")])
    api.on("GET", "/areas", [{"id": make_hq.AREA_ID, "name": "海淀"}])
    api.on("GET", "/goods", {"items": [make.good("A-1", "苹果")], "next_page": None})
    api.on("GET", "/categories", make.AISLES)


def test_a_rule_is_tried_on_yesterdays_orders_before_it_can_be_put_in_force(show: Open, api: Api) -> None:
    api.on("GET", "/sourcing/rules", {"versions": [], "language": make_hq.LANGUAGE})
    api.on("POST", "/sourcing/rules", make_hq.rules(1), 201)
    api.on("POST", "/sourcing/rules/*/preview", make_hq.rules_preview())
    api.on("POST", "/sourcing/rules/*/apply", make_hq.rules(1, state="applied", in_force=True))
    page = show("/hq/sourcing", make.DESK, signed_in=HQ)
    expect(page.locator("[data-apply]")).to_be_disabled()
    page.click("[data-add-section]")
    page.select_option("[data-add-setting]", "farthest_m")
    page.click("[data-add-filter]")
    page.fill("[name=filter-name]", "太远的小单")
    page.click("[data-try]")
    expect(page.locator("[data-would=moved] b")).to_have_text("1")
    expect(page.locator("[data-preview]")).to_contain_text("K7Q2-M9XA")
    (sent,) = api.writes("/sourcing/rules")
    (section,) = sent["document"]["sections"]
    assert section["set"] == {"farthest_m": 12_000}
    assert section["refuse"] == [{"name": "太远的小单", "if": [{"fact": "distance_m", "over": 5_000}]}]
    page.click("[data-apply]")
    page.click(".el-message-box .el-button--primary")
    api.heard(page, "/apply")


def test_without_motion_a_question_is_where_it_will_be_from_its_first_frame(show: Open, api: Api) -> None:
    """On its way down it could be pressed in one place and let go in another, which is no click."""
    api.on("GET", "/sourcing/rules", {"versions": [], "language": make_hq.LANGUAGE})
    api.on("POST", "/sourcing/rules", make_hq.rules(1), 201)
    api.on("POST", "/sourcing/rules/*/preview", make_hq.rules_preview())
    page = show("/hq/sourcing", make.DESK, signed_in=HQ)
    page.click("[data-add-section]")
    page.click("[data-try]")
    expect(page.locator("[data-apply]")).to_be_enabled()
    page.evaluate(
        """() => {
            window.seen = new Promise((done) => {
                const tops = []
                const look = () => {
                    const yes = document.querySelector('.el-message-box .el-button--primary')
                    if (yes) tops.push(yes.getBoundingClientRect().y)
                    if (tops.length < 12) requestAnimationFrame(look)
                    else done([...new Set(tops)])
                }
                look()
            })
        }"""
    )
    page.click("[data-apply]")
    assert len(page.evaluate("window.seen")) == 1


def test_any_order_says_why_it_went_to_its_store(show: Open, api: Api) -> None:
    api.on("GET", "/screens/hq/orders", [make_hq.order()])
    api.on("GET", "/screens/hq/orders/*", make_hq.order())
    api.on("GET", "/orders/*/why", make_hq.why())
    page = show("/hq/orders", make.DESK, signed_in=HQ)
    page.click("[data-order='K7Q2-M9XA']")
    panel = page.locator("[data-why]")
    expect(panel.locator("li.chosen")).to_contain_text("成府路店")
    expect(panel).to_contain_text("五道口店")
    expect(panel).to_contain_text("¥2.50")
    expect(panel.locator("[data-verdict=no_stock]")).to_contain_text("苹果（剩 1/要 2）")
    expect(page.locator("[data-shipment] svg rect")).to_have_count(4 + 2)  # four planned stages, two timed ones


def test_a_channel_rule_shows_its_effect_before_it_holds(show: Open, api: Api) -> None:
    effects = {"id": "r1", "items": 1, "first": [{"store_id": make.STORE_ID, "sku": "A-1", "before": 9, "after": 7}]}
    api.on("GET", "/channel-rules", [])
    api.on("POST", "/channel-rules/preview", effects)
    api.on("POST", "/channel-rules", effects, 201)
    page = show("/hq/stock/rules", make.DESK, signed_in=HQ)
    expect(page.locator("[data-rule-form] [data-save]")).to_be_disabled()
    page.fill("[name=safety]", "2")
    page.click("[data-preview]")
    expect(page.locator("[data-effects]")).to_contain_text("苹果")
    page.click("[data-rule-form] [data-save]")
    (sent,) = api.heard(page, "/channel-rules")
    assert (sent["safety"], sent["threshold"], sent["store_id"]) == (2, None, None)


def test_a_rule_taken_out_of_force_is_had_back_by_one_tap(show: Open, api: Api) -> None:
    rule = {
        "store_id": make.STORE_ID,
        "category": None,
        "sku": "A-1",
        "safety": 2,
        "threshold": None,
        "offered": None,
        "note": "店里留两件",
    }
    effects = {"id": "r2", "items": 1, "first": []}
    api.on("GET", "/channel-rules", [{"id": "r1", **rule}])
    api.on("DELETE", "/channel-rules/*", effects)
    api.on("POST", "/channel-rules", effects, 201)
    page = show("/hq/stock/rules", make.DESK, signed_in=HQ)
    page.click("[data-rule='店里留两件'] [data-drop]")
    page.click("[data-undo]")
    expect(page.locator("[data-done]")).to_have_count(0)
    assert api.writes("/channel-rules") == [rule]


def test_a_draft_of_rules_is_not_lost_unasked(show: Open, api: Api) -> None:
    api.on("GET", "/sourcing/rules", {"versions": [], "language": make_hq.LANGUAGE})
    page = show("/hq/sourcing", make.DESK, signed_in=HQ)
    page.click("[data-page=lost]")  # nothing written, nothing asked
    expect(page.locator("[data-page=lost].on")).to_be_visible()
    page.click("[data-page=sourcing]")
    page.click("[data-add-section]")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.click("[data-page=lost]")
    expect(page.locator("[data-section]")).to_have_count(1)
    assert asked == ["改动还没有试算，离开就丢掉了，继续吗？"]
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("[data-page=lost]")
    expect(page.locator("[data-section]")).to_have_count(0)
