"""A booking made by mistake a moment ago, taken back: the same move the other way in the ledger. Nothing is deleted."""

import uuid
from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.inventory.ledger import moves
from o2o.inventory.ledger.moves import Change, LotChange
from o2o.inventory.models import Count, CountLine, Lot, StockEntry
from o2o.kit.errors import Conflict, NotFound
from o2o.kit.ids import StoreId

WINDOW = timedelta(minutes=15)
"""A slip of the hand is noticed within minutes; what is older is put right by a count."""
LOT = "lot:"


class NothingToUndo(NotFound):
    """Nothing of that kind was booked here under this id."""

    code = "inventory.nothing_to_undo"


class TooLateToUndo(Conflict):
    """This was booked too long ago to be taken back; a count puts it right."""

    code = "inventory.too_late_to_undo"


class CountedSince(Conflict):
    """The shelf of `sku` has been counted since: the count knows better."""

    code = "inventory.counted_since"


def take_back(db: Session, *, store_id: StoreId | uuid.UUID, cause: uuid.UUID, kind: str, now: datetime) -> bool:
    """Move back what `cause` moved at this store as `kind`, lots and piles with it, under `kind` + `_undone`. Once; False: it was
    taken back before.

    Raises:
        NothingToUndo, TooLateToUndo, CountedSince. NotThatMany: what came in is sold, promised or moved meanwhile.
    """
    booked = _booked(db, store_id, cause, kind)
    if not booked:
        raise NothingToUndo(id=cause)
    for sku in sorted(booked):
        moves.lock(db, store_id=store_id, sku=sku)
    if _is_undone(db, store_id, cause, kind):
        return False
    at = min(recorded_at for recorded_at, _ in booked.values())
    check_time(at, now=now)
    _check_uncounted(db, store_id, booked, now)
    changes, lots = [], []
    for sku, (_, deltas) in sorted(booked.items()):
        changes.append(Change(store_id, sku, **{pile: -n for pile, n in deltas.items() if not pile.startswith(LOT)}))
        lots += [
            _lot(db, store_id, sku, pile.removeprefix(LOT), -n, deltas)
            for pile, n in deltas.items()
            if pile.startswith(LOT)
        ]
    return moves.move(db, cause=cause, kind=f"{kind}_undone", changes=changes, lots=lots, now=now, guarded=True).done


def check_time(booked_at: datetime, *, now: datetime) -> None:
    """May what was booked then still be taken back?

    Raises:
        TooLateToUndo
    """
    if now - booked_at > WINDOW:
        raise TooLateToUndo(minutes=int(WINDOW.total_seconds() // 60))


type _Booked = dict[str, tuple[datetime, dict[str, int]]]


def _booked(db: Session, store_id: StoreId | uuid.UUID, cause: uuid.UUID, kind: str) -> _Booked:
    """By SKU, when it was booked and how much in each bucket; lots that were taken first expired first among them."""
    rows = db.execute(
        select(StockEntry.sku, StockEntry.bucket, StockEntry.delta, StockEntry.recorded_at).where(
            StockEntry.cause == cause, StockEntry.store_id == store_id, StockEntry.kind.in_((kind, f"{kind}_fefo"))
        )
    ).all()
    found: _Booked = {}
    for sku, bucket, delta, recorded_at in rows:
        _, deltas = found.setdefault(sku, (recorded_at, defaultdict(int)))
        deltas[bucket] += delta
    return found


def _is_undone(db: Session, store_id: StoreId | uuid.UUID, cause: uuid.UUID, kind: str) -> bool:
    undone = select(StockEntry.cause).where(
        StockEntry.cause == cause, StockEntry.store_id == store_id, StockEntry.kind == f"{kind}_undone"
    )
    return db.execute(undone.limit(1)).first() is not None


def _check_uncounted(db: Session, store_id: StoreId | uuid.UUID, booked: _Booked, now: datetime) -> None:
    """Whoever counted in between has seen the shelf as it is, and the count, posted or still to be, already says so."""
    rows = db.execute(
        select(CountLine.sku, CountLine.recorded_at)
        .join(Count, Count.id == CountLine.count_id)
        .where(
            Count.store_id == store_id,
            Count.state != "canceled",
            CountLine.sku.in_(booked),
            CountLine.recorded_at >= now - WINDOW,
        )
    )
    for sku, counted_at in rows:
        if counted_at is not None and counted_at >= booked[sku][0]:
            raise CountedSince(sku=sku)


def _lot(
    db: Session, store_id: StoreId | uuid.UUID, sku: str, code: str, quantity: int, deltas: dict[str, int]
) -> LotChange:
    """The lot's part. What left a good lot cannot come back to one that was set apart meanwhile, nor more leave one than it has."""
    lot = db.get_one(Lot, (store_id, sku, code), populate_existing=True)
    if quantity + lot.quantity < 0 or (quantity > 0 and lot.blocked and not deltas.get("damaged")):
        raise moves.NotThatMany(store_id=store_id, sku=sku)
    return LotChange(store_id, sku, code, quantity, lot.expires_on)
