"""The shelf as it is: the stock list, why a number is what it is, where shelf and books disagree."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.inventory.models import LIVE, Discrepancy, Lot, Reservation, StockEntry, StockItem
from o2o.inventory.reserving import availability, channel_rules, rules
from o2o.kit.errors import NotFound
from o2o.kit.ids import Sku, StoreId


class NoSuchItem(NotFound):
    """This store does not keep this."""

    code = "inventory.no_such_item"


@dataclass(frozen=True, slots=True)
class Item:
    """One SKU at one store, as it is now."""

    sku: str
    name_zh: str
    name_en: str
    category: str
    on_hand: int
    reserved: int
    safety: int
    damaged: int
    quality_control: int
    in_transit: int
    short: bool
    limited_offer: bool
    app: int
    till: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the sum that leads to what a channel may promise."""

    because: str
    units: int
    rule_id: uuid.UUID | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """One live promise of the SKU."""

    order_id: uuid.UUID
    state: str
    quantity: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class LotLeft:
    """Units left of a lot."""

    code: str
    expires_on: date | None
    quantity: int
    blocked: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the shelf's ledger."""

    at: datetime
    kind: str
    bucket: str
    delta: int
    cause: uuid.UUID


@dataclass(frozen=True, slots=True)
class Why:
    """Why an item's numbers are what they are: the sum of each channel, who is promised, the lots, the last moves."""

    item: Item
    app: list[Step]
    till: list[Step]
    promises: list[Promise]
    lots: list[LotLeft]
    entries: list[Entry]


def stock(
    db: Session, *, store_id: StoreId | uuid.UUID, words: str | None, after: str | None, limit: int, now: datetime
) -> list[Item]:
    """Items of a store in order of SKU, those whose SKU or names contain `words`, from the one after `after`."""
    query = select(StockItem).where(StockItem.store_id == store_id).order_by(StockItem.sku)
    if after is not None:
        query = query.where(StockItem.sku > after)
    rows = db.scalars(query.limit(limit) if not words else query).all()
    known = goods.get_many(db, skus={Sku(row.sku) for row in rows})
    if words:
        rows = [row for row in rows if _matches(row.sku, known.get(Sku(row.sku)), words.casefold())][:limit]
    return _items(db, store_id, rows, known, now)


def _matches(sku: str, good: goods.Good | None, words: str) -> bool:
    names = (sku, good.name_zh, good.name_en) if good else (sku,)
    return any(words in name.casefold() for name in names)


def _items(
    db: Session,
    store_id: StoreId | uuid.UUID,
    rows: Sequence[StockItem],
    known: dict[Sku, goods.Good],
    now: datetime,
) -> list[Item]:
    place, skus = StoreId(store_id), [row.sku for row in rows]
    app = availability.sellable(db, store_ids=[place], skus=skus, now=now)
    till = availability.sellable(db, store_ids=[place], skus=skus, now=now, channel="till")
    found: list[Item] = []
    for row in rows:
        sku = Sku(row.sku)
        good = known.get(sku)
        names = (good.name_zh, good.name_en, good.category) if good else (row.sku, row.sku, "")
        buckets = (row.on_hand, row.reserved, row.safety, row.damaged, row.quality_control, row.in_transit)
        found.append(Item(row.sku, *names, *buckets, row.short, row.flash, app[place, sku], till[place, sku]))
    return found


def why(db: Session, *, store_id: StoreId | uuid.UUID, sku: str, now: datetime) -> Why:
    """Why this item's numbers are what they are.

    Raises:
        NoSuchItem: the store never kept it.
    """
    row = db.get(StockItem, (store_id, sku))
    if row is None:
        raise NoSuchItem(sku=sku)
    known = goods.get_many(db, skus={Sku(sku)})
    [item] = _items(db, store_id, [row], known, now)
    promises = _promises(db, store_id, sku)
    due = sum(p.quantity for p in promises if p.expires_at is not None and p.expires_at <= now)
    shelf = [
        Step("on_hand", row.on_hand),
        Step("reserved", -row.reserved),
        Step("damaged", -row.damaged),
        Step("quality_control", -row.quality_control),
        Step("expired_holds", due),
    ]
    free = sum(step.units for step in shelf)
    lots = db.execute(
        select(Lot.code, Lot.expires_on, Lot.quantity, Lot.blocked)
        .where(Lot.store_id == store_id, Lot.sku == sku, Lot.quantity > 0)
        .order_by(Lot.expires_on.nulls_last(), Lot.code)
    )
    entries = db.execute(
        select(StockEntry.at, StockEntry.kind, StockEntry.bucket, StockEntry.delta, StockEntry.cause)
        .where(StockEntry.store_id == store_id, StockEntry.sku == sku, StockEntry.bucket == "on_hand")
        .order_by(StockEntry.recorded_at.desc(), StockEntry.position.desc())
        .limit(30)
    )
    return Why(
        item=item,
        app=shelf + _app_steps(db, row, item, free),
        till=shelf + [Step("never_below_zero", -free)] * (free < 0),
        promises=promises,
        lots=[LotLeft(code, day, units, blocked) for code, day, units, blocked in lots],
        entries=[Entry(at, kind, bucket, delta, cause) for at, kind, bucket, delta, cause in entries],
    )


def _app_steps(db: Session, row: StockItem, item: Item, free: int) -> list[Step]:
    """From what is free on the shelf to what the app may promise of it."""
    known = channel_rules.all_rules(db)
    notes = {rule.id: rule.note for rule in known}
    held = rules.hold_for(known, store_id=row.store_id, sku=row.sku, category=item.category)

    def by(rule_id: uuid.UUID | None, because: str, units: int) -> Step:
        return Step(because, units, rule_id, notes[rule_id] if rule_id else "")

    steps = [by(held.safety_rule, "safety", -row.safety)] if row.safety else []
    rest = free - row.safety
    if row.flash:
        steps.append(Step("limited_offer", item.app - rest))
    elif rest < 0:
        steps.append(Step("never_below_zero", -rest))
    elif not row.offered and rest:
        steps.append(by(held.offered_rule, "not_offered", -rest))
    elif row.short and rest:
        steps.append(Step("short", -rest))
    elif rest < row.threshold and rest:
        steps.append(by(held.threshold_rule, "below_threshold", -rest))
    return steps


def _promises(db: Session, store_id: StoreId | uuid.UUID, sku: str) -> list[Promise]:
    rows = db.execute(
        select(
            Reservation.order_id, Reservation.state, Reservation.skus, Reservation.quantities, Reservation.expires_at
        )
        .where(Reservation.store_id == store_id, Reservation.state.in_(LIVE), Reservation.skus.contains([sku]))
        .order_by(Reservation.held_at, Reservation.order_id)
    )
    return [
        Promise(order_id, state, dict(zip(skus, quantities, strict=True))[sku], expires_at)
        for order_id, state, skus, quantities, expires_at in rows
    ]


@dataclass(frozen=True, slots=True)
class Open:
    """A discrepancy that stands open."""

    id: uuid.UUID
    sku: str
    kind: str
    missing: int
    opened_at: datetime


def discrepancies(db: Session, *, store_id: StoreId | uuid.UUID) -> list[Open]:
    """Open discrepancies of a store, oldest first."""
    rows = db.scalars(
        select(Discrepancy)
        .where(Discrepancy.store_id == store_id, Discrepancy.closed_at.is_(None))
        .order_by(Discrepancy.opened_at, Discrepancy.sku)
    )
    return [Open(row.id, row.sku, row.kind, row.missing, row.opened_at) for row in rows]
