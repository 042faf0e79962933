"""What each store should order: from the forecast, what is there and on its way, and how the supplier delivers."""

import math
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, insert, select
from sqlalchemy.orm import Session

from o2o.inventory.lines import Line
from o2o.inventory.models import Notice, NoticeLine, Proposal, StockItem
from o2o.inventory.shelf import expiry
from o2o.inventory.supply import promotions, sold, suppliers
from o2o.inventory.supply import terms as supply_terms
from o2o.inventory.supply.forecasting import Forecast, forecast
from o2o.inventory.supply.terms import Terms
from o2o.kit import ids
from o2o.kit.errors import Conflict
from o2o.kit.ids import StoreId

LONGEST_VIEW = timedelta(days=7 * 26)
"""As far as terms of supply can make a forecast look."""
SERVICE_Z = 1.64
"""Cover demand in 95 of 100 cycles (normal approximation)."""


class NothingToOrder(Conflict):
    """None of these has an open proposal at this store."""

    code = "inventory.nothing_to_order"


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
    Poisson demand having its mean for variance. Rounded up to the multiple, then held to the weeks of supply; what is wanted until
    the order after this one has come is within them, however few they are.
    """
    mean = found.units(terms.lead_days + terms.review_days)
    target = math.ceil(mean + SERVICE_Z * math.sqrt(mean)) if mean > 0 else 0
    most = math.ceil(max(found.units(7 * terms.weeks_of_supply), mean))
    lacking = max(0, target - position)
    quantity = -(-lacking // terms.multiple) * terms.multiple
    if quantity == 0:
        return Wanted(0, target, "enough")
    room = max(0, most - position) // terms.multiple * terms.multiple
    if room >= quantity:
        return Wanted(quantity, target, "up_to_target")
    if room > 0:
        return Wanted(room, target, "held_to_weeks")
    # One multiple would last longer than the weeks allow; an empty shelf is worse.
    return Wanted(terms.multiple if position <= 0 else 0, target, "outlasts_weeks")


def propose(db: Session, *, store_id: StoreId | uuid.UUID, now: datetime) -> int:
    """Think over what the store should order of every SKU that has terms of supply; returns how many have an order proposed."""
    history = sold.history(db, store_id=store_id, now=now)
    positions = _positions(db, store_id)
    today = expiry.today(db, store_id=store_id, now=now)
    promoted = promotions.days(db, store_id=store_id, since=today, until=today + LONGEST_VIEW)
    rows = []
    for terms in supply_terms.known(db):
        if terms.sku not in positions:
            continue
        days = max(terms.lead_days + terms.review_days, 7 * terms.weeks_of_supply)
        found = forecast(history.get(terms.sku, []), days=days, promoted=promoted.get(terms.sku, frozenset()))
        rows.append(_row(store_id, terms, found, positions[terms.sku], now))
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
    """What is there for sale, by a limited offer or not, and on its way: the inventory position of the order-up-to rule."""
    offered = case((StockItem.flash, func.inventory_flash_left(StockItem.store_id, StockItem.sku)), else_=0)
    item = StockItem.on_hand - StockItem.reserved + offered - StockItem.damaged + StockItem.in_transit
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
