"""Tables of what lies on the shelves. No foreign keys to upper or hot rows: a key check would lock the store's row on every sale."""

import uuid
from datetime import date, datetime
from typing import Annotated

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Integer, Text, Uuid, event, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra.db import Base, Id
from o2o.inventory import functions

SkuKey = Annotated[str, mapped_column(Text(collation="C"), primary_key=True)]
StoreKey = Annotated[uuid.UUID, mapped_column(Uuid(), primary_key=True)]
Zero = Annotated[int, mapped_column(Integer, server_default="0", default=0)]

_LIVE = text("state IN ('held', 'committed')")


class StockItem(Base):
    """One SKU at one store. Free for the app: on_hand - reserved - safety - damaged - quality_control.

    `short` says that more is promised (or set apart) than is there: only a till, a count or a write-off makes it so.
    """

    __tablename__ = "stock_items"

    store_id: Mapped[StoreKey]
    sku: Mapped[SkuKey]
    on_hand: Mapped[Zero]
    reserved: Mapped[Zero]
    safety: Mapped[Zero]
    damaged: Mapped[Zero]
    quality_control: Mapped[Zero]
    in_transit: Mapped[Zero]
    threshold: Mapped[Zero]
    """The app sells only while at least this many are free."""
    offered: Mapped[bool] = mapped_column(server_default="true", default=True)
    """False: a channel rule keeps this SKU out of the app here."""
    short: Mapped[bool] = mapped_column(server_default="false", default=False)
    flash: Mapped[bool] = mapped_column(server_default="false", default=False)
    """A limited offer runs: orders draw from its buckets, not from this row."""
    counted_at: Mapped[datetime | None]
    """When the last posted count looked; what happened before it is in that count already."""

    __table_args__ = (
        CheckConstraint("short OR reserved + damaged + quality_control <= on_hand", name="never_oversold"),
        CheckConstraint("reserved >= 0 AND safety >= 0 AND threshold >= 0", name="promises_not_negative"),
        CheckConstraint("damaged >= 0 AND quality_control >= 0 AND in_transit >= 0", name="buckets_not_negative"),
        {"postgresql_with": {"fillfactor": "50", "autovacuum_vacuum_scale_factor": "0.05"}},
    )


class StockEntry(Base):
    """One line of the ledger: `delta` more in `bucket`, for one cause. Never changed, never deleted.

    Buckets: on_hand, reserved, damaged, quality_control, in_transit, flash, and `lot:CODE` for each lot.
    """

    __tablename__ = "stock_entries"

    cause: Mapped[Annotated[uuid.UUID, mapped_column(Uuid(), primary_key=True)]]
    store_id: Mapped[StoreKey]
    sku: Mapped[SkuKey]
    bucket: Mapped[Annotated[str, mapped_column(Text(collation="C"), primary_key=True)]]
    kind: Mapped[Annotated[str, mapped_column(Text(collation="C"), primary_key=True)]]
    delta: Mapped[int]
    position: Mapped[int] = mapped_column(BigInteger, Identity())
    """Order of writing; for one item's shelf it follows the order of its row lock."""
    at: Mapped[datetime]
    """When it happened (a till may tell later)."""
    recorded_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_stock_entries_shelf", "store_id", "sku", "at", postgresql_where=text("bucket = 'on_hand'")),
    )


class Lot(Base):
    """Units of one delivery with one expiry date. What no lot claims is untracked; lots never sum to more than on hand."""

    __tablename__ = "stock_lots"

    store_id: Mapped[StoreKey]
    sku: Mapped[SkuKey]
    code: Mapped[Annotated[str, mapped_column(Text(collation="C"), primary_key=True)]]
    expires_on: Mapped[date | None]
    quantity: Mapped[Zero]
    blocked: Mapped[bool] = mapped_column(server_default="false", default=False)
    """Past its date or in dispute: set apart, not given out."""
    received_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        Index("ix_stock_lots_first_expired", "store_id", "sku", "expires_on", postgresql_where=text("quantity > 0")),
    )


class Reservation(Base):
    """What one store keeps for one order: `skus[i]` times `quantities[i]`, sorted by SKU."""

    __tablename__ = "reservations"

    order_id: Mapped[Annotated[uuid.UUID, mapped_column(Uuid(), primary_key=True)]]
    id: Mapped[Id]
    store_id: Mapped[uuid.UUID]
    skus: Mapped[list[str]] = mapped_column(ARRAY(Text(collation="C")))
    quantities: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    state: Mapped[str]
    """held, committed, then one of consumed, released, expired."""
    expires_at: Mapped[datetime | None]
    held_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("state IN ('held', 'committed', 'consumed', 'released', 'expired')", name="state"),
        CheckConstraint("cardinality(skus) = cardinality(quantities)", name="lines_pair_up"),
        CheckConstraint("(state = 'held') <= (expires_at IS NOT NULL)", name="a_hold_has_an_end"),
        Index("ix_reservations_live", "store_id", "expires_at", postgresql_where=_LIVE),
        {"postgresql_with": {"fillfactor": "70", "autovacuum_vacuum_scale_factor": "0.05"}},
    )


class FlashBucket(Base):
    """A part of a limited offer's units, so that many may take at once. `reserved` of the item counts them in."""

    __tablename__ = "flash_buckets"

    store_id: Mapped[StoreKey]
    sku: Mapped[SkuKey]
    number: Mapped[Annotated[int, mapped_column(Integer, primary_key=True, autoincrement=False)]]
    free: Mapped[int]

    __table_args__ = (
        CheckConstraint("free >= 0", name="free_not_negative"),
        {"postgresql_with": {"fillfactor": "50", "autovacuum_vacuum_scale_factor": "0.05"}},
    )


class Discrepancy(Base):
    """More promised, or gone, than the books had. Open while the item is short; closed by the move or count that heals it."""

    __tablename__ = "stock_discrepancies"

    id: Mapped[Id]
    store_id: Mapped[uuid.UUID]
    sku: Mapped[str] = mapped_column(Text(collation="C"))
    cause: Mapped[uuid.UUID]
    kind: Mapped[str]
    missing: Mapped[int]
    """Units short when it opened."""
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_stock_discrepancies_open", "store_id", "sku", unique=True, postgresql_where=text("closed_at IS NULL")
        ),
    )


event.listen(Base.metadata, "after_create", functions.install)
