"""Dates: which lots run out when, and lots past their date leave what can be promised."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from o2o.inventory.ledger import moves
from o2o.inventory.ledger.moves import Change
from o2o.inventory.models import Lot, StockItem
from o2o.kit import ids
from o2o.kit.ids import StoreId
from o2o.stores import places


@dataclass(frozen=True, slots=True)
class ExpiringLot:
    """Units of a lot and their last day of sale."""

    expires_on: date
    sku: str
    code: str
    quantity: int
    blocked: bool


def today(db: Session, *, store_id: StoreId | uuid.UUID, now: datetime) -> date:
    """The day at the store."""
    return now.astimezone(ZoneInfo(places.get(db, store_id=StoreId(store_id)).timezone)).date()


def expiring(db: Session, *, store_id: StoreId | uuid.UUID, until: date) -> list[ExpiringLot]:
    """Lots with units left whose date is at or before `until`, soonest first; past ones are among them."""
    rows = db.execute(
        select(Lot.expires_on, Lot.sku, Lot.code, Lot.quantity, Lot.blocked)
        .where(Lot.store_id == store_id, Lot.quantity > 0, Lot.expires_on <= until)
        .order_by(Lot.expires_on, Lot.sku, Lot.code)
    )
    return [ExpiringLot(day, sku, code, units, blocked) for day, sku, code, units, blocked in rows if day is not None]


def block_expired(db: Session, *, store_id: StoreId | uuid.UUID, today: date, now: datetime) -> list[str]:
    """Set lots whose date has passed apart as damaged, so that nobody is promised them; returns their SKUs.

    A lot may be sold on its day. Which pieces of a lot came broken or wait to be inspected nobody noted: they are taken off the shelf
    as long as it has any, then from those that wait; what is left was set apart already. Promises no longer covered are announced.
    """
    rows = db.execute(
        select(Lot.sku, Lot.code)
        .where(Lot.store_id == store_id, Lot.quantity > 0, Lot.expires_on < today, ~Lot.blocked)
        .order_by(Lot.sku, Lot.code)
    ).all()
    for sku, code in rows:
        moves.lock(db, store_id=store_id, sku=sku)
        quantity = db.scalar(
            update(Lot)
            .where(Lot.store_id == store_id, Lot.sku == sku, Lot.code == code, ~Lot.blocked, Lot.quantity > 0)
            .values(blocked=True)
            .returning(Lot.quantity)
        )
        if quantity:
            moves.move(db, cause=ids.new_id(), kind="expired", changes=[_apart(db, store_id, sku, quantity)], now=now)
    return sorted({sku for sku, _ in rows})


def _apart(db: Session, store_id: StoreId | uuid.UUID, sku: str, quantity: int) -> Change:
    item = db.execute(
        select(StockItem.on_hand, StockItem.damaged, StockItem.quality_control).where(
            StockItem.store_id == store_id, StockItem.sku == sku
        )
    ).one()
    shelved = min(quantity, max(0, item.on_hand - item.damaged - item.quality_control))
    waiting = min(quantity - shelved, item.quality_control)
    return Change(store_id, sku, damaged=shelved + waiting, quality_control=-waiting)
