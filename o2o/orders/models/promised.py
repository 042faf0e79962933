"""Times: what came of promises and what that taught, and the windows that were agreed on."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra.db import Base, Id


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
