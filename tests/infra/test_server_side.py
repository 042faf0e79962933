"""The short way to the database: part of the transaction there is, or one of its own; and its errors are told as all others."""

from typing import Any

import pytest
from psycopg import DataError
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from o2o.infra import server_side
from o2o.infra.db import heard, house_of, is_passing, make_engine, only_reads, settled, stands_alone
from o2o.infra.server_side import as_array
from tests.conftest import Database

ADD = "INSERT INTO stamps (name, stamp) VALUES ($1, gen_random_uuid()) RETURNING to_json(name)"


def _names(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(text("select name from stamps order by name")).scalars())


def _asked(engine: Engine, statement: str, *values: str, alone: bool = True, then_fails: bool = False) -> Any:
    """One edge that asks this and ends well, or breaks after it."""
    with settled(Session(engine)) as db:
        if alone:
            stands_alone(db)
        else:
            db.execute(text("select 1"))
        told = server_side.call(db, statement, *values)
        assert db.in_transaction() is not alone
        if then_fails:
            raise ZeroDivisionError
        return told


def test_in_a_transaction_it_is_part_of_it(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        _asked(database.engine, ADD, "given up", alone=False, then_fails=True)
    assert _asked(database.engine, ADD, "kept", alone=False) == "kept"
    assert _names(database.engine) == ["kept"]


def test_standing_alone_it_is_committed_as_it_ends(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        _asked(database.engine, ADD, "stands", then_fails=True)
    assert _names(database.engine) == ["stands"]


def test_what_sqlalchemy_asks_in_such_a_session_stands_alone_too(database: Database) -> None:
    with settled(Session(database.engine)) as db:
        only_reads(db)
        assert house_of(db) is database.engine
        assert db.execute(text("select 1")).scalar_one() == 1
        _asked(database.engine, ADD, "meanwhile")
        assert server_side.call(db, "SELECT json_agg(name) FROM stamps") == ["meanwhile"]


@pytest.mark.parametrize("alone", [True, False])
def test_a_refusal_is_told_by_its_kind(database: Database, alone: bool) -> None:
    with pytest.raises(IntegrityError) as told:
        _asked(database.engine, "INSERT INTO stamps (name) VALUES (NULL)", alone=alone)
    assert not is_passing(told.value)


def test_a_lost_connection_is_told_as_such_and_not_used_again(database: Database) -> None:
    engine = make_engine(database.url, pool_size=1)
    try:
        pid = _asked(engine, "SELECT to_json(pg_backend_pid())")
        assert _asked(database.engine, "SELECT to_json(pg_terminate_backend($1, 5000))", str(pid)) is True
        with pytest.raises(DBAPIError) as told:
            _asked(engine, "SELECT 1")
        assert is_passing(told.value)
        assert _asked(engine, "SELECT to_json(1)") == 1
    finally:
        engine.dispose()


def test_a_server_that_is_not_there_is_told_as_such() -> None:
    engine = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing", pool_size=1)
    with pytest.raises(DBAPIError) as told:
        _asked(engine, "SELECT 1")
    assert is_passing(told.value)


@pytest.mark.parametrize("alone", [True, False])
def test_arrays_and_texts_arrive_as_they_were_sent(database: Database, alone: bool) -> None:
    texts = ["plain", "NULL", "", 'a "quoted" one', "back\\slash", "{braces}, commas", "中文"]
    assert _asked(database.engine, "SELECT to_json($1::text[])", as_array(texts), alone=alone) == texts
    assert _asked(database.engine, "SELECT to_json($1::text[])", as_array([]), alone=alone) == []
    assert _asked(database.engine, "SELECT to_json(NULL::text)", alone=alone) is None


@pytest.mark.parametrize("alone", [True, False])
def test_text_that_a_database_cannot_keep_is_refused_whole(database: Database, alone: bool) -> None:
    with pytest.raises((DBAPIError, DataError)):
        _asked(database.engine, "SELECT to_json($1::text)", "before\0behind", alone=alone)


def test_a_refused_line_is_used_again_and_all_are_closed_with_their_engine(database: Database) -> None:
    engine = make_engine(database.url, pool_size=1)
    who = "SELECT to_json(pg_backend_pid())"
    pid = _asked(engine, who)
    with pytest.raises(IntegrityError):
        _asked(engine, "INSERT INTO stamps (name) VALUES (NULL) RETURNING to_json(name)")
    assert _asked(engine, who) == pid
    engine.dispose()
    assert _asked(engine, who) != pid
    engine.dispose()


def test_every_session_that_ended_well_is_heard_of(database: Database) -> None:
    said = []
    with heard(lambda db: said.append(db.info.get("said"))):
        with settled(Session(database.engine)) as db:
            db.info["said"] = True
        with pytest.raises(ZeroDivisionError), settled(Session(database.engine)):
            raise ZeroDivisionError
    with settled(Session(database.engine)):
        pass
    assert said == [True]
