"""Functions that live in the database: a room that has some keeps them as `create or replace` scripts in its folder `plsql/`.

They are code, not shape: every migration ends by running all of them, and so does a `create_all`.
"""

from collections.abc import Collection, Sequence
from importlib import resources
from typing import Any

import psycopg
from sqlalchemy import Connection, PoolProxiedConnection, Table, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from o2o.infra.db import Base, may_stand_alone

_ROOMS: dict[str, str] = {}


def keeps(room: str, *, table: str) -> None:
    """Say that the package `room` has server-side functions; `table` is one of its tables that they need."""
    _ROOMS[room] = table


def call(db: Session, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement as PostgreSQL reads it ($1, $2), prepared once on each connection and handed over as it is: for those
    few that every order asks, of which SQLAlchemy's own work would be the larger part. In a session that stands alone it is a
    transaction of its own; in any other, part of that session's.

    Raises:
        DBAPIError
    """
    if db.in_transaction() or not may_stand_alone(db):
        return _rows(db.connection().connection, statement, values)
    try:
        held = db.get_bind().engine.raw_connection()
    except psycopg.Error as error:
        raise _told(statement, error, gone=True) from error
    try:
        return _rows(held, statement, values)
    finally:
        held.close()


def _rows(held: PoolProxiedConnection, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    connection = held.driver_connection
    assert isinstance(connection, psycopg.Connection)
    try:
        return psycopg.RawCursor(connection).execute(statement, values, prepare=True).fetchall()
    except psycopg.Error as error:
        gone = connection.closed
        if gone:
            held.invalidate(error)
        raise _told(statement, error, gone=gone) from error


def _told(statement: str, error: psycopg.Error, *, gone: bool) -> Exception:
    """The driver's error as SQLAlchemy tells it."""
    return DBAPIError.instance(statement, None, error, psycopg.Error, connection_invalidated=gone)


def statements() -> list[str]:
    """All scripts, room by room, each room's in the order of their names; safe to run again."""
    return [script for room in sorted(_ROOMS) for script in _scripts(room)]


def _scripts(room: str) -> list[str]:
    folder = resources.files(room) / "plsql"
    found = sorted((path for path in folder.iterdir() if path.name.endswith(".sql")), key=lambda path: path.name)
    return [path.read_text("utf-8") for path in found]


def _install(_: Any, connection: Connection, *, tables: Collection[Table], **__: Any) -> None:
    made = {table.name for table in tables}
    for room, table in sorted(_ROOMS.items()):
        if table in made:
            for script in _scripts(room):
                connection.exec_driver_sql(script)


event.listen(Base.metadata, "after_create", _install)
