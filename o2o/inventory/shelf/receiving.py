"""What comes in: receipts of goods with their lots."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from o2o.inventory.ledger import moves
from o2o.inventory.ledger.moves import Change, LotChange
from o2o.inventory.lines import BadQuantity, Line, merged
from o2o.inventory.models import Lot, StockEntry
from o2o.inventory.reserving import channel_rules
from o2o.kit.errors import Invalid
from o2o.kit.ids import StoreId


class LotDates(Invalid):
    """Pieces of one lot have one date; `known` is the one it has. Another date is another lot."""

    code = "inventory.lot_dates"


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """So many of a SKU arrived, of one lot if it has one."""

    sku: str
    quantity: int
    lot_code: str | None = None
    expires_on: date | None = None
    damaged: int = 0
    """Of `quantity`, how many arrived broken."""
    inspect: int = 0
    """Of `quantity`, how many wait for quality control."""


def receive(
    db: Session, *, store_id: StoreId | uuid.UUID, receipt_id: uuid.UUID, lines: Sequence[ReceiptLine], now: datetime
) -> None:
    """Goods arrived and were counted in: they are on hand, each in its lot. Once for a `receipt_id`.

    Raises:
        BadQuantity: a quantity below one or far too large, or more damaged and to be inspected than came.
        LotDates: there are pieces of this lot with another date.
    """
    total = merged(Line(line.sku, line.quantity) for line in lines)
    for line in lines:
        if min(line.damaged, line.inspect) < 0 or line.damaged + line.inspect > line.quantity:
            raise BadQuantity(field="damaged" if line.damaged else "inspect", sku=line.sku)
    _check_dates(db, store_id, receipt_id, lines)
    damaged: defaultdict[str, int] = defaultdict(int)
    inspect: defaultdict[str, int] = defaultdict(int)
    lots: dict[tuple[str, str], LotChange] = {}
    for line in lines:
        damaged[line.sku] += line.damaged
        inspect[line.sku] += line.inspect
        code = line.lot_code or _by_day(line.expires_on)
        if code is not None:
            before = lots.get((line.sku, code))
            quantity = line.quantity + (before.quantity if before else 0)
            lots[line.sku, code] = LotChange(store_id, line.sku, code, quantity, line.expires_on)
    changes = [
        Change(store_id, line.sku, on_hand=line.quantity, damaged=damaged[line.sku], quality_control=inspect[line.sku])
        for line in total
    ]
    moves.move(db, cause=receipt_id, kind="receipt", changes=changes, lots=list(lots.values()), now=now)
    channel_rules.settle(db, store_id=store_id, skus=[line.sku for line in total])


def _check_dates(
    db: Session, store_id: StoreId | uuid.UUID, receipt_id: uuid.UUID, lines: Sequence[ReceiptLine]
) -> None:
    dated = [line for line in lines if line.lot_code is not None and line.expires_on is not None]
    if not dated:
        return
    there = select(Lot.sku, Lot.code, Lot.expires_on).where(
        Lot.store_id == store_id,
        tuple_(Lot.sku, Lot.code).in_({(line.sku, line.lot_code) for line in dated}),
        Lot.quantity > 0,
        Lot.expires_on.is_not(None),
    )
    known = {(sku, code): expires_on for sku, code, expires_on in db.execute(there)}
    for line in dated:
        date_known = known.setdefault((line.sku, line.lot_code or ""), line.expires_on)
        if date_known != line.expires_on and not _is_booked(db, receipt_id):
            raise LotDates(field="expires_on", sku=line.sku, lot_code=line.lot_code, known=str(date_known))


def _is_booked(db: Session, receipt_id: uuid.UUID) -> bool:
    """Told again, a receipt changes nothing, whatever became of its lots meanwhile."""
    return db.scalar(select(StockEntry.cause).where(StockEntry.cause == receipt_id).limit(1)) is not None


def _by_day(expires_on: date | None) -> str | None:
    """The lot of goods whose label tells the day alone: all of that day are one."""
    return f"E{expires_on:%y%m%d}" if expires_on else None
