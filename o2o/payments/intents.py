"""What the hall asks of an order's money: open it, capture it, let it go, take cash."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from o2o.kit.errors import Conflict, NotFound
from o2o.payments import operations
from o2o.payments.booking import book
from o2o.payments.models import Payment

_OPEN = text(
    "SELECT payments_open(CAST(:id AS uuid), CAST(:order AS uuid), CAST(:member AS uuid), :ref, :provider, :fen, :expires, :now)"
)
PENDING, AUTHORISED, CAPTURED, VOIDED, FAILED = "pending", "authorised", "captured", "voided", "failed"


class NoPayment(NotFound):
    """There is no payment for this order."""

    code = "payments.none"


class NotAuthorised(Conflict):
    """The money is not held: it was never authorised, or it was let go."""

    code = "payments.not_authorised"


@dataclass(frozen=True, slots=True)
class PaymentInfo:
    """An order's money as it stands, in fen."""

    payment_id: uuid.UUID
    order_id: uuid.UUID
    ref: str
    provider: str
    state: str
    amount_fen: int
    authorised_fen: int
    captured_fen: int
    refunded_fen: int
    expires_at: datetime


def open(
    db: Session,
    *,
    payment_id: uuid.UUID,
    order_id: uuid.UUID,
    member_id: uuid.UUID | None,
    amount_fen: int,
    expires_at: datetime,
    now: datetime,
    provider: str = "sandbox",
) -> str:
    """A payment of `amount_fen` is awaited until `expires_at`. Returns the merchant reference. One statement."""
    ref = payment_id.hex
    db.execute(
        _OPEN,
        {
            "id": payment_id, "order": order_id, "member": member_id, "ref": ref, "provider": provider, "fen": amount_fen,
            "expires": expires_at, "now": now,
        },
    )  # fmt: skip
    return ref


def of_order(db: Session, *, order_id: uuid.UUID, member_id: uuid.UUID | None = None) -> PaymentInfo:
    """The payment of an order.

    Raises:
        NoPayment: it has none, or it is not this member's.
    """
    return _info(_payment(db, order_id, lock=False, member_id=member_id))


def capture(db: Session, *, order_id: uuid.UUID, amount_fen: int, now: datetime) -> None:
    """Ask the provider for `amount_fen` of what it holds; the rest is let go. Asking again for the same order does nothing.

    An amount of zero lets everything go.

    Raises:
        NotAuthorised: nothing is held, or less than that.
    """
    if amount_fen == 0:
        cancel(db, order_id=order_id, now=now)
        return
    payment = _payment(db, order_id, lock=True)
    if payment.state not in (AUTHORISED, CAPTURED) or payment.authorised_fen < amount_fen:
        raise NotAuthorised(
            order_id=order_id, state=payment.state, held_fen=payment.authorised_fen, wanted_fen=amount_fen
        )
    operations.ask(db, payment_id=payment.id, kind="capture", cause="final", amount_fen=amount_fen, now=now)


def capture_owed(db: Session, *, order_id: uuid.UUID, now: datetime) -> None:
    """Take what is held for goods that have left already; an order that is charged in its own time is left to that."""
    payment = _payment(db, order_id, lock=True)
    if payment.owed and payment.state == AUTHORISED:
        operations.ask(
            db, payment_id=payment.id, kind="capture", cause="final", amount_fen=payment.authorised_fen, now=now
        )


def await_longer(db: Session, *, order_id: uuid.UUID, until: datetime) -> None:
    """The customer is paying: the payment is awaited until then at least."""
    payment = _payment(db, order_id, lock=True)
    payment.expires_at = max(payment.expires_at, until)
    db.flush()


def cancel(db: Session, *, order_id: uuid.UUID, now: datetime) -> None:
    """Let go what is held, or stop waiting for it. What was captured already stays: refund it."""
    payment = _payment(db, order_id, lock=True)
    if payment.state in (PENDING, FAILED):
        payment.state = VOIDED
    elif payment.state == AUTHORISED:
        operations.ask(
            db, payment_id=payment.id, kind="void", cause="cancel", amount_fen=payment.authorised_fen, now=now
        )
    db.flush()


def take_cash(
    db: Session,
    *,
    payment_id: uuid.UUID,
    order_id: uuid.UUID,
    member_id: uuid.UUID | None,
    amount_fen: int,
    now: datetime,
) -> None:
    """Cash over the counter: authorised and captured at once."""
    db.add(
        Payment(
            id=payment_id,
            order_id=order_id,
            member_id=member_id,
            ref=payment_id.hex,
            provider="cash",
            state=CAPTURED,
            amount_fen=amount_fen,
            authorised_fen=amount_fen,
            captured_fen=amount_fen,
            refunded_fen=0,
            expires_at=now,
            opened_at=now,
        )
    )
    db.flush()
    if amount_fen:
        book(
            db,
            payment_id=payment_id,
            cause=f"cash:{payment_id}",
            into="cash",
            out_of="sales",
            amount_fen=amount_fen,
            now=now,
        )


def _payment(db: Session, order_id: uuid.UUID, *, lock: bool, member_id: uuid.UUID | None = None) -> Payment:
    query = select(Payment).where(Payment.order_id == order_id, Payment.replaced_at.is_(None))
    if member_id is not None:
        query = query.where(Payment.member_id == member_id)
    query = query.execution_options(populate_existing=True)
    payment = db.scalar(query.with_for_update() if lock else query)
    if payment is None:
        raise NoPayment(order_id=order_id)
    return payment


def _info(row: Payment) -> PaymentInfo:
    return PaymentInfo(
        payment_id=row.id,
        order_id=row.order_id,
        ref=row.ref,
        provider=row.provider,
        state=row.state,
        amount_fen=row.amount_fen,
        authorised_fen=row.authorised_fen,
        captured_fen=row.captured_fen,
        refunded_fen=row.refunded_fen,
        expires_at=row.expires_at,
    )
