"""Head office's screens against the real house: real files, real rules, real switches, and what the house does of it."""

import json
import zipfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas
import pytest
from playwright.sync_api import Page, expect
from shapely.geometry import Point, Polygon, shape
from sqlalchemy import text

from o2o.geo.datum import Datum, from_wgs84
from o2o.geo.lonlat import LonLat, circle, offset
from o2o.kit.clock import utc_now
from o2o.kit.ids import StoreId
from o2o.kit.principal import Role
from tests.identity.make import a_member_of_staff
from tests.journeys.town import HOME, MILK, Town
from tests.stores.make import CENTRE
from tests.web import make
from tests.web.conftest import Open, kept

pytestmark = pytest.mark.browser
RING = [(corner.lon, corner.lat) if isinstance(corner, LonLat) else tuple(corner) for corner in circle(CENTRE, 1_500)]


def _geojson_in_gcj02(folder: Path) -> Path:
    """As a designer exports it from a map of Amap."""
    moved = [list(from_wgs84(LonLat(*corner), Datum.GCJ02)) for corner in RING]
    feature = {
        "type": "Feature", "properties": {"store": "NEAR", "name": "校园环线", "fee_fen": 250},
        "geometry": {"type": "Polygon", "coordinates": [moved]},
    }  # fmt: skip
    file = folder / "zones.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    return file


def _frame() -> geopandas.GeoDataFrame:
    fields = {"store": ["NEAR"], "name": ["校园环线"], "fee_fen": [250]}
    return geopandas.GeoDataFrame(fields, geometry=[Polygon(RING)], crs="EPSG:4326")


def _shapefile(folder: Path) -> Path:
    _frame().to_file(folder / "zones.shp", encoding="utf-8")
    file = folder / "zones.zip"
    with zipfile.ZipFile(file, "w") as packed:
        for part in sorted(folder.glob("zones.*")):
            if part != file:
                packed.write(part, part.name)
    return file


def _geopackage(folder: Path) -> Path:
    file = folder / "zones.gpkg"
    _frame().to_file(file, driver="GPKG", layer="zones")
    return file


def _zones(town: Town, store: StoreId) -> list[tuple[str, int, Any]]:
    query = text("SELECT name, fee_fen, polygon FROM service_zones WHERE store_id = :store ORDER BY name")
    with town.database.sessions() as db:
        return [(row.name, row.fee_fen, shape(row.polygon)) for row in db.execute(query, {"store": store})]


@pytest.mark.parametrize(
    ("datum", "write"), [("gcj02", _geojson_in_gcj02), ("wgs84", _shapefile), ("wgs84", _geopackage)]
)
def test_a_file_of_zones_is_looked_through_taken_and_delivered_by(
    real: Open, town: Town, tmp_path: Path, datum: str, write: Any
) -> None:
    page = real("/hq/zones/transfer", Role.HQ, make.DESK)
    page.select_option("[name=datum]", datum)
    page.set_input_files("[data-file]", write(tmp_path))
    expect(page.locator("[data-take]")).to_be_enabled()
    kept(page, f"import-{write.__name__}")
    page.click("[data-take]")
    expect(page.locator("[data-take]")).to_have_count(0)
    ((name, fee_fen, polygon),) = _zones(town, town.near)
    assert (name, fee_fen) == ("校园环线", 250)
    away_m = polygon.symmetric_difference(Polygon(RING)).area / polygon.length * 100_000
    assert away_m < 2
    assert town.quote((MILK, 2))["delivery_fee_fen"] == 250
    assert polygon.covers(Point(HOME["lon"], HOME["lat"]))


