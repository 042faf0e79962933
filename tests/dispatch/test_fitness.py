"""What goods ask of a rider stands between him and the delivery: in rounds, by hand and in the pool; and somebody else carries it."""

import uuid
from typing import Any

import pytest

from o2o.dispatch import ledger_check
from o2o.dispatch.carrying import bags, stops
from o2o.dispatch.carrying.deliveries import Load
from o2o.geo.lonlat import LonLat
from tests.dispatch.make import STORE, Desk

ORDINARY = {
    "vehicle": "ebike", "capacity_g": 30_000, "capacity_ml": 62_000, "insulated_boxes": 4, "max_jobs": 4,
    "skills": ["age_check"], "zone": None,
}  # fmt: skip


def around(place: LonLat, half_m: float) -> dict[str, Any]:
    """A square about a place, as GeoJSON."""
    lon, lat = half_m / 85_000, half_m / 111_000
    corners = [(-lon, -lat), (lon, -lat), (lon, lat), (-lon, lat), (-lon, -lat)]
    return {"type": "Polygon", "coordinates": [[[place.lon + x, place.lat + y] for x, y in corners]]}


NEAR_THE_STORE = around(STORE, 400)
CASES = [
    pytest.param(Load(volume_ml=50_000), {"capacity_ml": 49_999}, "too_bulky", id="too big for the box"),
    pytest.param(Load(insulated=True), {"insulated_boxes": 0}, "no_box_free", id="cold"),
    pytest.param(Load(age_checked=True), {"skills": []}, "skill_missing", id="for adults only"),
    pytest.param(Load(), {"zone": NEAR_THE_STORE}, "zone_not_allowed", id="outside the zone"),
]


def verdicts(desk: Desk, order_id: uuid.UUID) -> tuple[str, dict[str, str]]:
    """The round's reason, and each rider's by id."""
    outcome = desk.town.round()
    assert outcome is not None
    path = f"/rounds/{outcome.round_id}/deliveries/{desk.town.delivery(order_id).id}/why"
    body = desk.get(path).json()
    return body["reason"], {v["rider_id"]: v["reason"] for v in body["verdicts"]}


@pytest.mark.parametrize(("load", "outfit", "reason"), CASES)
def test_a_round_names_what_bars_the_near_rider_and_the_far_one_carries_it(
    desk: Desk, load: Load, outfit: dict[str, Any], reason: str
) -> None:
    near = desk.a_rider(east_m=50)
    order_id = desk.town.a_delivery(load=load)
    assert desk.patch(f"/riders/{near}", outfit).status_code == 200
    assert verdicts(desk, order_id) == (reason, {str(near): reason})
    assert desk.town.delivery(order_id).rider_id is None
    far = desk.a_rider(east_m=1_500)
    assert verdicts(desk, order_id) == ("fits", {str(near): reason, str(far): "fits"})
    assert desk.town.trip_of(order_id).rider_id == far


@pytest.mark.parametrize(("load", "outfit", "reason"), CASES)
def test_what_bars_a_rider_bars_him_by_hand_and_in_the_pool(
    desk: Desk, load: Load, outfit: dict[str, Any], reason: str
) -> None:
    rider_id = desk.a_rider(east_m=50)
    order_id = desk.town.a_delivery(load=load)
    desk.town.clock.advance(301)
    assert [one["order_no"] for one in desk.get("/rider/pool", rider_id).json()["deliveries"]] == ["A1"]
    assert desk.patch(f"/riders/{rider_id}", outfit).status_code == 200
    assert desk.get("/rider/pool", rider_id).json()["deliveries"] == []
    act = {"act": "assign", "delivery_id": str(desk.town.delivery(order_id).id), "rider_id": str(rider_id)}
    said = desk.post(f"/areas/{desk.town.area_id}/hand/preview", {"acts": [act]}).json()
    assert [(f["code"], f["facts"]["reason"]) for f in said["failures"]] == [("dispatch.does_not_fit", reason)]


def test_two_cold_deliveries_need_two_boxes_one_after_the_other(desk: Desk) -> None:
    rider_id = desk.a_rider()
    assert desk.patch(f"/riders/{rider_id}", {"insulated_boxes": 1}).status_code == 200
    orders = [desk.town.a_delivery(load=Load(insulated=True)) for _ in range(2)]
    desk.town.round()
    halts = [(s.kind, s.delivery_id) for s in desk.town.open_stops(desk.town.trip_of(orders[0]).id)]
    aboard: set[uuid.UUID] = set()
    for kind, delivery_id in halts:
        (aboard.add if kind == "pickup" else aboard.discard)(delivery_id)
        assert len(aboard) <= 1
    assert len(halts) >= 2


