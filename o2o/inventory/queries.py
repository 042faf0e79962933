"""What clerks and head office read about stock: the shelf list, why a number is what it is, what is open."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.inventory.models import (
    Count,
    CountLine,
    Discrepancy,
    Lot,
    Notice,
    NoticeLine,
    Reservation,
    StockEntry,
    StockItem,
    Transfer,
    TransferLine,
)
from o2o.inventory.reserving import availability, channel_rules, rules
from o2o.inventory.supply.suppliers import Difference
from o2o.kit.errors import NotFound
from o2o.kit.ids import Sku, StoreId

LIVE = ("held", "committed")


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
    till = [
        Step("on_hand", row.on_hand),
        Step("reserved", -row.reserved),
        Step("damaged", -row.damaged),
        Step("quality_control", -row.quality_control),
        Step("expired_holds", due),
    ]
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
        app=till + _rule_steps(db, row, item, sum(step.units for step in till)),
        till=till,
        promises=promises,
        lots=[LotLeft(code, day, units, blocked) for code, day, units, blocked in lots],
        entries=[Entry(at, kind, bucket, delta, cause) for at, kind, bucket, delta, cause in entries],
    )


def _rule_steps(db: Session, row: StockItem, item: Item, free: int) -> list[Step]:
    known = channel_rules.all_rules(db)
    notes = {rule.id: rule.note for rule in known}
    held = rules.hold_for(known, store_id=row.store_id, sku=row.sku, category=item.category)
    steps: list[Step] = []
    if row.safety:
        rule = held.safety_rule
        steps.append(Step("safety", -row.safety, rule, notes.get(rule, "") if rule else ""))
    rest = max(0, free - row.safety)
    if row.flash:
        steps.append(Step("limited_offer", item.app - free + row.safety))
    elif not row.offered and rest:
        rule = held.offered_rule
        steps.append(Step("not_offered", -rest, rule, notes.get(rule, "") if rule else ""))
    elif rest < row.threshold and rest:
        rule = held.threshold_rule
        steps.append(Step("below_threshold", -rest, rule, notes.get(rule, "") if rule else ""))
    elif free - row.safety < 0:
        steps.append(Step("never_below_zero", row.safety - free))
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


@dataclass(frozen=True, slots=True)
class CountSeen:
    """A count as a clerk may see it: which lines are done, never what the books expect."""

    id: uuid.UUID
    scope: str
    state: str
    because: str
    asked_at: datetime
    holder: uuid.UUID | None
    lease_until: datetime | None
    waiting: list[str]
    done: list[str]


def counts(db: Session, *, store_id: StoreId | uuid.UUID, count_id: uuid.UUID | None = None) -> list[CountSeen]:
    """Open counts of a store, or one count; blind."""
    query = select(Count).where(Count.store_id == store_id).order_by(Count.asked_at, Count.id)
    query = (
        query.where(Count.id == count_id)
        if count_id
        else query.where(Count.state.in_(("requested", "counting", "counted")))
    )
    rows = db.scalars(query).all()
    lines = db.execute(
        select(CountLine.count_id, CountLine.sku, CountLine.counted.is_not(None).label("done"))
        .where(CountLine.count_id.in_([row.id for row in rows]))
        .order_by(CountLine.sku)
    ).all()
    return [
        CountSeen(
            row.id,
            row.scope,
            row.state,
            row.because,
            row.asked_at,
            row.holder,
            row.lease_until,
            [line.sku for line in lines if line.count_id == row.id and not line.done],
            [line.sku for line in lines if line.count_id == row.id and line.done],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class TransferSeen:
    """A transfer from or to a store."""

    id: uuid.UUID
    from_store_id: uuid.UUID
    to_store_id: uuid.UUID
    state: str
    drafted_at: datetime
    lines: list[tuple[str, int, int | None, int | None, str | None]]


def transfers(db: Session, *, store_id: StoreId | uuid.UUID, limit: int = 100) -> list[TransferSeen]:
    """Transfers from or to a store, newest first."""
    mine = (Transfer.from_store_id == store_id) | (Transfer.to_store_id == store_id)
    rows = db.scalars(select(Transfer).where(mine).order_by(Transfer.drafted_at.desc(), Transfer.id).limit(limit)).all()
    lines = db.scalars(
        select(TransferLine).where(TransferLine.transfer_id.in_([row.id for row in rows])).order_by(TransferLine.sku)
    ).all()
    return [
        TransferSeen(
            row.id,
            row.from_store_id,
            row.to_store_id,
            row.state,
            row.drafted_at,
            [(n.sku, n.quantity, n.received, n.lost, n.loss_reason) for n in lines if n.transfer_id == row.id],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class NoticeSeen:
    """An announced delivery."""

    id: uuid.UUID
    supplier: str
    due_at: datetime
    state: str
    lines: list[Difference]


def notices(db: Session, *, store_id: StoreId | uuid.UUID, limit: int = 100) -> list[NoticeSeen]:
    """Announced deliveries of a store: those to come first, then the latest."""
    order = ((Notice.state != "announced"), Notice.due_at.desc(), Notice.id)
    rows = db.scalars(select(Notice).where(Notice.store_id == store_id).order_by(*order).limit(limit)).all()
    lines = db.scalars(
        select(NoticeLine).where(NoticeLine.notice_id.in_([row.id for row in rows])).order_by(NoticeLine.sku)
    ).all()
    return [
        NoticeSeen(
            row.id,
            row.supplier,
            row.due_at,
            row.state,
            [
                Difference(n.sku, n.announced, n.received, n.damaged, n.refused, n.reason)
                for n in lines
                if n.notice_id == row.id
            ],
        )
        for row in rows
    ]
