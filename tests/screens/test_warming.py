"""What a fresh process reads before it is asked: on a house without stores nothing, on a town what a quote needs."""

import pytest
from sqlalchemy import event

from o2o.infra.tools import Tools
from o2o.kit import ids
from o2o.screens import warming
from o2o.stores import snapshot
from o2o.stores.coverage import serving
from tests.conftest import Database
from tests.dispatch.make import STORE, Town
from tests.hands import Clock


def test_a_house_without_stores_is_warmed_without_a_word(
    tools: Tools, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned: list[int] = []
    monkeypatch.setattr(warming.planner, "warm", lambda: planned.append(1))
    warming.warm(tools, now=clock())
    assert planned == [1]


def test_after_warming_a_quote_reads_no_zones(
    database: Database, tools: Tools, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    Town(database, tools, clock, area_id=ids.new_id(), store_id=ids.new_id()).on_the_map()
    monkeypatch.setattr(warming.planner, "warm", lambda: None)
    warming.warm(tools, now=clock())
    asked: list[str] = []

    def hear(*told: object) -> None:
        asked.append(str(told[2]))

    event.listen(tools.engine, "before_cursor_execute", hear)
    try:
        with database.sessions() as db:
            assert len(serving.stores_serving(db, point=STORE, now=clock())) == 1
            assert snapshot.current(db)
    finally:
        event.remove(tools.engine, "before_cursor_execute", hear)
    assert [one for one in asked if "service_zones" in one] == []
