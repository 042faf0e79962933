"""What each store should order: from the forecast, what is there and on its way, and how the supplier delivers."""

import math
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from o2o.inventory.lines import Line
from o2o.inventory.models import Notice, NoticeLine, Promotion, Proposal, StockEntry, StockItem, SupplyTerms
from o2o.inventory.supply import suppliers
from o2o.inventory.supply.forecasting import Day, Forecast, forecast
from o2o.kit import ids
from o2o.kit.errors import Conflict, Invalid
from o2o.kit.ids import StoreId
from o2o.stores import places

HISTORY_DAYS = 112
"""Sixteen weeks: four half-lives of the forecast's memory."""
SERVICE_Z = 1.64
"""Cover demand in 95 of 100 cycles (normal approximation)."""


class BadTerms(Invalid):
    """Terms of supply that cannot be meant."""

    code = "inventory.bad_terms"


class NothingToOrder(Conflict):
    """None of these has an open proposal at this store."""

    code = "inventory.nothing_to_order"


@dataclass(frozen=True, slots=True)
class Terms:
    """How a SKU is bought. It is looked at every `review_days`, comes `lead_days` later, in `multiple`s, for `weeks_of_supply` at most."""

    sku: str
    supplier: str
    lead_days: int = 1
    review_days: int = 1
    multiple: int = 1
    weeks_of_supply: int = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much to order: enough that what is there lasts until the next order has come."""

    quantity: int
    target: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What a store should order of a SKU, the forecast behind it, and how that and the naive one did (WAPE in thousandths)."""

    sku: str
    supplier: str
    quantity: int
    target: int
    position: int
    daily_milli: int
    method: str
    model_permille: int | None
    naive_permille: int | None
    because: str
    made_at: datetime


