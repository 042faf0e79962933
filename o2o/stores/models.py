"""Tables of the stores: areas, stores, their hours and exceptions, their service zones."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra.db import Base, BigInt, Id


class AreaRow(Base):
    """A set of stores and riders planned together."""

    __tablename__ = "areas"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)


class StoreRow(Base):
    """A store. `open` is head office's switch; hours are rows of their own."""

    __tablename__ = "stores"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    lon: Mapped[float]
    lat: Mapped[float]
    address: Mapped[str]
    area_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("areas.id"), index=True)
    timezone: Mapped[str]
    open: Mapped[bool]
    pick_line_s: Mapped[int]
    phone: Mapped[str]
    updated_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name="place"),
        CheckConstraint("pick_line_s > 0", name="pick_line"),
    )


class OpeningHoursRow(Base):
    """One window of a weekday (0 is Monday), in minutes after local midnight; past 1440 it ends on the next day."""

    __tablename__ = "opening_hours"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id"), index=True)
    weekday: Mapped[int]
    opens_min: Mapped[int]
    closes_min: Mapped[int]

    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint(
            "opens_min BETWEEN 0 AND 1439 AND closes_min > opens_min AND closes_min <= 2880", name="window"
        ),
    )


class SpecialDayRow(Base):
    """A date with windows of its own instead of its weekday's; both minutes null: closed all day."""

    __tablename__ = "special_days"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id"), index=True)
    day: Mapped[date]
    opens_min: Mapped[int | None]
    closes_min: Mapped[int | None]

    __table_args__ = (
        CheckConstraint(
            "(opens_min IS NULL) = (closes_min IS NULL) AND (opens_min IS NULL OR "
            "(opens_min BETWEEN 0 AND 1439 AND closes_min > opens_min AND closes_min <= 2880))",
            name="window",
        ),
    )


class ServiceZoneRow(Base):
    """A polygon (GeoJSON, WGS84) a store delivers to; or, when `excluded`, one it does not."""

    __tablename__ = "service_zones"

    id: Mapped[Id]
    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id"), index=True)
    polygon: Mapped[dict[str, Any]]
    fee_fen: Mapped[BigInt]
    min_basket_fen: Mapped[BigInt]
    max_distance_m: Mapped[int | None]
    speed: Mapped[str]
    excluded: Mapped[bool]

    __table_args__ = (CheckConstraint("fee_fen >= 0 AND min_basket_fen >= 0", name="money"),)
