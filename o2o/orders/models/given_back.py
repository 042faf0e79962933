"""What went back after the sale: money, and goods."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra.db import Base, BigInt, Id


class OrderRefund(Base):
    """Money given back of what was charged, with the lines it was for (`no`, `fen`)."""

    __tablename__ = "order_refunds"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    amount_fen: Mapped[BigInt]
    points: Mapped[int]
    reason: Mapped[str]
    lines: Mapped[list[Any]]
    at: Mapped[datetime]

    __table_args__ = (CheckConstraint("amount_fen >= 0", name="not_negative"),)


class ReturnRequest(Base):
    """An after-sales request: `kind` is `refund` (keep the goods) or `return`. Reception and acceptance are two steps."""

    __tablename__ = "return_requests"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    member_id: Mapped[uuid.UUID | None]
    kind: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    note: Mapped[str]
    nos: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    skus: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """What comes back: the SKU that was ordered, or the one that was brought for it."""
    quantities: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    store_id: Mapped[uuid.UUID | None]
    outcome: Mapped[str | None]
    refund_fen: Mapped[BigInt]
    requested_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("kind IN ('refund', 'return')", name="kind"),
        CheckConstraint(
            "cardinality(nos) = cardinality(quantities) AND cardinality(nos) = cardinality(skus)", name="lines_pair_up"
        ),
        Index("ix_return_requests_open", "state", "requested_at", postgresql_where=text("ended_at IS NULL")),
    )
