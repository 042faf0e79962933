"""The one engine: what its connections wait for, and what they do not."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from o2o.infra.db import is_passing, make_engine, transaction
from o2o.kit import ids
from tests.conftest import Database

HELD = text("SELECT id FROM areas FOR UPDATE")


def test_a_row_that_somebody_holds_is_waited_for_so_long_and_then_told_as_passing(database: Database) -> None:
    with database.sessions() as db:
        db.execute(text("INSERT INTO areas (id, name) VALUES (:id, '中关村')"), {"id": ids.new_id()})
    engine = make_engine(database.url, pool_size=1, lock_timeout_ms=20)
    try:
        with database.sessions() as holder:
            holder.execute(HELD)
            with pytest.raises(DBAPIError) as told, transaction(engine) as other:
                other.execute(HELD)
        assert getattr(told.value.orig, "sqlstate", None) == "55P03"
        assert is_passing(told.value)
        with transaction(engine) as other:
            assert len(other.execute(HELD).all()) == 1
    finally:
        engine.dispose()
