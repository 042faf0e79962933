"""What membership does when it hears of something, and by the clock."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from o2o.identity import accounts
from o2o.identity.events import CustomerRegistered
from o2o.infra.db import transaction
from o2o.infra.tools import Tools
from o2o.kit.ids import MemberId
from o2o.membership import coupons, members, points


def open_member(db: Session, *, event: CustomerRegistered, now: datetime, tools: Tools) -> None:
    """Every new customer is a member, with the coupons of joining; once, however often the event comes."""
    member_id = MemberId(event.account_id)
    members.open(db, member_id=member_id, name=accounts.get(db, account_id=member_id).name, now=now)
    coupons.welcome(db, member_id=member_id, now=now)


def settle_points(tools: Tools, *, now: datetime, key: str) -> None:
    """Activate and expire what is due, and mark coupons past their day, in small transactions; `key` is not used."""
    for _ in range(1_000):
        with transaction(tools.engine) as db:
            if points.expire(db, now=now, limit=50) + coupons.expire(db, now=now, limit=200) == 0:
                return


def review_tiers(tools: Tools, *, now: datetime, key: str) -> None:
    """Lower tiers whose money is more than a year old, in small transactions; `key` is not used."""
    after: uuid.UUID | None = None
    while True:
        with transaction(tools.engine) as db:
            after = members.review_tiers(db, now=now, after=after)
        if after is None:
            return
