"""What is thrown away, with a reason; and what is set apart as damaged or for quality control, and comes back."""

import uuid
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from o2o.inventory.ledger import moves
from o2o.inventory.ledger.moves import Change, LotChange
from o2o.inventory.lines import Line, merged
from o2o.inventory.models import Lot, StockItem, WriteOff
from o2o.inventory.shelf import undoing
from o2o.kit.errors import Invalid
from o2o.kit.ids import StoreId

REASONS = ("expired", "spoiled", "broken", "damaged", "stolen", "sampled", "donated", "lost", "other")


class BadReason(Invalid):
    """A write-off needs one of the known reasons."""

    code = "inventory.bad_reason"


def write_off(
    db: Session,
    *,
    store_id: StoreId | uuid.UUID,
    write_off_id: uuid.UUID,
    sku: str,
    quantity: int,
    reason: str,
    now: datetime,
    lot_code: str | None = None,
    damaged: bool = False,
    by: uuid.UUID | None = None,
) -> None:
    """Goods are thrown away or gone. `damaged`: they were set apart as damaged before (their blocked lots go first).

    The shelf is the truth, so promises do not stop it: those no longer covered are announced. Once for a `write_off_id`.

    Raises:
        NotThatMany: more than is on hand (or set apart as damaged). BadReason, BadQuantity.
    """
    if reason not in REASONS:
        raise BadReason(field="reason", known=list(REASONS))
    merged([Line(sku, quantity)])
    on_hand = db.scalar(
        select(StockItem.on_hand)
        .where(StockItem.store_id == store_id, StockItem.sku == sku)
        .with_for_update(key_share=True)
    )
    known = db.scalar(select(WriteOff.id).where(WriteOff.id == write_off_id, WriteOff.sku == sku))
    if known is not None:
        return
    lots: list[LotChange] = []
    if lot_code:
        lot = db.get(Lot, (store_id, sku, lot_code), populate_existing=True)
        on_hand = min(on_hand or 0, lot.quantity) if lot else 0
        damaged = damaged or (lot is not None and lot.blocked)
        lots = [LotChange(store_id, sku, lot_code, -quantity)]
    elif damaged:
        lots = _from_blocked(db, store_id, sku, quantity)
    if (on_hand or 0) < quantity:
        raise moves.NotThatMany(store_id=store_id, sku=sku)
    change = Change(store_id, sku, on_hand=-quantity, damaged=-quantity if damaged else 0)
    moves.move(db, cause=write_off_id, kind="write_off", changes=[change], lots=lots, now=now)
    row = {"id": write_off_id, "sku": sku, "store_id": store_id, "quantity": quantity}
    db.execute(insert(WriteOff).values(row | {"reason": reason, "lot_code": lot_code, "by": by, "at": now}))


def undo(db: Session, *, store_id: StoreId | uuid.UUID, write_off_id: uuid.UUID, now: datetime) -> None:
    """A write-off just booked was a mistake: the goods are back where they were. Said twice it changes nothing.

    Raises:
        undoing.NothingToUndo, undoing.TooLateToUndo, undoing.CountedSince. NotThatMany: its lot was set apart meanwhile.
    """
    if undoing.take_back(db, store_id=store_id, cause=write_off_id, kind="write_off", now=now):
        db.execute(update(WriteOff).where(WriteOff.id == write_off_id).values(undone_at=now))


def _from_blocked(db: Session, store_id: StoreId | uuid.UUID, sku: str, quantity: int) -> list[LotChange]:
    rows = db.execute(
        select(Lot.code, Lot.quantity)
        .where(Lot.store_id == store_id, Lot.sku == sku, Lot.quantity > 0, Lot.blocked)
        .order_by(Lot.expires_on, Lot.code)
    )
    taken: list[LotChange] = []
    for code, there in rows:
        if quantity > 0:
            taken.append(LotChange(store_id, sku, code, -min(there, quantity)))
            quantity -= there
    return taken


def set_apart(
    db: Session,
    *,
    store_id: StoreId | uuid.UUID,
    cause_id: uuid.UUID,
    sku: str,
    now: datetime,
    damaged: int = 0,
    quality_control: int = 0,
) -> None:
    """Units go to (positive) or come back from (negative) the damaged pile or quality control; they stay on hand.

    Raises:
        NotThatMany: more come back than are apart, or more go than lie on the shelf; lots past their date do not come back.
    """
    moves.lock(db, store_id=store_id, sku=sku)
    item = db.execute(
        select(StockItem.on_hand, StockItem.damaged, StockItem.quality_control).where(
            StockItem.store_id == store_id, StockItem.sku == sku
        )
    ).one_or_none()
    if item is None or damaged + quality_control > max(0, item.on_hand - item.damaged - item.quality_control):
        raise moves.NotThatMany(store_id=store_id, sku=sku)
    if damaged < 0 and item.damaged + damaged < _blocked(db, store_id, sku):
        raise moves.NotThatMany(store_id=store_id, sku=sku)
    change = Change(store_id, sku, damaged=damaged, quality_control=quality_control)
    moves.move(db, cause=cause_id, kind="set_apart", changes=[change], now=now)


def _blocked(db: Session, store_id: StoreId | uuid.UUID, sku: str) -> int:
    """Units of lots past their date: among the damaged, and not to be put back."""
    units = func.coalesce(func.sum(Lot.quantity), 0)
    return int(db.execute(select(units).where(Lot.store_id == store_id, Lot.sku == sku, Lot.blocked)).scalar_one())
