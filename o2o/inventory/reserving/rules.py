"""Which channel rule holds for an item: pure. A rule for the SKU beats one for its category beats one for all; of the same
width, one for the store beats one for the chain. Each value is looked for on its own, so a narrow rule may leave the rest."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """What the app may promise. None in the scope means all; None as a value leaves it to a wider rule."""

    id: uuid.UUID
    store_id: uuid.UUID | None = None
    category: str | None = None
    sku: str | None = None
    safety: int | None = None
    """Units kept back for the shop."""
    threshold: int | None = None
    """The app sells only while at least this many are free."""
    offered: bool | None = None
    """False keeps it out of the app."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What holds for one item, and which rule says so (None: nothing does)."""

    safety: int = 0
    threshold: int = 0
    offered: bool = True
    safety_rule: uuid.UUID | None = None
    threshold_rule: uuid.UUID | None = None
    offered_rule: uuid.UUID | None = None


def applies(rule: Rule, *, store_id: uuid.UUID, sku: str, category: str | None) -> bool:
    """Whether the rule's scope takes this item in."""
    return (
        rule.store_id in (None, store_id)
        and rule.sku in (None, sku)
        and (rule.category is None or rule.category == category)
    )


def hold_for(rules: Iterable[Rule], *, store_id: uuid.UUID, sku: str, category: str | None) -> Held:
    """The values that hold for one item. Among equals the newer rule (the later id) wins."""
    mine = [rule for rule in rules if applies(rule, store_id=store_id, sku=sku, category=category)]
    narrow_first = sorted(mine, key=_width, reverse=True)
    safety = next((rule for rule in narrow_first if rule.safety is not None), None)
    threshold = next((rule for rule in narrow_first if rule.threshold is not None), None)
    offered = next((rule for rule in narrow_first if rule.offered is not None), None)
    return Held(
        safety=safety.safety or 0 if safety else 0,
        threshold=threshold.threshold or 0 if threshold else 0,
        offered=bool(offered.offered) if offered else True,
        safety_rule=safety.id if safety else None,
        threshold_rule=threshold.id if threshold else None,
        offered_rule=offered.id if offered else None,
    )


def _width(rule: Rule) -> tuple[bool, bool, bool, uuid.UUID]:
    return (rule.sku is not None, rule.category is not None, rule.store_id is not None, rule.id)
