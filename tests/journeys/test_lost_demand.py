"""Baskets that found no store leave what was known: head office counts them by cause and tries looser rules on them."""

from typing import Any

import pytest
import redis
from sqlalchemy import text

from o2o.kit.principal import Role
from o2o.orders.choices import lost
from o2o.orders.choices import preview as previewing
from tests.identity.make import a_member_of_staff
from tests.journeys.town import BREAD, HOME, MILK, Json, Town

SAHARA = {"lon": 116.9, "lat": 39.5}


def _hq(town: Town) -> dict[str, str]:
    with town.database.sessions() as db:
        return {"account": str(a_member_of_staff(db, Role.HQ, now=town.clock()))}


def _refused(town: Town, *lines: tuple[str, int], **more: Any) -> str:
    wanted = [{"sku": sku, "quantity": n} for sku, n in lines]
    answer = town.post(town.customer, "/quotes", {"lines": wanted, "method": "delivery", "point": HOME, **more})
    assert answer.status_code == 409, answer.text
    return str(answer.json()["code"])


def _lost(town: Town, hq: dict[str, str]) -> Json:
    town.worker.do("orders.keep_lost")
    found: Json = town.get(hq, f"/sourcing/lost?day={town.clock().date()}")
    return found


def test_what_no_store_could_take_is_counted_once_an_hour_by_its_cause_and_place(town: Town) -> None:
    hq = _hq(town)
    assert _refused(town, (MILK, 11)) == "orders.unserved"
    assert _refused(town, (BREAD, 11)) == "orders.unserved"
    town.clock.advance(3 * 3_600)
    assert _refused(town, (MILK, 1), point=SAHARA) == "orders.out_of_area"
    found = _lost(town, hq)
    assert (found["baskets"], found["regained"], found["goods_fen"]) == (2, 0, 12 * 1890)
    assert [(one["cause"], one["baskets"], one["goods_fen"]) for one in found["causes"]] == [
        ("no_stock", 1, 11 * 1890),
        ("outside_area", 1, 1890),
    ]
    assert [one["baskets"] for one in found["hours"]] == [1, 1]
    assert [(one["lon"], one["lat"]) for one in found["places"]] == [
        (round(HOME["lon"], 3), round(HOME["lat"], 3)),
        (SAHARA["lon"], SAHARA["lat"]),
    ]
    assert found["complete"] is True


def test_a_customer_who_orders_soon_after_was_not_lost(town: Town) -> None:
    hq = _hq(town)
    _refused(town, (MILK, 11))
    town.clock.advance(60)
    town.place((MILK, 2))
    found = _lost(town, hq)
    assert (found["baskets"], found["regained"], found["goods_fen"]) == (1, 1, 0)


def test_the_preview_of_looser_rules_shows_the_baskets_they_would_have_gained(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    hq = _hq(town)
    strict = town.did(town.post(hq, "/sourcing/rules", {"document": {"sections": [{"set": {"farthest_m": 100}}]}}), 201)
    town.did(town.post(hq, f"/sourcing/rules/{strict['id']}/apply"))
    _refused(town, (MILK, 2))
    town.clock.advance(3 * 3_600)
    _refused(town, (MILK, 11))
    assert [one["cause"] for one in _lost(town, hq)["causes"]] == ["too_far"]
    loose = town.did(
        town.post(hq, "/sourcing/rules", {"document": {"sections": [{"set": {"farthest_m": 9_000}}]}}), 201
    )
    day = {"day": town.clock().date().isoformat()}
    preview = town.did(town.post(hq, f"/sourcing/rules/{loose['id']}/preview", day))
    assert (preview["decisions"], preview["refused"], preview["won"], preview["won_fen"]) == (0, 2, 1, 2 * 1890)
    (gained,) = preview["gained"]
    assert (gained["cause"], gained["after"], gained["promise_s"] > 300) == ("too_far", [str(town.near)], True)
    same = town.did(town.post(hq, f"/sourcing/rules/{strict['id']}/preview", day))
    assert (same["refused"], same["won"], same["gained"]) == (2, 0, [])
    monkeypatch.setattr(previewing, "PATIENCE_S", 0)
    first = town.did(town.post(hq, f"/sourcing/rules/{loose['id']}/preview", day))
    assert (first["of"], first["refused"], first["next"]) == (2, 1, {"decisions": 0, "baskets": 1})
    rest = town.did(town.post(hq, f"/sourcing/rules/{loose['id']}/preview", day | {"after": first["next"]}))
    assert (rest["refused"], first["won"] + rest["won"], rest["next"]) == (1, 1, None)


def test_no_more_than_a_days_worth_is_kept_and_none_for_ever(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost, "MOST_A_DAY", 1)
    hq = _hq(town)
    _refused(town, (MILK, 11))
    town.clock.advance(3_601)
    _refused(town, (MILK, 11))
    found = _lost(town, hq)
    assert (found["baskets"], found["complete"]) == (1, False)
    town.clock.advance(31 * 86_400)
    town.worker.do("orders.keep_lost")
    with town.database.sessions() as db:
        assert db.scalar(text("SELECT count(*) FROM lost_baskets")) == 0


def test_a_quote_is_refused_as_ever_while_nothing_can_be_kept(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(redis.Redis, "set", broken)
    assert _refused(town, (MILK, 11)) == "orders.unserved"


def test_lost_demand_is_head_offices_alone(town: Town) -> None:
    for who in (town.customer, town.clerks[town.near]):
        assert town.client.get("/api/sourcing/lost", headers=town.headers(who)).status_code == 403
