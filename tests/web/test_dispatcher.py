"""The dispatcher's desk: what waits says why, hands may stay on the keyboard, and nothing is done before its effect is seen."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web import make
from tests.web.conftest import Open
from tests.web.stage import Api

pytestmark = pytest.mark.browser
DISPATCHER = ("dispatcher", make.account("dispatcher"))
WAITS = "没有在线骑手"


@pytest.fixture(autouse=True)
def _area(api: Api) -> None:
    first = make.delivery("AAA-1", state="assigned")
    trip = {**make.trip("accepted", []), "locked": False}
    api.on("GET", "/screens/dispatcher", make.desk([first, make.delivery("BBB-2", waits_for=WAITS)], trips=[trip]))
    api.on("GET", "/rounds/*/deliveries/*/why", make.why())


@pytest.fixture
def desk(show: Open) -> Page:
    """The desk, read."""
    page = show("/dispatcher/", make.DESK, signed_in=DISPATCHER)
    expect(page.locator("[data-row]")).to_have_count(2)
    return page


def previewed(api: Api, *effects: dict[str, object], failures: list[dict[str, object]] | None = None) -> None:
    """What the server says a hand would do, and that it is done."""
    api.on("POST", "/areas/*/hand/preview", {"effects": list(effects), "failures": failures or []})
    done = {"action_id": "x1", "effects": list(effects)}
    api.on("POST", "/areas/*/hand", lambda _: {**done, "undo_until": make.soon(600)}, 201)


def test_what_waits_says_why(desk: Page) -> None:
    desk.click("[data-tab=waiting]")
    row = desk.locator(".list > button")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(WAITS)
    row.click()
    expect(desk.locator("[data-said]")).to_contain_text(WAITS)


def test_keys_find_and_walk_the_deliveries(desk: Page) -> None:
    desk.keyboard.press("j")
    expect(desk.locator(".detail h2")).to_contain_text("AAA-1")
    desk.keyboard.press("j")
    expect(desk.locator(".detail h2")).to_contain_text("BBB-2")
    desk.keyboard.press("Escape")
    expect(desk.locator(".detail")).to_have_count(0)
    desk.keyboard.press("/")
    desk.keyboard.type("bbb")
    expect(desk.locator("[data-row]")).to_have_count(1)
    desk.keyboard.press("Escape")
    desk.keyboard.press("?")
    expect(desk.locator("[data-keys]")).to_contain_text("派给骑手")


def test_the_map_draws_stores_riders_and_doors_and_names_its_source(desk: Page) -> None:
    desk.wait_for_selector(".map[data-idle=true]")
    expect(desk.locator(".spot.store")).to_have_count(1)
    expect(desk.locator(".spot.rider")).to_have_count(2)
    expect(desk.locator(".spot.door")).to_have_count(2)
    expect(desk.locator(".credit")).to_have_text("© OpenStreetMap contributors")


def test_assigned_from_the_keyboard_the_effect_is_seen_first_and_it_is_undone_in_time(desk: Page, api: Api) -> None:
    previewed(api, make.effect("BBB-2", rider_before=None, rider_after="r2", late_after_s=300))
    api.on("POST", "/hand/*/undo", {"action_id": "x1", "state": "undone"})
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    desk.keyboard.press("a")
    expect(desk.locator("[data-perform]")).to_be_disabled()
    desk.keyboard.type("钱")
    desk.keyboard.press("ArrowDown")
    row = desk.locator("[data-effect='BBB-2']")
    expect(row).to_contain_text("钱师傅")
    expect(row).to_contain_text("5′")
    assert api.writes("/hand") == []
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-undo]")).to_contain_text("1 单已派给 钱师傅")
    assert api.writes("/hand") == [{"acts": [{"act": "assign", "delivery_id": "d-BBB-2", "rider_id": "r2"}]}]
    desk.keyboard.press("u")
    expect(desk.locator("[data-undo]")).to_contain_text("已撤销")
    assert len(api.writes("/undo")) == 1


def test_a_delivery_dragged_onto_a_rider_is_his_once_it_is_confirmed(desk: Page, api: Api) -> None:
    previewed(api, make.effect("BBB-2", rider_before=None, rider_after="r2"))
    desk.locator("[data-row='BBB-2'] td.no").hover()
    desk.mouse.down()
    desk.mouse.move(800, 400, steps=4)
    desk.locator("[data-drop='r2']").hover()
    desk.locator("[data-drop='r2']").hover()
    desk.mouse.up()
    expect(desk.locator("[data-effect='BBB-2']")).to_be_visible()
    desk.click("[data-perform]")
    expect(desk.locator("[data-undo]")).to_be_visible()
    assert api.writes("/hand") == [{"acts": [{"act": "assign", "delivery_id": "d-BBB-2", "rider_id": "r2"}]}]


def test_of_a_whole_list_what_cannot_be_done_is_named_and_can_be_left_out(desk: Page, api: Api) -> None:
    failure = {"index": 0, "code": "dispatch.already_picked_up", "message": "no", "facts": {}}
    previewed(api, make.effect("BBB-2", rider_before=None, rider_after=None), failures=[failure])
    desk.keyboard.press("j")
    desk.keyboard.press("Shift+Space")
    expect(desk.locator("[data-picked]")).to_contain_text("已选 2 单")
    desk.click("[data-pick-act=hold]")
    told = desk.locator("[data-failures]")
    expect(told).to_contain_text("2 项中有 1 项做不到")
    expect(told).to_contain_text("AAA-1")
    expect(desk.locator("[data-perform]")).to_be_disabled()
    previewed(api, make.effect("BBB-2", rider_before=None, rider_after=None))
    desk.click("[data-leave-out]")
    expect(told).to_have_count(0)
    desk.click("[data-perform]")
    expect(desk.locator("[data-undo]")).to_contain_text("已暂缓 1 单")
    ((act,),) = [body["acts"] for body in api.writes("/hand")]
    assert (act["act"], act["delivery_id"]) == ("hold", "d-BBB-2")


def test_what_is_held_is_released(show: Open, api: Api) -> None:
    api.on("GET", "/screens/dispatcher", make.desk([make.delivery("CCC-3", waits_for="人为暂缓", held=True)]))
    previewed(api, make.effect("CCC-3", rider_before=None, rider_after=None))
    page = show("/dispatcher/", make.DESK, signed_in=DISPATCHER)
    page.locator("[data-row='CCC-3']").click(button="right")
    page.click("[role=menu] [data-act=release]")
    page.click("[data-perform]")
    expect(page.locator("[data-undo]")).to_contain_text("已解除 1 单")
    assert api.writes("/hand") == [{"acts": [{"act": "release", "delivery_id": "d-CCC-3"}]}]


def test_why_a_rider_was_chosen_is_a_cost_by_term_beside_the_runner_up(desk: Page) -> None:
    desk.locator("[data-row='AAA-1']").click()
    why = desk.locator("[data-why]")
    expect(why).to_contain_text("派给 赵师傅")
    expect(why).to_contain_text("比次优的 钱师傅 省 1.5 分钟")
    expect(why.locator("[data-cost] .line")).to_have_count(3)
    why.locator("summary").click()
    expect(why).to_contain_text("超出载重")


def test_where_another_would_be_cheaper_for_the_one_it_is_said_that_all_together_are_not(desk: Page, api: Api) -> None:
    api.on("GET", "/rounds/*/deliveries/*/why", {**make.why(), "margin": -9_000})
    desk.locator("[data-row='AAA-1']").click()
    expect(desk.locator("[data-why]")).to_contain_text("只看这一单 钱师傅 更省 1.5 分钟，各单合起来这样最省")


@pytest.mark.parametrize(("tour", "words"), [("t-9", "按预约行程派出"), (None, "由人派出")])
def test_what_no_round_gave_says_how_it_came_to_its_rider(show: Open, api: Api, tour: str | None, words: str) -> None:
    given = {**make.delivery("DDD-4", state="assigned"), "round_id": None, "tour_id": tour}
    api.on("GET", "/screens/dispatcher", make.desk([given]))
    page = show("/dispatcher/", make.DESK, signed_in=DISPATCHER)
    page.locator("[data-row='DDD-4']").click()
    expect(page.locator("[data-by]")).to_contain_text(words)
    expect(page.locator("[data-why]")).to_have_count(0)


def test_what_may_not_be_picked_up_yet_says_from_when_and_what_is_meant_when_it_will_be_there(
    show: Open, api: Api
) -> None:
    early = make.delivery("EEE-5", waits_for="还没到可取货的时间")
    early["waiting"]["until"] = "2030-01-02T03:04:00Z"
    meant = make.delivery("FFF-6", waits_for="-")
    meant |= {"waiting": None, "eta_at": None, "live_at": None}
    meant["intended"] = {"rider_id": "r2", "pickup_at": make.soon(60), "door_at": "2030-01-02T03:04:00Z", "late_s": 0}
    api.on("GET", "/screens/dispatcher", make.desk([early, meant]))
    page = show("/dispatcher/", make.DESK, signed_in=DISPATCHER)
    expect(page.locator("[data-row='FFF-6']")).to_contain_text("11:04")
    page.click("[data-tab=waiting]")
    row = page.locator(".list > button").first
    expect(row).to_contain_text("还没到可取货的时间 · ")
    expect(row).to_contain_text("11:04 起可取货")
    expect(row).not_to_contain_text("最晚")


@pytest.mark.parametrize(("same", "words"), [(True, "与当时完全相同"), (False, "与当时不同")])
def test_a_past_round_replays_and_says_whether_it_came_out_equal(desk: Page, api: Api, same: bool, words: str) -> None:
    api.on("GET", "/areas/*/rounds", make.rounds())
    api.on("GET", "/screens/rounds/*", make.round_screen())
    api.on("GET", "/rounds/*/replay", {"round_id": make.ROUND_ID, "digest": "8900f46c910a1bcd", "same": same})
    desk.keyboard.press("4")
    expect(desk.locator("[data-job='BBB-2']")).to_contain_text("超出载重")
    expect(desk.locator("[data-replayed]")).to_have_count(0)
    desk.click("[data-replay]")
    expect(desk.locator("[data-replayed]")).to_contain_text(words)


def test_riders_are_wanted_and_shifts_planned_by_half_hour(desk: Page, api: Api) -> None:
    start = desk.evaluate(
        "() => { const d = new Date(); d.setDate(d.getDate() + 1); d.setHours(6, 0, 0, 0); return +d }"
    )
    at = [desk.evaluate("ms => new Date(ms).toISOString()", start + k * 1_800_000) for k in range(36)]
    half_hours = [{"starts_at": one, "wanted": None, "planned": 0, "can_carry": 0, "promised": 3} for one in at]
    api.on("GET", "/areas/*/capacity", {"carried_each": 2, "half_hours": half_hours})
    api.on("GET", "/areas/*/shifts", {"shifts": []})
    rider = {
        "id": "r2",
        "name": "钱师傅",
        "state": "available",
        "vehicle": "ebike",
        "online_from": None,
        "online_until": None,
    }
    api.on("GET", "/screens/crew", {"riders": [rider]})
    api.on("PUT", "/areas/*/capacity", {"carried_each": 2, "half_hours": []})
    shift = {"shift_id": "s1", "rider_id": "r2", "rider": "", "starts_at": at[0], "ends_at": at[4]}
    api.on("POST", "/areas/*/shifts", shift, 201)
    desk.keyboard.press("5")
    desk.locator(".days button").last.click()
    expect(desk.locator("[data-chart]")).to_be_visible()
    desk.locator("[data-wanted]").nth(2).fill("4")
    desk.keyboard.press("Enter")
    assert api.heard(desk, "/capacity", verb="PUT") == [{"starts_at": at[2], "riders": 4}]
    desk.wait_for_function("() => !document.querySelector('[data-wanted]:focus')")
    track = desk.locator("[data-crew='r2'] .track")
    track.hover()  # it has come to rest
    box = track.bounding_box()
    assert box is not None
    slot = box["width"] / 36
    track.hover(position={"x": slot * 0.5, "y": 10})
    desk.mouse.down()
    track.hover(position={"x": slot * 2, "y": 10})
    track.hover(position={"x": slot * 3.5, "y": 10})
    desk.mouse.up()
    assert api.heard(desk, "/shifts") == [{"rider_id": "r2", "starts_at": at[0], "ends_at": at[4]}]


def test_columns_and_filters_are_still_there_when_the_page_comes_back(desk: Page) -> None:
    desk.click("[data-chip=waiting]")
    expect(desk.locator("[data-row]")).to_have_count(1)
    desk.click("[data-columns]")
    desk.locator(".desk-pop .el-checkbox", has_text="重量").click()
    expect(desk.locator("thead")).to_contain_text("重量")
    desk.reload()
    expect(desk.locator("[data-row]")).to_have_count(1)
    expect(desk.locator("thead")).to_contain_text("重量")


def test_a_failed_delivery_is_rescheduled_with_its_promise_shown(show: Open, api: Api) -> None:
    api.on("GET", "/screens/dispatcher", make.desk([make.delivery("DDD-4", state="failed")]))
    api.on(
        "POST", "/deliveries/*/reschedule", {"delivery_id": "d-DDD-4", "state": "failed", "again_at": make.soon(7200)}
    )
    page = show("/dispatcher/", make.DESK, signed_in=DISPATCHER)
    page.locator("[data-row='DDD-4']").click()
    page.click("[data-do=again]")
    expect(page.locator("[data-again]")).to_contain_text("联系不上顾客")
    page.locator("[data-again] [role=radio]").nth(2).click()
    page.click("[data-agree]")
    expect(page.locator("[data-again]")).to_have_count(0)
    (asked,) = api.writes("/reschedule")
    assert asked["due_from"] < asked["due_at"]


SIGNED = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><path d='M1 8L4 1L8 8' stroke='#000' fill='none'/></svg>"
)


def test_proofs_of_a_finished_stop_are_shown_and_those_on_their_way_named(show: Open, api: Api) -> None:
    done = {**make.stop("s1", "dropoff", state="done"), "delivery_id": "d-OLD-9", "done_at": make.soon(-120)}
    trip = {**make.trip("accepted", [done, make.stop("s2", "dropoff")]), "locked": False}
    api.on("GET", "/screens/dispatcher", make.desk([make.delivery("AAA-1", state="assigned")], trips=[trip]))
    kept = {"proof_id": "p1", "stop_id": "s1", "kind": "signature", "media_type": "image/svg+xml", "size_bytes": 120}
    told = {"code": True, "awaited": ["photo"], "proofs": [{**kept, "received_at": make.soon(-100)}]}
    api.on("GET", "/stops/s1/proofs", told)
    page = show("/dispatcher/", make.DESK, signed_in=DISPATCHER)
    bearers: list[str | None] = []

    def picture(route: Route) -> None:
        bearers.append(route.request.headers.get("authorization"))
        route.fulfill(body=SIGNED, content_type="image/svg+xml")

    page.route("**/api/proofs/p1", picture)
    page.locator("[data-row='AAA-1']").click()
    expect(page.locator("[data-proven]")).to_have_count(1)
    page.click("[data-proven=s1]")
    expect(page.locator("[data-proofs]")).to_contain_text("取件码正确")
    expect(page.locator("[data-proofs]")).to_contain_text("照片还没传到")
    page.click("[data-proof=signature]")
    drawn = page.locator("dialog img.signature")
    expect(drawn).not_to_have_js_property("naturalWidth", 0)
    assert bearers == ["Bearer a"]


def test_tours_planned_ahead_are_listed_and_one_is_drawn_on_the_map(desk: Page, api: Api) -> None:
    tours = [make.tour("u1", ["AAA-1", "EEE-5", "FFF-6"]), make.tour("u2", ["GGG-7"], rider="")]
    api.on("GET", "/areas/*/tours", {"tours": tours})
    road = {"type": "LineString", "coordinates": [[116.32, 40.0], [116.322, 40.002], [116.324, 40.003]]}
    api.on("GET", "/screens/areas/*/tours/u1", {"geometry": road, "estimated": False})
    desk.keyboard.press("t")
    expect(desk.locator("[data-tour]")).to_have_count(2)
    expect(desk.locator("[data-tour=u1]")).to_contain_text("赵师傅")
    expect(desk.locator("[data-tour=u1]")).to_contain_text("3 单 · 4 站")
    expect(desk.locator("[data-tour=u2]")).to_contain_text("谁空谁送")
    expect(desk.locator(".spot.stop")).to_have_count(0)
    desk.click("[data-tour=u1]")
    expect(desk.locator("[data-halt]")).to_have_count(4)
    expect(desk.locator("[data-halt]").first).to_contain_text("3 单")
    expect(desk.locator(".spot.stop")).to_have_count(4)
    desk.keyboard.press("Escape")
    expect(desk.locator(".spot.stop")).to_have_count(0)


def test_a_stop_that_failed_is_not_ticked_off(show: Open, api: Api) -> None:
    failed = {**make.stop("s1", "dropoff", state="failed"), "delivery_id": "d-OLD-9", "done_at": make.soon(-120)}
    done = {**make.stop("s0", "pickup", state="done"), "delivery_id": "d-OLD-9", "done_at": make.soon(-300)}
    trip = {**make.trip("accepted", [done, failed, make.stop("s2", "return")]), "locked": False}
    api.on("GET", "/screens/dispatcher", make.desk([make.delivery("AAA-1", state="assigned")], trips=[trip]))
    page = show("/dispatcher/", make.DESK, signed_in=DISPATCHER)
    page.locator("[data-row='AAA-1']").click()
    expect(page.locator("[data-stop-row=s0]")).to_contain_text("✓")
    expect(page.locator("[data-stop-row=s1]")).to_contain_text("✗")


def test_the_list_of_keys_shows_its_keys_on_a_phone_too(show: Open) -> None:
    page = show("/dispatcher/", make.PHONE, signed_in=DISPATCHER)
    expect(page.locator("[data-row]")).to_have_count(2)
    page.keyboard.press("?")
    keys = page.locator("[data-keys] kbd")
    expect(keys.first).to_be_visible()
    for key in (keys.first, keys.last):
        box = key.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= make.PHONE[0]


def test_where_no_tour_is_planned_the_list_says_how_they_come_about(desk: Page, api: Api) -> None:
    api.on("GET", "/areas/*/tours", {"tours": []})
    desk.click("[data-tab=tours]")
    expect(desk.locator(".empty")).to_contain_text("没有提前规划的行程")


def test_a_small_laptop_has_room_for_the_way_out(desk: Page) -> None:
    desk.set_viewport_size({"width": 1024, "height": 768})
    expect(desk.locator("header > button").last).to_be_in_viewport(ratio=1)
