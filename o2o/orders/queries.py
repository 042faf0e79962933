"""Reads for the hall's own api, each with its owner in the query."""

import uuid
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.orders import aftersales, records
from o2o.orders.fulfilment import portions
from o2o.orders.models import Order, OrderHistory, OrderRefund, ReturnRequest
from o2o.orders.schemas.counter import CounterLineOut, CounterOrderOut
from o2o.orders.schemas.orders import MoveOut, OrderLineOut, OrderOut, RefundOut, ShipmentOut, SubstituteOut


def orders_of(db: Session, *, member_id: uuid.UUID, before: uuid.UUID | None, limit: int) -> list[Order]:
    """A member's orders, the newest first; `before` is the last id of the page before."""
    query = select(Order).where(Order.member_id == member_id)
    if before is not None:
        query = query.where(Order.id < before)
    return list(db.scalars(query.order_by(Order.id.desc()).limit(limit)))


def order(db: Session, *, order_id: uuid.UUID, member_id: uuid.UUID) -> OrderOut:
    """A member's own order with everything about it.

    Raises:
        records.NoSuchOrder: unknown, or another's.
    """
    row = db.scalar(select(Order).where(Order.id == order_id, Order.member_id == member_id))
    if row is None:
        raise records.NoSuchOrder(order_id=order_id)
    history = select(OrderHistory).where(OrderHistory.order_id == order_id).order_by(OrderHistory.version)
    refunds = select(OrderRefund).where(OrderRefund.order_id == order_id).order_by(OrderRefund.id)
    return OrderOut(
        **{name: getattr(row, name) for name in _OWN},
        lines=_lines(db, order_id, OrderLineOut),
        shipments=[ShipmentOut.model_validate(shipment) for shipment in records.shipments_of(db, order_id)],
        history=[MoveOut.model_validate(move) for move in db.scalars(history)],
        refunds=[RefundOut.model_validate(refund) for refund in db.scalars(refunds)],
    )


_OWN = set(OrderOut.model_fields) - {"lines", "shipments", "history", "refunds"}


def owned(db: Session, *, order_id: uuid.UUID, member_id: uuid.UUID) -> uuid.UUID:
    """The id again, when the order is this member's.

    Raises:
        records.NoSuchOrder
    """
    found = db.scalar(select(Order.id).where(Order.id == order_id, Order.member_id == member_id))
    if found is None:
        raise records.NoSuchOrder(order_id=order_id)
    return found


def numbers(db: Session, *, order_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """What people call these orders."""
    return {row.id: row.order_no for row in db.execute(select(Order.id, Order.order_no).where(Order.id.in_(order_ids)))}


def open_returns(db: Session, *, store_id: uuid.UUID, limit: int = 100) -> list[ReturnRequest]:
    """Open after-sales requests that concern a store."""
    query = select(ReturnRequest).where(ReturnRequest.ended_at.is_(None), aftersales.concerns(store_id))
    return list(db.scalars(query.order_by(ReturnRequest.requested_at, ReturnRequest.id).limit(limit)))


def pickups(db: Session, *, store_id: uuid.UUID, limit: int = 100) -> list[CounterOrderOut]:
    """Packed orders waiting for their customers at a store's counter, the longest promised first."""
    query = select(Order).where(
        Order.store_id == store_id, Order.method == "pickup", Order.channel == "app", Order.state == "packed"
    )
    return [_at_counter(db, row) for row in db.scalars(query.order_by(Order.promise_by, Order.id).limit(limit))]


def by_number(db: Session, *, order_no: str) -> CounterOrderOut:
    """The order a customer's receipt names; any store may take its goods back.

    Raises:
        records.NoSuchOrder
    """
    row = db.scalar(select(Order).where(Order.order_no == order_no))
    if row is None:
        raise records.NoSuchOrder(field="order_no")
    return _at_counter(db, row)


def _lines[T: (OrderLineOut, CounterLineOut)](db: Session, order_id: uuid.UUID, kind: type[T]) -> list[T]:
    instead = portions.substitutes(db, order_id)
    names = set(kind.model_fields) - {"substitutes"}
    return [
        kind(
            **{name: getattr(row, name) for name in names},
            substitutes=[SubstituteOut.model_validate(one) for one in instead.get(row.no, [])],
        )
        for row in records.lines_of(db, order_id)
    ]


def _at_counter(db: Session, row: Order) -> CounterOrderOut:
    lines = _lines(db, row.id, CounterLineOut)
    names = set(CounterOrderOut.model_fields) - {"lines"}
    return CounterOrderOut(lines=lines, **{name: getattr(row, name) for name in names})
