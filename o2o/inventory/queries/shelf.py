"""The shelf as it is, shaped as it goes over the wire: the stock list, why a number is what it is, where shelf and books disagree."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.inventory.models import LIVE, Discrepancy, Lot, Reservation, StockEntry, StockItem
from o2o.inventory.reserving import availability, channel_rules, rules
from o2o.inventory.schemas.shelf import DiscrepancyOut, EntryOut, ItemOut, LotOut, PromiseOut, StepOut, WhyOut
from o2o.kit.errors import NotFound
from o2o.kit.ids import Sku, StoreId


class NoSuchItem(NotFound):
    """This store does not keep this."""

    code = "inventory.no_such_item"


def stock(
    db: Session, *, store_id: StoreId | uuid.UUID, words: str | None, after: str | None, limit: int, now: datetime
) -> list[ItemOut]:
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
) -> list[ItemOut]:
    place, skus = StoreId(store_id), [row.sku for row in rows]
    app = availability.sellable(db, store_ids=[place], skus=skus, now=now)
    till = availability.sellable(db, store_ids=[place], skus=skus, now=now, channel="till")
    found = []
    for row in rows:
        sku = Sku(row.sku)
        good = known.get(sku)
        found.append(
            ItemOut(
                sku=sku, name_zh=good.name_zh if good else sku, name_en=good.name_en if good else sku,
                category=good.category if good else "", on_hand=row.on_hand, reserved=row.reserved, safety=row.safety,
                damaged=row.damaged, quality_control=row.quality_control, in_transit=row.in_transit, short=row.short,
                limited_offer=row.flash, app=app[place, sku], till=till[place, sku],
            )
        )  # fmt: skip
    return found


def why(db: Session, *, store_id: StoreId | uuid.UUID, sku: str, now: datetime) -> WhyOut:
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
        _step("on_hand", row.on_hand),
        _step("reserved", -row.reserved),
        _step("damaged", -row.damaged),
        _step("quality_control", -row.quality_control),
        _step("expired_holds", due),
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
    return WhyOut(
        item=item,
        app=shelf + _app_steps(db, row, item, free),
        till=shelf + [_step("never_below_zero", -free)] * (free < 0),
        promises=promises,
        lots=[LotOut.model_validate(lot) for lot in lots],
        entries=[EntryOut.model_validate(entry) for entry in entries],
    )


def _step(because: str, units: int, *, rule_id: uuid.UUID | None = None, note: str = "") -> StepOut:
    return StepOut(because=because, units=units, rule_id=rule_id, note=note)


def _app_steps(db: Session, row: StockItem, item: ItemOut, free: int) -> list[StepOut]:
    """From what is free on the shelf to what the app may promise of it."""
    known = channel_rules.all_rules(db)
    notes = {rule.id: rule.note for rule in known}
    held = rules.hold_for(known, store_id=row.store_id, sku=row.sku, category=item.category)

    def by(rule_id: uuid.UUID | None, because: str, units: int) -> StepOut:
        return _step(because, units, rule_id=rule_id, note=notes[rule_id] if rule_id else "")

    steps = [by(held.safety_rule, "safety", -row.safety)] if row.safety else []
    rest = free - row.safety
    if row.flash:
        steps.append(_step("limited_offer", item.app - rest))
    elif rest < 0:
        steps.append(_step("never_below_zero", -rest))
    elif not row.offered and rest:
        steps.append(by(held.offered_rule, "not_offered", -rest))
    elif row.short and rest:
        steps.append(_step("short", -rest))
    elif rest < row.threshold and rest:
        steps.append(by(held.threshold_rule, "below_threshold", -rest))
    return steps


def _promises(db: Session, store_id: StoreId | uuid.UUID, sku: str) -> list[PromiseOut]:
    rows = db.execute(
        select(
            Reservation.order_id, Reservation.state, Reservation.skus, Reservation.quantities, Reservation.expires_at
        )
        .where(Reservation.store_id == store_id, Reservation.state.in_(LIVE), Reservation.skus.contains([sku]))
        .order_by(Reservation.held_at, Reservation.order_id)
    )
    return [
        PromiseOut(
            order_id=row.order_id,
            state=row.state,
            quantity=dict(zip(row.skus, row.quantities, strict=True))[sku],
            expires_at=row.expires_at,
        )
        for row in rows
    ]


def discrepancies(db: Session, *, store_id: StoreId | uuid.UUID) -> list[DiscrepancyOut]:
    """Open discrepancies of a store, oldest first, by what is missing now: an order that moved on since wants nothing here any more."""
    owed = StockItem.reserved + StockItem.damaged + StockItem.quality_control - StockItem.on_hand
    rows = db.execute(
        select(Discrepancy, owed)
        .join(StockItem, (StockItem.store_id == Discrepancy.store_id) & (StockItem.sku == Discrepancy.sku))
        .where(Discrepancy.store_id == store_id, Discrepancy.closed_at.is_(None))
        .order_by(Discrepancy.opened_at, Discrepancy.sku)
    )
    return [DiscrepancyOut.model_validate(row).model_copy(update={"missing": missing}) for row, missing in rows]
