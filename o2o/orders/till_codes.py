"""A sale paid by code: its code to show, whether it was paid, and cash instead."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kit.ids import OrderId, StoreId
from o2o.orders import records
from o2o.orders.models import Order, OrderLine
from o2o.payments import claims, intents, remedies

State = Literal["waiting", "paid", "expired", "over"]


@dataclass(frozen=True, slots=True)
class Code:
    """How a sale by code stands; `over`: nothing is owed any more. `ref` is what its payment is known by."""

    state: State
    ref: str
    amount_fen: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Unpaid:
    """A sale by code whose goods have left and whose money has not come. It is called after its first line."""

    sale_id: uuid.UUID
    order_no: str
    sold_at: datetime
    amount_fen: int
    expires_at: datetime
    first_zh: str
    first_en: str
    lines: int


def unpaid(db: Session, *, store_id: StoreId) -> list[Unpaid]:
    """The sales by code of a store that nobody has paid, the newest first; a code that has run out is still owed."""
    sold_here = select(Order.id).where(Order.store_id == store_id, Order.channel == "till")
    owed = {one.order_id: one for one in claims.unpaid(db, of=sold_here)}
    sales = db.scalars(select(Order).where(Order.id.in_(owed)).order_by(Order.placed_at.desc(), Order.id)).all()
    lines: dict[uuid.UUID, list[OrderLine]] = {sale.id: [] for sale in sales}
    for line in db.scalars(select(OrderLine).where(OrderLine.order_id.in_(lines)).order_by(OrderLine.no)):
        lines[line.order_id].append(line)
    return [_unpaid(sale, owed[sale.id], lines[sale.id]) for sale in sales]


def _unpaid(sale: Order, owed: claims.Unpaid, lines: list[OrderLine]) -> Unpaid:
    return Unpaid(
        sale_id=sale.id,
        order_no=sale.order_no,
        sold_at=sale.placed_at,
        amount_fen=owed.amount_fen,
        expires_at=owed.expires_at,
        first_zh=lines[0].name_zh,
        first_en=lines[0].name_en,
        lines=len(lines),
    )


def code(db: Session, *, sale_id: uuid.UUID, store_id: StoreId, fresh: bool, now: datetime) -> Code:
    """The code of a sale of this store; where it has expired a `fresh` one, if asked for.

    Raises:
        records.NoSuchOrder: no sale of this store. intents.NoPayment: there was nothing to pay.
    """
    sale = _own(db, sale_id, store_id)
    payment = intents.of_order(db, order_id=sale_id)
    if fresh and payment.state in (intents.PENDING, intents.FAILED) and payment.expires_at <= now:
        remedies.new_code(db, order_id=sale_id, now=now)
        records.tell(db, sale, now=now)
        payment = intents.of_order(db, order_id=sale_id)
    return Code(_state(payment, now), payment.ref, payment.amount_fen, payment.expires_at)


def _state(payment: intents.PaymentInfo, now: datetime) -> State:
    """A payment that was let go is wanted no more: all goods came back, or it was written off."""
    if payment.state in (intents.AUTHORISED, intents.CAPTURED):
        return "paid"
    if payment.state == intents.VOIDED:
        return "over"
    return "expired" if payment.expires_at <= now else "waiting"


def pay_cash(db: Session, *, sale_id: uuid.UUID, store_id: StoreId, clerk_id: uuid.UUID, now: datetime) -> None:
    """The customer of a sale by code pays in cash after all.

    Raises:
        records.NoSuchOrder, intents.NoPayment
        remedies.PaidAlready
    """
    sale = _own(db, sale_id, store_id)
    remedies.pay_cash(db, order_id=sale_id, actor=f"clerk:{clerk_id}", now=now)
    records.tell(db, sale, now=now)  # other tills of the store stop waiting for it


def _own(db: Session, sale_id: uuid.UUID, store_id: StoreId) -> Order:
    order = records.locked(db, OrderId(sale_id))
    if order.channel != "till" or order.store_id != store_id:
        raise records.NoSuchOrder(order_id=sale_id)
    return order
