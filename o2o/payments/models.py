"""Payments, the operations asked of providers, the double-entry ledger, the webhook inbox, and the sandbox provider's own books."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra import server_side
from o2o.infra.db import Base, BigInt, Id


class Payment(Base):
    """The money of one order. `ref` is the merchant reference a provider knows it by."""

    __tablename__ = "payments"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    member_id: Mapped[uuid.UUID | None]
    ref: Mapped[str] = mapped_column(unique=True)
    provider: Mapped[str]
    state: Mapped[str]
    amount_fen: Mapped[BigInt]
    authorised_fen: Mapped[BigInt] = mapped_column(default=0)
    captured_fen: Mapped[BigInt] = mapped_column(default=0)
    refunded_fen: Mapped[BigInt] = mapped_column(default=0)
    expires_at: Mapped[datetime]
    opened_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("refunded_fen >= 0 AND refunded_fen <= captured_fen", name="refunded"),
        CheckConstraint("captured_fen <= authorised_fen AND authorised_fen <= amount_fen", name="captured"),
    )


class PaymentOperation(Base):
    """One thing asked of a provider: capture, void or refund. `cause` says for what, and makes it once."""

    __tablename__ = "payment_operations"

    id: Mapped[Id]
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payments.id"))
    kind: Mapped[str]
    cause: Mapped[str]
    amount_fen: Mapped[BigInt]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("payment_id", "kind", "cause"),
        Index("ix_payment_operations_waiting", "asked_at", postgresql_where=text("state = 'asked'")),
    )


class PaymentEntry(Base):
    """One side of a booking; the sides of a cause sum to zero. Append-only."""

    __tablename__ = "payment_entries"

    id: Mapped[Id]
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payments.id"), index=True)
    cause: Mapped[str]
    account: Mapped[str]
    amount_fen: Mapped[BigInt]
    at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (UniqueConstraint("cause", "account"),)


class WebhookNotice(Base):
    """A signed notice as it came, kept once by the provider's own id for it."""

    __tablename__ = "payment_webhook_inbox"

    id: Mapped[str] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    body: Mapped[dict[str, Any]]
    outcome: Mapped[str]
    received_at: Mapped[datetime]


class SandboxCharge(Base):
    """The sandbox provider's view of a payment; its statement is read from here."""

    __tablename__ = "sandbox_charges"

    ref: Mapped[str] = mapped_column(primary_key=True)
    amount_fen: Mapped[BigInt]
    state: Mapped[str]
    captured_fen: Mapped[BigInt] = mapped_column(default=0)
    refunded_fen: Mapped[BigInt] = mapped_column(default=0)
    at: Mapped[datetime]


class SandboxRequest(Base):
    """What the sandbox has done already, by the merchant's operation id: asked twice, done once."""

    __tablename__ = "sandbox_requests"

    operation_id: Mapped[Id]
    ref: Mapped[str] = mapped_column(ForeignKey("sandbox_charges.ref"), index=True)
    kind: Mapped[str]
    amount_fen: Mapped[BigInt]
    at: Mapped[datetime]


class SandboxNotice(Base):
    """A webhook the sandbox still has to send, `sends_left` times."""

    __tablename__ = "sandbox_notices"

    id: Mapped[Id]
    body: Mapped[dict[str, Any]]
    due_at: Mapped[datetime]
    sends_left: Mapped[int]

    __table_args__ = (Index("ix_sandbox_notices_due", "due_at", postgresql_where=text("sends_left > 0")),)


server_side.keeps("o2o.payments", table=Payment.__tablename__)
