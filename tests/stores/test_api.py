import uuid

import pytest
from fastapi.testclient import TestClient

from o2o.kit.principal import Role
from o2o.stores import hours
from tests.conftest import Clock, Sessions
from tests.identity import make as people
from tests.stores import make

HERE = f"lon={make.CENTRE.lon}&lat={make.CENTRE.lat}"


def test_anybody_finds_who_delivers_to_a_point(client: TestClient, sessions: Sessions, clock: Clock) -> None:
    with sessions() as db:
        store = make.a_store(db, now=clock.now, openings=hours.every_day("08:00", "22:00"))
        hq = people.headers(db, Role.HQ, now=clock.now)
    body = client.get(f"/api/stores/near?{HERE}").json()
    assert [option["store_id"] for option in body["serving"]] == [str(store)]
    [near] = body["near"]
    assert (near["delivers"], near["store"]["open_now"], near["store"]["closes_at"]) == (
        True,
        True,
        "2026-03-02T14:00:00Z",
    )
    assert client.get(f"/api/stores/{store}").json() == near["store"]
    [zone] = client.get(f"/api/stores/{store}/zones", headers=hq).json()["zones"]
    assert (zone["polygon"]["type"], zone["fee_fen"]) == ("Polygon", 300)


def test_out_of_area_nobody_serves_and_the_nearest_is_named(
    client: TestClient, sessions: Sessions, clock: Clock
) -> None:
    with sessions() as db:
        store = make.a_store(db, now=clock.now, east_m=8_000)
    body = client.get(f"/api/stores/near?{HERE}").json()
    assert (body["serving"], [near["store"]["id"] for near in body["near"]]) == ([], [str(store)])


def test_head_office_shuts_a_store_at_once_and_nobody_else_does(
    client: TestClient, sessions: Sessions, clock: Clock
) -> None:
    with sessions() as db:
        store = make.a_store(db, now=clock.now)
        callers = {role: people.headers(db, role, now=clock.now) for role in Role}
    path = f"/api/stores/{store}"
    for role in (Role.CUSTOMER, Role.CLERK, Role.RIDER, Role.DISPATCHER):
        assert client.patch(path, json={"open": False}, headers=callers[role]).status_code == 403
    assert client.patch(path, json={"open": False}).status_code == 401
    assert len(client.get(f"/api/stores/near?{HERE}").json()["serving"]) == 1
    assert client.patch(path, json={"open": False}, headers=callers[Role.HQ]).json()["open_now"] is False
    assert client.get(f"/api/stores/near?{HERE}").json() == {"serving": [], "near": []}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("lon=181&lat=39", "lon"),
        ("lon=nan&lat=39", "lon"),
        ("lon=116&lat=inf", "lat"),
        ("lon=1e400&lat=39", "lon"),
        ("lon=116", "lat"),
        ("lon=１１６&lat=x", "lat"),
        ("lon=116&lat=39&limit=0", "limit"),
    ],
)
def test_a_point_that_is_none_is_refused_by_name(client: TestClient, query: str, field: str) -> None:
    answer = client.get(f"/api/stores/near?{query}")
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_bad_changes_are_refused_by_name_and_unknown_stores_are_not_found(
    client: TestClient, sessions: Sessions, clock: Clock
) -> None:
    with sessions() as db:
        store, hq = make.a_store(db, now=clock.now), people.headers(db, Role.HQ, now=clock.now)
    for body, field in ({"open": 1}, "open"), ({"pick_line_s": 0}, "pick_line_s"), ({"code": "X"}, "code"):
        answer = client.patch(f"/api/stores/{store}", json=body, headers=hq)
        assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert client.patch(f"/api/stores/{uuid.uuid4()}", json={"open": True}, headers=hq).status_code == 404
    assert client.get(f"/api/stores/{uuid.uuid4()}").status_code == 404
    assert client.get("/api/stores/not-an-id").status_code == 422


def test_areas_are_listed_by_name(client: TestClient, sessions: Sessions) -> None:
    with sessions() as db:
        for name in ("B", "A"):
            make.an_area(db, name)
    assert [area["name"] for area in client.get("/api/areas").json()] == ["A", "B"]
