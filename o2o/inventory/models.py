"""Tables of what lies on the shelves. No foreign keys to upper or hot rows: a key check would lock the store's row on every sale."""

import uuid
from datetime import date, datetime
from typing import Annotated

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra import server_side
from o2o.infra.db import Base, Id

SkuKey = Annotated[str, mapped_column(Text(collation="C"), primary_key=True)]
StoreKey = Annotated[uuid.UUID, mapped_column(Uuid(), primary_key=True)]
Zero = Annotated[int, mapped_column(Integer, server_default="0", default=0)]

LIVE = ("held", "committed")
"""States of a reservation whose units are kept."""
_LIVE = text("state IN ('held', 'committed')")


class StockItem(Base):
    """One SKU at one store. Free for the app: on_hand - reserved - safety - damaged - quality_control.

    `short` says that more is promised (or set apart) than is there: only what is done to the shelf makes it so, never an order.
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
    """When it happened; never after `recorded_at` (a till may tell later)."""
    recorded_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_stock_entries_shelf", "store_id", "sku", "recorded_at", postgresql_where=text("bucket = 'on_hand'")),
        # Few rows, none of them an order's: the piles beside the shelf can be looked at, and orders do not feel it.
        Index(
            "ix_stock_entries_apart",
            "store_id",
            "sku",
            "recorded_at",
            postgresql_where=text("bucket IN ('damaged', 'quality_control', 'in_transit')"),
        ),
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


class Count(Base):
    """A count of some shelves: asked for, counted blind under a lease, reviewed, posted."""

    __tablename__ = "stock_counts"

    id: Mapped[Id]
    store_id: Mapped[uuid.UUID]
    scope: Mapped[str]
    state: Mapped[str]
    because: Mapped[str]
    asked_at: Mapped[datetime]
    holder: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None]

    __table_args__ = (
        CheckConstraint("scope IN ('directed', 'full')", name="scope"),
        CheckConstraint("state IN ('requested', 'counting', 'counted', 'posted', 'canceled')", name="state"),
        Index(
            "ix_stock_counts_open", "store_id", postgresql_where=text("state IN ('requested', 'counting', 'counted')")
        ),
    )


class CountLine(Base):
    """One SKU of a count. `expected` and `position` are the books at the moment it was counted."""

    __tablename__ = "stock_count_lines"

    count_id: Mapped[Annotated[uuid.UUID, mapped_column(Uuid(), primary_key=True)]]
    sku: Mapped[SkuKey]
    expected: Mapped[int | None]
    position: Mapped[int | None] = mapped_column(BigInteger)
    counted: Mapped[int | None]
    counted_at: Mapped[datetime | None]
    counted_by: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime | None]
    posted: Mapped[int | None]
    """What the posting changed on hand by."""


class Transfer(Base):
    """Goods on their way from one store to another. `back`: refused there, brought back, not yet counted in where they left
    (`taken_back`)."""

    __tablename__ = "stock_transfers"

    id: Mapped[Id]
    from_store_id: Mapped[uuid.UUID]
    to_store_id: Mapped[uuid.UUID]
    state: Mapped[str]
    drafted_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state IN ('draft', 'in_transit', 'received', 'canceled', 'back', 'taken_back')", name="state"),
        CheckConstraint("from_store_id <> to_store_id", name="two_stores"),
    )


class TransferLine(Base):
    """One SKU of a transfer; once received, `quantity = received + lost`, and a loss has its reason."""

    __tablename__ = "stock_transfer_lines"

    transfer_id: Mapped[Annotated[uuid.UUID, mapped_column(Uuid(), primary_key=True)]]
    sku: Mapped[SkuKey]
    quantity: Mapped[int]
    received: Mapped[int | None]
    lost: Mapped[int | None]
    loss_reason: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("quantity > 0 AND (received IS NULL OR quantity = received + lost)", name="conserves"),
        CheckConstraint("coalesce(lost, 0) = 0 OR loss_reason IS NOT NULL", name="a_loss_has_a_reason"),
    )


class Notice(Base):
    """A supplier's advance notice of a delivery, and how it turned out."""

    __tablename__ = "supply_notices"

    id: Mapped[Id]
    supplier: Mapped[str]
    store_id: Mapped[uuid.UUID]
    due_at: Mapped[datetime]
    state: Mapped[str]
    announced_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    receipt_id: Mapped[uuid.UUID | None] = mapped_column(unique=True)

    __table_args__ = (
        CheckConstraint("state IN ('announced', 'received')", name="state"),
        Index("ix_supply_notices_store", "store_id", "due_at"),
    )


