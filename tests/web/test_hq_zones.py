"""Head office draws where a store delivers: on the map, tried before it is kept, kept by version."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.web import make, make_hq
from tests.web.conftest import Open
from tests.web.stage import Api

pytestmark = pytest.mark.browser
HQ = ("hq", make.account("hq"))
PLACE = f"/hq/stores/{make.STORE_ID}"


@pytest.fixture(autouse=True)
def _chain(api: Api) -> None:
    versions = [{"version": n, "at": make.soon(-60), "by": None, "note": f"note {n}", "zones": 1} for n in (3, 2)]
    api.on("GET", "/stores", [make_hq.store(), make_hq.store(make_hq.OTHER_ID, "五道口店", lon=116.34)])
    api.on("GET", "/areas", [{"id": make_hq.AREA_ID, "name": "海淀"}])
    api.on("GET", "/stores/*/zones", make_hq.zones(3, make_hq.zone("z1", "3 公里")))
    api.on("GET", "/stores/*/zones/history", versions)
    api.on("POST", "/stores/*/zones/preview", tried)
    api.on("GET", "/goods", {"items": [make.good("A-1", "苹果")], "next_page": None})
    api.on("GET", "/categories", make.AISLES)


def tried(request: Request) -> dict[str, Any]:
    """As many zones as were sent."""
    return make_hq.draft(len(json.loads(request.post_data or "{}")["zones"]))


def draw(page: Page, tool: str, corners: list[tuple[int, int]]) -> None:
    """Choose a tool and click an outline on the map."""
    box = page.locator(".map").bounding_box()
    assert box
    page.click(f"[data-tool={tool}]")
    for x, y in corners:
        page.mouse.click(box["x"] + x, box["y"] + y)
    page.keyboard.press("Enter")


def opened(show: Open) -> Page:
    page = show(PLACE, make.DESK, signed_in=HQ)
    expect(page.locator("[data-zone='3 公里']")).to_be_visible()
    page.wait_for_selector(".map[data-idle=true]")  # it has come to rest where the zones are
    return page


CORNERS = [(260, 260), (420, 240), (460, 400), (300, 430)]


def test_a_drawn_zone_is_tried_on_the_homes_around_and_kept_with_its_terms(show: Open, api: Api) -> None:
    page = opened(show)
    draw(page, "polygon", CORNERS)
    page.fill("[name=zone-name]", "校园环线")
    page.fill("[name=zone-fee]", "4.5")
    expect(page.locator("[data-effect-number=homes]")).to_contain_text("700 → 812")
    expect(page.locator("[data-effect-number=lost]")).to_contain_text("28")
    api.on("PUT", "/stores/*/zones", make_hq.zones(4, make_hq.zone("z1", "3 公里"), make_hq.zone("z2", "校园环线")))
    page.click("[data-effect] [data-save]")
    expect(page.locator("[data-effect]")).to_have_count(0)
    (sent,) = api.writes("/zones", verb="PUT")
    assert sent["version"] == 3
    assert [zone["name"] for zone in sent["zones"]] == ["3 公里", "校园环线"]
    (shape,) = sent["zones"][1]["shapes"]
    assert (shape["kind"], len(shape["polygon"]["coordinates"][0])) == ("polygon", 5)
    assert sent["zones"][1]["fee_fen"] == 450


def test_an_exclusion_is_drawn_undone_by_keyboard_and_drawn_again(show: Open, api: Api) -> None:
    page = opened(show)
    draw(page, "bar_polygon", CORNERS)
    expect(page.locator("[data-zone]")).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(page.locator("[data-zone]")).to_have_count(1)
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("[data-zone]")).to_have_count(2)
    page.click("[data-drop]")
    expect(page.locator("[data-zone]")).to_have_count(1)
    page.keyboard.press("Control+z")  # what was given up is a step like any other
    expect(page.locator("[data-zone]")).to_have_count(2)
    api.on(
        "PUT",
        "/stores/*/zones",
        make_hq.zones(4, make_hq.zone("z1", "3 公里"), make_hq.zone("z2", "湖", excluded=True)),
    )
    expect(page.locator("[data-effect-number=homes]")).to_be_visible()
    page.keyboard.press("Control+s")
    (sent,) = api.heard(page, "/zones", verb="PUT")
    assert [zone["excluded"] for zone in sent["zones"]] == [False, True]


def test_conditions_of_a_zone_hold_together(show: Open, api: Api) -> None:
    page = opened(show)
    page.click("[data-zone='3 公里'] .main-part")
    page.click("[data-and=drive_time]")
    expect(page.locator("[data-shape=drive_time]")).to_be_visible()
    with page.expect_response("**/zones/preview"):
        page.fill("[data-shape=drive_time] input", "12")
        page.keyboard.press("Tab")
    last = api.writes("/zones/preview")[-1]["zones"][0]["shapes"]
    assert [shape["kind"] for shape in last] == ["polygon", "drive_time"]


def test_somebody_elses_newer_version_is_shown_and_taken(show: Open, api: Api) -> None:
    page = opened(show)
    draw(page, "polygon", CORNERS)
    expect(page.locator("[data-effect-number=homes]")).to_be_visible()
    api.on("PUT", "/stores/*/zones", {"code": "stores.zones_moved", "title": "moved", "status": 409, "version": 4}, 409)
    page.click("[data-effect] [data-save]")
    api.on("GET", "/stores/*/zones", make_hq.zones(4, make_hq.zone("z9", "别人画的")))
    page.click("[data-conflict] button")
    expect(page.locator("[data-zone='别人画的']")).to_be_visible()
    expect(page.locator("[data-zone]")).to_have_count(1)


def test_an_earlier_version_is_had_back(show: Open, api: Api) -> None:
    page = opened(show)
    page.click("[data-side=versions]")
    api.on("POST", "/stores/*/zones/restore", make_hq.zones(4, make_hq.zone("z0", "旧范围")))
    page.click("[data-version='2'] [data-restore]")
    page.click(".el-message-box .el-button--primary")
    assert api.heard(page, "/zones/restore") == [{"back_to": 2, "version": 3}]
    page.click("[data-side=zones]")
    expect(page.locator("[data-zone='旧范围']")).to_be_visible()


def test_rush_mode_is_switched_with_its_end(show: Open, api: Api) -> None:
    page = opened(show)
    api.on("POST", "/stores/*/rush", make_hq.store() | {"rush_s": 1200, "rush_until": make.soon(3600)})
    page.click("[data-act=rush]")
    page.click(".switch-box .pill:has-text('+20')")
    page.click("[data-act=confirm]")
    (sent,) = api.heard(page, "/rush")
    assert sent["extra_s"] == 1200
    assert sent["until"].endswith("Z")


def test_coverage_tells_who_is_left_out_and_what_a_radius_would_gain(show: Open, api: Api) -> None:
    api.on("GET", "/coverage", lambda request: make_hq.coverage(gain="radius_m" in request.url))
    page = show("/hq/coverage", make.DESK, signed_in=HQ)
    expect(page.locator("[data-covered='0'] dd")).to_contain_text("12")
    page.click("[data-store=S1]")
    expect(page.locator("[data-what-if]")).to_contain_text("60 → 72")


def test_faults_of_a_file_are_told_one_by_one_and_nothing_is_taken(show: Open, api: Api) -> None:
    fault = {
        "feature": 1, "store": "S1", "field": "geometry", "code": "geo.self_crossing", "message": "crosses", "at": [116.33, 40.0],
    }  # fmt: skip
    worded = {
        "feature": 2,
        "field": "geometry",
        "code": "geo.bad_corner",
        "message": "",
        "at": "part 0, ring 0, corner 3",
    }
    found = {"owners": [], "mended": [], "ignored_fields": [], "problems": [fault, worded], "map": {}}
    api.on("POST", "/zones/import/preview", found)
    page = show("/hq/zones/transfer", make.DESK, signed_in=HQ)
    body = json.dumps({"type": "FeatureCollection", "features": []}).encode()
    page.set_input_files("[data-file]", {"name": "z.geojson", "mimeType": "application/geo+json", "buffer": body})
    expect(page.locator("[data-fault='geo.self_crossing']")).to_contain_text("第 1 个图形")
    expect(page.locator("[data-fault='geo.bad_corner']")).to_contain_text("corner 3")
    expect(page.locator("[data-take]")).to_be_disabled()
