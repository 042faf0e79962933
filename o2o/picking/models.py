"""Tables of picking: tasks, their lines, and every scan as it was told."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra.db import Base, Id


class PickTask(Base):
    """One store's work for one shipment."""

    __tablename__ = "pick_tasks"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(index=True)
    shipment_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    order_no: Mapped[str]
    store_id: Mapped[uuid.UUID]
    state: Mapped[str]
    preference: Mapped[str]
    due_at: Mapped[datetime]
    work_s: Mapped[int]
    line_count: Mapped[int]
    assigned_to: Mapped[uuid.UUID | None]
    note: Mapped[str]
    reason: Mapped[str | None]
    opened_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int]

    __table_args__ = (
        CheckConstraint("state IN ('queued', 'picking', 'picked', 'rejected', 'cancelled')", name="state"),
        CheckConstraint("preference IN ('ask', 'substitute', 'refund')", name="preference"),
        Index("ix_pick_tasks_queue", "store_id", "due_at", postgresql_where=text("state IN ('queued', 'picking')")),
        Index("ix_pick_tasks_store_state", "store_id", "state", "ended_at"),
    )


class PickLine(Base):
    """A wanted SKU. `done + short` never exceeds `quantity`; `weight_g` is the weight of all pieces found so far."""

    __tablename__ = "pick_lines"

    task_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pick_tasks.id"), primary_key=True)
    sku: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    quantity: Mapped[int]
    weighed: Mapped[bool]
    piece_g: Mapped[int]
    picked: Mapped[int]
    weight_g: Mapped[int]
    short: Mapped[int]
    short_reason: Mapped[str | None]
    substitute_sku: Mapped[str | None]
    substitute_name: Mapped[str | None]
    substitute_quantity: Mapped[int]
    substitute_fen: Mapped[int]
    """What the customer pays for the substitute, all of it."""
    consent: Mapped[str | None]
    consent_by: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("picked >= 0 AND short >= 0 AND picked + short <= quantity", name="not_more_than_wanted"),
        CheckConstraint("consent IN ('waiting', 'approved', 'rejected')", name="consent"),
    )


class PickScan(Base):
    """A scan as a clerk's device told it; `scan_id` is the device's own."""

    __tablename__ = "pick_scans"

    task_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pick_tasks.id"), primary_key=True)
    scan_id: Mapped[str] = mapped_column(primary_key=True)
    sku: Mapped[str]
    quantity: Mapped[int]
    weight_g: Mapped[int]
    clerk_id: Mapped[uuid.UUID | None]
    at: Mapped[datetime]


class PickerShift(Base):
    """Pairs of hands that pick at a store for a while, as its manager plans them."""

    __tablename__ = "picker_shifts"

    id: Mapped[Id]
    store_id: Mapped[uuid.UUID]
    hands: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    planned_by: Mapped[uuid.UUID | None]
    cancelled_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("hands > 0 AND ends_at > starts_at", name="makes_sense"),
        Index("ix_picker_shifts_store", "store_id", "starts_at", postgresql_where=text("cancelled_at IS NULL")),
    )