def order_up_to(found: Forecast, *, position: int, terms: Terms) -> Wanted:
    """The periodic-review order-up-to rule (R, S), after Silver, Pyke and Thomas, Inventory and Production Management in Supply
    Chains, 4th ed., chapter 6: S covers the demand of lead time and review period plus a safety of z standard deviations,
    Poisson demand having its mean for variance. Rounded up to the multiple, then held to the weeks of supply.
    """
    mean = found.units(terms.lead_days + terms.review_days)
    target = math.ceil(mean + SERVICE_Z * math.sqrt(mean)) if mean > 0 else 0
    most = math.ceil(found.units(7 * terms.weeks_of_supply))
    lacking = max(0, target - position)
    quantity = -(-lacking // terms.multiple) * terms.multiple
    if quantity == 0:
        return Wanted(0, target, "enough")
    room = max(0, most - position) // terms.multiple * terms.multiple
    if room >= quantity or lacking >= quantity:
        return Wanted(quantity, target, "up_to_target")
    if room > 0:
        return Wanted(room, target, "held_to_weeks")
    # One multiple would last longer than the weeks allow; an empty shelf is worse.
    return Wanted(terms.multiple if position <= 0 else 0, target, "outlasts_weeks")


def save_terms(db: Session, *, terms: Sequence[Terms]) -> None:
    """Set how SKUs are bought, one line a SKU.

    Raises:
        BadTerms: days or units outside what anybody can mean.
    """
    for line in terms:
        whole = 0 <= line.lead_days <= 90 and 1 <= line.review_days <= 28
        if not whole or not 1 <= line.multiple <= 9_999 or not 1 <= line.weeks_of_supply <= 26:
            raise BadTerms(sku=line.sku, field="lead_days" if not whole else "multiple")
    rows = [
        {
            "sku": line.sku,
            "supplier": line.supplier,
            "lead_days": line.lead_days,
            "review_days": line.review_days,
            "multiple": line.multiple,
            "weeks_of_supply": line.weeks_of_supply,
        }
        for line in terms
    ]
    if rows:
        statement = upsert(SupplyTerms)
        new = {name: statement.excluded[name] for name in rows[0] if name != "sku"}
        db.execute(statement.on_conflict_do_update(index_elements=["sku"], set_=new), rows)


def promote(
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
        BadTerms: the last day is before the first, or a year and more after it.
    """
    if not 0 <= (last_day - first_day).days <= 366:
        raise BadTerms(field="last_day", sku=sku)
    values = {"id": promotion_id, "sku": sku, "first_day": first_day, "last_day": last_day, "store_id": store_id}
    db.execute(insert(Promotion).values(values))


def terms(db: Session) -> list[Terms]:
    """How every SKU is bought, by supplier."""
    rows = db.scalars(select(SupplyTerms).order_by(SupplyTerms.supplier, SupplyTerms.sku))
    return [
        Terms(row.sku, row.supplier, row.lead_days, row.review_days, row.multiple, row.weeks_of_supply) for row in rows
    ]


def drop_terms(db: Session, *, sku: str) -> None:
    """The SKU is not bought any more: nothing of it is proposed. Not bought already is fine."""
    db.execute(delete(SupplyTerms).where(SupplyTerms.sku == sku))


@dataclass(frozen=True, slots=True)
class Promoted:
    """Days on which a SKU is promoted, at one store or, with None, everywhere."""

    id: uuid.UUID
    store_id: uuid.UUID | None
    sku: str
    first_day: date
    last_day: date


def promotions(db: Session, *, since: date) -> list[Promoted]:
    """Promoted days that end on a day or later, the next first."""
    query = select(Promotion).where(Promotion.last_day >= since)
    rows = db.scalars(query.order_by(Promotion.first_day, Promotion.sku, Promotion.id))
    return [Promoted(row.id, row.store_id, row.sku, row.first_day, row.last_day) for row in rows]


def unpromote(db: Session, *, promotion_id: uuid.UUID) -> None:
    """Take promoted days back, as if they had never been noted. Gone already is fine."""
    db.execute(delete(Promotion).where(Promotion.id == promotion_id))


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
    promoted = _promoted(db, store_id, since, today + timedelta(days=200))
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


def _promoted(db: Session, store_id: StoreId | uuid.UUID, since: date, until: date) -> dict[str, frozenset[date]]:
    rows = db.execute(
        select(Promotion.sku, Promotion.first_day, Promotion.last_day).where(
            (Promotion.store_id == store_id) | Promotion.store_id.is_(None),
            Promotion.last_day >= since,
            Promotion.first_day <= until,
        )
    )
    days: defaultdict[str, set[date]] = defaultdict(set)
    for sku, first, last in rows:
        start, end = max(first, since), min(last, until)
        days[sku].update(start + timedelta(days=n) for n in range((end - start).days + 1))
    return {sku: frozenset(found) for sku, found in days.items()}


def propose(db: Session, *, store_id: StoreId | uuid.UUID, now: datetime) -> int:
    """Think over what the store should order of every SKU that has terms of supply; returns how many have an order proposed."""
    terms = {
        row.sku: Terms(row.sku, row.supplier, row.lead_days, row.review_days, row.multiple, row.weeks_of_supply)
        for row in db.scalars(select(SupplyTerms))
    }
    known = history(db, store_id=store_id, now=now)
    positions = _positions(db, store_id)
    zone = ZoneInfo(places.get(db, store_id=StoreId(store_id)).timezone)
    today = now.astimezone(zone).date()
    promoted = _promoted(db, store_id, today, today + timedelta(days=200))
    rows = []
    for sku, how in sorted(terms.items()):
        if sku not in positions:
            continue
        days = max(how.lead_days + how.review_days, 7 * how.weeks_of_supply)
        found = forecast(known.get(sku, []), days=days, promoted=promoted.get(sku, frozenset()))
        rows.append(_row(store_id, how, found, positions[sku], now))
    db.execute(delete(Proposal).where(Proposal.store_id == store_id))
    if rows:
        db.execute(insert(Proposal), rows)
    return sum(1 for row in rows if row["quantity"])


def _row(
    store_id: StoreId | uuid.UUID, terms: Terms, found: Forecast, position: int, now: datetime
) -> dict[str, object]:
    wanted = order_up_to(found, position=position, terms=terms)
    measured = found.backtest
    return {
        "store_id": store_id,
        "sku": terms.sku,
        "supplier": terms.supplier,
        "quantity": wanted.quantity,
        "target": wanted.target,
        "position": position,
        "daily_milli": round(1000 * found.units(7) / 7),
        "lead_days": terms.lead_days,
        "method": found.method,
        "model_permille": measured.model_permille if measured else None,
        "naive_permille": measured.naive_permille if measured else None,
        "because": wanted.because,
        "made_at": now,
    }


def _positions(db: Session, store_id: StoreId | uuid.UUID) -> dict[str, int]:
    """What is there for sale and on its way: the inventory position of the order-up-to rule."""
    item = StockItem.on_hand - StockItem.reserved - StockItem.damaged + StockItem.in_transit
    there = db.execute(select(StockItem.sku, item.label("units")).where(StockItem.store_id == store_id))
    position: dict[str, int] = {row.sku: row.units for row in there}
    coming = db.execute(
        select(NoticeLine.sku, func.sum(NoticeLine.announced))
        .join(Notice, Notice.id == NoticeLine.notice_id)
        .where(Notice.store_id == store_id, Notice.state == "announced")
        .group_by(NoticeLine.sku)
    )
    for sku, units in coming:
        position[sku] = position.get(sku, 0) + int(units)
    return position


def proposals(db: Session, *, store_id: StoreId | uuid.UUID) -> list[Proposed]:
    """What is proposed for a store, with the numbers that say so; what needs nothing comes last."""
    nothing = Proposal.quantity == 0
    rows = db.scalars(
        select(Proposal).where(Proposal.store_id == store_id).order_by(nothing, Proposal.supplier, Proposal.sku)
    )
    return [
        Proposed(
            sku=row.sku,
            supplier=row.supplier,
            quantity=row.quantity,
            target=row.target,
            position=row.position,
            daily_milli=row.daily_milli,
            method=row.method,
            model_permille=row.model_permille,
            naive_permille=row.naive_permille,
            because=row.because,
            made_at=row.made_at,
        )
        for row in rows
    ]


def order(db: Session, *, store_id: StoreId | uuid.UUID, skus: Sequence[str], now: datetime) -> list[uuid.UUID]:
    """Order what is proposed for these SKUs: one announced delivery a supplier, due after the longest lead time among them.

    Raises:
        NothingToOrder: none of them has an open proposal.
    """
    rows = db.scalars(
        select(Proposal)
        .where(Proposal.store_id == store_id, Proposal.sku.in_(skus), Proposal.quantity > 0)
        .order_by(Proposal.supplier, Proposal.sku)
        .with_for_update()
    ).all()
    if not rows:
        raise NothingToOrder(store_id=store_id)
    by_supplier: defaultdict[str, list[Proposal]] = defaultdict(list)
    for row in rows:
        by_supplier[row.supplier].append(row)
    announced: list[uuid.UUID] = []
    for supplier, wanted in by_supplier.items():
        notice_id = ids.new_id()
        due_at = now + timedelta(days=max(row.lead_days for row in wanted))
        lines = [Line(row.sku, row.quantity) for row in wanted]
        suppliers.announce(
            db, notice_id=notice_id, supplier=supplier, store_id=store_id, due_at=due_at, lines=lines, now=now
        )
        announced.append(notice_id)
    db.execute(delete(Proposal).where(Proposal.store_id == store_id, Proposal.sku.in_([row.sku for row in rows])))
    return announced
