"""What is owed for goods that have left: a payment that takes the place of one that did not work, and what becomes of it.

One payment of an order stands. Another way of paying is another payment, with a reference of its own; the one before is let go.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from o2o.kit import ids
from o2o.payments import intents, operations, troubles
from o2o.payments.intents import AUTHORISED, FAILED, PENDING, VOIDED
from o2o.payments.models import Payment, PaymentOperation, PaymentTrouble
from o2o.payments.operations import DROPPED, LET_GO

UNPAID = "unpaid"
NOT_PAID = "payments.not_paid_in_time"


def owe(db: Session, *, order_id: uuid.UUID) -> None:
    """The goods of this payment have left: it is owed, whenever it comes."""
    db.execute(update(Payment).where(Payment.order_id == order_id, Payment.replaced_at.is_(None)).values(owed=True))


def standing(db: Session, *, order_id: uuid.UUID) -> Payment:
    """The payment of an order that stands, its row locked.

    Raises:
        intents.NoPayment
    """
    query = select(Payment).where(Payment.order_id == order_id, Payment.replaced_at.is_(None)).with_for_update()
    payment = db.scalar(query.execution_options(populate_existing=True))
    if payment is None:
        raise intents.NoPayment(order_id=order_id)
    return payment


def unpaid_fen(db: Session, payment: Payment) -> int | None:
    """What is still owed of a payment that brought nothing; None of one that went its way, or still may by itself.

    Refunds that wait for it need not be paid first.
    """
    if payment.owed and payment.state in (PENDING, FAILED):
        owed_fen = payment.amount_fen
    elif capture := _capture(db, payment.id, operations.FAILED):
        owed_fen = capture.amount_fen
    else:
        return None
    return owed_fen - sum(one.amount_fen for one in db.scalars(operations.refunds_waiting(payment.id)))


@dataclass(frozen=True, slots=True)
class Unpaid:
    """A payment for goods that have left, which nobody has made; it can be made until `expires_at`."""

    order_id: uuid.UUID
    amount_fen: int
    expires_at: datetime


def unpaid(db: Session, *, of: Select[uuid.UUID], limit: int = 1_000) -> list[Unpaid]:
    """What is owed for the orders `of` selects and not paid, run out or not; those that can be paid longest first."""
    query = select(Payment.order_id, Payment.amount_fen, Payment.expires_at).where(
        Payment.owed,
        Payment.replaced_at.is_(None),
        Payment.state.in_((PENDING, FAILED)),
        Payment.order_id.in_(of),
    )
    rows = db.execute(query.order_by(Payment.expires_at.desc(), Payment.id).limit(limit))
    return [Unpaid(*row) for row in rows]


def forgiven(db: Session, payment: Payment) -> bool:
    """Whether nothing was taken, and nothing is wanted any more, for goods that have left."""
    gone = payment.owed and payment.state == VOIDED
    return payment.captured_fen == 0 and (gone or _capture(db, payment.id, DROPPED) is not None)


def replace(db: Session, payment: Payment, *, amount_fen: int, until: datetime, now: datetime) -> Payment:
    """Another payment of so much takes this one's place. What the old one holds is let go."""
    let_go(db, payment, now=now)
    payment.replaced_at = now
    db.flush()
    new_id = ids.new_id()
    new = Payment(
        id=new_id, order_id=payment.order_id, member_id=payment.member_id, ref=new_id.hex, provider="sandbox", state=PENDING,
        amount_fen=amount_fen, authorised_fen=0, captured_fen=0, refunded_fen=0, expires_at=until, opened_at=now, owed=True,
    )  # fmt: skip
    db.add(new)
    db.flush()
    return new


def let_go(db: Session, payment: Payment, *, now: datetime) -> None:
    """Nothing more is wanted of this payment: what it holds is let go, and what waited for its money is dropped."""
    capture = _capture(db, payment.id, operations.FAILED)
    for one in (*db.scalars(operations.refunds_waiting(payment.id)).all(), *((capture,) if capture else ())):
        one.state = DROPPED
    if payment.state in (PENDING, FAILED):
        payment.state = VOIDED
    elif payment.state == AUTHORISED:
        operations.ask(
            db, payment_id=payment.id, kind="void", cause=LET_GO, amount_fen=payment.authorised_fen, now=now
        )  # fmt: skip
    db.flush()


def lower(db: Session, payment: Payment, *, refund_id: uuid.UUID, amount_fen: int, reason: str, now: datetime) -> None:
    """Goods came back that nobody has paid for: so much less is owed, and no money moves."""
    operations.ask(
        db, payment_id=payment.id, kind="refund", cause=str(refund_id), amount_fen=amount_fen, now=now, reason=reason
    )
    left_fen, trouble = unpaid_fen(db, payment), about(db, payment.id)
    if not left_fen or left_fen < 0:
        let_go(db, payment, now=now)
        if trouble is not None:
            troubles.close(db, trouble, outcome="given_back", act="given_back", actor=troubles.HOUSE, now=now)
        return
    if payment.owed:
        payment = replace(db, payment, amount_fen=left_fen, until=payment.expires_at, now=now)
    if trouble is not None:
        trouble.payment_id, trouble.amount_fen = payment.id, left_fen
        db.flush()


def overdue(db: Session, *, now: datetime, limit: int = 200) -> list[uuid.UUID]:
    """Payments for goods that have left, not made in time, which nobody was told of yet; the longest overdue first."""
    told = select(PaymentTrouble.id).where(
        PaymentTrouble.payment_id == Payment.id, PaymentTrouble.state.in_(("open", "retrying"))
    )
    query = select(Payment.id).where(
        Payment.owed, Payment.replaced_at.is_(None), Payment.state.in_((PENDING, FAILED)), Payment.expires_at <= now,
        ~told.exists(),
    )  # fmt: skip
    return list(db.scalars(query.order_by(Payment.expires_at, Payment.id).limit(limit)))


def note_unpaid(db: Session, *, payment_id: uuid.UUID, now: datetime) -> None:
    """Tell people of an overdue payment; one that was made meanwhile is left."""
    query = select(Payment).where(Payment.id == payment_id, Payment.replaced_at.is_(None)).with_for_update()
    payment = db.scalar(query.execution_options(populate_existing=True))
    if payment is not None and payment.state in (PENDING, FAILED) and payment.expires_at <= now:
        troubles.noticed(
            db, payment_id=payment.id, operation_id=None, kind=UNPAID, amount_fen=payment.amount_fen, reason=NOT_PAID,
            state="open", now=now,
        )  # fmt: skip


def about(db: Session, payment_id: uuid.UUID) -> PaymentTrouble | None:
    """The open trouble about money that should come by this payment."""
    query = select(PaymentTrouble).where(PaymentTrouble.payment_id == payment_id, PaymentTrouble.closed_at.is_(None))
    return db.scalar(query.where(PaymentTrouble.kind.in_(("capture", UNPAID))).with_for_update())


def _capture(db: Session, payment_id: uuid.UUID, state: str) -> PaymentOperation | None:
    query = select(PaymentOperation).where(
        PaymentOperation.payment_id == payment_id, PaymentOperation.kind == "capture", PaymentOperation.state == state
    )
    return db.scalar(query.execution_options(populate_existing=True))
