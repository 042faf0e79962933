"""What was sold, day by day, out of the ledger: what a forecast learns from."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.inventory.models import StockEntry, StockItem
from o2o.inventory.supply import promotions
from o2o.inventory.supply.forecasting import Day
from o2o.kit.ids import StoreId
from o2o.stores import places

HISTORY_DAYS = 112
"""Sixteen weeks: four half-lives of the forecast's memory."""


def history(db: Session, *, store_id: StoreId | uuid.UUID, now: datetime) -> dict[str, list[Day]]:
    """What each SKU sold (tills and orders together) on each whole day at the store, from its first day to yesterday.

    A day is censored when the books ended it with nothing on hand.
    """
    zone = ZoneInfo(places.get(db, store_id=StoreId(store_id)).timezone)
    today = now.astimezone(zone).date()
    since = today - timedelta(days=HISTORY_DAYS)
    day = func.date(func.timezone(zone.key, StockEntry.at)).label("day")
    sold = StockEntry.kind.in_(("sale", "pick"))
    rows = db.execute(
        select(
            StockEntry.sku,
            day,
            func.sum(StockEntry.delta).label("moved"),
            (-func.coalesce(func.sum(StockEntry.delta).filter(sold), 0)).label("sold"),
        )
        .where(
            StockEntry.store_id == store_id,
            StockEntry.bucket == "on_hand",
            StockEntry.recorded_at >= datetime.combine(since, time(), zone).astimezone(UTC),
        )
        .group_by(StockEntry.sku, day)
    )
    moved: defaultdict[str, dict[date, tuple[int, int]]] = defaultdict(dict)
    for row in rows:
        moved[row.sku][row.day] = (int(row.moved), int(row.sold))
    on_hand = db.execute(select(StockItem.sku, StockItem.on_hand).where(StockItem.store_id == store_id))
    promoted = promotions.days(db, store_id=store_id, since=since, until=today)
    return {
        sku: _days(moved[sku], left, since, today, promoted.get(sku, frozenset()))
        for sku, left in on_hand
        if sku in moved
    }


def _days(
    moved: dict[date, tuple[int, int]], left: int, since: date, today: date, promoted: Collection[date]
) -> list[Day]:
    """Walk back from what is on hand now, so that each day knows what it ended with."""
    found: list[Day] = []
    left -= sum(change for day, (change, _) in moved.items() if day >= today)
    day = today - timedelta(days=1)
    first = max(min(moved), since)
    while day >= first:
        change, sold = moved.get(day, (0, 0))
        found.append(Day(day, max(0, sold), day in promoted, censored=left <= 0))
        left -= change
        day -= timedelta(days=1)
    return found[::-1]
