"""Counts as a clerk may see them: which lines are done, never what the books expect."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.inventory.models import Count, CountLine
from o2o.inventory.schemas.counting import CountOut
from o2o.inventory.shelf.counting import OPEN
from o2o.kit.ids import StoreId


def of_store(db: Session, *, store_id: StoreId | uuid.UUID, count_id: uuid.UUID | None = None) -> list[CountOut]:
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
        CountOut(
            id=row.id, scope=row.scope, state=row.state, because=row.because, asked_at=row.asked_at, holder=row.holder,
            lease_until=row.lease_until,
            waiting=[line.sku for line in lines if line.count_id == row.id and not line.done],
            done=[line.sku for line in lines if line.count_id == row.id and line.done],
        )
        for row in rows
    ]  # fmt: skip
