"""Notices from providers. One counts only when it is signed, fresh, ours, and for the amount we know; and it counts once.

They come late, twice and out of order, so each says where the money must be by now, not what to do next.
"""

import hmac
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, cast

import msgspec
from pydantic import ValidationError
from sqlalchemy import Table, bindparam, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.infra import outbox, server_side
from o2o.infra.combining import Together
from o2o.infra.db import may_stand_alone
from o2o.kit import ids
from o2o.kit.errors import Invalid, Refused
from o2o.kit.wire import Amount, Code, Wire
from o2o.payments import operations, sandbox
from o2o.payments.events import PaymentFailed
from o2o.payments.models import Payment, PaymentOperation, WebhookNotice

FRESH_S = 300


class BadSignature(Refused):
    """The notice is not signed by the provider, or its signature is too old."""

    code = "payments.bad_signature"


class BadNotice(Invalid):
    """The notice does not match a payment of ours."""

    code = "payments.bad_notice"


class Notice(Wire):
    """What a provider tells."""

    id: Code
    kind: Literal["authorised", "failed", "captured", "voided", "refunded"]
    merchant: Code
    ref: Code
    amount_fen: Amount
    currency: Literal["CNY"]
    operation_id: Code | None = None


_FIND = (
    select(Payment, exists().where(WebhookNotice.id == bindparam("id")).label("known"))
    .where(Payment.ref == bindparam("ref"))
    .with_for_update(of=Payment)
    .execution_options(populate_existing=True)
)
_AUTHORISED = "SELECT to_json(payments_authorised($1, $2, $3, 'sandbox', $4::jsonb, $5, $6))"
"""One round trip: every order's payment passes here."""
_AUTHORISED_MANY = "SELECT payments_authorised_many($1::jsonb)"
_NOTE = insert(cast(Table, WebhookNotice.__table__)).on_conflict_do_nothing()


def verify(secret: str, *, timestamp: str, signature: str, body: bytes, now: datetime) -> None:
    """Check who sent it and when.

    Raises:
        BadSignature: forged, or older than five minutes (a replay).
    """
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise BadSignature(field="X-Timestamp")
    if abs(now.timestamp() - int(timestamp)) > FRESH_S:
        raise BadSignature(field="X-Timestamp")
    expected = sandbox.sign(secret, timestamp=int(timestamp), body=body)
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise BadSignature(field="X-Signature")


def receive(db: Session, *, body: bytes, now: datetime) -> str:
    """Apply a verified notice; as `book(db, read(body))`."""
    return book(db, read(body), now=now)


def read(body: bytes) -> Notice:
    """A verified notice's words.

    Raises:
        BadNotice: unreadable, or of another merchant.
    """
    try:
        notice = Notice.model_validate_json(body)
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"]) or "body"
        raise BadNotice(field=field) from None
    if notice.merchant != sandbox.MERCHANT:
        raise BadNotice(field="merchant")
    return notice


def book(db: Session, notice: Notice, *, now: datetime) -> str:
    """Apply a notice; returns `applied`, `known` (seen before) or `no_change` (we were further already). One of kind `authorised`
    is a single statement.

    Raises:
        BadNotice: for no payment of ours, or for another amount.
    """
    if notice.kind == "authorised":
        return _authorised(db, notice, now)
    found = db.execute(_FIND, {"ref": notice.ref, "id": notice.id}).one_or_none()
    if found is None or found.Payment.provider != "sandbox":
        raise BadNotice(field="ref")
    if found.known:
        return "known"
    payment: Payment = found.Payment
    if notice.kind == "failed" and notice.amount_fen != payment.amount_fen:
        raise BadNotice(field="amount_fen")
    outcome = _apply(db, payment, notice, now)
    seen = {"id": notice.id, "ref": notice.ref, "kind": notice.kind, "body": notice.model_dump()}
    db.execute(_NOTE, seen | {"outcome": outcome, "received_at": now})
    return outcome


def _authorised(db: Session, notice: Notice, now: datetime) -> str:
    outcome = (_TOGETHER(db, (notice, now)) if may_stand_alone(db) else None) or _book_one(db, notice, now)
    if outcome in ("ref", "amount_fen"):
        raise BadNotice(field=outcome)
    if outcome == "applied":
        db.info["said"] = True
    return outcome


def _book_one(db: Session, notice: Notice, now: datetime) -> str:
    told = (notice.id, notice.ref, str(notice.amount_fen), notice.model_dump_json(), str(ids.new_id()), now.isoformat())
    outcome: str = server_side.call(db, _AUTHORISED, *told)
    return outcome


def _book_several(db: Session, notices: Sequence[tuple[Notice, datetime]]) -> Sequence[str | None]:
    if len(notices) == 1:
        return [_book_one(db, *notices[0])]
    told = [
        {"notice": n.id, "ref": n.ref, "fen": n.amount_fen, "provider": "sandbox", "body": n.model_dump(), "now": now}
        for n, now in notices
    ]
    outcomes: list[str | None] = server_side.call(db, _AUTHORISED_MANY, msgspec.json.encode(told).decode())
    return outcomes


_TOGETHER = Together(_book_several)


def _apply(db: Session, payment: Payment, notice: Notice, now: datetime) -> str:
    if notice.kind == "failed":
        return _failed(db, payment, now)
    operation_id = _uuid(notice.operation_id)
    _check_operation(db, payment, notice, operation_id)
    return "applied" if operations.apply(db, operation_id=operation_id, now=now) else "no_change"


_DONE = {"captured": "capture", "voided": "void", "refunded": "refund"}


def _check_operation(db: Session, payment: Payment, notice: Notice, operation_id: uuid.UUID) -> None:
    """What was done must be what was asked, of this payment and for so much; else nothing is booked, and the provider is asked again."""
    asked = db.get(PaymentOperation, operation_id)
    if asked is None:
        return
    if asked.payment_id != payment.id:
        raise BadNotice(field="operation_id")
    if asked.kind != _DONE[notice.kind]:
        raise BadNotice(field="kind")
    if asked.amount_fen != notice.amount_fen:
        raise BadNotice(field="amount_fen")


def _failed(db: Session, payment: Payment, now: datetime) -> str:
    if payment.state != "pending":
        return "no_change"
    payment.state = "failed"
    event = PaymentFailed(order_id=payment.order_id, payment_id=payment.id, amount_fen=payment.amount_fen)
    outbox.emit(db, event, now=now)
    return "applied"


def _uuid(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        raise BadNotice(field="operation_id") from None
