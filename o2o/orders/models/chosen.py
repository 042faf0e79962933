"""Whom an order goes to: headquarters' rules, orders no store can do now, baskets that found none."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra.db import Base, BigInt, Id


class SourcingRules(Base):
    """One version of what headquarters wants of sourcing. Of those applied, the one with the latest `applies_at` passed is in force."""

    __tablename__ = "sourcing_rules"

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(unique=True)
    state: Mapped[str]
    document: Mapped[dict[str, Any]]
    note: Mapped[str]
    made_by: Mapped[uuid.UUID | None]
    made_at: Mapped[datetime]
    applies_at: Mapped[datetime | None]
    applied_by: Mapped[uuid.UUID | None]

    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'applied') AND (state = 'applied') = (applies_at IS NOT NULL)", name="state"
        ),
    )


class ParkedOrder(Base):
    """A paid order that no store can do now: why it stands here, who sees to it, until when, and what was asked of the customer."""

    __tablename__ = "parked_orders"

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    kind: Mapped[str]
    owner: Mapped[str]
    area_id: Mapped[uuid.UUID]
    store_id: Mapped[uuid.UUID]
    """The store that had it last."""
    skus: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """What it waits for, when it waits for stock."""
    since: Mapped[datetime]
    due_at: Mapped[datetime]
    tries: Mapped[int]
    asked: Mapped[dict[str, Any]]
    """The stores a pickup could be moved to, and what the customer answered."""

    __table_args__ = (
        CheckConstraint(
            "kind IN ('unfillable', 'waiting_for_stock', 'pickup_rejected', 'pickup_endangered')", name="kind"
        ),
        CheckConstraint("owner IN ('dispatcher', 'store', 'customer')", name="owner"),
        Index("ix_parked_orders_due", "due_at"),
    )


class LostBasket(Base):
    """A basket that found no store: what was known then, where it was wanted to about a hundred metres, and the cause at the
    store that came nearest to taking it. `text` and `rules` are the decision."""

    __tablename__ = "lost_baskets"

    id: Mapped[Id]
    member_id: Mapped[uuid.UUID]
    asked_at: Mapped[datetime] = mapped_column(index=True)
    method: Mapped[str]
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    goods_fen: Mapped[BigInt]
    cause: Mapped[str]
    rules: Mapped[int]
    text: Mapped[str]
