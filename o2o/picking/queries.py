"""Reads for picking's own api, each with the store in the query."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.picking.models import PickLine, PickTask
from o2o.picking.pick_tasks import NoSuchTask
from o2o.picking.schemas import PickLineOut, PickTaskOut


def tasks(db: Session, *, store_id: uuid.UUID, states: Sequence[str], limit: int = 100) -> list[PickTaskOut]:
    """A store's tasks in these states, the most urgent first."""
    query = select(PickTask).where(PickTask.store_id == store_id, PickTask.state.in_(states))
    rows = list(db.scalars(query.order_by(PickTask.due_at, PickTask.id).limit(limit)))
    return _with_lines(db, rows)


def task(db: Session, *, task_id: uuid.UUID, store_id: uuid.UUID) -> PickTaskOut:
    """One task of a store.

    Raises:
        NoSuchTask
    """
    query = select(PickTask).where(PickTask.id == task_id, PickTask.store_id == store_id)
    rows = list(db.scalars(query.execution_options(populate_existing=True)))
    if not rows:
        raise NoSuchTask(task_id=task_id)
    return _with_lines(db, rows)[0]


def _with_lines(db: Session, rows: list[PickTask]) -> list[PickTaskOut]:
    lines: dict[uuid.UUID, list[PickLineOut]] = {row.id: [] for row in rows}
    query = select(PickLine).where(PickLine.task_id.in_(lines)).order_by(PickLine.sku)
    for line in db.scalars(query.execution_options(populate_existing=True)):
        lines[line.task_id].append(PickLineOut.model_validate(line))
    return [_out(row, lines[row.id]) for row in rows]


def _out(row: PickTask, lines: list[PickLineOut]) -> PickTaskOut:
    names = set(PickTaskOut.model_fields) - {"lines"}
    return PickTaskOut(lines=lines, **{name: getattr(row, name) for name in names})
