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
    payment = db.scalar(select(Payment).where(Payment.order_id == order_id, Payment.member_id == member_id))
    if payment is None:
        raise NoPayment(order_id=order_id)
    return payment


def own_ref(db: Session, *, ref: str, member_id: uuid.UUID) -> str:
    """The reference again, when it is this member's payment."""
    found = db.scalar(select(Payment.ref).where(Payment.ref == ref, Payment.member_id == member_id))
    if found is None:
        raise NoPayment(ref=ref)
    return found
