"""Head office sees what was lost: baskets no store could take, by cause and where; and what looser rules would gain."""

from typing import Any

import pytest
from playwright.sync_api import Request, expect

from tests.web import make, make_hq
from tests.web.conftest import Open
from tests.web.stage import Api

pytestmark = pytest.mark.browser
HQ = ("hq", make.account("hq"))


def lost(*causes: tuple[str, int, int], regained: int = 0) -> dict[str, Any]:
    """A day on which so many baskets of so much were lost for each cause."""
    sums = [{"cause": cause, "baskets": n, "regained": 0, "goods_fen": fen} for cause, n, fen in causes]
    baskets = sum(n for _, n, _ in causes)
    return {
        "day": "2026-03-02", "baskets": baskets, "regained": regained, "goods_fen": sum(f for _, _, f in causes),
        "causes": sums, "complete": True,
        "hours": [{"at": "2026-03-02T03:00:00Z", "baskets": baskets, "regained": 0, "goods_fen": 1}] if causes else [],
        "places": [one | {"lon": 116.32 + n / 100, "lat": 40.0} for n, one in enumerate(sums)],
    }  # fmt: skip


@pytest.fixture(autouse=True)
def _chain(api: Api) -> None:
    api.on("GET", "/stores", [make_hq.store()])


def test_lost_baskets_are_shown_by_cause_the_most_frequent_first_and_left_out_by_group(show: Open, api: Api) -> None:
    api.on("GET", "/sourcing/lost", lost(("too_far", 3, 9_000), ("no_stock", 7, 21_000), regained=2))
    page = show("/hq/lost", make.DESK, signed_in=HQ)
    expect(page.locator("[data-number=gone]")).to_contain_text("8")
    expect(page.locator("[data-number=worth]")).to_contain_text("300.00")
    expect(page.locator("[data-cause]").first).to_contain_text("库存不够")
    expect(page.locator("[data-cause=too_far]")).to_contain_text("太远")
    page.wait_for_selector(".map[data-idle=true]")
    page.click("[data-kind=goods]")
    expect(page.locator("[data-cause]")).to_have_count(1)
    page.click("[data-cause=too_far]")
    page.wait_for_url("**/hq/coverage")


def test_a_day_without_loss_says_so_and_a_failure_can_be_tried_again(show: Open, api: Api) -> None:
    api.on("GET", "/sourcing/lost", {"code": "server", "title": "", "status": 500}, status=500)
    page = show("/hq/lost", make.DESK, signed_in=HQ)
    expect(page.locator(".problem")).to_be_visible()
    api.on("GET", "/sourcing/lost", lost())
    page.click("[data-ago='1']")
    expect(page.get_by_text("这一天没有流失")).to_be_visible()


def test_the_day_is_the_chain_s_own_wherever_head_office_sits(show: Open, api: Api) -> None:
    """It is the second of March in New York when the third has begun in Beijing, where the stores are."""
    asked: list[str] = []

    def answer(request: Request) -> dict[str, Any]:
        asked.append(request.url.split("day=")[1])
        return lost(("too_far", 3, 9))

    api.on("GET", "/screens/hq", make_hq.overview(server_at="2026-03-02T17:30:00Z"))
    api.on("GET", "/sourcing/lost", answer)
    page = show("/hq/", make.DESK, signed_in=HQ, zone="America/New_York")
    page.clock.set_fixed_time("2026-03-02T17:30:00Z")
    expect(page.locator("[data-as-of]")).to_have_text("01:30")
    page.click("[data-page=lost]")
    expect(page.locator(".hours small")).to_have_text("11")
    with page.expect_response("**/sourcing/lost?*"):
        page.click("[data-ago='1']")
    assert asked == ["2026-03-03", "2026-03-02"]
