"""Channel rules in force: saved, previewed, and written onto the items so that a hold reads nothing else."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, case, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.infra import outbox
from o2o.inventory.events import StockChanged
from o2o.inventory.lines import QUANTITY_MAX
from o2o.inventory.models import ChannelRule, StockItem
from o2o.inventory.reserving import rules
from o2o.inventory.reserving.rules import Held, Rule
from o2o.kit.errors import Invalid, NotFound
from o2o.kit.ids import Sku, StoreId


class BadRule(Invalid):
    """A rule says at least one thing, of one SKU or one category, and its numbers lie between 0 and 1,000,000."""

    code = "inventory.bad_rule"


class NoSuchRule(NotFound):
    """There is no such rule."""

    code = "inventory.no_such_rule"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change of rules does to one item: units the app may promise before and after."""

    store_id: StoreId
    sku: str
    before: int
    after: int
    held: Held


def all_rules(db: Session) -> list[Rule]:
    """Every rule, oldest first."""
    rows = db.scalars(select(ChannelRule).order_by(ChannelRule.id))
    return [Rule(r.id, r.store_id, r.category, r.sku, r.safety, r.threshold, r.offered, r.note) for r in rows]


def preview(db: Session, *, rule: Rule | None = None, without: uuid.UUID | None = None) -> list[Effect]:
    """What saving `rule` (or removing the rule `without`) would change, largest loss first; nothing is changed.

    Raises:
        BadRule: the rule says nothing, or cannot be meant.
    """
    if rule is not None:
        _check(rule)
    dropped = {without, rule.id if rule else None}
    then = [known for known in all_rules(db) if known.id not in dropped] + ([rule] if rule else [])
    found = [
        Effect(StoreId(item.store_id), item.sku, _promise(item, _now(item)), _promise(item, held), held)
        for item, held in _resolved(db, then)
        if _differs(item, held)
    ]
    return sorted(found, key=lambda effect: (effect.after - effect.before, effect.store_id, effect.sku))


def save(db: Session, *, rule: Rule, now: datetime) -> list[Effect]:
    """Put a rule in force (a known id is replaced); returns what it changed. Raises as `preview`."""
    _check(rule)
    values = {
        "id": rule.id,
        "store_id": rule.store_id,
        "category": rule.category,
        "sku": rule.sku,
        "safety": rule.safety,
        "threshold": rule.threshold,
        "offered": rule.offered,
        "note": rule.note,
        "saved_at": now,
    }
    _one_at_a_time(db)
    effects = preview(db, rule=rule)
    db.execute(insert(ChannelRule).values(values).on_conflict_do_update(index_elements=["id"], set_=values))
    _apply(db, effects, now=now)
    return effects


def remove(db: Session, *, rule_id: uuid.UUID, now: datetime) -> list[Effect]:
    """Take a rule out of force; returns what that changed.

    Raises:
        NoSuchRule.
    """
    _one_at_a_time(db)
    if db.scalar(select(ChannelRule.id).where(ChannelRule.id == rule_id)) is None:
        raise NoSuchRule(rule_id=rule_id)
    effects = preview(db, without=rule_id)
    db.execute(delete(ChannelRule).where(ChannelRule.id == rule_id))
    _apply(db, effects, now=now)
    return effects


def settle(db: Session, *, store_id: StoreId | uuid.UUID, skus: Sequence[str] | None = None) -> None:
    """Write the rules in force onto a store's items where they are not yet: new ones (`skus`), or all of them."""
    known = all_rules(db)
    if not known and skus is not None:
        return
    found = _resolved(db, known, store_id=store_id, skus=skus)
    _write(db, [(item, held) for item, held in found if _differs(item, held)])


def _differs(item: Row[*tuple[Any, ...]], held: Held) -> bool:
    return (held.safety, held.threshold, held.offered) != (item.safety, item.threshold, item.offered)


def _one_at_a_time(db: Session) -> None:
    """Two rules saved at once must each see the other."""
    db.execute(text("SELECT pg_advisory_xact_lock(7014010)"))


def _apply(db: Session, effects: Sequence[Effect], *, now: datetime) -> None:
    by_store: dict[StoreId, list[str]] = {}
    for effect in effects:
        by_store.setdefault(effect.store_id, []).append(effect.sku)
    _write(db, [(effect, effect.held) for effect in effects])
    outbox.emit_all(db, [StockChanged(store_id=s, skus=skus[:50]) for s, skus in sorted(by_store.items())], now=now)


def _write(db: Session, changes: Sequence[tuple[Effect | Row[*tuple[Any, ...]], Held]]) -> None:
    rows = [
        {"at_store": i.store_id, "of": i.sku, "keep": h.safety, "least": h.threshold, "app": h.offered}
        for i, h in changes
    ]
    if rows:
        rows.sort(key=lambda row: (row["at_store"], row["of"]))
        item = StockItem.__table__
        statement = (
            update(item)  # type: ignore[arg-type]
            .where(item.c.store_id == bindparam("at_store"), item.c.sku == bindparam("of"))
            .values(safety=bindparam("keep"), threshold=bindparam("least"), offered=bindparam("app"))
        )
        db.connection().execute(statement, rows)


def _resolved(
    db: Session,
    known: Sequence[Rule],
    *,
    store_id: StoreId | uuid.UUID | None = None,
    skus: Sequence[str] | None = None,
) -> list[tuple[Row[*tuple[Any, ...]], Held]]:
    limited = func.inventory_flash_left(StockItem.store_id, StockItem.sku)
    on_shelf = StockItem.on_hand - StockItem.reserved - StockItem.damaged - StockItem.quality_control
    query = select(
        StockItem.store_id,
        StockItem.sku,
        case((StockItem.flash, limited), else_=on_shelf).label("free"),
        StockItem.flash,
        StockItem.short,
        StockItem.safety,
        StockItem.threshold,
        StockItem.offered,
    )
    if store_id is not None:
        query = query.where(StockItem.store_id == store_id)
    if skus is not None:
        query = query.where(StockItem.sku.in_(skus))
    items = db.execute(query).all()
    known_goods = goods.get_many(db, skus={Sku(item.sku) for item in items})
    categories = {sku: good.category for sku, good in known_goods.items()}
    return [
        (i, rules.hold_for(known, store_id=i.store_id, sku=i.sku, category=categories.get(Sku(i.sku)))) for i in items
    ]


def _now(item: Row[*tuple[Any, ...]]) -> Held:
    return Held(safety=item.safety, threshold=item.threshold, offered=item.offered)


def _promise(item: Row[*tuple[Any, ...]], held: Held) -> int:
    """As `availability.sellable` says it for the app, but for holds that are over and not yet freed."""
    free: int = item.free if item.flash else item.free - held.safety
    return max(0, free) if held.offered and not item.short and free >= held.threshold else 0


def _check(rule: Rule) -> None:
    said = {"safety": rule.safety, "threshold": rule.threshold}
    if rule.offered is None and not any(number is not None for number in said.values()):
        raise BadRule(field="safety")
    for name, number in said.items():
        if number is not None and not 0 <= number <= QUANTITY_MAX:
            raise BadRule(field=name)
    if rule.sku is not None and rule.category is not None:
        raise BadRule(field="category")
