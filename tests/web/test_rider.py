"""The rider's phone: one thing to do at a time, and a wrong code is told at once."""

import pytest
from playwright.sync_api import expect

from tests.web import make
from tests.web.conftest import Open
from tests.web.stage import Api

pytestmark = pytest.mark.browser
RIDER = ("rider", make.account("rider"))


def test_an_offer_is_accepted(show: Open, api: Api) -> None:
    stops = [make.stop("s1", "pickup"), make.stop("s2", "dropoff")]
    api.on("GET", "/screens/rider", make.rider_screen(trip=make.trip("offered", stops)))
    api.on("POST", "/trips/*/accept", {"trip_id": "t1", "state": "accepted"})
    page = show("/rider/", make.PHONE, signed_in=RIDER)
    expect(page.locator(".offer")).to_contain_text("¥9.38")
    api.on("GET", "/screens/rider", make.rider_screen(state="on_trip", trip=make.trip("accepted", stops)))
    page.click("[data-accept]")
    expect(page.locator("[data-stop=pickup]")).to_contain_text("成府路店")


def test_goods_are_handed_over_with_the_customers_code_without_a_network(show: Open, api: Api) -> None:
    stops = [make.stop("s1", "pickup", state="done"), make.stop("s2", "dropoff")]
    api.on("GET", "/screens/rider", make.rider_screen(state="on_trip", trip=make.trip("accepted", stops)))
    page = show("/rider/", make.PHONE, signed_in=RIDER)
    page.wait_for_selector("[data-arrive]")
    api.away = True
    page.click("[data-arrive]")
    page.click("[data-hand-over]")
    for digit in "4087":
        page.click(f"[data-key='{digit}']")
    expect(page.locator(".radar")).to_be_visible()
    api.on("POST", "/stops/*/arrive", {"stop_id": "s2", "state": "arrived"})
    api.on("POST", "/stops/*/complete", {"stop_id": "s2", "state": "done"})
    api.away = False
    with page.expect_response("**/complete"):
        page.click(".live")
    acts = [path.rsplit("/", 1)[-1] for verb, path, _, _ in api.told if verb == "POST" and "/stops/" in path]
    assert acts == ["arrive", "complete"]
    (done,) = api.writes("/complete")
    assert done["code"] == "4087"
    assert done["at"].endswith("Z")


def test_a_wrong_code_is_told_in_the_riders_language_and_the_stop_stays(show: Open, api: Api) -> None:
    stops = [make.stop("s1", "pickup", state="done"), make.stop("s2", "dropoff", state="arrived")]
    api.on("GET", "/screens/rider", make.rider_screen(state="on_trip", trip=make.trip("accepted", stops)))
    api.on("POST", "/stops/*/complete", {"code": "dispatch.wrong_code", "title": "no", "status": 409}, 409)
    page = show("/rider/", make.PHONE, signed_in=RIDER)
    page.click("[data-hand-over]")
    for digit in "0000":
        page.click(f"[data-key='{digit}']")
    expect(page.locator(".van-toast")).to_contain_text("取件码不对")
    expect(page.locator("[data-hand-over]")).to_be_visible()
