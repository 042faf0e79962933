"""Functions that live in the database: a room that has some keeps them as `create or replace` scripts in its folder `plsql/`.

They are code, not shape: every migration ends by running all of them, and so does a `create_all`.
"""

from collections.abc import Collection
from importlib import resources
from typing import Any

from sqlalchemy import Connection, Table, event

from o2o.infra.db import Base

_ROOMS: dict[str, str] = {}


def keeps(room: str, *, table: str) -> None:
    """Say that the package `room` has server-side functions; `table` is one of its tables that they need."""
    _ROOMS[room] = table


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
