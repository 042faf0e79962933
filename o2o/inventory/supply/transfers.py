"""Goods from one store to another: drafted, sent, received with what was lost. What left is on its way, arrived, or lost.

What the other store could not take comes back: it waits at the store that sent it, and is counted in there as anywhere else.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from o2o.inventory.ledger import moves
from o2o.inventory.ledger.moves import Change, LotChange
from o2o.inventory.lines import Line, merged
from o2o.inventory.models import Lot, StockEntry, Transfer, TransferLine
from o2o.inventory.reserving import channel_rules
from o2o.kit.errors import Conflict, Invalid, NotFound
from o2o.kit.ids import StoreId


class NoSuchTransfer(NotFound):
    """There is no such transfer at this store."""

    code = "inventory.no_such_transfer"


class TransferElsewhere(Conflict):
    """The transfer is not in a state for that; `state` says where it stands."""

    code = "inventory.transfer_elsewhere"


class BadTransfer(Invalid):
    """A transfer goes to another store, and what arrives and what is lost sum to what was sent, each loss with a reason."""

    code = "inventory.bad_transfer"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came of one sent SKU."""

    sku: str
    received: int
    lost: int = 0
    loss_reason: str | None = None


@dataclass(frozen=True, slots=True)
class TransferInfo:
    """A transfer as others may know it."""

    from_store_id: uuid.UUID
    to_store_id: uuid.UUID
    state: str
    lines: tuple[Line, ...]


def info(db: Session, *, transfer_id: uuid.UUID, from_store_id: StoreId | uuid.UUID) -> TransferInfo:
    """A transfer that leaves this store.

    Raises:
        NoSuchTransfer
    """
    row = db.get(Transfer, transfer_id)
    if row is None or row.from_store_id != from_store_id:
        raise NoSuchTransfer(transfer_id=transfer_id)
    lines = tuple(Line(line.sku, line.quantity) for line in _lines(db, transfer_id))
    return TransferInfo(row.from_store_id, row.to_store_id, row.state, lines)


def draft(
    db: Session,
    *,
    transfer_id: uuid.UUID,
    from_store_id: StoreId | uuid.UUID,
    to_store_id: StoreId | uuid.UUID,
    lines: Sequence[Line],
    now: datetime,
) -> None:
    """Plan a transfer; nothing moves yet.

    Raises:
        BadTransfer: to the same store, or of nothing. BadQuantity.
    """
    wanted = merged(lines)
    if from_store_id == to_store_id or not wanted:
        raise BadTransfer(field="to_store_id" if wanted else "lines")
    places = {"from_store_id": from_store_id, "to_store_id": to_store_id}
    db.execute(insert(Transfer).values(places | {"id": transfer_id, "state": "draft", "drafted_at": now}))
    db.execute(
        insert(TransferLine),
        [{"transfer_id": transfer_id, "sku": line.sku, "quantity": line.quantity} for line in wanted],
    )


def send(db: Session, *, transfer_id: uuid.UUID, store_id: StoreId | uuid.UUID, now: datetime) -> None:
    """The goods leave the shelf of `store_id`, lots first expired first, and are on their way. What is promised does not leave.

    Raises:
        NotThatMany: fewer are free. TransferElsewhere, NoSuchTransfer.
    """
    row = _locked(db, transfer_id, store_id, of="from_store_id", state="draft")
    lines = _lines(db, transfer_id)
    changes = [Change(row.from_store_id, line.sku, on_hand=-line.quantity) for line in lines]
    changes += [Change(row.to_store_id, line.sku, in_transit=line.quantity) for line in lines]
    moves.move(db, cause=transfer_id, kind="transfer_out", changes=changes, now=now, guarded=True)
    db.execute(update(Transfer).where(Transfer.id == transfer_id).values(state="in_transit", sent_at=now))


