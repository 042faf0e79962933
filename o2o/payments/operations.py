"""Operations: asked of a provider under an id of ours, carried out outside the asker's transaction, applied exactly once.

Whoever hears first that an operation is done (the provider's answer, or its webhook) applies it; the other finds it done.
A no, or no answer, is asked again under the same id after a while; asked so often in vain, it waits for a person.
"""

import uuid
from datetime import datetime, timedelta

import httpx
from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.infra import outbox
from o2o.kit import ids
from o2o.payments import troubles
from o2o.payments.booking import book
from o2o.payments.events import OperationAsked, PaymentCaptured, PaymentVoided, RefundDone
from o2o.payments.models import Payment, PaymentOperation
from o2o.payments.provider import Declined, Provider

PAUSES_S = (60, 300, 1_800, 7_200)
"""Between one try and the next; after so many and one the house stops asking by itself."""
QUIET_TRIES = 2
"""A provider that does not answer may just be restarting: so many times nobody is told."""
NO_ANSWER = "payments.no_answer"
LET_GO = "let_go"
"""Cause of a void that nothing hangs on: money nobody will take. A provider that holds it no longer has done what was wanted."""
WAITING, FAILED, DROPPED = "asked", "failed", "dropped"


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
        state=WAITING,
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
        select(
            PaymentOperation.kind, PaymentOperation.amount_fen, PaymentOperation.try_at, Payment.ref, Payment.captured_fen
        )
        .join(Payment, Payment.id == PaymentOperation.payment_id)
        .where(PaymentOperation.id == operation_id, PaymentOperation.state == WAITING)
    ).one_or_none()  # fmt: skip
    if found is None or (found.try_at is not None and found.try_at > now):
        return
    if found.kind == "refund" and found.captured_fen == 0:
        return  # it must wait for its capture, which will ask for it again
    try:
        getattr(provider, found.kind)(operation_id=operation_id, ref=found.ref, amount_fen=found.amount_fen, now=now)
    except Declined as refusal:
        _in_vain(db, operation_id, refusal.code, now)
    except httpx.HTTPError:
        _in_vain(db, operation_id, NO_ANSWER, now)
    else:
        apply(db, operation_id=operation_id, now=now)


def waiting(db: Session, *, now: datetime, older_than: timedelta) -> list[uuid.UUID]:
    """Operations asked a while ago and not yet done; a sweep asks for them again, those that were refused after their pause."""
    rows = select(PaymentOperation.id).where(
        PaymentOperation.state == WAITING,
        PaymentOperation.asked_at < now - older_than,
        PaymentOperation.try_at.is_(None) | (PaymentOperation.try_at <= now),
    )
    return list(db.scalars(rows.order_by(PaymentOperation.asked_at).limit(200)))


def apply(db: Session, *, operation_id: uuid.UUID, now: datetime) -> bool:
    """Book what the provider did. Returns False when that was known already, or the operation is not ours.

    A provider may do in the end what it had refused. Money taken for a capture that nobody wanted any more goes back at once.
    """
    found = _locked(db, operation_id)
    if found is None or found[1].state == "done":
        return False
    payment, operation = found
    unwanted = operation.state == DROPPED and operation.kind == "capture"
    operation.state, operation.done_at = "done", now
    db.flush()
    _EFFECT[operation.kind](db, payment, operation_id, operation.amount_fen, now)
    if unwanted:
        ask(db, payment_id=payment.id, kind="refund", cause=LET_GO, amount_fen=operation.amount_fen, now=now)
    troubles.done(db, payment_id=payment.id, operation_id=operation_id, now=now)
    return True


def _in_vain(db: Session, operation_id: uuid.UUID, answer: str, now: datetime) -> None:
    """Ask again later, or after so many tries no more; and let people know of it."""
    found = _locked(db, operation_id)
    if found is None or found[1].state != WAITING or (found[1].try_at is not None and found[1].try_at > now):
        return
    payment, operation = found
    if operation.cause == LET_GO and answer != NO_ANSWER:
        operation.state, operation.answer = DROPPED, answer
        db.flush()
        return
    operation.tries, operation.answer = operation.tries + 1, answer
    if operation.tries > len(PAUSES_S):
        operation.state, operation.try_at = FAILED, None
    else:
        operation.try_at = now + timedelta(seconds=PAUSES_S[operation.tries - 1])
    db.flush()
    if answer == NO_ANSWER and operation.tries <= QUIET_TRIES:
        return
    troubles.noticed(
        db, payment_id=payment.id, operation_id=operation.id, kind=operation.kind, amount_fen=operation.amount_fen,
        reason=answer, state="open" if operation.state == FAILED else "retrying", now=now,
    )  # fmt: skip


def refunds_waiting(payment_id: uuid.UUID) -> Select[PaymentOperation]:
    """Refunds of a payment that wait for its capture, the first asked first."""
    of_payment = (PaymentOperation.payment_id == payment_id) & (PaymentOperation.kind == "refund")
    query = select(PaymentOperation).where(of_payment, PaymentOperation.state == WAITING)
    return query.order_by(PaymentOperation.asked_at, PaymentOperation.id)


def _locked(db: Session, operation_id: uuid.UUID) -> tuple[Payment, PaymentOperation] | None:
    """An operation with its payment, locked payment first as everywhere."""
    payment_id = db.scalar(select(PaymentOperation.payment_id).where(PaymentOperation.id == operation_id))
    if payment_id is None:
        return None
    rows = {"populate_existing": True}
    payment = select(Payment).where(Payment.id == payment_id).with_for_update().execution_options(**rows)
    operation = select(PaymentOperation).where(PaymentOperation.id == operation_id).with_for_update()
    return db.scalars(payment).one(), db.scalars(operation.execution_options(**rows)).one()


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
    for refund in db.scalars(refunds_waiting(payment.id)):
        outbox.emit(db, OperationAsked(operation_id=refund.id), now=now)


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
