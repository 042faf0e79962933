"""Operations: asked of a provider under an id of ours, carried out outside the asker's transaction, applied exactly once.

Whoever hears first that an operation is done (the provider's answer, or its webhook) applies it; the other finds it done.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.infra import outbox
from o2o.kit import ids
from o2o.payments.booking import book
from o2o.payments.events import OperationAsked, PaymentCaptured, PaymentVoided, RefundDone
from o2o.payments.models import Payment, PaymentOperation
from o2o.payments.provider import Declined, Provider


def ask(
    db: Session, *, payment_id: uuid.UUID, kind: str, cause: str, amount_fen: int, now: datetime, reason: str = ""
) -> uuid.UUID | None:
    """Write down what a provider is to do, once a cause; returns the operation's id, or None when it was asked before."""
    operation_id = ids.new_id()
    row = insert(PaymentOperation).values(
        id=operation_id,
        payment_id=payment_id,
        kind=kind,
        cause=cause,
        amount_fen=amount_fen,
        state="asked",
        reason=reason,
        asked_at=now,
    )
    if db.execute(row.on_conflict_do_nothing().returning(PaymentOperation.id)).scalar() is None:
        return None
    outbox.emit(db, OperationAsked(operation_id=operation_id), now=now)
    return operation_id


def carry_out(db: Session, *, operation_id: uuid.UUID, provider: Provider, now: datetime) -> None:
    """Ask the provider and apply its answer. Safe to repeat: the provider knows the operation by its id."""
    found = db.execute(
        select(PaymentOperation.kind, PaymentOperation.amount_fen, Payment.ref, Payment.captured_fen)
        .join(Payment, Payment.id == PaymentOperation.payment_id)
        .where(PaymentOperation.id == operation_id, PaymentOperation.state == "asked")
    ).one_or_none()
    if found is None or (found.kind == "refund" and found.captured_fen == 0):
        return  # done already; or a refund that must wait for its capture, which will ask for it again
    try:
        getattr(provider, found.kind)(operation_id=operation_id, ref=found.ref, amount_fen=found.amount_fen, now=now)
    except Declined as refusal:
        _fail(db, operation_id, refusal.code)
        return
    apply(db, operation_id=operation_id, now=now)


def waiting(db: Session, *, now: datetime, older_than: timedelta) -> list[uuid.UUID]:
    """Operations asked a while ago and not yet done; a sweep asks for them again."""
    rows = select(PaymentOperation.id).where(
        PaymentOperation.state == "asked", PaymentOperation.asked_at < now - older_than
    )
    return list(db.scalars(rows.order_by(PaymentOperation.asked_at).limit(200)))


def apply(db: Session, *, operation_id: uuid.UUID, now: datetime) -> bool:
    """Book what the provider did. Returns False when that was known already, or the operation is not ours."""
    payment_id = db.scalar(select(PaymentOperation.payment_id).where(PaymentOperation.id == operation_id))
    if payment_id is None:
        return False
    payment = db.scalars(select(Payment).where(Payment.id == payment_id).with_for_update()).one()
    done = db.execute(
        update(PaymentOperation)
        .where(PaymentOperation.id == operation_id, PaymentOperation.state == "asked")
        .values(state="done", done_at=now)
        .returning(PaymentOperation.kind, PaymentOperation.amount_fen)
    ).one_or_none()
    if done is None:
        return False
    _EFFECT[done.kind](db, payment, operation_id, done.amount_fen, now)
    return True


def _captured(db: Session, payment: Payment, operation_id: uuid.UUID, amount_fen: int, now: datetime) -> None:
    payment.state, payment.captured_fen = "captured", payment.captured_fen + amount_fen
    book(
        db,
        payment_id=payment.id,
        cause=f"capture:{operation_id}",
        into="provider",
        out_of="sales",
        amount_fen=amount_fen,
        now=now,
    )
    outbox.emit(db, PaymentCaptured(order_id=payment.order_id, payment_id=payment.id, amount_fen=amount_fen), now=now)
    waiting_refunds = select(PaymentOperation.id).where(
        PaymentOperation.payment_id == payment.id, PaymentOperation.kind == "refund", PaymentOperation.state == "asked"
    )
    for refund in db.scalars(waiting_refunds.order_by(PaymentOperation.asked_at, PaymentOperation.id)):
        outbox.emit(db, OperationAsked(operation_id=refund), now=now)


def _refunded(db: Session, payment: Payment, operation_id: uuid.UUID, amount_fen: int, now: datetime) -> None:
    payment.refunded_fen += amount_fen
    purse = "cash" if payment.provider == "cash" else "provider"
    book(
        db,
        payment_id=payment.id,
        cause=f"refund:{operation_id}",
        into="sales",
        out_of=purse,
        amount_fen=amount_fen,
        now=now,
    )
    outbox.emit(db, RefundDone(order_id=payment.order_id, payment_id=payment.id, amount_fen=amount_fen), now=now)


def _voided(db: Session, payment: Payment, operation_id: uuid.UUID, amount_fen: int, now: datetime) -> None:
    payment.state = "voided"
    outbox.emit(db, PaymentVoided(order_id=payment.order_id, payment_id=payment.id, amount_fen=amount_fen), now=now)


_EFFECT = {"capture": _captured, "refund": _refunded, "void": _voided}


def _fail(db: Session, operation_id: uuid.UUID, reason: str) -> None:
    db.execute(
        update(PaymentOperation).where(PaymentOperation.id == operation_id).values(state="failed", reason=reason)
    )
