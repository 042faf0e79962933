"""What a person can do about a trouble with money: ask the provider again, ask the customer to pay another way, or end it by hand."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from o2o.infra import outbox
from o2o.kit import ids
from o2o.kit.errors import Conflict
from o2o.payments import claims, intents, operations, troubles
from o2o.payments.booking import book
from o2o.payments.events import OperationAsked, RefundDone
from o2o.payments.intents import FAILED, PENDING
from o2o.payments.models import Payment, PaymentOperation, PaymentTrouble

CLAIM_S = 86_400
"""How long a customer has to pay another way before somebody must look at it again."""
CODE_S = 900
"""How long a till's code can be paid."""


class NothingToTry(Conflict):
    """Nobody can be asked again about this; `kind` and `state` say what it is."""

    code = "payments.nothing_to_try"


class NotToAsk(Conflict):
    """The customer cannot be asked for this money: it may still arrive, or there is nobody to ask."""

    code = "payments.not_to_ask"


class NotAsked(Conflict):
    """Nobody of the staff has asked the customer for this money, or it is not waited for any more; `state` says what it is."""

    code = "payments.not_asked"


class StillTrying(Conflict):
    """The provider is still being asked for this refund: given another way now, it could be given twice."""

    code = "payments.still_trying"


class PaidAlready(Conflict):
    """This has been paid; `state` says how far it is."""

    code = "payments.paid_already"


def try_again(db: Session, *, trouble_id: uuid.UUID, actor: str, now: datetime) -> None:
    """Ask the provider at once, under the same id: what it did already it will not do twice.

    Raises:
        troubles.NoSuchTrouble, NothingToTry
    """
    trouble = troubles.locked(db, trouble_id=trouble_id)
    operation = db.get(PaymentOperation, trouble.operation_id) if trouble.operation_id else None
    if operation is None or operation.state not in (operations.WAITING, operations.FAILED):
        raise NothingToTry(kind=trouble.kind, state=trouble.state)
    operation.state, operation.try_at = operations.WAITING, None
    trouble.state = "retrying"
    db.flush()
    troubles.step(db, trouble, act="retried", actor=actor, now=now)
    outbox.emit(db, OperationAsked(operation_id=operation.id), now=now)


def ask_customer(db: Session, *, trouble_id: uuid.UUID, actor: str, note: str, now: datetime) -> int:
    """What is owed can be paid another way for a day; the old hold is let go. Returns how much, in fen.

    Raises:
        troubles.NoSuchTrouble
        NotToAsk: a provider that never answered may have taken it; it is about a refund; the house is still trying; no member.
    """
    trouble = troubles.locked(db, trouble_id=trouble_id)
    payment = db.get_one(Payment, trouble.payment_id)
    owed_fen = claims.unpaid_fen(db, payment)
    may = trouble.state == "open" and trouble.reason != operations.NO_ANSWER and trouble.kind in ("capture", "unpaid")
    if not may or not owed_fen or payment.member_id is None:
        raise NotToAsk(kind=trouble.kind, state=trouble.state, reason=trouble.reason)
    until = now + timedelta(seconds=CLAIM_S)
    claim = claims.replace(db, payment, amount_fen=owed_fen, until=until, now=now)
    trouble.payment_id, trouble.operation_id, trouble.amount_fen = claim.id, None, owed_fen
    trouble.state, trouble.due_at = "asked", until
    db.flush()
    troubles.step(db, trouble, act="asked", actor=actor, note=note, now=now)
    troubles.tell(db, trouble, now=now)
    return owed_fen


def stop_asking(db: Session, *, trouble_id: uuid.UUID, actor: str, now: datetime) -> None:
    """Take the question back: the customer can pay no longer, and the trouble waits for a person again.

    What the old way held stays let go, so the provider cannot be asked again. A payment under way may still arrive; that ends it.

    Raises:
        troubles.NoSuchTrouble
        NotAsked: it was not asked, a till did and its customer stands there, or it is paid meanwhile.
    """
    trouble = troubles.locked(db, trouble_id=trouble_id)
    payment = db.get_one(Payment, trouble.payment_id, populate_existing=True)
    last = troubles.last_act(db, trouble)
    if trouble.state != "asked" or last.actor == troubles.HOUSE or payment.state not in (PENDING, FAILED):
        raise NotAsked(kind=trouble.kind, state=trouble.state)
    payment.expires_at = min(payment.expires_at, now)
    trouble.kind, trouble.state, trouble.due_at = claims.UNPAID, "open", None
    db.flush()
    troubles.step(db, trouble, act="unasked", actor=actor, now=now)
    troubles.tell(db, trouble, now=now)


