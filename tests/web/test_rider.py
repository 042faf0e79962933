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
    riding = make.rider_screen(state="on_trip", trip=make.trip("accepted", stops))
    api.on("GET", "/screens/rider", make.rider_screen(trip=make.trip("offered", stops)))
    api.on(
        "POST",
        "/trips/*/accept",
        {"trip_id": "t1", "state": "accepted"},
        then=lambda: api.on("GET", "/screens/rider", riding),
    )
    page = show("/rider/", make.PHONE, signed_in=RIDER)
    expect(page.locator(".offer")).to_contain_text("¥9.38")
    expect(page.locator("header .today")).to_contain_text("待接单")
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
    page.context.set_offline(True)
    expect(page.locator("[data-cut-off]")).to_be_visible()  # nobody looks for a trip for a phone that cannot be told
    page.context.set_offline(False)
    expect(page.locator("[data-cut-off]")).to_have_count(0)
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


def test_a_delivery_of_the_open_pool_is_taken(show: Open, api: Api) -> None:
    api.on("GET", "/screens/rider", make.rider_screen())
    api.on("GET", "/rider/pool", {"deliveries": [make.pooled("POO-1"), make.pooled("POO-2")]})
    riding = make.rider_screen(state="on_trip", trip=make.trip("accepted", [make.stop("s1", "pickup")]))
    api.on(
        "POST",
        "/rider/pool/*/take",
        {"trip_id": "t1", "state": "accepted"},
        then=lambda: api.on("GET", "/screens/rider", riding),
    )
    page = show("/rider/", make.PHONE, signed_in=RIDER)
    expect(page.locator("[data-pooled]")).to_have_count(2)
    page.click("[data-pooled='POO-2'] [data-take]")
    expect(page.locator("[data-stop=pickup]")).to_be_visible()
    assert [path for verb, path, _, _ in api.told if verb == "POST" and path.endswith("/take")] == [
        "/api/rider/pool/d-POO-2/take"
    ]


def test_who_comes_second_to_the_pool_is_told_so(show: Open, api: Api) -> None:
    api.on("GET", "/screens/rider", make.rider_screen())
    api.on("GET", "/rider/pool", {"deliveries": [make.pooled("POO-1")]})
    api.on("POST", "/rider/pool/*/take", {"code": "dispatch.not_in_pool", "title": "no", "status": 409}, 409)
    page = show("/rider/", make.PHONE, signed_in=RIDER)
    page.click("[data-take]")
    expect(page.locator(".van-toast")).to_contain_text("已被接走")


def test_a_break_begins_and_ends(show: Open, api: Api) -> None:
    def is_now(state: str) -> None:
        api.on("GET", "/screens/rider", make.rider_screen(state=state))

    is_now("available")
    api.on("GET", "/rider/pool", {"deliveries": []})
    api.on("POST", "/rider/break", {"rider_id": "r1", "state": "break"}, then=lambda: is_now("break"))
    api.on("POST", "/rider/back", {"rider_id": "r1", "state": "available"}, then=lambda: is_now("available"))
    page = show("/rider/", make.PHONE, signed_in=RIDER)
    page.click("[data-break]")
    expect(page.locator("[data-rider-state=break]")).to_contain_text("休息中")
    page.click("[data-back]")
    expect(page.locator(".radar")).to_be_visible()
    assert (len(api.writes("/break")), len(api.writes("/back"))) == (1, 1)


def test_a_signature_stands_for_the_code_and_both_leave_when_the_network_is_back(show: Open, api: Api) -> None:
    stops = [make.stop("s1", "pickup", state="done"), make.stop("s2", "dropoff", state="arrived")]
    api.on("GET", "/screens/rider", make.rider_screen(state="on_trip", trip=make.trip("accepted", stops)))
    api.on("GET", "/rider/pool", {"deliveries": []})
    page = show("/rider/", make.PHONE, signed_in=RIDER)
    page.click("[data-sign]")
    pad = page.locator("[data-pad]")
    expect(page.locator("[data-signed]")).to_be_disabled()
    pad.hover(position={"x": 40, "y": 40})
    page.mouse.down()
    for x in (80, 120, 160, 200):
        pad.hover(position={"x": x, "y": 90})
    page.mouse.up()
    api.away = True
    page.click("[data-signed]")
    expect(page.locator(".radar")).to_be_visible()
    api.on("PUT", "/stops/*/signatures/*", {})
    api.on("POST", "/stops/*/complete", {"stop_id": "s2", "state": "done"})
    api.away = False
    page.click(".live")
    (done,) = api.heard(page, "/complete")
    (sent,) = [(path, body) for verb, path, body, _ in api.told if verb == "PUT"]
    assert done["signature"] == sent[0].rsplit("/", 1)[-1]
    assert len(sent[1]["strokes"]) == 1
    assert all(0 <= x <= 1000 and 0 <= y <= 1000 for x, y in sent[1]["strokes"][0])


def test_a_return_is_fetched_at_a_door_and_brought_to_the_store_without_a_code(show: Open, api: Api) -> None:
    fetch = {**make.stop("s1", "pickup", state="arrived", delivery_kind="return"), "address": "紫荆公寓 2 号楼"}
    bring = {**make.stop("s2", "dropoff", delivery_kind="return"), "address": ""}
    api.on("GET", "/screens/rider", make.rider_screen(state="on_trip", trip=make.trip("accepted", [fetch, bring])))
    api.on("GET", "/rider/pool", {"deliveries": []})
    fetched = make.rider_screen(state="on_trip", trip=make.trip("accepted", [{**fetch, "state": "done"}, bring]))
    api.on(
        "POST",
        "/stops/*/complete",
        {"stop_id": "s1", "state": "done"},
        then=lambda: api.on("GET", "/screens/rider", fetched),
    )
    page = show("/rider/", make.PHONE, signed_in=RIDER)
    expect(page.locator("[data-deed=fetch] h1")).to_have_text("紫荆公寓 2 号楼")
    page.click("[data-complete]")
    expect(page.locator("[data-deed=bring] h1")).to_have_text("成府路店")
    expect(page.locator("[data-hand-over]")).to_have_count(0)


def test_the_day_tells_what_each_trip_brought(show: Open, api: Api) -> None:
    api.on("GET", "/screens/rider", make.rider_screen())
    api.on("GET", "/rider/pool", {"deliveries": []})
    api.on(
        "GET",
        "/rider/shifts",
        {
            "shifts": [
                {
                    "shift_id": "s",
                    "rider_id": "r1",
                    "rider": "",
                    "starts_at": make.soon(86_400),
                    "ends_at": make.soon(100_800),
                }
            ]
        },
    )
    page = show("/rider/", make.PHONE, signed_in=RIDER)
    page.click(".today")
    expect(page.locator("[data-trips] li")).to_have_count(1)
    expect(page.locator("[data-trips]")).to_contain_text("¥8.55")
    expect(page.locator("[data-my-shifts] li")).to_have_count(1)
