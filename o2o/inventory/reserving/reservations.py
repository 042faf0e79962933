"""Promises of stock to orders: hold, commit, extend, consume, release, expire. Each is one round trip; each ends exactly once.

A hold's end is part of every read: once `expires_at` has come its units count as free, and whoever needs them frees them on
the spot. The sweep is only hygiene.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.infra import outbox
from o2o.inventory.events import HoldExpired
from o2o.inventory.ledger import discrepancies
from o2o.inventory.lines import Line, merged
from o2o.kit.errors import Conflict
from o2o.kit.ids import OrderId, ReservationId, StoreId

__all__ = [
    "Expired",
    "Hold",
    "Line",
    "NotHeld",
    "OutOfStock",
    "commit",
    "consume",
    "expire_due",
    "extend",
    "hold",
    "hold_all",
    "release",
]


class OutOfStock(Conflict):
    """There are not as many left of this as wanted."""

    code = "inventory.out_of_stock"


class Expired(Conflict):
    """The order was not paid in time and its goods have gone to others."""

    code = "inventory.hold_expired"


class NotHeld(Conflict):
    """Nothing is kept for this order here (any more)."""

    code = "inventory.not_held"


@dataclass(frozen=True, slots=True)
class Hold:
    """What one store is to keep for an order."""

    reservation_id: ReservationId | uuid.UUID
    store_id: StoreId | uuid.UUID
    lines: Sequence[Line]


_HOLD = text(
    "SELECT refused_line, expired FROM inventory_hold(:order_id, CAST(:ids AS uuid[]), CAST(:stores AS uuid[]),"
    " CAST(:skus AS text[]), CAST(:quantities AS int[]), :until, :now)"
)
_COMMIT = text("SELECT live, refused_store, refused_sku, expired FROM inventory_commit(:order_id, :now)")
_RELEASE = text("SELECT inventory_release(:order_id, CAST(:store_id AS uuid), :reason, :now)")
_EXPIRE_DUE = text("SELECT inventory_expire_due(:now, :limit)")
_EXTEND = text(
    "UPDATE reservations r SET expires_at = greatest(expires_at, :until) FROM (SELECT id FROM reservations"
    " WHERE order_id = :order_id AND state = 'held' AND expires_at > :now ORDER BY id FOR UPDATE) h"
    " WHERE r.order_id = :order_id AND r.id = h.id RETURNING r.id"
)
_CONSUME = text(
    "SELECT sku, was_short, is_short, missing FROM inventory_consume(:order_id, :store_id, CAST(:skus AS text[]),"
    " CAST(:picked AS int[]), :cause, :now)"
)
_MISSING = text("SELECT inventory_missing(CAST(:stores AS uuid[]), CAST(:skus AS text[]), CAST(:quantities AS int[]))")


def hold(
    db: Session,
    *,
    reservation_id: ReservationId | uuid.UUID,
    order_id: OrderId | uuid.UUID,
    store_id: StoreId | uuid.UUID,
    lines: Sequence[Line],
    expires_at: datetime,
    now: datetime,
) -> None:
    """Keep `lines` at one store for an order until `expires_at`: all or nothing. Call it last before the commit.

    A refusal leaves the transaction as it was, without rows locked, so that another store can be tried.

    Raises:
        OutOfStock: `sku`, `wanted`, `left`, `store_id` say of what there was too little.
        BadQuantity: a quantity below one or far too large.
    """
    hold_all(db, order_id=order_id, holds=[Hold(reservation_id, store_id, lines)], expires_at=expires_at, now=now)


def hold_all(
    db: Session, *, order_id: OrderId | uuid.UUID, holds: Sequence[Hold], expires_at: datetime, now: datetime
) -> None:
    """Keep lines at several stores for one order: all or nothing, in one round trip, rows locked in one order.

    Raises:
        OutOfStock, BadQuantity: as `hold`.
    """
    rows = sorted(
        ((h.store_id, line.sku, line.quantity, h.reservation_id) for h in holds for line in merged(h.lines)),
        key=lambda row: row[:2],
    )
    if not rows:
        return
    refused_line, expired = db.execute(
        _HOLD,
        {
            "order_id": order_id,
            "ids": [row[3] for row in rows],
            "stores": [row[0] for row in rows],
            "skus": [row[1] for row in rows],
            "quantities": [row[2] for row in rows],
            "until": expires_at,
            "now": now,
        },
    ).one()
    _say_expired(db, expired, now=now)
    if refused_line:
        store_id, sku, wanted, _ = rows[refused_line - 1]
        refused = {"stores": [store_id], "skus": [sku], "quantities": [wanted]}
        missing = db.execute(_MISSING, refused).scalar_one() or [{"left": wanted}]  # come back this very moment
        raise OutOfStock(sku=sku, wanted=wanted, left=missing[0]["left"], store_id=store_id)


def commit(db: Session, *, order_id: OrderId | uuid.UUID, now: datetime) -> None:
    """The order is paid: its goods are kept without an end. Said twice it changes nothing.

    Raises:
        Expired: the hold had ended and `sku` at `store_id` is gone; nothing was kept.
        NotHeld: there is no hold of this order, or it was given back.
    """
    live, store_id, sku, expired = db.execute(_COMMIT, {"order_id": order_id, "now": now}).one()
    _say_expired(db, expired, now=now)
    if sku is not None:
        raise Expired(order_id=order_id, store_id=store_id, sku=sku)
    if not live:
        raise NotHeld(order_id=order_id)


def extend(db: Session, *, order_id: OrderId | uuid.UUID, until: datetime, now: datetime) -> None:
    """Hold longer while the customer is paying; never shorter.

    Raises:
        Expired: the hold has ended already, freed by somebody or not.
    """
    if not db.execute(_EXTEND, {"order_id": order_id, "until": until, "now": now}).all():
        raise Expired(order_id=order_id)


def consume(
    db: Session,
    *,
    order_id: OrderId | uuid.UUID,
    store_id: StoreId | uuid.UUID,
    picked: Sequence[Line],
    cause: uuid.UUID,
    now: datetime,
) -> None:
    """The picked goods leave the shelf (lots first expired first) and the promise ends; what was not picked is free again.

    `picked` may name less than was held, nothing, or a substitute that was not held. `cause` names the pick in the ledger.

    Raises:
        NotHeld: nothing is held for this order at this store: never was, or ended before.
        BadQuantity: a negative or far too large quantity.
    """
    lines = [line for line in merged(picked, least=0) if line.quantity]
    rows = db.execute(
        _CONSUME,
        {
            "order_id": order_id,
            "store_id": store_id,
            "skus": [line.sku for line in lines],
            "picked": [line.quantity for line in lines],
            "cause": cause,
            "now": now,
        },
    ).all()
    if any(row.sku is None for row in rows):
        raise NotHeld(order_id=order_id, store_id=store_id)
    short = [discrepancies.Shortage(StoreId(store_id), row.sku, row.missing) for row in rows if row.is_short]
    discrepancies.look_again(db, shortages=short, cause=cause, kind="pick", now=now)


def release(
    db: Session,
    *,
    order_id: OrderId | uuid.UUID,
    reason: str,
    now: datetime,
    store_id: StoreId | uuid.UUID | None = None,
) -> int:
    """Give back what is still kept for an order, everywhere or at one store; returns how many reservations ended (0: none was live)."""
    arguments = {"order_id": order_id, "store_id": store_id, "reason": reason, "now": now}
    return int(db.execute(_RELEASE, arguments).scalar_one())


def expire_due(db: Session, *, now: datetime, limit: int = 200) -> list[OrderId]:
    """End holds whose time has come and say `HoldExpired` for each order; those being settled just now are left alone."""
    orders = db.execute(_EXPIRE_DUE, {"now": now, "limit": limit}).scalar_one()
    return _say_expired(db, orders, now=now)


def _say_expired(db: Session, orders: Iterable[uuid.UUID], *, now: datetime) -> list[OrderId]:
    ended = [OrderId(order) for order in dict.fromkeys(orders)]
    outbox.emit_all(db, [HoldExpired(order_id=order) for order in ended], now=now)
    return ended