def end(db: Session, *, trouble_id: uuid.UUID, actor: str, note: str, now: datetime) -> None:
    """Settle it by hand: money that will not come is written off, a hold is left to lapse, a refund was given another way.

    Raises:
        troubles.NoSuchTrouble, StillTrying
    """
    trouble = troubles.locked(db, trouble_id=trouble_id)
    payment = db.get_one(Payment, trouble.payment_id)
    outcome = "written_off"
    if trouble.kind == "refund":
        if trouble.state == "retrying":
            raise StillTrying(trouble_id=trouble_id)
        outcome = "given_otherwise"
        _given_otherwise(db, trouble, payment, now)
    elif trouble.kind == "void":
        outcome = "lapsed"
        _stop(db, trouble)
        payment.state = intents.VOIDED
    else:
        _stop(db, trouble)
        claims.let_go(db, payment, now=now)
    troubles.close(db, trouble, outcome=outcome, act=outcome, actor=actor, note=note, now=now)


def new_code(db: Session, *, order_id: uuid.UUID, now: datetime) -> Payment:
    """A till's payment can be made for another quarter of an hour: the same code while it runs, a fresh one after it.

    Raises:
        intents.NoPayment, PaidAlready
    """
    payment = _unpaid(db, order_id)
    if payment.expires_at > now:
        return payment
    trouble = claims.about(db, payment.id)
    until = now + timedelta(seconds=CODE_S)
    fresh = claims.replace(db, payment, amount_fen=payment.amount_fen, until=until, now=now)
    if trouble is not None:
        trouble.payment_id, trouble.state, trouble.due_at = fresh.id, "asked", until
        db.flush()
        troubles.step(db, trouble, act="asked", actor=troubles.HOUSE, now=now)
        troubles.tell(db, trouble, now=now)
    return fresh


def pay_cash(db: Session, *, order_id: uuid.UUID, actor: str, now: datetime) -> None:
    """The customer pays at the counter after all, in cash.

    Raises:
        intents.NoPayment, PaidAlready
    """
    payment = _unpaid(db, order_id)
    trouble = claims.about(db, payment.id)
    claims.let_go(db, payment, now=now)
    payment.replaced_at = now
    db.flush()
    intents.take_cash(
        db, payment_id=ids.new_id(), order_id=order_id, member_id=payment.member_id, amount_fen=payment.amount_fen, now=now
    )  # fmt: skip
    if trouble is not None:
        troubles.close(db, trouble, outcome="done", act="paid_cash", actor=actor, now=now)


def _unpaid(db: Session, order_id: uuid.UUID) -> Payment:
    payment = claims.standing(db, order_id=order_id)
    if payment.state not in (PENDING, FAILED) or not payment.owed:
        raise PaidAlready(order_id=order_id, state=payment.state)
    return payment


def _stop(db: Session, trouble: PaymentTrouble) -> None:
    """The house does not ask for this any more."""
    operation = db.get(PaymentOperation, trouble.operation_id) if trouble.operation_id else None
    if operation is not None:
        operation.state, operation.try_at = operations.FAILED, None
        db.flush()


def _given_otherwise(db: Session, trouble: PaymentTrouble, payment: Payment, now: datetime) -> None:
    """Booked as given back, out of no provider's purse."""
    operation = db.get_one(PaymentOperation, trouble.operation_id)
    operation.state, operation.done_at = "done", now
    payment.refunded_fen += operation.amount_fen
    db.flush()
    book(
        db, payment_id=payment.id, cause=f"refund:{operation.id}", into="sales", out_of="outside",
        amount_fen=operation.amount_fen, now=now,
    )  # fmt: skip
    told = RefundDone(order_id=payment.order_id, payment_id=payment.id, amount_fen=operation.amount_fen)
    outbox.emit(db, told, now=now)
