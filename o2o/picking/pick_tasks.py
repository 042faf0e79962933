"""The life of a pick task: open, start, finish, reject, cancel, release. What happens to its lines meanwhile is in `scans` and `shorts`."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from o2o.infra import outbox
from o2o.kit.errors import Conflict, Invalid, NotFound
from o2o.kit.ids import Sku, StoreId
from o2o.picking.events import PickTaskChanged
from o2o.picking.models import PickLine, PickTask

QUEUED, PICKING, PICKED, REJECTED, CANCELLED = "queued", "picking", "picked", "rejected", "cancelled"
OPEN = (QUEUED, PICKING)
PREFERENCES = ("ask", "substitute", "refund")
REJECT_REASONS = ("NOT_IN_STOCK", "MISMATCH", "DAMAGE", "STORE_CLOSED", "TOO_BUSY", "OTHER")


class NoSuchTask(NotFound):
    """This store has no such pick task."""

    code = "picking.no_such_task"


class NotOpen(Conflict):
    """The task is not in a state where this can be done; `state` says where it is."""

    code = "picking.not_open"


class SomebodyElses(Conflict):
    """Another clerk is picking this."""

    code = "picking.somebody_elses"


class LinesOpen(Conflict):
    """Some pieces are neither scanned nor reported short."""

    code = "picking.lines_open"


class ConsentOpen(Conflict):
    """The customer has not answered to a substitute yet; `consent_by` says until when they may."""

    code = "picking.consent_open"


class BadReason(Invalid):
    """Not a reason a store may give."""

    code = "picking.bad_reason"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line to pick: pieces, and for weighed goods what one piece weighs about."""

    sku: Sku
    name_zh: str
    name_en: str
    quantity: int
    weighed: bool = False
    piece_g: int = 0


@dataclass(frozen=True, slots=True)
class Picked:
    """What became of a line. `substitute` pieces of another SKU stand for the short ones, for `substitute_fen` in all."""

    sku: Sku
    wanted: int
    picked: int
    weight_g: int
    substitute_sku: Sku | None
    substitute_quantity: int
    substitute_fen: int
    short_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """Work a store has not finished: tasks, lines, and seconds of one pair of hands."""

    tasks: int = 0
    lines: int = 0
    work_s: int = 0


def open(
    db: Session,
    *,
    task_id: uuid.UUID,
    order_id: uuid.UUID,
    shipment_id: uuid.UUID,
    order_no: str,
    store_id: uuid.UUID,
    lines: Sequence[Wanted],
    due_at: datetime,
    preference: str,
    work_s: int,
    now: datetime,
    note: str = "",
) -> None:
    """Queue a task. Opening the same shipment's task again does nothing. `work_s` is what one pair of hands needs for it."""
    if db.scalar(select(PickTask.id).where(PickTask.shipment_id == shipment_id)) is not None:
        return
    db.execute(
        insert(PickTask).values(
            id=task_id,
            order_id=order_id,
            shipment_id=shipment_id,
            order_no=order_no,
            store_id=store_id,
            state=QUEUED,
            preference=preference,
            due_at=due_at,
            work_s=work_s,
            line_count=len(lines),
            note=note,
            opened_at=now,
            version=1,
        )
    )
    db.execute(insert(PickLine), [_line(task_id, line) for line in lines])
    _changed(db, task_id, order_id, store_id, now)


def start(db: Session, *, task_id: uuid.UUID, clerk_id: uuid.UUID, store_id: uuid.UUID, now: datetime) -> None:
    """A clerk begins. Starting again what one is picking already does nothing.

    Raises:
        NoSuchTask, NotOpen, SomebodyElses
    """
    task = locked(db, task_id=task_id, store_id=store_id)
    if task.state == PICKING and task.assigned_to != clerk_id:
        raise SomebodyElses(task_id=task_id, state=task.state)
    if task.state not in OPEN:
        raise NotOpen(task_id=task_id, state=task.state)
    if task.state == QUEUED:
        task.state, task.assigned_to, task.started_at = PICKING, clerk_id, now
        touched(db, task, now=now)


def release(db: Session, *, task_id: uuid.UUID, store_id: uuid.UUID, now: datetime) -> None:
    """The picker leaves: the task queues again with what is scanned so far.

    Raises:
        NoSuchTask, NotOpen
    """
    task = locked(db, task_id=task_id, store_id=store_id)
    if task.state != PICKING:
        raise NotOpen(task_id=task_id, state=task.state)
    task.state, task.assigned_to = QUEUED, None
    touched(db, task, now=now)


def finish(db: Session, *, task_id: uuid.UUID, store_id: uuid.UUID, now: datetime) -> tuple[Picked, ...]:
    """Everything is scanned, replaced or reported short. A question past its deadline is answered by the stored preference.

    Returns what became of each line.

    Raises:
        NoSuchTask
        NotOpen: not begun, or ended before; its `state` says which.
        LinesOpen: some pieces are unaccounted for; `lines` names them.
        ConsentOpen: the customer may still answer.
    """
    task = locked(db, task_id=task_id, store_id=store_id)
    if task.state != PICKING:
        raise NotOpen(task_id=task_id, state=task.state)
    lines = lines_of(db, task_id)
    missing = {line.sku: line.quantity - line.picked - line.short for line in lines}
    missing = {sku: pieces for sku, pieces in missing.items() if pieces}
    if missing:
        raise LinesOpen(task_id=task_id, state=task.state, lines=missing)
    for line in lines:
        if line.consent == "waiting":
            if line.consent_by is not None and now < line.consent_by:
                raise ConsentOpen(task_id=task_id, sku=line.sku, consent_by=line.consent_by)
            line.consent = "approved" if task.preference == "substitute" else "rejected"
    task.state, task.ended_at = PICKED, now
    touched(db, task, now=now)
    return tuple(_picked(line) for line in lines)


