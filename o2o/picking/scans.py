"""Scanning: each piece or weighing counts once, whatever the network does to the telling of it."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.kit.errors import Conflict, Invalid
from o2o.picking import pick_tasks
from o2o.picking.models import PickLine, PickScan


class NotWanted(Conflict):
    """This SKU is not on the list, or all its pieces are accounted for."""

    code = "picking.not_wanted"


class WeightNeeded(Invalid):
    """Weighed goods are scanned with their weight in grams."""

    code = "picking.weight_needed"


@dataclass(frozen=True, slots=True)
class LineNow:
    """A line after a scan, for the large running total. `known` says the scan had counted before."""

    sku: str
    quantity: int
    picked: int
    short: int
    weight_g: int
    known: bool


def scan(
    db: Session,
    *,
    task_id: uuid.UUID,
    store_id: uuid.UUID,
    scan_id: str,
    sku: str,
    now: datetime,
    quantity: int = 1,
    weight_g: int = 0,
    clerk_id: uuid.UUID | None = None,
) -> LineNow:
    """Count `quantity` pieces of `sku`, weighing `weight_g` grams together. The same `scan_id` again changes nothing.

    A piece reported short and found after all is counted, and is short no more; a substitute that stood for it goes back.

    Raises:
        pick_tasks.NoSuchTask, pick_tasks.NotOpen
        NotWanted: not on the list, or more than was wanted.
        WeightNeeded: weighed goods without a weight.
    """
    task = pick_tasks.locked(db, task_id=task_id, store_id=store_id)
    line = db.get(PickLine, (task_id, sku), populate_existing=True)
    if line is None:
        raise NotWanted(field="sku", sku=sku, state=task.state)
    if not _first_time(db, task_id, scan_id, sku, quantity, weight_g, clerk_id, now):
        return _now(line, known=True)
    if task.state != pick_tasks.PICKING:
        raise pick_tasks.NotOpen(task_id=task_id, state=task.state)
    if line.weighed and weight_g < 1:
        raise WeightNeeded(field="weight_g", sku=sku)
    if line.picked + quantity > line.quantity:
        raise NotWanted(field="quantity", sku=sku, wanted=line.quantity, picked=line.picked)
    line.picked += quantity
    line.weight_g += weight_g if line.weighed else quantity * line.piece_g
    line.short = min(line.short, line.quantity - line.picked)
    if line.substitute_quantity > line.short:
        pick_tasks.drop_substitute(line)
    pick_tasks.touched(db, task, now=now)
    return _now(line, known=False)


def _first_time(
    db: Session, task_id: uuid.UUID, scan_id: str, sku: str, quantity: int, weight_g: int, clerk_id: uuid.UUID | None, now: datetime
) -> bool:  # fmt: skip
    row = insert(PickScan).values(
        task_id=task_id, scan_id=scan_id, sku=sku, quantity=quantity, weight_g=weight_g, clerk_id=clerk_id, at=now
    )
    return db.execute(row.on_conflict_do_nothing().returning(PickScan.scan_id)).scalar() is not None


def _now(line: PickLine, *, known: bool) -> LineNow:
    return LineNow(line.sku, line.quantity, line.picked, line.short, line.weight_g, known)
