"""Builders of picking."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from o2o.kit import ids
from o2o.kit.ids import Sku
from o2o.picking import pick_tasks
from o2o.picking.pick_tasks import Wanted

STORE = uuid.UUID(int=0xA)
CLERK = uuid.UUID(int=0xC)
MILK = Wanted(Sku("milk"), "牛奶", "Milk", 2, piece_g=950)
SHRIMP = Wanted(Sku("shrimp"), "虾", "Shrimp", 1, weighed=True, piece_g=500)


def a_task(
    db: Session,
    now: datetime,
    *,
    lines: tuple[Wanted, ...] = (MILK, SHRIMP),
    started: bool = True,
    preference: str = "ask",
    order_id: uuid.UUID | None = None,
    store_id: uuid.UUID = STORE,
) -> uuid.UUID:
    """A task at STORE, started by CLERK unless told otherwise."""
    task_id = ids.new_id()
    pick_tasks.open(
        db, task_id=task_id, order_id=order_id or ids.new_id(), shipment_id=ids.new_id(), order_no="K7Q-2M9", store_id=store_id,
        lines=lines, due_at=now + timedelta(minutes=10), preference=preference, work_s=60 + 35 * len(lines), now=now,
    )  # fmt: skip
    if started:
        pick_tasks.start(db, task_id=task_id, clerk_id=CLERK, store_id=store_id, now=now)
    return task_id
