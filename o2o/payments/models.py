"""Payments, the operations asked of providers, what went wrong with them, the double-entry ledger, the webhook inbox, and the
sandbox provider's own books."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra import server_side
from o2o.infra.db import Base, BigInt, Id


class Payment(Base):
    """The money of one order. `ref` is the merchant reference a provider knows it by.

    `owed`: the goods have left, so not being paid is somebody's trouble and not the order's end. `replaced_at`: another way of paying
    took its place; one payment of an order stands.
    """

    __tablename__ = "payments"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID]
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
    owed: Mapped[bool] = mapped_column(server_default=text("false"))
    replaced_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_payments_one_stands", "order_id", unique=True, postgresql_where=text("replaced_at IS NULL")),
        # Nothing in its condition changes while an order is paid for: such an update need not touch an index.
        Index("ix_payments_owed", "expires_at", postgresql_where=text("owed AND replaced_at IS NULL")),
        CheckConstraint("refunded_fen >= 0 AND refunded_fen <= captured_fen", name="refunded"),
        CheckConstraint("captured_fen <= authorised_fen AND authorised_fen <= amount_fen", name="captured"),
    )


class PaymentOperation(Base):
    """One thing asked of a provider: capture, void or refund. `cause` says for what, and makes it once. It is `asked` until it is
    `done`, has `failed` too often, or is `dropped`: no longer wanted. `answer` is the provider's last no.
    """

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
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    try_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(server_default=text("''"))

    __table_args__ = (
        UniqueConstraint("payment_id", "kind", "cause"),
        Index("ix_payment_operations_waiting", "asked_at", postgresql_where=text("state = 'asked'")),
    )


class PaymentTrouble(Base):
    """Money that did not go its way: what was wanted, the last answer, and who sees to it. Closed once, with how it ended."""

    __tablename__ = "payment_troubles"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(index=True)
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payments.id"), index=True)
    """The payment that stands for it now: another one once the customer was asked to pay another way."""
    operation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payment_operations.id"))
    kind: Mapped[str]
    amount_fen: Mapped[BigInt]
    reason: Mapped[str]
    state: Mapped[str]
    outcome: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("kind IN ('capture', 'void', 'refund', 'unpaid')", name="kind"),
        CheckConstraint("state IN ('retrying', 'open', 'asked', 'closed')", name="state"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        Index("ix_payment_troubles_open", "opened_at", postgresql_where=text("closed_at IS NULL")),
    )


class PaymentTroubleStep(Base):
    """Who did what about a trouble, in their order. Append-only."""

    __tablename__ = "payment_trouble_steps"

    id: Mapped[Id]
    trouble_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment_troubles.id"), index=True)
    act: Mapped[str]
    actor: Mapped[str]
    note: Mapped[str]
    at: Mapped[datetime]


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
