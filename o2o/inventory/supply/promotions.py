"""Promoted days: what head office notes of them, for the forecast to learn what they do and to expect it again."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from o2o.inventory.models import Promotion
from o2o.kit.errors import Invalid
from o2o.kit.ids import StoreId


class BadDays(Invalid):
    """Promoted days end when they begin or later, and within a year."""

    code = "inventory.bad_days"


@dataclass(frozen=True, slots=True)
class Promoted:
    """Days on which a SKU is promoted, at one store or, with None, everywhere."""

    id: uuid.UUID
    store_id: uuid.UUID | None
    sku: str
    first_day: date
    last_day: date


def note(
    db: Session,
    *,
    promotion_id: uuid.UUID,
    sku: str,
    first_day: date,
    last_day: date,
    store_id: uuid.UUID | None = None,
) -> None:
    """Note that a SKU is promoted on these days, at one store or everywhere.

    Raises:
        BadDays: the last day is before the first, or more than a year after it.
    """
    if not 0 <= (last_day - first_day).days <= 366:
        raise BadDays(field="last_day", sku=sku)
    values = {"id": promotion_id, "sku": sku, "first_day": first_day, "last_day": last_day, "store_id": store_id}
    db.execute(insert(Promotion).values(values))


def known(db: Session, *, since: date) -> list[Promoted]:
    """Promoted days that end on a day or later, the next first."""
    query = select(Promotion).where(Promotion.last_day >= since)
    rows = db.scalars(query.order_by(Promotion.first_day, Promotion.sku, Promotion.id))
    return [Promoted(row.id, row.store_id, row.sku, row.first_day, row.last_day) for row in rows]


def take_back(db: Session, *, promotion_id: uuid.UUID) -> None:
    """Take promoted days back, as if they had never been noted. Gone already is fine."""
    db.execute(delete(Promotion).where(Promotion.id == promotion_id))


def days(db: Session, *, store_id: StoreId | uuid.UUID, since: date, until: date) -> dict[str, frozenset[date]]:
    """The promoted days of each SKU at a store, both bounds among them."""
    rows = db.execute(
        select(Promotion.sku, Promotion.first_day, Promotion.last_day).where(
            (Promotion.store_id == store_id) | Promotion.store_id.is_(None),
            Promotion.last_day >= since,
            Promotion.first_day <= until,
        )
    )
    found: defaultdict[str, set[date]] = defaultdict(set)
    for sku, first, last in rows:
        start, end = max(first, since), min(last, until)
        found[sku].update(start + timedelta(days=n) for n in range((end - start).days + 1))
    return {sku: frozenset(some) for sku, some in found.items()}
