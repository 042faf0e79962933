"""Every order that came is kept beside its plan, teaches the next promises, and can be looked at by headquarters."""

from typing import Any

import pytest
from sqlalchemy import text

from o2o.kit.principal import Role
from o2o.orders.lessons import outcomes
from o2o.orders.quoting import promptness
from tests.identity.make import a_member_of_staff
from tests.journeys.town import HOME, Town


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    promptness.forget()


def _delivered(town: Town, *, picked_after_s: int = 60) -> dict[str, Any]:
    placed = town.bought()
    town.clock.advance(picked_after_s)
    town.pick()
    trip = town.picked_up()
    dropoff = town.stop(trip, "dropoff")
    town.clock.advance(300)
    town.did(town.act(dropoff, "arrive"))
    town.clock.advance(100)
    town.did(town.act(dropoff, "complete", code=town.code(placed)))
    return placed


def _report(town: Town) -> Any:
    town.clock.advance(60)
    with town.database.sessions() as db:
        hq = {"account": str(a_member_of_staff(db, Role.HQ, now=town.clock()))}
    return town.get(hq, "/promises/report")


def _outcomes(town: Town) -> list[Any]:
    with town.database.sessions() as db:
        return list(db.execute(text("select * from promise_outcomes order by came_at")).mappings())


def test_a_delivered_order_is_kept_beside_its_plan_stage_by_stage(town: Town) -> None:
    placed = _delivered(town)
    (outcome,) = _outcomes(town)
    assert str(outcome["order_id"]) == placed["order_id"]
    assert sorted(outcome["stages"]) == ["door", "pick", "queue", "ride", "rider"]
    assert sum(one["took_s"] for one in outcome["stages"].values()) == pytest.approx(outcome["took_s"], abs=5)
    assert outcome["stages"]["door"]["took_s"] == 100
    assert outcome["stages"]["ride"]["took_s"] == 300
    assert outcome["took_s"] - outcome["promised_s"] == outcome["late_s"]
    town.worker.drain()
    assert len(_outcomes(town)) == 1


def test_what_came_teaches_its_store_and_the_city_once(town: Town) -> None:
    _delivered(town, picked_after_s=3_000)
    town.worker.do("orders.learn_promises")
    town.worker.do("orders.learn_promises")
    with town.database.sessions() as db:
        known = outcomes.of_stores(db, store_ids=[town.near, town.far], delivery=True)
    assert known[town.near].store.margin.count == 1
    assert known[town.far].store.margin.count == 0
    (crowded,) = known[town.far].city.crowds.items()
    assert crowded[0] == 2  # when it was promised, nobody was riding yet
    assert (crowded[1].count, crowded[1].spreads > 0) == (1, True)
    assert known[town.near].margin(2) > known[town.far].margin(2) > known[town.far].margin(0)


def test_a_pickup_has_come_when_it_is_packed(town: Town) -> None:
    town.bought(method="pickup", store_id=str(town.far))
    town.clock.advance(30)
    town.pick(town.far)
    (outcome,) = _outcomes(town)
    assert (outcome["method"], sorted(outcome["stages"])) == ("pickup", ["pick", "queue"])
    assert outcome["stages"]["queue"]["took_s"] == pytest.approx(31, abs=2)


def test_headquarters_sees_what_was_kept_and_which_stage_lies(town: Town) -> None:
    _delivered(town, picked_after_s=7_000)
    report = _report(town)
    assert (report["all"]["orders"], report["all"]["kept"]) == (1, 0.0)
    assert report["lies_most"] == "queue"
    assert report["stages"][0]["took_s"] > report["stages"][0]["planned_s"] + 1_500
    assert sum(stage["share"] for stage in report["stages"]) == pytest.approx(1, abs=0.01)
    assert [store["store_id"] for store in report["stores"]] == [str(town.near)]
    assert sum(one["orders"] for one in report["calibration"]) == 1


def test_only_headquarters_sees_the_report(town: Town) -> None:
    answer = town.client.get("/api/promises/report", headers=town.headers(town.customer))
    assert answer.status_code == 403


def _available(town: Town, lon: float, lat: float) -> Any:
    answer = town.client.get("/api/availability", params={"lon": lon, "lat": lat})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_address_is_told_minutes_while_a_store_is_open(town: Town) -> None:
    town.online()
    found = _available(town, HOME["lon"], HOME["lat"])
    assert (found["kind"], found["store_id"]) == ("minutes", str(town.near))
    assert found["minutes"] % 5 == 0
    assert 10 <= found["minutes"] <= 40
    assert found["text_zh"] == f"约 {found['minutes']} 分钟送达"
    assert found["text_en"] == f"in about {found['minutes']} min"


def test_an_address_is_told_more_minutes_when_riders_are_few(town: Town) -> None:
    without = _available(town, HOME["lon"], HOME["lat"])["minutes"]
    town.online()
    promptness.forget()
    assert _available(town, HOME["lon"], HOME["lat"])["minutes"] < without


def test_an_address_far_away_is_told_the_nearest_store_to_fetch_it_at(town: Town) -> None:
    found = _available(town, HOME["lon"] + 0.3, HOME["lat"])
    assert found["kind"] == "pickup"
    assert found["store_id"] is not None
    assert "自提" in found["text_zh"]


def test_at_night_an_address_is_told_from_when(town: Town) -> None:
    town.clock.advance(15 * 3_600)
    found = _available(town, HOME["lon"], HOME["lat"])
    assert found["kind"] in ("from", "minutes")
    with town.database.sessions() as db:
        db.execute(text("update stores set open = false"))
        db.execute(text("update stamps set stamp = gen_random_uuid()"))
    promptness.forget()
    assert _available(town, HOME["lon"], HOME["lat"])["kind"] == "none"


def test_a_clerk_plans_hands_and_takes_them_off_again(town: Town) -> None:
    clerk = town.clerks[town.near]
    at = town.clock()
    body = {"hands": 3, "starts_at": at.isoformat(), "ends_at": at.replace(hour=at.hour + 4).isoformat()}
    planned = town.did(town.post(clerk, "/picker-shifts", body), 201)
    assert [one["hands"] for one in town.get(clerk, "/picker-shifts")] == [3]
    assert town.get(town.clerks[town.far], "/picker-shifts") == []
    path = f"/api/picker-shifts/{planned['id']}"
    assert town.client.delete(path, headers=town.headers(town.clerks[town.far])).status_code == 404
    assert town.client.delete(path, headers=town.headers(clerk)).status_code == 204
    assert town.get(clerk, "/picker-shifts") == []
    of_no_zone = body | {"starts_at": "2026-03-02T10:00:00"}
    assert town.post(clerk, "/picker-shifts", of_no_zone).json()["field"] == "starts_at"
    backwards = {"hands": 3, "starts_at": body["ends_at"], "ends_at": body["starts_at"]}
    assert town.post(clerk, "/picker-shifts", backwards).json()["code"] == "picking.bad_shift"
