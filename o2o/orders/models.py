"""Tables of the hall: orders, their lines and shipments, every move they made, what was given back, and returns."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra import server_side
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


class PromiseOutcome(Base):
    """A shipment that has come, beside its plan. `stages`: by stage the seconds taken, expected by the load alone, and planned.

    `over_s`: how much later than the plan expected, null where the plan does not say or the order was brought again.
    """

    __tablename__ = "promise_outcomes"

    shipment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shipments.id"), primary_key=True)
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    store_id: Mapped[uuid.UUID]
    method: Mapped[str]
    attempt: Mapped[int]
    promised_s: Mapped[int]
    took_s: Mapped[int]
    late_s: Mapped[int]
    """Past the promise; below nothing when it came before."""
    over_s: Mapped[int | None]
    spread_s: Mapped[int]
    crowd: Mapped[int] = mapped_column(server_default=text("0"))
    """How crowded it was when the promise was made: 0 calm, 1 busy, 2 crowded."""
    stages: Mapped[dict[str, Any]]
    came_at: Mapped[datetime]
    noted_at: Mapped[datetime]
    learned_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_promise_outcomes_new", "came_at", "shipment_id", postgresql_where=text("learned_at IS NULL")),
        Index("ix_promise_outcomes_came", "came_at"),
    )


class StorePace(Base):
    """What delivered orders have taught about a store, or with the zero id about the whole city: faded sums by stage
    (count, taken, expected, squared errors, squared scales), and margins in spreads."""

    __tablename__ = "store_paces"

    place: Mapped[Id]
    method: Mapped[str] = mapped_column(primary_key=True)
    paces: Mapped[dict[str, Any]]
    margin: Mapped[float] = mapped_column(Float)
    crowds: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """The city's margins by how crowded it was: spreads and orders."""
    orders: Mapped[int]
    learned_at: Mapped[datetime]


class SlotWindow(Base):
    """A store's window that somebody has asked for: the row that two takers of the same window meet at."""

    __tablename__ = "slot_windows"

    store_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime]


class SlotBooking(Base):
    """An order's share of a window. `held` until `expires_at`, then as if it were not there; `kept` when paid; `released` once.

    `opens_at`: when picker and rider are to know of it; `opened_at`: when they were told.
    """

    __tablename__ = "slot_bookings"

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    store_id: Mapped[uuid.UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    work_s: Mapped[int]
    rides: Mapped[int]
    state: Mapped[str]
    expires_at: Mapped[datetime]
    opens_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state IN ('held', 'kept', 'released')", name="state"),
        CheckConstraint("work_s >= 0 AND rides >= 0", name="not_negative"),
        Index("ix_slot_bookings_live", "store_id", "starts_at", postgresql_where=text("state IN ('held', 'kept')")),
        Index("ix_slot_bookings_to_open", "opens_at", postgresql_where=text("state = 'kept' AND opened_at IS NULL")),
    )


server_side.keeps("o2o.orders", table=Order.__tablename__)
