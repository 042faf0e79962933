"""Coupons: issued on a campaign's terms, locked by an unpaid order, used when it is paid, given back when it is given up."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.infra import outbox
from o2o.kit import ids
from o2o.kit.errors import Conflict, Invalid, NotFound
from o2o.kit.ids import MemberId, OrderId
from o2o.kit.money import FEN_MAX, Fen
from o2o.membership import rules
from o2o.membership.events import CouponsChanged
from o2o.membership.members import NoSuchMember
from o2o.membership.models import CampaignRow, CouponEntryRow, CouponRow, MemberRow
from o2o.membership.rules import POLICY, Terms


class NoSuchCoupon(NotFound):
    """This member has no such coupon."""

    code = "membership.no_such_coupon"


class NoSuchCampaign(NotFound):
    """There is no such campaign, or it is over."""

    code = "membership.no_such_campaign"


class NotUsable(Conflict):
    """This coupon cannot be used now; `state` says why."""

    code = "membership.coupon_not_usable"


class BelowThreshold(Conflict):
    """The goods do not reach what this coupon asks for."""

    code = "membership.below_threshold"


class OneAnOrder(Conflict):
    """This order uses another coupon already."""

    code = "membership.one_coupon_an_order"


class BadCampaign(Invalid):
    """A campaign cannot be like that; `field` says which part."""

    code = "membership.bad_campaign"


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignIn:
    """Terms to issue coupons on. `kind` is `fixed` (`value` fen off) or `percent` (`value` percent off, up to `most_fen`)."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    value: int
    threshold_fen: int = 0
    most_fen: int | None = None
    valid_days: int = 30
    on_joining: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True)
class CouponInfo:
    """A coupon as its owner sees it."""

    id: uuid.UUID
    campaign: str
    name_zh: str
    name_en: str
    terms: Terms
    state: str
    order_id: OrderId | None
    discount_fen: Fen
    expires_at: datetime


def save_campaign(db: Session, *, campaign: CampaignIn) -> None:
    """Add a campaign or change its terms; coupons already issued keep theirs.

    Raises:
        BadCampaign: terms nobody could honour.
    """
    for field, fine in (
        ("code", 0 < len(campaign.code) <= 64 and "\0" not in campaign.code),
        ("kind", campaign.kind in ("fixed", "percent")),
        ("value", 0 < campaign.value <= (100 if campaign.kind == "percent" else FEN_MAX)),
        ("threshold_fen", 0 <= campaign.threshold_fen <= FEN_MAX),
        ("most_fen", campaign.most_fen is None or 0 < campaign.most_fen <= FEN_MAX),
        ("valid_days", 0 < campaign.valid_days <= 3_650),
    ):
        if not fine:
            raise BadCampaign(field=field)
    values = {name: getattr(campaign, name) for name in CampaignIn.__slots__}
    change = {name: value for name, value in values.items() if name != "code"}
    db.execute(
        insert(CampaignRow).values(**values).on_conflict_do_update(index_elements=[CampaignRow.code], set_=change)
    )


def issue(db: Session, *, member_id: MemberId, campaign: str, cause: str, now: datetime) -> uuid.UUID:
    """Give a member a coupon; once for each `cause` (such as `join:{member}` or a head-office action's own id).

    Raises:
        NoSuchMember, NoSuchCampaign.
    """
    terms = db.get(CampaignRow, campaign)
    if terms is None or not terms.active:
        raise NoSuchCampaign(campaign=campaign)
    if db.get(MemberRow, member_id) is None:
        raise NoSuchMember(member_id=member_id)
    expires_at = now + timedelta(days=terms.valid_days)
    values = {
        name: getattr(terms, name) for name in ("name_zh", "name_en", "kind", "value", "threshold_fen", "most_fen")
    }
    values |= {
        "id": ids.new_id(),
        "member_id": member_id,
        "campaign": campaign,
        "cause": cause,
        "state": "issued",
        "discount_fen": 0,
        "issued_at": now,
        "expires_at": expires_at,
        "latest_expiry_at": expires_at + timedelta(days=POLICY.coupon_grace_days),
    }
    fresh: uuid.UUID | None = db.scalar(
        insert(CouponRow).values(**values).on_conflict_do_nothing().returning(CouponRow.id)
    )
    if fresh is None:
        return db.scalars(select(CouponRow.id).where(CouponRow.cause == cause)).one()
    db.add(CouponEntryRow(coupon_id=fresh, state="issued", order_id=None, at=now))
    db.flush()
    outbox.emit(db, CouponsChanged(member_id=member_id), now=now)
    return fresh


