"""Head office's zones over HTTP, with a city of homes to count."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from o2o.geo.lonlat import circle, offset
from o2o.infra import citydata
from o2o.infra.citydata import Door
from o2o.infra.tools import Tools
from o2o.kit.principal import Role
from tests.conftest import Clock, Sessions
from tests.identity import make as people
from tests.stores import make

RADIUS = {"shapes": [{"kind": "radius", "radius_m": 2000, "centre": None}], "fee_fen": 200}


@pytest.fixture
def city(client: TestClient, tools: Tools, tmp_path: Path) -> TestClient:
    """A hundred homes on a street to the east of the centre, 100 m apart."""
    files = citydata.fresh(tmp_path)
    citydata.save_doors(
        files, [Door(f"n{n}", offset(make.CENTRE, east_m=100 * n + 50, north_m=0), f"{n} 号") for n in range(100)]
    )
    citydata.publish(tmp_path, files)
    app = cast(FastAPI, client.app)
    app.state.tools = replace(tools, settings=tools.settings.model_copy(update={"data_dir": tmp_path}))
    return client


class Office:
    """Head office at its desk: one store of 3 km, and the calls it makes."""

    def __init__(self, client: TestClient, sessions: Sessions, clock: Clock) -> None:
        self.client = client
        with sessions() as db:
            self.store = make.a_store(db, "S001", now=clock.now)
            self.area = make.an_area(db)
            self.headers = people.headers(db, Role.HQ, now=clock.now)
            self.clerk = people.headers(db, Role.CLERK, now=clock.now, store_id=self.store)
        self.path = f"/api/stores/{self.store}/zones"
        self.keys = iter(f"key-{n:08d}" for n in range(100))

    def get(self, path: str) -> Any:
        answer = self.client.get(path, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, method: str, path: str, body: Any, key: str | None = None) -> Any:
        headers = self.headers | {"Idempotency-Key": key or next(self.keys)}
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/octet-stream"
            return self.client.request(method, path, content=body, headers=headers)
        return self.client.request(method, path, json=body, headers=headers)


@pytest.fixture
def office(city: TestClient, sessions: Sessions, clock: Clock) -> Office:
    return Office(city, sessions, clock)


def test_zones_are_put_by_version_once_by_key_and_taken_back(office: Office) -> None:
    read = office.get(office.path)
    body = {"version": read["version"], "zones": [RADIUS | {"name": "2 km"}], "note": "试试"}
    put = office.send("PUT", office.path, body, key="same-key-1")
    assert (put.status_code, put.json()["version"], put.json()["zones"][0]["area_km2"]) == (200, 2, 12.557)
    assert office.send("PUT", office.path, body, key="same-key-1").json() == put.json()
    stale = office.send("PUT", office.path, body)
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (409, "stores.zones_moved", 2)
    back = office.send("POST", f"{office.path}/restore", {"back_to": 1, "version": 2}).json()
    assert (back["version"], back["zones"][0]["polygon"]) == (3, read["zones"][0]["polygon"])
    noted = office.get(f"{office.path}/history")
    assert [(one["version"], one["note"]) for one in noted] == [
        (3, "restored version 1"),
        (2, "试试"),
        (1, "saved with the store"),
    ]


def test_only_head_office_draws(office: Office) -> None:
    draft = {"json": {"zones": []}, "headers": office.clerk}
    assert office.client.post(f"/api/areas/{office.area}/exclusions/preview", **draft).status_code == 403
    for path in (office.path, f"/api/areas/{office.area}/exclusions", "/api/coverage", "/api/zones/export"):
        assert office.client.get(path, headers=office.clerk).status_code == 403
        assert office.client.get(path).status_code == 401


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"shapes": []}, "zones.0.shapes"),
        ({"shapes": [{"kind": "circle", "radius_m": 5}]}, "zones.0.shapes.0"),
        ({"shapes": [{"kind": "radius", "radius_m": True}]}, "zones.0.shapes.0.radius.radius_m"),
        ({"shapes": [{"kind": "radius", "radius_m": 5}]}, "zones.0.shapes.0.radius_m"),
        ({"shapes": [{"kind": "polygon", "polygon": {}}]}, "zones.0.shapes.0.polygon"),
        ({"fee_fen": -1}, "zones.0.fee_fen"),
        ({"fee_fen": 1e400}, "zones.0.fee_fen"),
        ({"speed_s": 1}, "zones.0.speed_s"),
        ({"arrives_from": "14:00"}, "zones.0.arrives"),
        ({"arrives_from": "1400"}, "zones.0.arrives_from"),
        ({"windows": [{"weekday": 9, "opens_min": 0, "closes_min": 5}]}, "zones.0.windows"),
        ({"store_id": "x"}, "zones.0.store_id"),
        ({"name": "a\0"}, "zones.0.name"),
    ],
)
def test_a_bad_part_of_a_zone_is_named_and_nothing_changes(office: Office, change: dict[str, Any], field: str) -> None:
    content = json.dumps({"version": 1, "zones": [RADIUS | change]})
    headers = office.headers | {"Idempotency-Key": "k-12345678", "Content-Type": "application/json"}
    answer = office.client.put(office.path, content=content, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert office.get(office.path)["version"] == 1


def test_a_draft_says_what_it_comes_to_and_whom_it_reaches(office: Office) -> None:
    lake = {"shapes": [{"kind": "radius", "radius_m": 500, "centre": None}], "excluded": True}
    body = office.send("POST", f"{office.path}/preview", {"zones": [RADIUS, lake]}).json()
    assert [zone["homes"] for zone in body["zones"]] == [20, 5]
    counted = {name: value for name, value in body.items() if name not in ("zones", "estimated")}
    assert counted == {
        "homes": 100,
        "homes_before": 30,
        "homes_after": 15,
        "newly_served": 0,
        "no_longer_served": 15,
    }
    ridden = {"shapes": [{"kind": "drive_time", "minutes": 5}]}
    assert office.send("POST", f"{office.path}/preview", {"zones": [ridden]}).json()["estimated"] is True
    assert office.get(office.path)["version"] == 1


def test_shared_exclusions_say_whom_they_would_leave_out_before_they_are_kept(
    office: Office, sessions: Sessions, clock: Clock
) -> None:
    with sessions() as db:
        other = make.an_area(db, "海淀")
        make.a_store(db, "S002", now=clock.now, east_m=2_000, radius_m=600, area_id=other)
    path = f"/api/areas/{office.area}/exclusions"

    def lake(east_m: int, radius_m: int, **more: Any) -> dict[str, Any]:
        centre = offset(make.CENTRE, east_m=east_m, north_m=0)
        shape = {"kind": "radius", "radius_m": radius_m, "centre": {"lon": centre.lon, "lat": centre.lat}}
        return {"shapes": [shape], "excluded": True} | more

    def tried(*zones: Any) -> list[int]:
        body = office.send("POST", f"{path}/preview", {"zones": list(zones)}).json()
        names = ("homes_before", "homes_after", "newly_served", "no_longer_served")
        return [zone["homes"] for zone in body["zones"]] + [body[name] for name in names]

    assert tried(lake(0, 500)) == [5, 30, 25, 0, 5]
    assert tried(lake(2_000, 500)) == [10, 30, 20, 0, 0]  # the other area's store goes on delivering there
    assert tried(lake(0, 500, windows=[{"weekday": 0, "opens_min": 0, "closes_min": 60}])) == [5, 30, 30, 0, 0]
    put = office.send("PUT", path, {"version": office.get(path)["version"], "zones": [lake(0, 500)]})
    assert put.status_code == 200, put.text
    assert tried(lake(0, 300)) == [3, 25, 27, 2, 0]
    assert tried() == [25, 30, 5, 0]
    refused = office.send("POST", f"{path}/preview", {"zones": [lake(0, 300) | {"excluded": False}]})
    assert (refused.status_code, refused.json()["field"]) == (422, "zones.0.excluded")


def test_the_report_counts_homes_and_says_what_a_radius_gains(office: Office, sessions: Sessions, clock: Clock) -> None:
    with sessions() as db:
        make.a_store(db, "S002", now=clock.now, east_m=5_000, radius_m=2_500)
    body = office.get(f"/api/coverage?store_id={office.store}&radius_m=4000")
    assert [(one["stores"], one["homes"]) for one in body["covered"]] == [(0, 25), (1, 70), (2, 5), (3, 0)]
    assert [(one["code"], one["homes"], one["alone"]) for one in body["stores"]] == [("S001", 30, 25), ("S002", 50, 45)]
    gain = body["gain"]
    assert (gain["homes_before"], gain["homes_after"], gain["newly_served"], gain["no_longer_served"]) == (30, 40, 0, 0)
    assert {row["radius_m"]: (row["homes"], row["alone"]) for row in gain["curve"]}[8_000] == (80, 30)
    patches = [feature["properties"] for feature in body["map"]["features"]]
    assert sum(patch["homes"] for patch in patches) == 100
    assert sum(patch["unserved"] for patch in patches) == 25
    assert {patch["kind"] for patch in patches} == {"gap", "one", "two"}


def test_an_areas_exclusions_leave_homes_out_of_every_count(office: Office) -> None:
    lake = {
        "shapes": [{"kind": "radius", "radius_m": 1000, "centre": {"lon": make.CENTRE.lon, "lat": make.CENTRE.lat}}]
    }
    path = f"/api/areas/{office.area}/exclusions"
    put = office.send("PUT", path, {"version": 0, "zones": [lake | {"excluded": True}]})
    assert (put.status_code, put.json()["version"]) == (200, 1)
    assert office.get("/api/coverage")["covered"][1]["homes"] == 20
    near = office.client.get(f"/api/stores/near?lon={make.CENTRE.lon}&lat={make.CENTRE.lat}").json()
    assert near["serving"] == []
    assert office.send("POST", f"{path}/restore", {"back_to": 7, "version": 1}).status_code == 404
    assert office.send("POST", f"{path}/restore", {"back_to": 0, "version": 1}).json()["zones"] == []
    assert office.get("/api/coverage")["covered"][1]["homes"] == 30


def test_a_file_is_tried_then_taken_whole_in_a_process_of_its_own(office: Office) -> None:
    def features(*radii: int) -> bytes:
        rings = [[list(corner) for corner in circle(make.CENTRE, radius)] for radius in radii]
        whole = [
            {
                "type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [ring[:-1] if radius < 600 else ring]},
                "properties": {"store": "S001"},
            }
            for ring, radius in zip(rings, radii, strict=True)
        ]
        return json.dumps({"type": "FeatureCollection", "features": whole}).encode()

    tried = office.send("POST", "/api/zones/import/preview?format=geojson", features(2_000, 500)).json()
    assert [(one["feature"], one["code"]) for one in tried["problems"]] == [(2, "geo.unclosed")]
    refused = office.send("POST", "/api/zones/import", features(2_000, 500), key="file-key-1")
    assert (refused.status_code, refused.json()["code"]) == (422, "stores.bad_zone_file")
    told = [{name: value for name, value in one.items() if value is not None} for one in tried["problems"]]
    assert refused.json()["problems"] == told
    assert len(tried["map"]["features"]) == 1
    assert office.get(office.path)["version"] == 1
    taken = office.send("POST", "/api/zones/import?repair=true", features(2_000, 500), key="file-key-2")
    assert (taken.status_code, taken.json()["mended"]) == (200, [{"feature": 2, "codes": ["geo.unclosed"]}])
    other = office.send("POST", "/api/zones/import?repair=false", features(2_000, 500), key="file-key-2")
    assert other.json()["code"] == "idempotency.key_reused"
    assert len(office.get(office.path)["zones"]) == 2
    for kind in ("geojson", "gpkg", "shp"):
        answer = office.client.get(f"/api/zones/export?format={kind}&datum=gcj02", headers=office.headers)
        assert answer.headers["Content-Disposition"].startswith("attachment")
        again = office.send("POST", f"/api/zones/import/preview?format={kind}&datum=gcj02", answer.content).json()
        assert (again["problems"], [(one["name"], one["after"]) for one in again["owners"]]) == ([], [("S001", 2)])


def test_a_file_beyond_the_limit_is_not_even_read(office: Office) -> None:
    answer = office.send("POST", "/api/zones/import/preview", b" " * (8 * 1024 * 1024 + 1))
    assert answer.status_code == 413
