"""Builders for members."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from o2o.kit import ids
from o2o.kit.ids import MemberId, OrderId
from o2o.membership import coupons, members, points, queries
from o2o.membership.schemas import CouponOut


def a_member(db: Session, *, now: datetime, name: str = "王小明", points_to_spend: int = 0) -> MemberId:
    """A member, with points active at once if asked."""
    member_id = MemberId(ids.new_id())
    members.open(db, member_id=member_id, name=name, now=now)
    if points_to_spend:
        earned(db, member_id, points_to_spend, now=now)
    return member_id


def an_order() -> OrderId:
    """The id of some order."""
    return OrderId(ids.new_id())


def earned(
    db: Session, member_id: MemberId, amount: int, *, now: datetime, order_id: OrderId | None = None, wait_days: int = 0
) -> OrderId:
    """So many points earned by an order at the lowest tier's rate, active after `wait_days`."""
    order_id = order_id or an_order()
    active_from = now + timedelta(days=wait_days)
    points.accrue(db, member_id=member_id, order_id=order_id, base_fen=amount * 100, active_from=active_from, now=now)
    return order_id


def a_campaign(db: Session, code: str = "welcome", **changes: Any) -> str:
    """Ten yuan off from 39, unless told otherwise."""
    fields: dict[str, Any] = {
        "name_zh": "新客立减",
        "name_en": "Welcome",
        "kind": "fixed",
        "value": 1_000,
        "threshold_fen": 3_900,
    }
    coupons.save_campaign(db, campaign=coupons.CampaignIn(code=code, **(fields | changes)))
    return code


def a_coupon(db: Session, member_id: MemberId, *, now: datetime, code: str = "welcome", **changes: Any) -> uuid.UUID:
    """A coupon of a campaign made for it."""
    a_campaign(db, code, **changes)
    return coupons.issue(db, member_id=member_id, campaign=code, cause=f"test:{ids.new_id()}", now=now)


def usable_coupons(db: Session, *, member_id: MemberId, now: datetime) -> list[CouponOut]:
    """What the member's page shows as usable."""
    return [one for one in queries.all_coupons(db, member_id=member_id, now=now) if one.state == "issued"]
