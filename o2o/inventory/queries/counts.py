"""Counts as a clerk may see them."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.inventory.models import Count, CountLine
from o2o.inventory.shelf.counting import OPEN
from o2o.kit.ids import StoreId


@dataclass(frozen=True, slots=True)
class CountSeen:
    """A count as a clerk may see it: which lines are done, never what the books expect."""

    id: uuid.UUID
    scope: str
    state: str
    because: str
    asked_at: datetime
    holder: uuid.UUID | None
    lease_until: datetime | None
    waiting: list[str]
    done: list[str]


def of_store(db: Session, *, store_id: StoreId | uuid.UUID, count_id: uuid.UUID | None = None) -> list[CountSeen]:
    """Open counts of a store, or one count; blind."""
    query = select(Count).where(Count.store_id == store_id).order_by(Count.asked_at, Count.id)
    query = query.where(Count.id == count_id) if count_id else query.where(Count.state.in_(OPEN))
    rows = db.scalars(query).all()
    lines = db.execute(
        select(CountLine.count_id, CountLine.sku, CountLine.counted.is_not(None).label("done"))
        .where(CountLine.count_id.in_([row.id for row in rows]))
        .order_by(CountLine.sku)
    ).all()
    return [
        CountSeen(
            row.id,
            row.scope,
            row.state,
            row.because,
            row.asked_at,
            row.holder,
            row.lease_until,
            [line.sku for line in lines if line.count_id == row.id and not line.done],
            [line.sku for line in lines if line.count_id == row.id and line.done],
        )
        for row in rows
    ]