def receive(
    db: Session,
    *,
    transfer_id: uuid.UUID,
    store_id: StoreId | uuid.UUID,
    arrivals: Sequence[Arrival],
    now: datetime,
) -> None:
    """The goods are counted in at `store_id`, in the lots they left with; what is missing is lost, with a reason.

    That store is the one they were sent to, or of a transfer that came back the one that had sent them.

    Raises:
        BadTransfer: a sent SKU is missing or not sent, sums differ, or a loss has no reason. TransferElsewhere, NoSuchTransfer.
    """
    row = _locked(db, transfer_id, store_id, of="to_store_id", state="in_transit", else_back=True)
    here, ends = (store_id, "taken_back") if row.state == "back" else (row.to_store_id, "received")
    sent = {line.sku: line.quantity for line in _lines(db, transfer_id)}
    told = {arrival.sku: arrival for arrival in arrivals}
    if set(told) != set(sent) or len(told) != len(arrivals):
        raise BadTransfer(field="arrivals")
    for arrival in arrivals:
        if min(arrival.received, arrival.lost) < 0 or arrival.received + arrival.lost != sent[arrival.sku]:
            raise BadTransfer(field="received", sku=arrival.sku)
        if arrival.lost and not arrival.loss_reason:
            raise BadTransfer(field="loss_reason", sku=arrival.sku)
    changes = [Change(here, sku, on_hand=told[sku].received, in_transit=-quantity) for sku, quantity in sent.items()]
    lots = _lots(db, transfer_id, row.from_store_id, here, {sku: arrival.received for sku, arrival in told.items()})
    moves.move(db, cause=transfer_id, kind="transfer_in", changes=changes, lots=lots, now=now)
    for arrival in arrivals:
        db.execute(
            update(TransferLine)
            .where(TransferLine.transfer_id == transfer_id, TransferLine.sku == arrival.sku)
            .values(received=arrival.received, lost=arrival.lost, loss_reason=arrival.loss_reason)
        )
    db.execute(update(Transfer).where(Transfer.id == transfer_id).values(state=ends, received_at=now))
    channel_rules.settle(db, store_id=store_id, skus=sorted(sent))


def bring_back(db: Session, *, transfer_id: uuid.UUID, now: datetime) -> None:
    """What the other store could not take is back where it left, to be counted in (`receive`); back already is fine.

    Raises:
        TransferElsewhere: it is not on its way. NoSuchTransfer.
    """
    row = db.scalar(select(Transfer).where(Transfer.id == transfer_id).with_for_update())
    if row is None:
        raise NoSuchTransfer(transfer_id=transfer_id)
    if row.state in ("back", "taken_back"):
        return
    if row.state != "in_transit":
        raise TransferElsewhere(state=row.state)
    lines = _lines(db, transfer_id)
    changes = [Change(row.to_store_id, line.sku, in_transit=-line.quantity) for line in lines]
    changes += [Change(row.from_store_id, line.sku, in_transit=line.quantity) for line in lines]
    moves.move(db, cause=transfer_id, kind="transfer_back", changes=changes, now=now)
    row.state = "back"


def cancel(db: Session, *, transfer_id: uuid.UUID, store_id: StoreId | uuid.UUID) -> None:
    """Drop a draft. What is on its way is received, even if all of it comes back lost.

    Raises:
        TransferElsewhere, NoSuchTransfer.
    """
    _locked(db, transfer_id, store_id, of="from_store_id", state="draft")
    db.execute(update(Transfer).where(Transfer.id == transfer_id).values(state="canceled"))


def _lines(db: Session, transfer_id: uuid.UUID) -> Sequence[TransferLine]:
    return db.scalars(
        select(TransferLine).where(TransferLine.transfer_id == transfer_id).order_by(TransferLine.sku)
    ).all()


def _lots(
    db: Session,
    transfer_id: uuid.UUID,
    from_store_id: uuid.UUID,
    here: StoreId | uuid.UUID,
    received: dict[str, int],
) -> list[LotChange]:
    """The lots the goods left with, soonest expiry first, as far as goods arrived at `here`."""
    code = StockEntry.bucket.op("=")("lot:" + Lot.code)
    left = db.execute(
        select(StockEntry.sku, Lot.code, -StockEntry.delta, Lot.expires_on)
        .join(Lot, (Lot.store_id == StockEntry.store_id) & (Lot.sku == StockEntry.sku) & code)
        .where(StockEntry.cause == transfer_id, StockEntry.store_id == from_store_id)
        .order_by(StockEntry.sku, Lot.expires_on, Lot.code)
    )
    found: list[LotChange] = []
    for sku, lot_code, quantity, expires_on in left:
        part = min(quantity, received[sku])
        received[sku] -= part
        if part:
            found.append(LotChange(here, sku, lot_code, part, expires_on))
    return found


def _locked(
    db: Session,
    transfer_id: uuid.UUID,
    store_id: StoreId | uuid.UUID,
    *,
    of: str,
    state: str,
    else_back: bool = False,
) -> Row[*tuple[Any, ...]]:
    """The transfer in `state` whose store `of` is this one; with `else_back` also one that came back to this store."""
    row = db.execute(
        select(Transfer.from_store_id, Transfer.to_store_id, Transfer.state)
        .where(Transfer.id == transfer_id)
        .with_for_update()
    ).one_or_none()
    came_back = else_back and row is not None and row.state in ("back", "taken_back")
    if row is None or (row.from_store_id if came_back else getattr(row, of)) != store_id:
        raise NoSuchTransfer(transfer_id=transfer_id)
    if row.state != ("back" if came_back else state):
        raise TransferElsewhere(state=row.state)
    return row
