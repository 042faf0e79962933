"""An order as it was placed and as it went: its lines and what stood for them, its shipments, every move."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra.db import Base, BigInt, Id


class Order(Base):
    """The customer's contract. `total_fen` is what was agreed; `charged_fen` what was owed after picking, null until then."""

    __tablename__ = "orders"

    id: Mapped[Id]
    order_no: Mapped[str] = mapped_column(unique=True)
    member_id: Mapped[uuid.UUID | None]
    channel: Mapped[str]
    method: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]
    store_id: Mapped[uuid.UUID | None]
    """The store the customer named (pickup) or stood in (till); null where sourcing chooses."""
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    address: Mapped[dict[str, Any]]
    preference: Mapped[str]
    note: Mapped[str] = mapped_column(Text)
    goods_fen: Mapped[BigInt]
    coupon_id: Mapped[uuid.UUID | None]
    coupon_fen: Mapped[BigInt]
    points: Mapped[int]
    points_fen: Mapped[BigInt]
    fee_fen: Mapped[BigInt]
    total_fen: Mapped[BigInt]
    charged_fen: Mapped[BigInt | None]
    refunded_fen: Mapped[BigInt]
    code: Mapped[str]
    """What the customer shows at the counter."""
    promise_from: Mapped[datetime | None]
    promise_by: Mapped[datetime | None]
    placed_at: Mapped[datetime]
    pay_by: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    """When somebody must look at it, if it is still in this state."""
    reason: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("total_fen = goods_fen - coupon_fen - points_fen + fee_fen", name="total_is_its_parts"),
        CheckConstraint("charged_fen <= total_fen AND refunded_fen <= charged_fen", name="never_more_than_agreed"),
        CheckConstraint(
            "least(coupon_fen, points, points_fen, fee_fen, total_fen, refunded_fen) >= 0", name="not_negative"
        ),
        CheckConstraint("channel IN ('app', 'till') AND method IN ('delivery', 'pickup')", name="kinds"),
        Index("ix_orders_member", "member_id", "id"),
        Index("ix_orders_due", "state", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )


class OrderLine(Base):
    """A line with its share of every discount: gross - coupon - points = due. `charged_fen` is null until it was picked."""

    __tablename__ = "order_lines"

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sku: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    quantity: Mapped[int]
    weighed: Mapped[bool]
    piece_g: Mapped[int]
    unit_price_fen: Mapped[BigInt]
    gross_fen: Mapped[BigInt]
    coupon_fen: Mapped[BigInt]
    points: Mapped[int]
    points_fen: Mapped[BigInt]
    due_fen: Mapped[BigInt]
    picked: Mapped[int | None]
    picked_g: Mapped[int | None]
    substitute_quantity: Mapped[int]
    """Pieces of something else that stand for missing ones; which is in `OrderSubstitute`."""
    charged_fen: Mapped[BigInt | None]
    points_kept: Mapped[int | None]
    returned: Mapped[int]
    refunded_fen: Mapped[BigInt]

    @property
    def pieces(self) -> int:
        """What was in the bag for this line: found pieces and substitutes."""
        return (self.picked or 0) + self.substitute_quantity

    __table_args__ = (
        CheckConstraint("due_fen = gross_fen - coupon_fen - points_fen", name="due_is_its_parts"),
        CheckConstraint(
            "quantity > 0 AND least(gross_fen, coupon_fen, points, points_fen, due_fen) >= 0", name="counts"
        ),
        CheckConstraint("charged_fen <= due_fen AND refunded_fen <= charged_fen", name="never_more_than_agreed"),
        Index("uq_order_lines_sku", "order_id", "sku", unique=True),
    )


class OrderSubstitute(Base):
    """Goods that were in the bag for missing pieces of a line, with their share of what the line was charged. Parts of an order may
    each bring another one."""

    __tablename__ = "order_substitutes"

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sku: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    quantity: Mapped[int]
    charged_fen: Mapped[BigInt]
    points_kept: Mapped[int]
    returned: Mapped[int]

    __table_args__ = (
        CheckConstraint(
            "quantity > 0 AND least(charged_fen, points_kept, returned) >= 0 AND returned <= quantity", name="counts"
        ),
    )


class Shipment(Base):
    """One store's part of an order: `skus[i]` times `quantities[i]`, sorted by SKU. Legs are the parts; another attempt at a leg is
    another row. `plan` is what was promised and why this store."""

    __tablename__ = "shipments"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"))
    leg: Mapped[int]
    attempt: Mapped[int]
    store_id: Mapped[uuid.UUID]
    area_id: Mapped[uuid.UUID]
    state: Mapped[str]
    task_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    reservation_id: Mapped[uuid.UUID]
    skus: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    quantities: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default="{}")
    plan: Mapped[dict[str, Any]]
    happened: Mapped[dict[str, Any]]
    """When each stage of the plan really came: paid_at, picked_at, picked_up_at, delivered_at."""
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("cardinality(skus) = cardinality(quantities)", name="lines_pair_up"),
        # O3: exactly one store answers for a live leg.
        Index(
            "uq_shipments_one_live_store",
            "order_id",
            "leg",
            unique=True,
            postgresql_where=text("state IN ('held', 'open', 'picking', 'packed', 'handed_over')"),
        ),
        Index("ix_shipments_order", "order_id", "attempt"),
        Index("ix_shipments_store", "store_id", "state"),
        # Rows come in the order of time: a few kilobytes find the decisions of a day, and an insert does not feel them.
        Index("ix_shipments_made", "created_at", postgresql_using="brin"),
    )


class OrderHistory(Base):
    """Append-only: one row a move. `at` is when it happened, `recorded_at` when we heard."""

    __tablename__ = "order_history"

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str]
    was: Mapped[str | None]
    actor: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
