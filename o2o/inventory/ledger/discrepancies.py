"""When more is promised than is there: open the discrepancy, find the promises in danger, and tell the hall."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import any_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.infra import outbox
from o2o.inventory.events import DiscrepancyOpened, StockShort
from o2o.inventory.models import LIVE, Reservation, StockItem
from o2o.inventory.models import Discrepancy as DiscrepancyRow
from o2o.kit import ids
from o2o.kit.events import Event
from o2o.kit.ids import StoreId


@dataclass(frozen=True, slots=True)
class Shortage:
    """An item that is `missing` so many units of what is promised or set apart."""

    store_id: StoreId
    sku: str
    missing: int


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """An open discrepancy, for callers."""

    id: uuid.UUID
    store_id: StoreId
    sku: str
    missing: int


def look_again(
    db: Session, *, shortages: Sequence[Shortage], cause: uuid.UUID, kind: str, now: datetime
) -> list[Discrepancy]:
    """Open a discrepancy for each shortage (one open at a time an item) and say which orders are endangered now."""
    said: list[Event] = []
    found: list[Discrepancy] = []
    for shortage in shortages:
        row_id = _open(db, shortage, cause=cause, kind=kind, now=now)
        found.append(Discrepancy(row_id, shortage.store_id, shortage.sku, shortage.missing))
        said.append(DiscrepancyOpened(store_id=shortage.store_id, sku=shortage.sku, missing=shortage.missing))
        endangered = youngest_promises(db, store_id=shortage.store_id, sku=shortage.sku, missing=shortage.missing)
        if endangered:
            said.append(
                StockShort(store_id=shortage.store_id, sku=shortage.sku, order_ids=[str(order) for order in endangered])
            )
    outbox.emit_all(db, said, now=now)
    return found


def _open(db: Session, shortage: Shortage, *, cause: uuid.UUID, kind: str, now: datetime) -> uuid.UUID:
    return db.execute(
        insert(DiscrepancyRow)
        .values(
            id=ids.new_id(),
            store_id=shortage.store_id,
            sku=shortage.sku,
            cause=cause,
            kind=kind,
            missing=shortage.missing,
            opened_at=now,
        )
        .on_conflict_do_update(
            index_elements=["store_id", "sku"],
            index_where=DiscrepancyRow.closed_at.is_(None),
            set_={"missing": shortage.missing},
        )
        .returning(DiscrepancyRow.id)
    ).scalar_one()


def youngest_promises(db: Session, *, store_id: StoreId, sku: str, missing: int) -> list[uuid.UUID]:
    """The orders whose promise of `sku` here is not covered: the youngest first, unpaid before paid, until `missing` is met."""
    rows = db.execute(
        select(Reservation.order_id, Reservation.state, Reservation.skus, Reservation.quantities)
        .where(Reservation.store_id == store_id, Reservation.state.in_(LIVE), Reservation.skus.contains([sku]))
        .order_by((Reservation.state == "committed"), Reservation.held_at.desc(), Reservation.order_id.desc())
    ).all()
    endangered: list[uuid.UUID] = []
    for row in rows:
        if missing <= 0:
            break
        endangered.append(row.order_id)
        missing -= dict(zip(row.skus, row.quantities, strict=True))[sku]
    return endangered


def short_of(db: Session, *, store_id: StoreId, skus: Sequence[str]) -> list[str]:
    """Those of these goods of which a store has less than it promised, sorted."""
    query = select(StockItem.sku).where(StockItem.store_id == store_id, StockItem.sku.in_(skus), StockItem.short)
    return list(db.scalars(query.order_by(StockItem.sku)))


def endangering(db: Session, *, order_id: uuid.UUID) -> list[StoreId]:
    """The stores whose shelf no longer covers what they promised this order; empty for nearly every order."""
    owed = StockItem.reserved + StockItem.damaged + StockItem.quality_control - StockItem.on_hand
    rows = db.execute(
        select(StockItem.store_id, StockItem.sku, owed.label("missing"))
        .join(Reservation, (Reservation.store_id == StockItem.store_id) & (StockItem.sku == any_(Reservation.skus)))
        .where(Reservation.order_id == order_id, Reservation.state.in_(LIVE), StockItem.short)
    ).all()
    return sorted(
        {
            StoreId(row.store_id)
            for row in rows
            if order_id in youngest_promises(db, store_id=StoreId(row.store_id), sku=row.sku, missing=row.missing)
        }
    )
