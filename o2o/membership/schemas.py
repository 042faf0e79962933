"""Membership on the wire."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import Field, JsonValue

from o2o.kit.wire import Code, Note, Wire, example
from o2o.membership.rules import Tier

_MEMBER: dict[str, JsonValue] = {
    "id": "01976b2e-6f00-7abc-8def-000000000009",
    "member_code": "M123456789015",
    "name": "王小明",
    "tier": "silver",
    "points_balance": 1250,
    "spendable": 1250,
    "worth_fen": 1250,
    "pending": 88,
    "held": 0,
    "debt": 0,
    "expiring_soon": 120,
    "spent_fen": 153000,
    "next_tier": {"tier": "gold", "missing_fen": 347000},
}


class NextTierOut(Wire):
    """The next tier and the money still missing to it."""

    tier: Tier
    missing_fen: int


class MemberOut(Wire):
    """A member's own page. `points_balance` may be below 0: points spent whose order was refunded."""

    model_config = example(**_MEMBER)

    id: uuid.UUID
    member_code: str
    name: str
    tier: Tier
    points_balance: int
    spendable: int
    worth_fen: int
    pending: int
    held: int
    debt: int
    expiring_soon: int
    spent_fen: int
    next_tier: NextTierOut | None


class TillMemberOut(Wire):
    """What a clerk sees of a member."""

    model_config = example(id=_MEMBER["id"], name="王**", tier="silver", spendable=1250, worth_fen=1250)

    id: uuid.UUID
    name: str
    tier: Tier
    spendable: int
    worth_fen: int


class EntryOut(Wire):
    """One line of the ledger. `points` is the change of the balance; `pending` and `held` of what waits and what is set aside."""

    id: int
    kind: str
    points: int
    pending: int
    held: int
    order_id: uuid.UUID | None
    at: datetime


class EntryPage(Wire):
    """Lines, newest first. `next_page` is the `before` of the next page, null on the last."""

    model_config = example(
        items=[
            {
                "id": 42,
                "kind": "earn",
                "points": 0,
                "pending": 88,
                "held": 0,
                "order_id": "01976b2e-6f00-7abc-8def-000000000042",
                "at": "2026-03-02T02:00:00Z",
            }
        ],
        next_page=None,
    )

    items: list[EntryOut]
    next_page: int | None


class CouponOut(Wire):
    """A coupon: `value` fen off, or `value` percent off up to `most_fen`, from `threshold_fen` of goods on."""

    model_config = example(
        id="01976b2e-6f00-7abc-8def-0000000000c1",
        campaign="welcome",
        name_zh="新客立减",
        name_en="Welcome",
        kind="fixed",
        value=1000,
        threshold_fen=3900,
        most_fen=None,
        state="issued",
        order_id=None,
        expires_at="2026-04-01T02:00:00Z",
    )

    id: uuid.UUID
    campaign: str
    name_zh: str
    name_en: str
    kind: str
    value: int
    threshold_fen: int
    most_fen: int | None
    state: str
    order_id: uuid.UUID | None
    expires_at: datetime


class AdjustmentBody(Wire):
    """Points head office gives, or takes (below zero), and why."""

    model_config = example(points=200, reason="late delivery")

    points: Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
    reason: Annotated[Note, Field(min_length=1)]


class BalanceOut(Wire):
    """The balance after an adjustment."""

    model_config = example(points_balance=1450)

    points_balance: int


class IssueBody(Wire):
    """A campaign to issue one coupon of."""

    model_config = example(campaign="sorry-5")

    campaign: Code


class IssuedOut(Wire):
    """The coupon that was issued."""

    model_config = example(coupon_id="01976b2e-6f00-7abc-8def-0000000000c1")

    coupon_id: uuid.UUID


class CampaignBody(Wire):
    """Terms to issue coupons on."""

    model_config = example(name_zh="新客立减", name_en="Welcome", kind="fixed", value=1000, threshold_fen=3900)

    name_zh: Annotated[Note, Field(min_length=1)]
    name_en: Annotated[Note, Field(min_length=1)]
    kind: Annotated[str, Field(pattern=r"^(fixed|percent)$")]
    value: Annotated[int, Field(gt=0, le=10_000_000)]
    threshold_fen: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    most_fen: Annotated[int, Field(gt=0, le=10_000_000)] | None = None
    valid_days: Annotated[int, Field(gt=0, le=3_650)] = 30
    on_joining: bool = False
    active: bool = True