class NoticeLine(Base):
    """One SKU of a notice: announced, and what came of it."""

    __tablename__ = "supply_notice_lines"

    notice_id: Mapped[Annotated[uuid.UUID, mapped_column(Uuid(), primary_key=True)]]
    sku: Mapped[SkuKey]
    announced: Mapped[Zero]
    received: Mapped[Zero]
    damaged: Mapped[Zero]
    refused: Mapped[Zero]
    reason: Mapped[str | None]


class WriteOff(Base):
    """Goods thrown away or gone, and why."""

    __tablename__ = "stock_write_offs"

    id: Mapped[Id]
    sku: Mapped[SkuKey]
    store_id: Mapped[uuid.UUID]
    quantity: Mapped[int]
    reason: Mapped[str]
    lot_code: Mapped[str | None]
    by: Mapped[uuid.UUID | None]
    at: Mapped[datetime] = mapped_column(index=True)
    undone_at: Mapped[datetime | None]


class SupplierName(Base):
    """How a supplier is called in English; known by its name everywhere else."""

    __tablename__ = "supplier_names"

    supplier: Mapped[str] = mapped_column(primary_key=True)
    name_en: Mapped[str]


class ChannelRule(Base):
    """What the app may promise of a shelf. Empty scope fields mean all; empty values leave it to a wider rule."""

    __tablename__ = "channel_rules"

    id: Mapped[Id]
    store_id: Mapped[uuid.UUID | None]
    category: Mapped[str | None]
    sku: Mapped[str | None]
    safety: Mapped[int | None]
    threshold: Mapped[int | None]
    offered: Mapped[bool | None]
    note: Mapped[str]
    saved_at: Mapped[datetime]


class Promotion(Base):
    """Days on which a SKU is promoted, at one store or everywhere; the forecast learns what they do."""

    __tablename__ = "stock_promotions"

    id: Mapped[Id]
    store_id: Mapped[uuid.UUID | None]
    sku: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date]


class SupplyTerms(Base):
    """How a SKU is bought: of whom, how long it takes, in what multiples, how often, and how much at most."""

    __tablename__ = "supply_terms"

    sku: Mapped[SkuKey]
    supplier: Mapped[str]
    lead_days: Mapped[int]
    review_days: Mapped[int]
    multiple: Mapped[int]
    weeks_of_supply: Mapped[int]

    __table_args__ = (
        CheckConstraint("lead_days BETWEEN 0 AND 90 AND review_days BETWEEN 1 AND 28", name="days"),
        CheckConstraint("multiple BETWEEN 1 AND 9999 AND weeks_of_supply BETWEEN 1 AND 26", name="units"),
    )


class Proposal(Base):
    """What a store should order of a SKU, and the numbers that say so; one a SKU, replaced when thought over again."""

    __tablename__ = "supply_proposals"

    store_id: Mapped[StoreKey]
    sku: Mapped[SkuKey]
    supplier: Mapped[str]
    quantity: Mapped[int]
    target: Mapped[int]
    position: Mapped[int]
    daily_milli: Mapped[int]
    """Forecast units a day, in thousandths."""
    lead_days: Mapped[int]
    method: Mapped[str]
    model_permille: Mapped[int | None]
    naive_permille: Mapped[int | None]
    because: Mapped[str]
    made_at: Mapped[datetime]


server_side.keeps("o2o.inventory", table=StockEntry.__tablename__)
