"""Short picks: say what is missing, propose something else, hear the customer, or let their stored preference answer in time."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.infra import outbox
from o2o.kit.errors import Conflict, Invalid
from o2o.picking import pick_tasks, scans
from o2o.picking.events import SubstituteProposed
from o2o.picking.models import PickLine, PickTask

CONSENT_S = 180
"""How long a customer may think about a substitute."""
SHORT_REASONS = ("NOT_IN_STOCK", "MISMATCH", "DAMAGE")


class NothingProposed(Conflict):
    """There is no open question about this line: it was answered, or its time is over."""

    code = "picking.nothing_proposed"


class SameGood(Invalid):
    """Something else cannot be the same."""

    code = "picking.same_good"


class RefusedBefore(Conflict):
    """The customer wants no substitutes for this order."""

    code = "picking.no_substitutes"


def report_short(
    db: Session, *, task_id: uuid.UUID, store_id: uuid.UUID, sku: str, quantity: int, reason: str, now: datetime
) -> scans.LineNow:
    """Say that `quantity` pieces in all cannot be found (0 takes it back). Telling it again changes nothing.

    Raises:
        pick_tasks.NoSuchTask, pick_tasks.NotOpen, pick_tasks.BadReason
        scans.NotWanted: more would be short than is still wanted.
    """
    if reason not in SHORT_REASONS:
        raise pick_tasks.BadReason(field="reason", reason=reason, allowed=list(SHORT_REASONS))
    task, line = _open_line(db, task_id, store_id, sku)
    if line.picked + quantity > line.quantity:
        raise scans.NotWanted(field="quantity", sku=sku, wanted=line.quantity, picked=line.picked)
    line.short, line.short_reason = quantity, reason if quantity else None
    if line.substitute_quantity > quantity:
        pick_tasks.drop_substitute(line)
    pick_tasks.touched(db, task, now=now)
    return scans.LineNow(line.sku, line.quantity, line.picked, line.short, line.weight_g, known=False)


def propose(
    db: Session,
    *,
    task_id: uuid.UUID,
    store_id: uuid.UUID,
    sku: str,
    substitute_sku: str,
    substitute_name: str,
    quantity: int,
    charge_fen: int,
    now: datetime,
) -> str:
    """Offer `quantity` of another SKU for short pieces, for `charge_fen` in all. Returns the consent: `approved` at once where the
    customer said beforehand that substitutes are welcome, else `waiting`.

    Raises:
        RefusedBefore: the customer wants none.
        scans.NotWanted: more than is short.
        SameGood: it is the very thing that is missing.
    """
    if substitute_sku == sku:
        raise SameGood(field="substitute_sku", sku=sku)
    task, line = _open_line(db, task_id, store_id, sku)
    if task.preference == "refund":
        raise RefusedBefore(task_id=task_id, sku=sku)
    if not 0 < quantity <= line.short:
        raise scans.NotWanted(field="quantity", sku=sku, short=line.short)
    line.substitute_sku, line.substitute_name = substitute_sku, substitute_name
    line.substitute_quantity, line.substitute_fen = quantity, charge_fen
    line.consent = "approved" if task.preference == "substitute" else "waiting"
    line.consent_by = None if line.consent == "approved" else now + timedelta(seconds=CONSENT_S)
    pick_tasks.touched(db, task, now=now)
    event = SubstituteProposed(
        task_id=task_id, order_id=task.order_id, store_id=store_id, sku=sku, substitute_sku=substitute_sku
    )
    outbox.emit(db, event, now=now)
    return line.consent


def answer(
    db: Session, *, order_id: uuid.UUID, sku: str, approve: bool, now: datetime, task_id: uuid.UUID | None = None
) -> None:
    """The customer says yes or no, to the store that has this task or to the first that asked. The caller has checked whose order it is.

    Raises:
        NothingProposed: no question is open.
    """
    query = select(PickTask).where(PickTask.order_id == order_id, PickTask.state == pick_tasks.PICKING)
    if task_id is not None:
        query = query.where(PickTask.id == task_id)
    tasks = db.scalars(query.order_by(PickTask.id).with_for_update().execution_options(populate_existing=True)).all()
    for task in tasks:
        line = db.get(PickLine, (task.id, sku), populate_existing=True)
        if line is not None and line.consent == "waiting" and (line.consent_by is None or now < line.consent_by):
            line.consent = "approved" if approve else "rejected"
            pick_tasks.touched(db, task, now=now)
            return
    raise NothingProposed(field="sku", sku=sku)


def _open_line(db: Session, task_id: uuid.UUID, store_id: uuid.UUID, sku: str) -> tuple[PickTask, PickLine]:
    task = pick_tasks.locked(db, task_id=task_id, store_id=store_id)
    if task.state != pick_tasks.PICKING:
        raise pick_tasks.NotOpen(task_id=task_id, state=task.state)
    line = db.get(PickLine, (task_id, sku), populate_existing=True)
    if line is None:
        raise scans.NotWanted(field="sku", sku=sku, state=task.state)
    return task, line
