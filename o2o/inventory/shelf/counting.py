"""Cycle counts: asked for, counted blind by one clerk under a lease, reviewed, posted. Selling goes on meanwhile."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, insert, select, text, update
from sqlalchemy.orm import Session

from o2o.infra import outbox
from o2o.inventory.events import CountRequested
from o2o.inventory.ledger import moves
from o2o.inventory.lines import QUANTITY_MAX, BadQuantity
from o2o.inventory.models import Count, CountLine, StockItem
from o2o.inventory.reserving import channel_rules
from o2o.kit import ids
from o2o.kit.errors import Conflict, NotFound, Refused
from o2o.kit.ids import StoreId

LEASE = timedelta(seconds=150)
"""A clerk who puts the device down loses the count after this long; each line counted renews it."""
OPEN = ("requested", "counting", "counted")


class NoSuchCount(NotFound):
    """There is no such count at this store."""

    code = "inventory.no_such_count"


class CountTaken(Conflict):
    """Somebody else is counting this; it can be taken over when they have been silent for a while."""

    code = "inventory.count_taken"


class CountClosed(Conflict):
    """This count is not in a state for that; `state` says where it stands."""

    code = "inventory.count_closed"


class OwnCount(Refused):
    """Who counted, any of it, does not review; another pair of eyes does."""

    code = "inventory.own_count"


@dataclass(frozen=True, slots=True)
class Variance:
    """A counted line beside the books of that moment, for the reviewer."""

    sku: str
    expected: int | None
    counted: int | None
    difference: int | None


def ask(
    db: Session, *, store_id: StoreId | uuid.UUID, skus: Sequence[str], because: str, now: datetime
) -> uuid.UUID | None:
    """Ask for a directed count of `skus`; those that an open count has already are left out. None when nothing is left to ask."""
    waiting = set(
        db.scalars(
            select(CountLine.sku)
            .join(Count, Count.id == CountLine.count_id)
            .where(Count.store_id == store_id, Count.state.in_(OPEN), CountLine.counted.is_(None))
        )
    )
    wanted = [sku for sku in dict.fromkeys(skus) if sku not in waiting]
    return _open(db, store_id=store_id, scope="directed", skus=wanted, because=because, now=now) if wanted else None


def ask_full(db: Session, *, store_id: StoreId | uuid.UUID, because: str, now: datetime) -> uuid.UUID:
    """Ask for a count of everything the store keeps."""
    skus = db.scalars(select(StockItem.sku).where(StockItem.store_id == store_id).order_by(StockItem.sku)).all()
    return _open(db, store_id=store_id, scope="full", skus=skus, because=because, now=now)


def _open(
    db: Session,
    *,
    store_id: StoreId | uuid.UUID,
    scope: Literal["directed", "full"],
    skus: Sequence[str],
    because: str,
    now: datetime,
) -> uuid.UUID:
    count_id = ids.new_id()
    db.execute(
        insert(Count).values(
            id=count_id, store_id=store_id, scope=scope, state="requested", because=because, asked_at=now
        )
    )
    if skus:
        db.execute(insert(CountLine), [{"count_id": count_id, "sku": sku} for sku in skus])
    outbox.emit(db, CountRequested(store_id=StoreId(store_id), skus=list(skus)[:50]), now=now)
    return count_id


def take(
    db: Session, *, count_id: uuid.UUID, store_id: StoreId | uuid.UUID, clerk_id: uuid.UUID, now: datetime
) -> datetime:
    """Begin (or go on with) a count; returns until when it is this clerk's. The lines carry no expectation: it is blind.

    Raises:
        CountTaken: another clerk's lease has not run out. CountClosed: it is counted, posted or canceled. NoSuchCount.
    """
    row = _locked(db, count_id, store_id)
    if row.state not in ("requested", "counting"):
        raise CountClosed(state=row.state)
    if row.holder not in (None, clerk_id) and row.lease_until > now:
        raise CountTaken(until=row.lease_until)
    until = now + LEASE
    db.execute(update(Count).where(Count.id == count_id).values(state="counting", holder=clerk_id, lease_until=until))
    return until


def record(
    db: Session,
    *,
    count_id: uuid.UUID,
    store_id: StoreId | uuid.UUID,
    clerk_id: uuid.UUID,
    sku: str,
    quantity: int,
    now: datetime,
    at: datetime | None = None,
) -> datetime:
    """So many were on the shelf at `at` (or now), good and damaged together. Counting a SKU again replaces the line.

    Nobody has counted before the count was asked for: a device whose clock says so is told by ours, or all that came in since
    would be found once more. Returns until when the lease now holds. Raises as `take`, and BadQuantity.
    """
    if isinstance(quantity, bool) or not 0 <= quantity <= QUANTITY_MAX:
        raise BadQuantity(field="quantity", sku=sku)
    until = take(db, count_id=count_id, store_id=store_id, clerk_id=clerk_id, now=now)
    asked_at = db.execute(select(Count.asked_at).where(Count.id == count_id)).scalar_one()
    db.execute(
        text("SELECT inventory_count_record(:count_id, :store_id, :sku, :counted, :at, :by, :now)"),
        {
            "count_id": count_id,
            "store_id": store_id,
            "sku": sku,
            "counted": quantity,
            "at": max(min(at or now, now), asked_at),
            "by": clerk_id,
            "now": now,
        },
    )
    return until


def submit(
    db: Session, *, count_id: uuid.UUID, store_id: StoreId | uuid.UUID, clerk_id: uuid.UUID, now: datetime
) -> None:
    """The clerk has counted; it waits for review. Lines not counted stay out of the posting. Raises as `take`."""
    take(db, count_id=count_id, store_id=store_id, clerk_id=clerk_id, now=now)
    db.execute(update(Count).where(Count.id == count_id).values(state="counted", lease_until=None))


def review(db: Session, *, count_id: uuid.UUID, store_id: StoreId | uuid.UUID, by: uuid.UUID) -> list[Variance]:
    """The counted lines beside the books of their moment, largest difference first.

    Raises:
        NoSuchCount. CountClosed: it is still being counted. OwnCount: `by` counted it.
    """
    row = _locked(db, count_id, store_id)
    _check_other_eyes(db, count_id, row.holder, by)
    if row.state not in ("counted", "posted"):
        raise CountClosed(state=row.state)
    lines = db.execute(
        select(CountLine.sku, CountLine.expected, CountLine.counted).where(CountLine.count_id == count_id)
    ).all()
    found = [Variance(sku, e, c, None if c is None or e is None else c - e) for sku, e, c in lines]
    return sorted(found, key=lambda v: (-abs(v.difference or 0), v.sku))


def count_again(
    db: Session, *, count_id: uuid.UUID, store_id: StoreId | uuid.UUID, skus: Sequence[str], now: datetime
) -> None:
    """The reviewer wants some lines counted once more; the count is open again.

    Raises:
        NoSuchCount. CountClosed: it is not waiting for review.
    """
    row = _locked(db, count_id, store_id)
    if row.state != "counted":
        raise CountClosed(state=row.state)
    nothing = {
        "expected": None,
        "position": None,
        "counted": None,
        "counted_at": None,
        "counted_by": None,
        "recorded_at": None,
    }
    db.execute(update(CountLine).where(CountLine.count_id == count_id, CountLine.sku.in_(skus)).values(nothing))
    db.execute(update(Count).where(Count.id == count_id).values(state="requested", holder=None, lease_until=None))
    outbox.emit(db, CountRequested(store_id=StoreId(store_id), skus=list(skus)[:50]), now=now)


def post(
    db: Session, *, count_id: uuid.UUID, store_id: StoreId | uuid.UUID, by: uuid.UUID, now: datetime
) -> dict[str, int]:
    """Make the books agree with the shelves as they were when counted; returns what changed, by SKU.

    Sales after the counting stay, sales before it that are told later are countered. Endangered promises are announced.

    Raises:
        NoSuchCount. CountClosed: it is not waiting for review. OwnCount: `by` counted it.
    """
    row = _locked(db, count_id, store_id)
    if row.state != "counted":
        raise CountClosed(state=row.state)
    _check_other_eyes(db, count_id, row.holder, by)
    skus = db.scalars(select(CountLine.sku).where(CountLine.count_id == count_id).order_by(CountLine.sku)).all()
    moved = [
        found
        for sku in skus
        for found in db.execute(
            text("SELECT * FROM inventory_count_post(:count_id, :store_id, :sku, :now)"),
            {"count_id": count_id, "store_id": store_id, "sku": sku, "now": now},
        )
    ]
    moves.tell(db, rows=moved, cause=count_id, kind="count", now=now)
    channel_rules.settle(db, store_id=store_id, skus=skus)  # found here for the first time, perhaps
    db.execute(update(Count).where(Count.id == count_id).values(state="posted", ended_at=now, ended_by=by))
    posted = select(CountLine.sku, CountLine.posted).where(CountLine.count_id == count_id, CountLine.posted != 0)
    return {sku: change for sku, change in db.execute(posted) if change is not None}


def cancel(db: Session, *, count_id: uuid.UUID, store_id: StoreId | uuid.UUID, by: uuid.UUID, now: datetime) -> None:
    """Drop a count that is not posted.

    Raises:
        NoSuchCount. CountClosed: it is posted or canceled.
    """
    row = _locked(db, count_id, store_id)
    if row.state not in OPEN:
        raise CountClosed(state=row.state)
    db.execute(update(Count).where(Count.id == count_id).values(state="canceled", ended_at=now, ended_by=by))


def _check_other_eyes(db: Session, count_id: uuid.UUID, holder: uuid.UUID | None, by: uuid.UUID) -> None:
    """Whoever lost the count to a colleague half-way has counted some of it all the same."""
    mine = select(CountLine.sku).where(CountLine.count_id == count_id, CountLine.counted_by == by).limit(1)
    if holder == by or db.scalar(mine) is not None:
        raise OwnCount()


def _locked(db: Session, count_id: uuid.UUID, store_id: StoreId | uuid.UUID) -> Row[*tuple[Any, ...]]:
    row = db.execute(
        select(Count.state, Count.holder, Count.lease_until)
        .where(Count.id == count_id, Count.store_id == store_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchCount(count_id=count_id)
    return row
