"""The short way to the database: part of the transaction there is, or one of its own; and its errors are told as all others."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from o2o.infra import server_side
from o2o.infra.db import house_of, is_passing, make_engine, only_reads, settled, stands_alone
from tests.conftest import Database

ADD = "INSERT INTO stamps (name, stamp) VALUES ($1, gen_random_uuid()) RETURNING name"


def _names(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(text("select name from stamps order by name")).scalars())


def test_in_a_transaction_it_is_part_of_it(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), settled(Session(database.engine)) as db:
        db.execute(text("select 1"))
        assert server_side.call(db, ADD, "given up") == [("given up",)]
        raise ZeroDivisionError
    with settled(Session(database.engine)) as db:
        server_side.call(db, ADD, "kept")
    assert _names(database.engine) == ["kept"]


def test_standing_alone_it_is_committed_as_it_ends(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), settled(Session(database.engine)) as db:
        stands_alone(db)
        server_side.call(db, ADD, "stands")
        assert not db.in_transaction()
        raise ZeroDivisionError
    assert _names(database.engine) == ["stands"]


def test_what_sqlalchemy_asks_in_such_a_session_stands_alone_too(database: Database) -> None:
    with settled(Session(database.engine)) as db:
        only_reads(db)
        assert house_of(db) is database.engine
        assert db.execute(text("select 1")).scalar_one() == 1
        with settled(Session(database.engine)) as other:
            server_side.call(other, ADD, "meanwhile")
        assert server_side.call(db, "SELECT name FROM stamps") == [("meanwhile",)]
        assert db.execute(text("select pg_current_xact_id_if_assigned() is null")).scalar_one()


def test_a_refusal_is_told_by_its_kind(database: Database) -> None:
    for alone in (True, False):
        with pytest.raises(IntegrityError) as told, settled(Session(database.engine)) as db:
            if alone:
                stands_alone(db)
            server_side.call(db, "INSERT INTO stamps (name) VALUES (NULL)")
        assert not is_passing(told.value)


def test_a_lost_connection_is_told_as_such_and_not_used_again(database: Database) -> None:
    engine = make_engine(database.url, pool_size=1)
    try:
        with settled(Session(engine)) as db:
            stands_alone(db)
            ((pid,),) = server_side.call(db, "SELECT pg_backend_pid()")
        with settled(Session(database.engine)) as other:
            other.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        with pytest.raises(DBAPIError) as told, settled(Session(engine)) as db:
            stands_alone(db)
            server_side.call(db, "SELECT 1")
        assert is_passing(told.value)
        with settled(Session(engine)) as db:
            stands_alone(db)
            assert server_side.call(db, "SELECT 1") == [(1,)]
    finally:
        engine.dispose()


def test_a_server_that_is_not_there_is_told_as_such() -> None:
    engine = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing", pool_size=1)
    with pytest.raises(DBAPIError) as told, settled(Session(engine)) as db:
        stands_alone(db)
        server_side.call(db, "SELECT 1")
    assert is_passing(told.value)
