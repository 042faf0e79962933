"""Reads for payments' own api, each with the owner in the query."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.payments.intents import NoPayment
from o2o.payments.models import Payment


def payment_of(db: Session, *, order_id: uuid.UUID, member_id: uuid.UUID) -> Payment:
    """A member's own payment by order.

    Raises:
        NoPayment: there is none of this member.
    """
    mine = (Payment.order_id == order_id) & (Payment.member_id == member_id) & Payment.replaced_at.is_(None)
    payment = db.scalar(select(Payment).where(mine))
    if payment is None:
        raise NoPayment(order_id=order_id)
    return payment


def charge(db: Session, *, ref: str, member_id: uuid.UUID) -> Payment:
    """The payment of a reference, when it is this member's, or one that a till asks of nobody it knows.

    Raises:
        NoPayment: there is none of theirs.
    """
    whose = (Payment.member_id == member_id) | Payment.member_id.is_(None)
    payment = db.scalar(select(Payment).where(Payment.ref == ref, whose))
    if payment is None:
        raise NoPayment(ref=ref)
    return payment
