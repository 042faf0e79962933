"""Tables of the stores: areas, stores, their hours and exceptions, their service zones with earlier lists of them, what was changed."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, text
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra.db import Base, BigInt, Id


class AreaRow(Base):
    """A set of stores and riders planned together."""

    __tablename__ = "areas"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)


class StoreRow(Base):
    """A store. `open` is head office's switch; hours are rows of their own.

    While `rush_until` is ahead every promise carries `rush_s` more; while `closed_until` is ahead the store takes no orders.
    """

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
    rush_s: Mapped[int] = mapped_column(server_default=text("0"))
    rush_until: Mapped[datetime | None]
    closed_until: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name="place"),
        CheckConstraint("pick_line_s > 0", name="pick_line"),
        CheckConstraint("rush_s >= 0 AND (rush_s = 0) = (rush_until IS NULL)", name="rush"),
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
    """Where a store delivers; or, when `excluded`, where a store or every store of an area does not.

    `polygon` (GeoJSON, WGS84) is what `shapes` came to when they were last resolved, and is what counts. `windows` are rows of
    (weekday, from minute, to minute) as in opening hours; none: always.
    """

    __tablename__ = "service_zones"

    id: Mapped[Id]
    store_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stores.id"), index=True)
    area_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("areas.id"), index=True)
    name: Mapped[str] = mapped_column(server_default="")
    excluded: Mapped[bool]
    shapes: Mapped[list[Any]]
    polygon: Mapped[dict[str, Any]]
    windows: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    fee_fen: Mapped[BigInt]
    min_basket_fen: Mapped[BigInt]
    speed_s: Mapped[int | None]
    arrives_from_min: Mapped[int | None]
    arrives_until_min: Mapped[int | None]

    __table_args__ = (
        CheckConstraint("fee_fen >= 0 AND min_basket_fen >= 0", name="money"),
        CheckConstraint("num_nonnulls(store_id, area_id) = 1 AND (area_id IS NULL OR excluded)", name="owner"),
        CheckConstraint("speed_s > 0", name="speed"),
        CheckConstraint(
            "(arrives_from_min IS NULL) = (arrives_until_min IS NULL) AND (arrives_from_min IS NULL OR "
            "(arrives_from_min >= 0 AND arrives_until_min > arrives_from_min AND arrives_until_min < 1440))",
            name="arrives",
        ),
    )


class ZoneVersionRow(Base):
    """One list of zones that a store or an area (`owner_id`) has had, whole. The highest version is in force."""

    __tablename__ = "zone_versions"

    owner_id: Mapped[Id]
    version: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[uuid.UUID | None]
    note: Mapped[str]
    zones: Mapped[list[Any]]


class StoreChangeRow(Base):
    """What somebody changed at a store that took effect at once, who and why. Append-only."""

    __tablename__ = "store_changes"

    id: Mapped[Id]
    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[uuid.UUID | None]
    what: Mapped[str]
    until: Mapped[datetime | None]
    extra_s: Mapped[int | None]
    reason: Mapped[str]

    __table_args__ = (
        CheckConstraint("what IN ('rush', 'calm', 'close', 'open', 'switch_on', 'switch_off')", name="what"),
    )
