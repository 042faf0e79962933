"""Giving money back: never more than was taken, each refund once."""

import uuid
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from o2o.kit.errors import Conflict
from o2o.payments import claims, operations
from o2o.payments.models import Payment, PaymentOperation


class TooMuch(Conflict):
    """More would be given back than was taken."""

    code = "payments.refund_too_much"


def ask(db: Session, *, order_id: uuid.UUID, refund_id: uuid.UUID, amount_fen: int, reason: str, now: datetime) -> None:
    """Give back `amount_fen` (> 0). The same `refund_id` again does nothing. Cash is given back at once; of what was never paid
    so much less is owed.

    Raises:
        TooMuch: what was captured, less refunds asked for already, is not enough. A capture that was asked counts as captured.
    """
    payment = claims.standing(db, order_id=order_id)
    if _asked_before(db, order_id, refund_id):
        return
    if claims.unpaid_fen(db, payment) is not None or claims.forgiven(db, payment):
        claims.lower(db, payment, refund_id=refund_id, amount_fen=amount_fen, reason=reason, now=now)
        return
    taken = max(payment.captured_fen, _asked_fen(db, payment.id, "capture"))
    left = taken - _asked_fen(db, payment.id, "refund")
    if amount_fen > left:
        raise TooMuch(order_id=order_id, left_fen=left, wanted_fen=amount_fen)
    operation_id = operations.ask(
        db, payment_id=payment.id, kind="refund", cause=str(refund_id), amount_fen=amount_fen, now=now, reason=reason
    )
    if payment.provider == "cash" and operation_id is not None:
        operations.apply(db, operation_id=operation_id, now=now)


def _asked_before(db: Session, order_id: uuid.UUID, refund_id: uuid.UUID) -> bool:
    """Of this payment of the order, or of one it took the place of."""
    query = select(PaymentOperation.id).join(Payment, Payment.id == PaymentOperation.payment_id)
    query = query.where(PaymentOperation.kind == "refund", PaymentOperation.cause == str(refund_id))
    return db.scalar(query.where(Payment.order_id == order_id)) is not None


def _operations(payment_id: uuid.UUID, kind: str) -> Select[int]:
    of_kind = (PaymentOperation.payment_id == payment_id) & (PaymentOperation.kind == kind)
    return select(func.count()).where(of_kind & PaymentOperation.state.in_(("asked", "done")))


def _asked_fen(db: Session, payment_id: uuid.UUID, kind: str) -> int:
    total = _operations(payment_id, kind).with_only_columns(func.coalesce(func.sum(PaymentOperation.amount_fen), 0))
    return int(db.scalar(total) or 0)
