"""Functions that live in the database: a room that has some keeps them as `create or replace` scripts in its folder `plsql/`.

They are code, not shape: every migration ends by running all of them, and so does a `create_all`.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from importlib import resources
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
import psycopg
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult
from sqlalchemy import Connection, Engine, PoolProxiedConnection, Table, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from o2o.infra.db import Base, house_of, may_stand_alone

_ROOMS: dict[str, str] = {}


def keeps(room: str, *, table: str) -> None:
    """Say that the package `room` has server-side functions; `table` is one of its tables that they need."""
    _ROOMS[room] = table


def call(db: Session, statement: str, *values: str) -> Any:
    """The JSON that a statement answers: one row of one column. As PostgreSQL reads it ($1, $2), prepared once on each connection and
    handed to the driver's library as it is: for those few that every order asks, of which the work of the layers above would be the
    larger part. Values are handed over as text, arrays among them (`as_array`). In a session that stands alone it is a
    transaction of its own; in any other, part of that session's.

    Raises:
        DBAPIError
    """
    if db.in_transaction() or not may_stand_alone(db):
        return _part_of(db.connection().connection, statement, values)
    engine = house_of(db)
    spare = _spare(engine)
    try:
        line = spare.pop()
    except IndexError:
        line = _Line(_connected(db.get_bind().engine, statement))
    try:
        return line.ask(statement, values)
    finally:
        if line.broken:
            line.close()
            hang_up(engine)  # what ended this one has most likely ended all
        else:
            spare.append(line)


def as_array(values: Iterable[object]) -> str:
    """SKUs, ids or numbers as PostgreSQL reads an array of them."""
    told = [str(value) for value in values]
    if any("\\" in one or '"' in one for one in told):
        told = [one.replace("\\", "\\\\").replace('"', '\\"') for one in told]
    return '{"' + '","'.join(told) + '"}' if told else "{}"


class _Line:
    """A connection that never begins a transaction, asked by the driver's own library: a statement is one call of it, made without
    the interpreter's lock from its sending to its answer.
    """

    __slots__ = ("_connection", "_names")

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection, self._names = connection, dict[str, bytes]()

    def ask(self, statement: str, values: Sequence[str]) -> Any:
        """As `call`."""
        link = self._connection.pgconn
        name = self._names.get(statement)
        if name is None:
            name = f"o2o_{len(self._names)}".encode()
            self._check(link.prepare(name, statement.encode()), statement)
            self._names[statement] = name
        asked = [value.encode() for value in values]
        if b"\0" in b"".join(asked):
            raise _as_told(statement, psycopg.DataError("PostgreSQL text cannot contain NUL"), gone=False)
        found = link.exec_prepared(name, asked)
        if found.status != ExecStatus.TUPLES_OK:
            self._check(found, statement)
        answer = found.get_value(0, 0)
        return None if answer is None else msgspec.json.decode(answer)

    @property
    def broken(self) -> bool:
        """Whether it leads nowhere any more."""
        return self._connection.pgconn.status != ConnStatus.OK

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _check(self, found: PGresult, statement: str) -> None:
        if found.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
            error = psycopg.errors.error_from_result(found)
            raise _as_told(statement, error, gone=self.broken) from error


_SPARE: WeakKeyDictionary[Engine, list[_Line]] = WeakKeyDictionary()
"""Lines nobody asks just now; the last used first, for its plans are warm; there are as many as threads have asked at once."""


def _spare(engine: Engine) -> list[_Line]:
    found = _SPARE.get(engine)
    if found is None:
        found = _SPARE.setdefault(engine, [])
        event.listen(engine, "engine_disposed", hang_up)
    return found


def _connected(loner: Engine, statement: str) -> psycopg.Connection[Any]:
    try:
        held = loner.raw_connection()
    except psycopg.Error as error:
        raise _as_told(statement, error, gone=True) from error
    connection = held.driver_connection
    assert isinstance(connection, psycopg.Connection)
    held.detach()
    return connection


def _part_of(held: PoolProxiedConnection, statement: str, values: Sequence[str]) -> Any:
    connection = held.driver_connection
    assert isinstance(connection, psycopg.Connection)
    try:
        row = psycopg.RawCursor(connection).execute(statement, values, prepare=True).fetchone()
    except psycopg.Error as error:
        gone = connection.closed
        if gone:
            held.invalidate(error)
        raise _as_told(statement, error, gone=gone) from error
    return row[0] if row else None


def _as_told(statement: str, error: psycopg.Error, *, gone: bool) -> Exception:
    """The driver's error as SQLAlchemy tells it."""
    return DBAPIError.instance(statement, None, error, psycopg.Error, connection_invalidated=gone)


def hang_up(engine: Engine) -> None:
    """Close the lines to a database that nobody asks just now."""
    spare = _spare(engine)
    with suppress(IndexError):  # others take from it at the same time
        while True:
            spare.pop().close()


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
