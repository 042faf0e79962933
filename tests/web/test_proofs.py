"""A photo from the phone to the desk, through the real house: sent, kept over a reload, refused in the rider's language."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from o2o.dispatch.carrying import stops
from o2o.dispatch.models import Proof, Stop
from o2o.kit.principal import Role
from tests.web import make
from tests.web.house import House

pytestmark = pytest.mark.browser
DRAW = """async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1600, height: 1200 })
  const pen = canvas.getContext('2d')
  pen.fillStyle = '#c96'; pen.fillRect(0, 0, 1600, 1200)
  pen.fillStyle = '#263'; pen.fillRect(500, 300, 600, 900)
  const blob = await new Promise((told) => canvas.toBlob(told, 'image/jpeg', 0.9))
  return [...new Uint8Array(await blob.arrayBuffer())]
}"""


def at_the_door(house: House, language: str = "zh") -> tuple[Page, Stop]:
    """A rider's phone at a customer's door, goods in hand."""
    town, rider_id = house.town, house.a_rider()
    order_id = town.a_delivery()
    pickup, dropoff = town.open_stops(town.accepted(order_id).id)
    now = town.clock()
    with town.database.sessions() as db:
        stops.complete(db, stop_id=pickup.id, rider_id=rider_id, at=now, now=now)
        stops.arrive(db, stop_id=dropoff.id, rider_id=rider_id, at=now, now=now)
    page = house.show("rider", rider_id, make.PHONE, language=language)
    expect(page.locator("[data-take-photo]")).to_be_visible()
    return page, dropoff


def take(page: Page, name: str, content: bytes, kind: str = "image/jpeg") -> None:
    """Choose a file, as the camera would hand one over."""
    page.set_input_files("input[data-photo]", {"name": name, "mimeType": kind, "buffer": content})


def proofs(house: House, stop: Stop) -> list[Proof]:
    with house.town.database.sessions() as db:
        return list(db.query(Proof).where(Proof.stop_id == stop.id))


def test_a_photo_is_sent_before_the_hand_over_and_seen_at_the_desk(house: House) -> None:
    page, dropoff = at_the_door(house)
    take(page, "door.jpg", bytes(page.evaluate(DRAW)))
    expect(page.locator("img[src^='blob:']")).to_be_visible()
    with page.expect_response("**/complete") as done:
        page.click("[data-photo-keep]")
    assert done.value.status == 200
    [kept] = proofs(house, dropoff)
    assert (kept.kind, kept.media_type) == ("photo", "image/jpeg")
    assert done.value.request.post_data_json["photo"] == str(kept.id)
    expect(page.locator(".radar")).to_be_visible()
    desk = house.show("dispatcher", house.somebody(Role.DISPATCHER), make.DESK)
    desk.fill("input[type=search]", "A1")
    desk.click("[data-past]")
    desk.click("[data-proof=photo]")
    large = desk.locator("dialog img.photo")
    expect(large).to_have_js_property("naturalWidth", 1280)


def test_a_photo_taken_without_signal_survives_a_reload_and_is_sent_then(house: House) -> None:
    page, dropoff = at_the_door(house)
    page.route("**/api/stops/**", lambda route: route.abort("internetdisconnected"))
    take(page, "door.jpg", bytes(page.evaluate(DRAW)))
    page.click("[data-photo-keep]")
    expect(page.locator(".radar")).to_be_visible()
    page.reload()
    expect(page.locator(".radar")).to_be_visible()  # what was done here is remembered though nobody has heard of it
    assert proofs(house, dropoff) == []
    with page.expect_response("**/complete") as done:
        page.unroute("**/api/stops/**")
    assert done.value.status == 200
    [kept] = proofs(house, dropoff)
    with house.town.database.sessions() as db:
        assert db.get_one(Stop, dropoff.id).proof["photo"] == str(kept.id)


@pytest.mark.parametrize(
    ("language", "no_picture", "too_large"),
    [
        ("zh", "这不是照片，请重拍", "照片超过 30 MB，请重拍"),
        ("en", "That is no picture; please take another", "The picture is larger than 30 MB. Take it again"),
    ],
)
def test_what_is_no_photo_is_told_in_the_riders_language_and_nothing_is_sent(
    house: House, tmp_path: Path, language: str, no_picture: str, too_large: str
) -> None:
    page, dropoff = at_the_door(house, language)
    take(page, "door.jpg", b"%PDF-1.7 no picture")
    expect(page.locator("[data-photo-bad]")).to_have_text(no_picture)
    expect(page.locator("[data-photo-keep]")).to_be_disabled()
    huge = tmp_path / "huge.jpg"
    with huge.open("wb") as file:
        file.truncate(30 * 1024 * 1024 + 1)
    page.set_input_files("input[data-photo]", huge)
    expect(page.locator("[data-photo-bad]")).to_have_text(too_large)
    assert proofs(house, dropoff) == []
    with house.town.database.sessions() as db:
        assert db.get_one(Stop, dropoff.id).state == "arrived"


def test_a_photo_the_house_refuses_is_told_and_the_goods_are_not_handed_over(house: House) -> None:
    page, dropoff = at_the_door(house)
    page.route("**/photos/*", lambda route: route.continue_(post_data=b"GIF89a"))
    take(page, "door.jpg", bytes(page.evaluate(DRAW)))
    page.click("[data-photo-keep]")
    expect(page.locator(".van-toast")).to_contain_text("请上传 3 MB 以内的 JPEG、PNG 或 WebP 图片")
    expect(page.locator("[data-take-photo]")).to_be_visible()
    assert proofs(house, dropoff) == []
    with house.town.database.sessions() as db:
        assert db.get_one(Stop, dropoff.id).state == "arrived"
