"""The server-side functions of the room: each changes stock in one round trip, with its rows locked in one order everywhere."""

from collections.abc import Collection
from importlib import resources
from typing import Any

from sqlalchemy import Connection, Table


def statements() -> list[str]:
    """The `create or replace` scripts of `plsql/`, in the order to run them; safe to run again. Migrations run these too."""
    folder = resources.files("o2o.inventory") / "plsql"
    return [
        path.read_text("utf-8")
        for path in sorted(folder.iterdir(), key=lambda path: path.name)
        if path.name.endswith(".sql")
    ]


def install(_: Any, connection: Connection, *, tables: Collection[Table], **__: Any) -> None:
    """Make the functions after a `create_all` that made this room's tables."""
    if any(table.name == "stock_entries" for table in tables):
        for statement in statements():
            connection.exec_driver_sql(statement)
