"""A picker could not give a line: the reason says what that means for stock, and asks for a count."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.inventory.ledger import moves
from o2o.inventory.ledger.moves import Change
from o2o.inventory.lines import Line, merged
from o2o.inventory.models import StockItem
from o2o.inventory.shelf import counting
from o2o.kit.errors import Invalid
from o2o.kit.ids import StoreId


class Reason(StrEnum):
    """Why a line was not given (the field's terms; see HotWax)."""

    NOT_IN_STOCK = "NOT_IN_STOCK"
    MISMATCH = "MISMATCH"
    DAMAGE = "DAMAGE"
    NO_VARIANCE = "NO_VARIANCE"


class UnknownReason(Invalid):
    """A line is rejected for one of the known reasons."""

    code = "inventory.unknown_reason"


def apply(
    db: Session,
    *,
    store_id: StoreId | uuid.UUID,
    sku: str,
    reason: Reason | str,
    quantity: int,
    cause_id: uuid.UUID,
    now: datetime,
) -> None:
    """What the reason says about the shelf: NOT_IN_STOCK: nothing sellable is there; MISMATCH: `quantity` fewer; DAMAGE: `quantity`
    are damaged; NO_VARIANCE: the books are right. All but the last ask for a count. Once for a `cause_id`.

    Call it after the rejected order's own promise has ended, or that order is named among the endangered.

    Raises:
        UnknownReason, BadQuantity.
    """
    if reason not in tuple(Reason):
        raise UnknownReason(field="reason", known=[known.value for known in Reason])
    why = Reason(reason)
    if why is Reason.NO_VARIANCE:
        return
    merged([Line(sku, quantity)])
    item = db.execute(
        select(StockItem.on_hand, StockItem.damaged, StockItem.quality_control)
        .where(StockItem.store_id == store_id, StockItem.sku == sku)
        .with_for_update(key_share=True)
    ).one_or_none()
    there = max(0, item.on_hand - item.damaged - item.quality_control) if item else 0
    gone = {Reason.NOT_IN_STOCK: there, Reason.MISMATCH: min(quantity, there), Reason.DAMAGE: 0}[why]
    broken = min(quantity, there) if why is Reason.DAMAGE else 0
    if gone or broken:
        change = Change(store_id, sku, on_hand=-gone, damaged=broken)
        moves.move(db, cause=cause_id, kind="rejection", changes=[change], now=now)
    counting.ask(db, store_id=store_id, skus=[sku], because=why.value, now=now)
