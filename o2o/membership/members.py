"""Members: opened once for each customer, known by the code they show at a till."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.kit.errors import NotFound
from o2o.kit.ids import MemberId
from o2o.membership import rules
from o2o.membership.models import MemberRow, PointsLotRow
from o2o.membership.rules import POLICY, Tier


class NoSuchMember(NotFound):
    """There is no such member."""

    code = "membership.no_such_member"


@dataclass(frozen=True, slots=True)
class MemberInfo:
    """A member. `points_balance` is what is active less what is owed; `pending` waits for its day, `held` for a payment."""

    id: MemberId
    code: str
    name: str
    tier: Tier
    points_balance: int
    pending: int
    held: int
    debt: int


def open(db: Session, *, member_id: MemberId, name: str, now: datetime) -> bool:
    """Make a customer a member; False when they are one already, and nothing changes."""
    if db.get(MemberRow, member_id) is not None:
        return False
    for attempt in range(5):
        values = {
            "id": member_id,
            "code": _code(member_id, attempt),
            "name": name,
            "tier": Tier.BASIC.value,
            "opened_at": now,
        }
        zeros = dict.fromkeys(("pending", "active", "held", "debt"), 0)
        fresh = db.scalar(insert(MemberRow).values(**values, **zeros).on_conflict_do_nothing().returning(MemberRow.id))
        if fresh is not None:
            return True
        if db.get(MemberRow, member_id) is not None:
            return False
    raise RuntimeError("five member codes in a row were taken")


def get(db: Session, *, member_id: MemberId) -> MemberInfo:
    """One member.

    Raises:
        NoSuchMember: unknown.
    """
    row = db.get(MemberRow, member_id)
    if row is None:
        raise NoSuchMember(member_id=member_id)
    return info(row)


def by_code(db: Session, *, code: str) -> MemberInfo:
    """The member who shows this code at a till.

    Raises:
        NoSuchMember: nobody has it.
    """
    row = db.scalar(select(MemberRow).where(MemberRow.code == code))
    if row is None:
        raise NoSuchMember(field="code")
    return info(row)


def info(row: MemberRow) -> MemberInfo:
    """The value of a row."""
    balance = row.active - row.debt
    return MemberInfo(MemberId(row.id), row.code, row.name, Tier(row.tier), balance, row.pending, row.held, row.debt)


def spent_fen(db: Session, *, member_id: uuid.UUID, now: datetime) -> int:
    """Money of the last year that earned points, less what was refunded of it; what makes the tier."""
    since = now - timedelta(days=POLICY.tier_days)
    money = func.coalesce(func.sum(PointsLotRow.base_fen - PointsLotRow.refunded_fen), 0)
    return int(db.scalar(select(money).where(PointsLotRow.member_id == member_id, PointsLotRow.earned_at > since)) or 0)


def review_tiers(db: Session, *, now: datetime, after: uuid.UUID | None = None, limit: int = 200) -> uuid.UUID | None:
    """Look again at the tiers of up to `limit` members above the lowest; gives the last one looked at, None when there is none left."""
    wanted = select(MemberRow).where(MemberRow.tier != Tier.BASIC.value).order_by(MemberRow.id).limit(limit)
    if after is not None:
        wanted = wanted.where(MemberRow.id > after)
    rows = list(db.scalars(wanted.with_for_update().execution_options(populate_existing=True)))
    for row in rows:
        row.tier = rules.tier_for(spent_fen(db, member_id=row.id, now=now)).value
    db.flush()
    return rows[-1].id if rows else None


def _code(member_id: uuid.UUID, attempt: int) -> str:
    """M and twelve digits, the last a check digit by Luhn's formula (ISO/IEC 7812-1); never like a product's barcode."""
    number = int.from_bytes(sha256(b"member" + member_id.bytes + bytes([attempt])).digest()[:8]) % 10**11
    digits = f"{number:011d}"
    total = sum(sum(divmod(int(d) * (2 if i % 2 == 0 else 1), 10)) for i, d in enumerate(reversed(digits)))
    return f"M{digits}{-total % 10}"
