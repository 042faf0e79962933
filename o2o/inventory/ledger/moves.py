"""The one way stock on a shelf changes: so many more or fewer in a bucket, for one cause, with its line in the ledger."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from o2o.infra import outbox
from o2o.inventory.events import StockArrived, StockChanged
from o2o.inventory.ledger import discrepancies
from o2o.inventory.ledger.discrepancies import Discrepancy, Shortage
from o2o.kit.errors import Conflict
from o2o.kit.ids import StoreId


class NotThatMany(Conflict):
    """There are not as many there that are free for this."""

    code = "inventory.not_that_many"


@dataclass(frozen=True, slots=True)
class Change:
    """Signed changes of one item's buckets; one a (store, sku)."""

    store_id: StoreId | uuid.UUID
    sku: str
    on_hand: int = 0
    damaged: int = 0
    quality_control: int = 0
    in_transit: int = 0


@dataclass(frozen=True, slots=True)
class LotChange:
    """A signed change of one lot; part of its item's change of on_hand (or none of it, when only named)."""

    store_id: StoreId | uuid.UUID
    sku: str
    code: str
    quantity: int
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move did: whether it was new, and which discrepancies stand open after it."""

    done: bool
    discrepancies: list[Discrepancy]


_MOVE = text(
    "SELECT store_id, sku, done, refused, was_short, is_short, on_hand, missing FROM inventory_move(:cause, :kind,"
    " CAST(:stores AS uuid[]), CAST(:skus AS text[]), CAST(:on_hand AS int[]), CAST(:damaged AS int[]), CAST(:quality AS int[]),"
    " CAST(:transit AS int[]), CAST(:lot_stores AS uuid[]), CAST(:lot_skus AS text[]), CAST(:lot_codes AS text[]),"
    " CAST(:lot_expires AS date[]), CAST(:lot_blocked AS boolean[]), CAST(:lot_quantities AS int[]), :at, :now, :guard, :late)"
)


def move(
    db: Session,
    *,
    cause: uuid.UUID,
    kind: str,
    changes: Sequence[Change],
    lots: Sequence[LotChange] = (),
    now: datetime,
    at: datetime | None = None,
    guarded: bool = False,
) -> Moved:
    """Apply `changes` in one round trip, once for this `cause` and `kind`.

    What leaves without naming a lot is taken first expired first. With `at` (no later than `now`) the change happened then and
    is only told now: what a posted count has seen already is booked and countered. Guarded, it refuses to take what is promised.

    Raises:
        NotThatMany: guarded, or a bucket would fall below zero (`store_id`, `sku`); nothing was changed.
    """
    ordered = sorted(changes, key=lambda c: (c.store_id, c.sku))
    rows = db.execute(
        _MOVE,
        {
            "cause": cause,
            "kind": kind,
            "stores": [c.store_id for c in ordered],
            "skus": [c.sku for c in ordered],
            "on_hand": [c.on_hand for c in ordered],
            "damaged": [c.damaged for c in ordered],
            "quality": [c.quality_control for c in ordered],
            "transit": [c.in_transit for c in ordered],
            "lot_stores": [lot.store_id for lot in lots],
            "lot_skus": [lot.sku for lot in lots],
            "lot_codes": [lot.code for lot in lots],
            "lot_expires": [lot.expires_on for lot in lots],
            "lot_blocked": [False for _ in lots],
            "lot_quantities": [lot.quantity for lot in lots],
            "at": min(at or now, now),
            "now": now,
            "guard": guarded,
            "late": at is not None,
        },
    ).all()
    for row in rows:
        if row.refused:
            raise NotThatMany(store_id=row.store_id, sku=row.sku)
    moved = tell(db, rows=rows, cause=cause, kind=kind, now=now)
    if moved.done:
        _tell_arrived(db, ordered, now)
    return moved


def _tell_arrived(db: Session, changes: Sequence[Change], now: datetime) -> None:
    more: dict[StoreId, list[str]] = {}
    for change in changes:
        if change.on_hand - change.damaged - change.quality_control > 0:
            more.setdefault(StoreId(change.store_id), []).append(change.sku)
    outbox.emit_all(db, [StockArrived(store_id=store_id, skus=skus) for store_id, skus in more.items()], now=now)


def lock(db: Session, *, store_id: StoreId | uuid.UUID, sku: str) -> None:
    """Hold the item's row until the transaction ends, before its lots are read or changed."""
    db.execute(
        text("SELECT FROM stock_items WHERE store_id = :store_id AND sku = :sku FOR NO KEY UPDATE"),
        {"store_id": store_id, "sku": sku},
    )


def tell(db: Session, *, rows: Sequence[Row[*tuple[Any, ...]]], cause: uuid.UUID, kind: str, now: datetime) -> Moved:
    """Say what a move changed, one event a store, and look again at what is short after it. `rows` as `inventory_move` gives them."""
    new = [row for row in rows if row.done]
    by_store: dict[StoreId, list[str]] = {}
    for row in new:
        by_store.setdefault(StoreId(row.store_id), []).append(row.sku)
    outbox.emit_all(db, [StockChanged(store_id=store_id, skus=skus) for store_id, skus in by_store.items()], now=now)
    short = [Shortage(StoreId(row.store_id), row.sku, row.missing) for row in new if row.is_short]
    return Moved(bool(new), discrepancies.look_again(db, shortages=short, cause=cause, kind=kind, now=now))