def test_a_file_with_a_bow_tie_is_refused_at_its_place(real: Open, town: Town, tmp_path: Path) -> None:
    corners = [offset(CENTRE, east_m=e, north_m=n) for e, n in ((0, 0), (900, 900), (900, 0), (0, 900), (0, 0))]
    feature = {
        "type": "Feature", "properties": {"store": "NEAR"},
        "geometry": {"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]},
    }  # fmt: skip
    file = tmp_path / "bow.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    before = _zones(town, town.near)
    page = real("/hq/zones/transfer", Role.HQ, make.DESK)
    page.set_input_files("[data-file]", file)
    expect(page.locator("[data-fault='geo.self_crossing']")).to_contain_text("第 1 个图形")
    expect(page.locator("[data-take]")).to_be_disabled()
    page.wait_for_selector(".map[data-idle=true]")
    kept(page, "import-bow-tie")
    assert _zones(town, town.near) == before


def test_a_shared_exclusion_shows_whom_it_leaves_out_before_it_is_kept(real: Open, town: Town) -> None:
    page = real(f"/hq/areas/{town.area}", Role.HQ, make.DESK)
    expect(page.locator(".map .spot").first).to_be_visible()
    page.wait_for_selector(".map[data-idle=true]")  # it has come to rest where the stores are
    box = page.locator(".map").bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.click("[data-tool=bar_polygon]")
    for x, y in ((-150, -120), (150, -120), (150, 120), (-150, 120)):
        page.mouse.click(middle[0] + x, middle[1] + y)
    page.keyboard.press("Enter")
    expect(page.locator("[data-effect-number=homes]")).to_contain_text("80 → ")
    expect(page.locator("[data-effect-number=lost] dd")).not_to_have_text("0")
    kept(page, "exclusion-tried")
    assert _exclusions(town) == 0
    page.click("[data-effect] [data-save]")
    expect(page.locator("[data-effect]")).to_have_count(0)
    assert _exclusions(town) == 1


def _exclusions(town: Town) -> int:
    with town.database.sessions() as db:
        found = db.scalar(text("SELECT count(*) FROM service_zones WHERE area_id = :area"), {"area": town.area})
    return int(found or 0)


def test_rules_that_are_applied_on_the_screen_are_obeyed_by_the_next_quote(real: Open, town: Town) -> None:
    placed = town.bought((MILK, 2))
    page = real("/hq/sourcing", Role.HQ, make.DESK)
    page.click("[data-add-section]")
    page.select_option("[data-add-setting]", "farthest_m")
    page.fill("[data-setting=farthest_m] input", "100")
    page.keyboard.press("Tab")
    page.select_option("[aria-label=哪一天]", _day(town))
    page.click("[data-try]")
    expect(page.locator("[data-would=lost] b")).to_have_text("1")
    expect(page.locator("[data-preview]")).to_contain_text(placed["order_no"])
    kept(page, "rules-tried")
    page.click("[data-apply]")
    page.click(".el-message-box .el-button--primary")
    expect(page.locator("[data-rules='1'] .pill")).to_have_text("生效中")
    wanted = {"lines": [{"sku": MILK, "quantity": 2}], "method": "delivery", "point": HOME}
    answer = town.post(town.customer, "/quotes", wanted)
    assert answer.status_code == 409
    assert {one["verdict"] for one in answer.json()["considered"]} == {"too_far"}


def test_a_lost_basket_is_on_the_page_and_looser_rules_would_have_gained_it(real: Open, town: Town) -> None:
    for document, applied in (({"farthest_m": 100}, True), ({"farthest_m": 9_000}, False)):
        hq = {"account": str(_hq(town))}
        written = town.did(
            town.post(hq, "/sourcing/rules", {"document": {"sections": [{"set": document}]}, "note": "x"}), 201
        )
        if applied:
            town.did(town.post(hq, f"/sourcing/rules/{written['id']}/apply"))
    wanted = {"lines": [{"sku": MILK, "quantity": 2}], "method": "delivery", "point": HOME}
    assert town.post(town.customer, "/quotes", wanted).status_code == 409
    town.worker.do("orders.keep_lost")
    page = real("/hq/lost", Role.HQ, make.DESK)
    expect(page.locator("[data-cause=too_far]")).to_contain_text("太远")
    expect(page.locator("[data-number=gone]")).to_contain_text("1")
    page.wait_for_selector(".map[data-idle=true]")
    kept(page, "lost")
    page.click("aside >> text=用更宽的规则试算")
    page.click("[data-rules='2'] >> text=以此为底稿")
    page.select_option("[aria-label=哪一天]", _day(town))
    page.click("[data-try]")
    expect(page.locator("[data-won]")).to_contain_text("其中 1 个能接下")
    kept(page, "lost-won")


def _day(town: Town) -> str:
    """What the chain calls the day on which the town stands still: today, unless midnight has just passed."""
    then, now = (at.astimezone(ZoneInfo("Asia/Shanghai")).date() for at in (town.clock(), utc_now()))
    return "today" if then == now else "yesterday"


def _hq(town: Town) -> Any:
    with town.database.sessions() as db:
        return a_member_of_staff(db, Role.HQ, now=town.clock())


def _switched(page: Page, state: str) -> None:
    expect(page.locator(f"[data-switch={state}]").first).to_be_visible()


def test_a_store_closed_on_the_screen_takes_no_quote_until_it_is_opened_there(real: Open, town: Town) -> None:
    page = real("/hq/stores", Role.HQ, make.DESK)
    page.click("[data-store=NEAR]")
    box = page.locator("[data-switch]").first
    box.locator("[data-act=close]").click()
    box.get_by_text("停电").click()
    kept(page, "switch-closing")
    box.locator("[data-act=confirm]").click()
    _switched(page, "closed")
    assert town.quote((MILK, 2))["parts"][0]["store"]["id"] == str(town.far)
    kept(page, "switch-closed")
    page.locator("[data-act=open]").first.click()
    _switched(page, "calm")
    assert town.quote((MILK, 2))["parts"][0]["store"]["id"] == str(town.near)


def test_rush_mode_switched_on_the_screen_promises_later_at_once(real: Open, town: Town) -> None:
    before = town.quote((MILK, 2))["promise"]["arrive_by"]
    page = real("/hq/stores", Role.HQ, make.DESK)
    for code in ("NEAR", "FAR"):
        page.click(f"[data-store={code}]")
        box = page.locator("[data-switch]").first
        box.locator("[data-act=rush]").click()
        box.get_by_text("+30").click()
        box.locator("[data-act=confirm]").click()
        _switched(page, "rush")
    assert town.quote((MILK, 2))["promise"]["arrive_by"] > before


def test_why_this_store_names_the_goods_to_the_dispatcher(real: Open, town: Town) -> None:
    with town.database.sessions() as db:
        db.execute(
            text("UPDATE stock_items SET safety = on_hand - 1 WHERE store_id = :far AND sku = :sku"),
            {"far": town.far, "sku": MILK},
        )
    town.bought((MILK, 2))
    page = real("/dispatcher/", Role.DISPATCHER, make.DESK)
    page.locator("[data-row]").first.click()
    page.locator("[data-store-why] summary").click()
    verdict = page.locator("[data-store-why] [data-verdict=no_stock]")
    expect(verdict).to_contain_text("剩 1/要 2")
    expect(verdict).not_to_contain_text(MILK)
    kept(page, "why-store")
