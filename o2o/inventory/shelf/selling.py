"""The till's side: a sale always stands, goods come back. Both may be told late, twice and in any order."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from o2o.inventory.ledger import moves
from o2o.inventory.ledger.discrepancies import Discrepancy
from o2o.inventory.ledger.moves import Change
from o2o.inventory.lines import Line, merged
from o2o.inventory.reserving import channel_rules
from o2o.kit.ids import StoreId

Condition = Literal["good", "inspect", "damaged"]


def sell(
    db: Session,
    *,
    store_id: StoreId | uuid.UUID,
    sale_id: uuid.UUID,
    lines: Sequence[Line],
    at: datetime,
    now: datetime,
) -> list[Discrepancy]:
    """Goods left over the counter at `at`. Never refuses: on hand may fall below zero or below what is promised.

    Said again with the same `sale_id` it changes nothing. Returns the discrepancies that stand open on the sold SKUs; for
    promises that are no longer covered it says `StockShort`.

    Raises:
        BadQuantity: a quantity below one or far too large.
    """
    changes = [Change(store_id, line.sku, on_hand=-line.quantity) for line in merged(lines)]
    return moves.move(db, cause=sale_id, kind="sale", changes=changes, at=at, now=now).discrepancies


def take_back(
    db: Session,
    *,
    store_id: StoreId | uuid.UUID,
    return_id: uuid.UUID,
    lines: Sequence[Line],
    condition: Condition,
    now: datetime,
    at: datetime | None = None,
) -> None:
    """Goods came back to this store: `good` to the shelf, `inspect` to quality control, `damaged` apart. Once for a `return_id`.

    Raises:
        BadQuantity: a quantity below one or far too large.
    """
    changes = [
        Change(
            store_id,
            line.sku,
            on_hand=line.quantity,
            damaged=line.quantity if condition == "damaged" else 0,
            quality_control=line.quantity if condition == "inspect" else 0,
        )
        for line in merged(lines)
    ]
    moves.move(db, cause=return_id, kind="return", changes=changes, at=at or now, now=now)
    # What the store never kept obeys no rule yet.
    channel_rules.settle(db, store_id=store_id, skus=[change.sku for change in changes])