@pytest.mark.parametrize(("load", "outfit", "_reason"), CASES)
def test_a_rider_as_enrolled_carries_what_stores_usually_send(
    desk: Desk, load: Load, outfit: dict[str, Any], _reason: str
) -> None:
    rider_id = desk.a_rider()
    assert {key: desk.get(f"/riders/{rider_id}").json()[key] for key in ORDINARY} == ORDINARY
    order_id = desk.town.a_delivery(load=load)
    assert verdicts(desk, order_id) == ("fits", {str(rider_id): "fits"})


def test_another_vehicle_brings_its_load_and_a_zone_is_taken_away_again(desk: Desk) -> None:
    rider_id = desk.a_rider()
    changed = desk.patch(
        f"/riders/{rider_id}", {"vehicle": "cargo_trike", "max_jobs": 9, "zone": NEAR_THE_STORE}
    ).json()
    assert {key: changed[key] for key in ORDINARY} == {
        "vehicle": "cargo_trike", "capacity_g": 150_000, "capacity_ml": 600_000, "insulated_boxes": 16, "max_jobs": 9,
        "skills": ["age_check"], "zone": NEAR_THE_STORE,
    }  # fmt: skip
    assert desk.patch(f"/riders/{rider_id}", {"capacity_g": 100_000}).json()["zone"] == NEAR_THE_STORE
    assert desk.patch(f"/riders/{rider_id}", {"zone": None}).json()["zone"] is None


def _bad(zone: object) -> dict[str, Any]:
    return {"zone": zone}


@pytest.mark.parametrize(
    ("who", "body", "status", "code"),
    [
        ("stranger", {"max_jobs": 1}, 404, "dispatch.no_rider"),
        ("dispatcher", _bad({"type": "Point", "coordinates": [1, 2]}), 422, "geo.not_a_polygon"),
        ("dispatcher", {"skills": ["juggling"]}, 422, None),
    ],
)
def test_only_the_areas_people_change_a_rider_and_only_to_what_can_be(
    desk: Desk, who: str, body: dict[str, Any], status: int, code: str | None
) -> None:
    rider_id = desk.a_rider()
    answer = desk.patch(f"/riders/{rider_id}", body, who)
    assert answer.status_code == status
    assert code in (None, answer.json()["code"])
    assert {key: desk.get(f"/riders/{rider_id}", "hq").json()[key] for key in ORDINARY} == ORDINARY


@pytest.mark.parametrize(
    ("outfit", "load", "relieved"),
    [
        ({"insulated_boxes": 0}, Load(volume_ml=900, insulated=True), True),
        ({"skills": []}, Load(volume_ml=900, age_checked=True), True),
        ({"capacity_ml": 500}, Load(volume_ml=900), True),
        ({}, Load(volume_ml=900, insulated=True, age_checked=True), False),
    ],
)
def test_a_bag_packed_otherwise_leaves_a_rider_who_may_not_carry_it(
    desk: Desk, outfit: dict[str, Any], load: Load, relieved: bool
) -> None:
    town = desk.town
    rider_id, order_id = desk.a_rider(), town.a_delivery()
    assert desk.patch(f"/riders/{rider_id}", outfit).status_code == 200
    trip = town.accepted(order_id)
    shipment_id = town.delivery(order_id).shipment_id
    for _ in range(2):
        with town.database.sessions() as db:
            bags.repack(db, shipment_id=shipment_id, weight_g=2_000, load=load, now=town.clock())
    now = town.delivery(order_id)
    assert (now.weight_g, now.volume_ml) == (2_000, 900)
    assert (now.state, now.rider_id) == (("waiting", None) if relieved else ("assigned", rider_id))
    assert len(town.open_stops(trip.id)) == (0 if relieved else 2)
    with town.database.sessions() as db:
        assert ledger_check.differences(db) == []


def test_goods_a_rider_has_taken_stay_with_him_whatever_is_said_of_the_bag(desk: Desk) -> None:
    town = desk.town
    rider_id, order_id = desk.a_rider(), town.a_delivery()
    pickup = town.open_stops(town.accepted(order_id).id)[0]
    with town.database.sessions() as db:
        stops.complete(db, stop_id=pickup.id, rider_id=rider_id, at=town.clock(), now=town.clock())
        bags.repack(db, shipment_id=town.delivery(order_id).shipment_id, weight_g=9, load=Load(), now=town.clock())
    assert (town.delivery(order_id).weight_g, town.delivery(order_id).rider_id) == (3_000, rider_id)
