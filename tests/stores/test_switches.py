"""Rush mode, emergency closing and opening again: at once, by the right people, with who and why."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from o2o.kit import ids
from o2o.kit.ids import StoreId
from o2o.kit.principal import Role
from o2o.stores import hours, places, switches
from o2o.stores.coverage import serving
from tests.conftest import Clock, Sessions
from tests.identity import make as people
from tests.stores import make

WHO = ids.new_id()


def later(clock: Clock, **spans: float) -> datetime:
    return clock.now + timedelta(**spans)


def test_rush_mode_counts_until_it_ends_by_itself(db: Session, clock: Clock) -> None:
    store_id = make.a_store(db, now=clock.now)
    switches.rush(db, store_id=store_id, extra_s=900, until=later(clock, hours=1), by=WHO, now=clock.now)
    store = places.get(db, store_id=store_id)
    assert [store.rush_at(later(clock, minutes=m)) for m in (0, 59, 60)] == [900, 900, 0]
    switches.rush(db, store_id=store_id, extra_s=0, until=None, by=WHO, now=clock.now)
    assert places.get(db, store_id=store_id).rush_at(clock.now) == 0


def test_a_closed_store_takes_no_orders_until_its_time_and_then_within_its_hours(db: Session, clock: Clock) -> None:
    store_id = make.a_store(db, now=clock.now, openings=hours.every_day("08:00", "22:00"))
    for until, opens in ((2, 2), (13, 22)):  # it is ten; in thirteen hours it is past closing, so from eight tomorrow
        switches.close(db, store_id=store_id, until=later(clock, hours=until), reason="停电", by=WHO, now=clock.now)
        assert places.get(db, store_id=store_id).is_open(clock.now) is False
        [option] = serving.stores_serving(db, point=make.CENTRE, now=clock.now)
        assert option.opens_at == later(clock, hours=opens)
    assert places.get(db, store_id=store_id).is_open(later(clock, hours=22)) is True


def test_a_store_closed_until_told_serves_nobody_until_somebody_opens_it(db: Session, clock: Clock) -> None:
    store_id = make.a_store(db, now=clock.now)
    switches.close(db, store_id=store_id, until=None, reason="火警", by=WHO, now=clock.now)
    assert serving.stores_serving(db, point=make.CENTRE, now=clock.now) == []
    assert serving.nearest(db, point=make.CENTRE, now=clock.now) == []
    switches.reopen(db, store_id=store_id, by=WHO, now=clock.now)
    assert len(serving.stores_serving(db, point=make.CENTRE, now=clock.now)) == 1


def test_opening_after_an_emergency_leaves_head_offices_switch_alone(db: Session, clock: Clock) -> None:
    store_id = make.a_store(db, now=clock.now, open=False)
    switches.close(db, store_id=store_id, until=None, reason="火警", by=WHO, now=clock.now)
    switches.reopen(db, store_id=store_id, by=WHO, now=clock.now)
    assert places.get(db, store_id=store_id).is_open(clock.now) is False


def test_each_change_is_noted_once_with_who_and_why(db: Session, clock: Clock) -> None:
    store_id = make.a_store(db, now=clock.now)
    for _ in range(2):
        switches.close(db, store_id=store_id, until=None, reason="停电", by=WHO, now=clock.now)
    clock.advance(60)
    switches.reopen(db, store_id=store_id, reason="来电了", by=WHO, now=clock.now)
    noted = switches.changes(db, store_id=store_id)
    assert [(one.what, one.by, one.reason) for one in noted] == [("open", WHO, "来电了"), ("close", WHO, "停电")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"extra_s": 7_201}, "extra_s"),
        ({"extra_s": -1}, "extra_s"),
        ({"until": None}, "until"),
        ({"until": timedelta(0)}, "until"),
        ({"until": timedelta(hours=25)}, "until"),
    ],
)
def test_a_rush_that_cannot_be_is_refused(db: Session, clock: Clock, change: dict[str, Any], field: str) -> None:
    store_id = make.a_store(db, now=clock.now)
    asked = {"extra_s": 600, "until": timedelta(hours=1)} | change
    until = None if asked["until"] is None else clock.now + asked["until"]
    with pytest.raises(switches.BadSwitch) as refused:
        switches.rush(db, store_id=store_id, extra_s=asked["extra_s"], until=until, by=WHO, now=clock.now)
    assert refused.value.facts["field"] == field


def test_a_closing_needs_a_reason_and_a_known_store(db: Session, clock: Clock) -> None:
    store_id = make.a_store(db, now=clock.now)
    with pytest.raises(switches.BadSwitch):
        switches.close(db, store_id=store_id, until=None, reason=" ", by=WHO, now=clock.now)
    with pytest.raises(places.NoSuchStore):
        switches.close(db, store_id=StoreId(ids.new_id()), until=None, reason="x", by=WHO, now=clock.now)


def test_clerks_switch_their_own_store_and_nobody_elses(client: TestClient, sessions: Sessions, clock: Clock) -> None:
    with sessions() as db:
        store, other = make.a_store(db, "A", now=clock.now), make.a_store(db, "B", now=clock.now)
        clerk = people.headers(db, Role.CLERK, now=clock.now, store_id=store)
        rider, hq = people.headers(db, Role.RIDER, now=clock.now), people.headers(db, Role.HQ, now=clock.now)
    until = later(clock, hours=1).isoformat()
    rush = {"extra_s": 600, "until": until, "reason": "午高峰"}
    assert client.post(f"/api/stores/{other}/rush", json=rush, headers=clerk).json()["code"] == "stores.not_your_store"
    assert client.post(f"/api/stores/{store}/rush", json=rush, headers=rider).status_code == 403
    body = client.post(f"/api/stores/{store}/rush", json=rush, headers=clerk).json()
    assert (body["rush_s"], body["rush_until"]) == (600, "2026-03-02T03:00:00Z")
    body = client.post(f"/api/stores/{store}/close", json={"until": None, "reason": "停电"}, headers=clerk).json()
    assert (body["open_now"], body["closed"], body["closed_until"], body["opens_at"]) == (False, True, None, None)
    assert client.post(f"/api/stores/{store}/open", json={}, headers=hq).json()["open_now"] is True
    noted = client.get(f"/api/stores/{store}/changes", headers=clerk).json()
    assert [one["what"] for one in noted] == ["open", "close", "rush"]
    naive = {"extra_s": 600, "until": "2026-03-02T03:00:00"}
    assert client.post(f"/api/stores/{store}/rush", json=naive, headers=hq).status_code == 422


def test_screens_hear_of_a_switch(client: TestClient, sessions: Sessions, clock: Clock, worker: Any) -> None:
    with sessions() as db:
        store = make.a_store(db, now=clock.now)
        hq = people.headers(db, Role.HQ, now=clock.now)
    worker.drain()
    client.post(f"/api/stores/{store}/close", json={"until": None, "reason": "停电"}, headers=hq)
    assert worker.drain() == ["stores.store_changed"]
