"""Tables of membership: members, lots of points and their ledger, holds and reversals, campaigns and coupons."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra.db import Base, BigInt, Id


class MemberRow(Base):
    """A member; `id` is the customer's account. The four numbers are sums of the ledger, kept beside it and checked."""

    __tablename__ = "members"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    tier: Mapped[str]
    pending: Mapped[int] = mapped_column(default=0)
    active: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    debt: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("pending >= 0 AND active >= 0 AND held >= 0 AND debt >= 0", name="points"),
        Index("ix_members_tier", "tier", postgresql_where=text("tier <> 'basic'")),
    )


class PointsLotRow(Base):
    """Points that came together and expire together. What was granted is always somewhere: see the check."""

    __tablename__ = "points_lots"

    id: Mapped[Id]
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"))
    kind: Mapped[str]
    cause: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    granted: Mapped[int]
    pending: Mapped[int] = mapped_column(default=0)
    active: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    spent: Mapped[int] = mapped_column(default=0)
    taken_back: Mapped[int] = mapped_column(default=0)
    expired: Mapped[int] = mapped_column(default=0)
    clawed: Mapped[int] = mapped_column(default=0)
    base_fen: Mapped[BigInt] = mapped_column(default=0)
    refunded_fen: Mapped[BigInt] = mapped_column(default=0)
    earned_at: Mapped[datetime]
    active_from: Mapped[datetime]
    expires_at: Mapped[datetime]
    latest_expiry_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(
            "pending >= 0 AND active >= 0 AND held >= 0 AND spent >= 0 AND taken_back >= 0 AND expired >= 0",
            name="parts",
        ),
        CheckConstraint("granted = pending + active + held + spent + taken_back + expired", name="whole"),
        CheckConstraint("clawed BETWEEN 0 AND granted AND refunded_fen BETWEEN 0 AND base_fen", name="refunds"),
        Index("ix_points_lots_member_id_earned_at", "member_id", "earned_at"),
        Index("ix_points_lots_pending", "active_from", postgresql_where=text("pending > 0")),
        Index("ix_points_lots_active", "expires_at", postgresql_where=text("active > 0")),
    )


class PointsEntryRow(Base):
    """One line of the ledger, append-only: how each balance changed, in which lot, by which cause."""

    __tablename__ = "points_entries"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"))
    lot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("points_lots.id"), index=True)
    kind: Mapped[str]
    cause: Mapped[str]
    order_id: Mapped[uuid.UUID | None]
    pending: Mapped[int]
    active: Mapped[int]
    held: Mapped[int]
    debt: Mapped[int]
    at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("cause", "kind", "lot_id"),
        Index("ix_points_entries_member_id_id", "member_id", "id"),
    )


class PointsHoldRow(Base):
    """Points an order wants to pay with: `held` until it is paid (`redeemed`) or given up (`released`).

    An order given up may hold again, when its payment comes late: that is its next `turn`.
    """

    __tablename__ = "points_holds"

    order_id: Mapped[Id]
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"), index=True)
    turn: Mapped[int] = mapped_column(default=1)
    points: Mapped[int]
    restored: Mapped[int] = mapped_column(default=0)
    state: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("points > 0 AND restored BETWEEN 0 AND points", name="points"),
        CheckConstraint("state IN ('held', 'redeemed', 'released')", name="state"),
    )


class PointsHoldPartRow(Base):
    """Which lot gave how much to a hold; `nth` is the order in which they were taken."""

    __tablename__ = "points_hold_parts"

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("points_holds.order_id"), primary_key=True)
    turn: Mapped[int] = mapped_column(primary_key=True)
    nth: Mapped[int] = mapped_column(primary_key=True)
    lot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("points_lots.id"))
    points: Mapped[int]
    restored: Mapped[int] = mapped_column(default=0)

    __table_args__ = (CheckConstraint("points > 0 AND restored BETWEEN 0 AND points", name="points"),)


class PointsReversalRow(Base):
    """What one refund did to points; its id is the refund's, so that it is done once."""

    __tablename__ = "points_reversals"

    refund_id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(index=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"))
    refunded_fen: Mapped[BigInt]
    taken_back: Mapped[int]
    owed: Mapped[int]
    restored: Mapped[int]
    at: Mapped[datetime]


class PointsAdjustmentRow(Base):
    """Points head office gave or took by hand: who approved it and why."""

    __tablename__ = "points_adjustments"

    id: Mapped[Id]
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"), index=True)
    points: Mapped[int]
    reason: Mapped[str]
    approver_id: Mapped[uuid.UUID]
    at: Mapped[datetime]


class CampaignRow(Base):
    """The terms coupons are issued on. `value` is fen for a fixed coupon, percent off for the other kind."""

    __tablename__ = "campaigns"

    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    kind: Mapped[str]
    value: Mapped[BigInt]
    threshold_fen: Mapped[BigInt]
    most_fen: Mapped[BigInt | None]
    valid_days: Mapped[int]
    on_joining: Mapped[bool]
    active: Mapped[bool]

    __table_args__ = (
        CheckConstraint(
            "kind IN ('fixed', 'percent') AND value > 0 AND (kind = 'fixed' OR value <= 100)", name="value"
        ),
        CheckConstraint("threshold_fen >= 0 AND valid_days > 0 AND (most_fen IS NULL OR most_fen > 0)", name="terms"),
    )


class CouponRow(Base):
    """One coupon of one member, its terms copied from the campaign when it was issued."""

    __tablename__ = "coupons"

    id: Mapped[Id]
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"), index=True)
    campaign: Mapped[str] = mapped_column(ForeignKey("campaigns.code"))
    cause: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    kind: Mapped[str]
    value: Mapped[BigInt]
    threshold_fen: Mapped[BigInt]
    most_fen: Mapped[BigInt | None]
    state: Mapped[str]
    order_id: Mapped[uuid.UUID | None]
    discount_fen: Mapped[BigInt] = mapped_column(default=0)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    latest_expiry_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("state IN ('issued', 'locked', 'used', 'expired')", name="state"),
        CheckConstraint("(state IN ('locked', 'used')) = (order_id IS NOT NULL)", name="order"),
        Index("uq_coupons_one_an_order", "order_id", unique=True, postgresql_where=text("order_id IS NOT NULL")),
    )


class CouponEntryRow(Base):
    """One move of a coupon, append-only."""

    __tablename__ = "coupon_entries"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    coupon_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("coupons.id"), index=True)
    state: Mapped[str]
    order_id: Mapped[uuid.UUID | None]
    at: Mapped[datetime]
