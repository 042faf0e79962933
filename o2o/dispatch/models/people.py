"""Riders: who they are, when they ride, where they were, what went wrong."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra.db import Base, Id


class Rider(Base):
    """Somebody who carries. `id` is the account's. The place is the last one told at an act; live ones are in Valkey."""

    __tablename__ = "riders"

    id: Mapped[Id]
    name: Mapped[str]
    area_id: Mapped[uuid.UUID] = mapped_column(index=True)
    vehicle: Mapped[str]
    capacity_g: Mapped[int]
    max_jobs: Mapped[int]
    capacity_ml: Mapped[int] = mapped_column(server_default=text("62000"))
    insulated_boxes: Mapped[int] = mapped_column(server_default=text("4"))
    """Deliveries with something cold on board at once."""
    skills: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{age_check}'"))
    zone: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Where this rider may ride to, as GeoJSON; None: anywhere."""
    state: Mapped[str]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    placed_at: Mapped[datetime | None]
    """When he was at that place, by his phone; an older word does not move him."""
    seen_at: Mapped[datetime | None]
    break_wanted: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    version: Mapped[int] = mapped_column(default=0)


class Shift(Base):
    """When a rider was online, and until when planned."""

    __tablename__ = "shifts"

    id: Mapped[Id]
    rider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("riders.id"))
    started_at: Mapped[datetime]
    planned_end_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_shifts_open", "rider_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_shifts_rider", "rider_id", "started_at"),
    )


class PlannedShift(Base):
    """When a rider is expected; coming online then takes its end."""

    __tablename__ = "planned_shifts"

    id: Mapped[Id]
    rider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("riders.id"))
    area_id: Mapped[uuid.UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    planned_by: Mapped[uuid.UUID]
    cancelled_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_planned_shifts_area", "area_id", "starts_at", postgresql_where=text("cancelled_at IS NULL")),
        Index("ix_planned_shifts_rider", "rider_id", "starts_at", postgresql_where=text("cancelled_at IS NULL")),
        CheckConstraint("starts_at < ends_at", name="order"),
    )


class WantedRiders(Base):
    """How many riders an area should have in one half hour."""

    __tablename__ = "wanted_riders"

    area_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    riders: Mapped[int]

    __table_args__ = (CheckConstraint("riders >= 0", name="riders"),)


class TrackPoint(Base):
    """Where a rider was, once a minute; kept for days."""

    __tablename__ = "rider_tracks"

    rider_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    lon: Mapped[float]
    lat: Mapped[float]


class Incident(Base):
    """Something went wrong on the way. A record of its own; by itself it fails nothing."""

    __tablename__ = "incidents"

    id: Mapped[Id]
    area_id: Mapped[uuid.UUID]
    rider_id: Mapped[uuid.UUID]
    delivery_id: Mapped[uuid.UUID | None]
    kind: Mapped[str]
    note: Mapped[str]
    state: Mapped[str]
    reported_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_incidents_open", "area_id", postgresql_where=text("state = 'open'")),)
