"""Reads for a member's own pages and for the till."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from o2o.kit.ids import MemberId
from o2o.membership import coupons, members, points, rules
from o2o.membership.models import CouponRow, PointsEntryRow, PointsLotRow
from o2o.membership.rules import POLICY
from o2o.membership.schemas import CouponOut, EntryOut, EntryPage, MemberOut, NextTierOut, TillMemberOut


def overview(db: Session, *, member_id: MemberId, now: datetime) -> MemberOut:
    """A member's own page.

    Raises:
        NoSuchMember: unknown.
    """
    one = members.get(db, member_id=member_id)
    spent_fen = members.spent_fen(db, member_id=member_id, now=now)
    following = rules.next_tier(one.tier, spent_fen)
    spendable = points.spendable(db, member_id=member_id, now=now)
    return MemberOut(
        id=one.id,
        member_code=one.code,
        name=one.name,
        tier=one.tier,
        points_balance=one.points_balance,
        spendable=spendable,
        worth_fen=rules.value_fen(spendable),
        pending=one.pending,
        held=one.held,
        debt=one.debt,
        expiring_soon=_expiring_soon(db, member_id, now),
        spent_fen=spent_fen,
        next_tier=NextTierOut(tier=following[0], missing_fen=following[1]) if following else None,
    )


def at_the_till(db: Session, *, code: str, now: datetime) -> TillMemberOut:
    """What a clerk sees of a member: enough to greet and to sell, no more.

    Raises:
        NoSuchMember: nobody shows this code.
    """
    one = members.by_code(db, code=code)
    spendable = points.spendable(db, member_id=one.id, now=now)
    return TillMemberOut(
        id=one.id, name=_short(one.name), tier=one.tier, spendable=spendable, worth_fen=rules.value_fen(spendable)
    )


def ledger(db: Session, *, member_id: MemberId, before: int | None, limit: int) -> EntryPage:
    """A member's lines that changed what they can spend or owe or wait for, newest first."""
    wanted = select(PointsEntryRow).where(PointsEntryRow.member_id == member_id).order_by(PointsEntryRow.id.desc())
    if before is not None:
        wanted = wanted.where(PointsEntryRow.id < before)
    rows = list(db.scalars(wanted.limit(limit + 1)))
    items = [
        EntryOut(
            id=row.id,
            kind=row.kind,
            points=row.active - row.debt,
            pending=row.pending,
            held=row.held,
            order_id=row.order_id,
            at=row.at,
        )
        for row in rows[:limit]
    ]
    return EntryPage(items=items, next_page=items[-1].id if len(rows) > limit else None)


def all_coupons(db: Session, *, member_id: MemberId, now: datetime) -> list[CouponOut]:
    """A member's last hundred coupons, usable ones first."""
    wanted = select(CouponRow).where(CouponRow.member_id == member_id).order_by(CouponRow.id.desc()).limit(100)
    shown = [_coupon(coupons.info(row), now) for row in db.scalars(wanted)]
    return sorted(shown, key=lambda one: (one.state != "issued", one.expires_at))


def _coupon(one: coupons.CouponInfo, now: datetime) -> CouponOut:
    over = one.state == "issued" and one.expires_at <= now
    return CouponOut(
        id=one.id,
        campaign=one.campaign,
        name_zh=one.name_zh,
        name_en=one.name_en,
        kind=one.terms.kind,
        value=one.terms.value,
        threshold_fen=one.terms.threshold_fen,
        most_fen=one.terms.most_fen,
        state="expired" if over else one.state,
        order_id=one.order_id,
        expires_at=one.expires_at,
    )


def _expiring_soon(db: Session, member_id: uuid.UUID, now: datetime) -> int:
    soon = and_(
        PointsLotRow.expires_at > now, PointsLotRow.expires_at <= now + timedelta(days=POLICY.expiring_soon_days)
    )
    amount = func.coalesce(func.sum(PointsLotRow.active), 0)
    return int(db.scalar(select(amount).where(PointsLotRow.member_id == member_id, soon)) or 0)


def _short(name: str) -> str:
    """A name as a stranger may see it: the first letter."""
    return name[:1] + "*" * (min(len(name), 3) - 1)