def reject(db: Session, *, task_id: uuid.UUID, store_id: uuid.UUID, reason: str, now: datetime) -> None:
    """The store cannot do it.

    Raises:
        BadReason: not one of REJECT_REASONS.
        NoSuchTask, NotOpen
    """
    if reason not in REJECT_REASONS:
        raise BadReason(field="reason", reason=reason, allowed=list(REJECT_REASONS))
    task = locked(db, task_id=task_id, store_id=store_id)
    if task.state not in OPEN:
        raise NotOpen(task_id=task_id, state=task.state)
    task.state, task.reason, task.ended_at = REJECTED, reason, now
    touched(db, task, now=now)


def cancel(db: Session, *, order_id: uuid.UUID, now: datetime, shipment_id: uuid.UUID | None = None) -> None:
    """End an order's open tasks, or one shipment's only."""
    rows = select(PickTask).where(PickTask.order_id == order_id, PickTask.state.in_(OPEN)).order_by(PickTask.id)
    if shipment_id is not None:
        rows = rows.where(PickTask.shipment_id == shipment_id)
    for task in db.scalars(rows.with_for_update()):
        task.state, task.ended_at = CANCELLED, now
        touched(db, task, now=now)


def picked_of(db: Session, *, task_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[Picked, ...]]:
    """What became of the lines of finished tasks, by task."""
    rows = db.scalars(
        select(PickLine)
        .where(PickLine.task_id.in_(task_ids))
        .order_by(PickLine.task_id, PickLine.sku)
        .execution_options(populate_existing=True)
    )
    found: dict[uuid.UUID, tuple[Picked, ...]] = dict.fromkeys(task_ids, ())
    for line in rows:
        found[line.task_id] += (_picked(line),)
    return found


_BACKLOG = text(
    """
    SELECT store_id, count(*), sum(line_count),
           coalesce(sum(greatest(work_s - coalesce(extract(epoch FROM CAST(:now AS timestamptz) - started_at), 0), work_s / 5.0)), 0)
      FROM pick_tasks WHERE store_id = ANY (CAST(:stores AS uuid[])) AND state IN ('queued', 'picking') GROUP BY store_id
    """
)


def backlog(db: Session, *, store_ids: Collection[StoreId], now: datetime) -> dict[StoreId, Backlog]:
    """Open work by store; a task under way counts with what is left of its time. Stores without work are left out."""
    rows = db.execute(_BACKLOG, {"stores": list(store_ids), "now": now})
    return {StoreId(store_id): Backlog(tasks, int(lines), int(work_s)) for store_id, tasks, lines, work_s in rows}


def locked(db: Session, *, task_id: uuid.UUID, store_id: uuid.UUID) -> PickTask:
    """The store's task, its row locked: whoever changes its lines holds this.

    Raises:
        NoSuchTask
    """
    query = select(PickTask).where(PickTask.id == task_id, PickTask.store_id == store_id)
    task = db.scalar(query.with_for_update().execution_options(populate_existing=True))
    if task is None:
        raise NoSuchTask(task_id=task_id)
    return task


def lines_of(db: Session, task_id: uuid.UUID) -> list[PickLine]:
    """The lines of a task by SKU."""
    query = select(PickLine).where(PickLine.task_id == task_id).order_by(PickLine.sku)
    return list(db.scalars(query.execution_options(populate_existing=True)))


def drop_substitute(line: PickLine) -> None:
    """What was offered for the missing pieces stands for them no more: fewer are missing than it was for."""
    line.substitute_sku, line.substitute_name, line.substitute_quantity, line.substitute_fen = None, None, 0, 0
    line.consent, line.consent_by = None, None


def touched(db: Session, task: PickTask, *, now: datetime) -> None:
    """Write the task's change and tell the screens."""
    task.version += 1
    db.flush()
    _changed(db, task.id, task.order_id, task.store_id, now)


def _changed(db: Session, task_id: uuid.UUID, order_id: uuid.UUID, store_id: uuid.UUID, now: datetime) -> None:
    outbox.emit(db, PickTaskChanged(task_id=task_id, order_id=order_id, store_id=store_id), now=now)


def _line(task_id: uuid.UUID, line: Wanted) -> dict[str, object]:
    return {
        "task_id": task_id,
        "sku": line.sku,
        "name_zh": line.name_zh,
        "name_en": line.name_en,
        "quantity": line.quantity,
        "weighed": line.weighed,
        "piece_g": line.piece_g,
        "picked": 0,
        "weight_g": 0,
        "short": 0,
        "substitute_quantity": 0,
        "substitute_fen": 0,
    }


def _picked(line: PickLine) -> Picked:
    replaced = line.consent == "approved"
    return Picked(
        sku=Sku(line.sku),
        wanted=line.quantity,
        picked=line.picked,
        weight_g=line.weight_g,
        substitute_sku=Sku(line.substitute_sku) if replaced and line.substitute_sku else None,
        substitute_quantity=line.substitute_quantity if replaced else 0,
        substitute_fen=line.substitute_fen if replaced else 0,
        short_reason=line.short_reason if line.short else None,
    )