def welcome(db: Session, *, member_id: MemberId, now: datetime) -> list[uuid.UUID]:
    """The coupons everybody gets on joining; once for each member and campaign."""
    codes = db.scalars(
        select(CampaignRow.code).where(CampaignRow.active, CampaignRow.on_joining).order_by(CampaignRow.code)
    )
    return [
        issue(db, member_id=member_id, campaign=code, cause=f"join:{code}:{member_id}", now=now) for code in list(codes)
    ]


def discount(db: Session, *, member_id: MemberId, coupon_id: uuid.UUID, goods_fen: int, now: datetime) -> Fen:
    """What a coupon would take off; for quotes, writes nothing.

    Raises:
        NoSuchCoupon: not this member's.
        NotUsable: used, expired, or locked by an order.
        BelowThreshold: with `threshold_fen` and `goods_fen`.
    """
    row = db.scalar(select(CouponRow).where(CouponRow.id == coupon_id, CouponRow.member_id == member_id))
    return _worth(row, goods_fen, now)


def redeem(
    db: Session, *, member_id: MemberId, coupon_id: uuid.UUID, order_id: OrderId, goods_fen: int, now: datetime
) -> Fen:
    """Lock a coupon for an unpaid order; gives what it takes off. The same order again gets the same answer.

    Raises:
        NoSuchCoupon, NotUsable, BelowThreshold: as `discount`.
        OneAnOrder: the order has another coupon.
    """
    row = _locked(db, CouponRow.id == coupon_id, CouponRow.member_id == member_id)
    if row is not None and row.order_id == order_id:
        return Fen(row.discount_fen)
    discount_fen = _worth(row, goods_fen, now)
    assert row is not None
    if db.scalar(select(CouponRow.id).where(CouponRow.order_id == order_id)) is not None:
        raise OneAnOrder(field="coupon_id")
    row.order_id, row.discount_fen = order_id, discount_fen
    _move(db, row, "locked", now)
    return discount_fen


def use(db: Session, *, order_id: OrderId, now: datetime) -> None:
    """The order is paid: its coupon, if it has one, is used."""
    row = _locked(db, CouponRow.order_id == order_id)
    if row is not None and row.state == "locked":
        _move(db, row, "used", now)


def give_back(db: Session, *, order_id: OrderId, now: datetime) -> bool:
    """The order is given up: its coupon may be used again, at least for the days of grace. False when it has none."""
    row = _locked(db, CouponRow.order_id == order_id)
    if row is None:
        return False
    row.expires_at = rules.given_back_until(row.expires_at, row.latest_expiry_at, now, POLICY.coupon_grace_days)
    row.order_id, row.discount_fen = None, 0
    _move(db, row, "issued" if row.expires_at > now else "expired", now)
    return True


def expire(db: Session, *, now: datetime, limit: int = 500) -> int:
    """Mark up to `limit` coupons past their day; only hygiene, reading looks at the day itself."""
    due = select(CouponRow).where(CouponRow.state == "issued", CouponRow.expires_at <= now).order_by(CouponRow.id)
    rows = list(db.scalars(due.limit(limit).with_for_update(skip_locked=True)))
    for row in rows:
        _move(db, row, "expired", now)
    return len(rows)


def info(row: CouponRow) -> CouponInfo:
    """The value of a row."""
    return CouponInfo(
        id=row.id,
        campaign=row.campaign,
        name_zh=row.name_zh,
        name_en=row.name_en,
        terms=_terms(row),
        state=row.state,
        order_id=OrderId(row.order_id) if row.order_id else None,
        discount_fen=Fen(row.discount_fen),
        expires_at=row.expires_at,
    )


def _terms(row: CouponRow) -> Terms:
    return Terms(row.kind, row.value, row.threshold_fen, row.most_fen)


def _worth(row: CouponRow | None, goods_fen: int, now: datetime) -> Fen:
    if row is None:
        raise NoSuchCoupon(field="coupon_id")
    if row.state != "issued" or row.expires_at <= now:
        raise NotUsable(field="coupon_id", state=row.state if row.state != "issued" else "expired")
    if goods_fen < row.threshold_fen:
        raise BelowThreshold(field="coupon_id", threshold_fen=row.threshold_fen, goods_fen=goods_fen)
    return rules.discount_fen(_terms(row), goods_fen)


def _locked(db: Session, *where: object) -> CouponRow | None:
    wanted = select(CouponRow).where(*where).with_for_update()  # type: ignore[arg-type]
    return db.scalar(wanted.execution_options(populate_existing=True))


def _move(db: Session, row: CouponRow, state: str, now: datetime) -> None:
    row.state = state
    db.add(CouponEntryRow(coupon_id=row.id, state=state, order_id=row.order_id, at=now))
    db.flush()
    outbox.emit(db, CouponsChanged(member_id=MemberId(row.member_id)), now=now)
