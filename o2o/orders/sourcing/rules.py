"""What headquarters wants of sourcing, as data: settings, filters and the order of choice, for all or for a channel, a way, an area.

A document is `{"sort": [...], "sections": [{"when": {...}, "set": {...}, "refuse": [{"name", "if": [...]}]}]}`. Sections are read
from first to last; a later one that fits overrides an earlier one's settings and adds its filters. Nothing in it is code.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from o2o.kit.errors import Invalid
from o2o.kit.ids import AreaId
from o2o.orders.sourcing.facts import Ask, Candidate
from o2o.orders.sourcing.policy import ORDER_WIDE, STANDARD, SourcingPolicy

SORTS = ("score", "promise", "distance", "backlog", "fee")
"""What the willing may be ordered by; the first that differs decides, and the score and the store's id settle ties."""
OPERATORS = ("over", "under", "is")
OF_STORE = (
    "distance_m",
    "ride_m",
    "ride_s",
    "fee_fen",
    "arrive_s",
    "ready_s",
    "backlog_s",
    "riders",
    "open_deliveries",
    "window_s",
)
OF_BASKET = ("goods_fen", "weight_g", "lines")
FACTS = (*OF_STORE, *OF_BASKET)
METHODS, CHANNELS = ("delivery", "pickup"), ("app",)
SECTIONS_MOST, FILTERS_MOST, NUMBER_MOST = 200, 50, 10_000_000
_KINDS = {one.name: one.type for one in fields(SourcingPolicy)}


class BadRules(Invalid):
    """These rules cannot be read; `field` says which part."""

    code = "orders.bad_rules"


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison: a fact of the store or the basket, how, and with what."""

    fact: str
    how: str
    number: int

    def holds(self, c: Candidate, ask: Ask) -> bool:
        """Whether it is so for this store and basket; a fact that is not there never holds."""
        found: int | None = (
            len(ask.lines) if self.fact == "lines" else getattr(ask if self.fact in OF_BASKET else c, self.fact)
        )
        if found is None:
            return False
        if self.how == "over":
            return found > self.number
        return found < self.number if self.how == "under" else found == self.number


@dataclass(frozen=True, slots=True)
class Filter:
    """A store for which all conditions hold is refused, by this name."""

    name: str
    conditions: tuple[Condition, ...]

    def refuses(self, c: Candidate, ask: Ask) -> bool:
        """Whether it keeps this store out."""
        return all(condition.holds(c, ask) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class Section:
    """Settings and filters, and for whom: None is for all."""

    channel: str | None = None
    method: str | None = None
    area_ids: frozenset[uuid.UUID] | None = None
    settings: tuple[tuple[str, int | bool], ...] = ()
    filters: tuple[Filter, ...] = ()

    def fits(self, channel: str, method: str, area_id: uuid.UUID | None) -> bool:
        """Whether it speaks of such an order at a store of this area; without an area, only what is for all areas."""
        return (
            self.channel in (None, channel)
            and self.method in (None, method)
            and (self.area_ids is None or area_id in self.area_ids)
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of what headquarters wants. Version 0 is the house's own, where headquarters said nothing."""

    version: int = 0
    sort: tuple[str, ...] = ("score",)
    sections: tuple[Section, ...] = ()
    base: SourcingPolicy = field(default=STANDARD)

    def of(self, ask: Ask, area_id: AreaId | None) -> tuple[SourcingPolicy, tuple[Filter, ...]]:
        """The settings and filters for stores of an area; without an area, those of the order as a whole."""
        method = "delivery" if ask.delivery else "pickup"
        settings: dict[str, Any] = {}
        filters: list[Filter] = []
        for section in self.sections:
            if section.fits(ask.channel, method, area_id):
                settings |= dict(section.settings)
                filters += section.filters
        return (replace(self.base, **settings) if settings else self.base), tuple(filters)


HOUSE = Rules()


def read(document: Mapping[str, Any], *, version: int) -> Rules:
    """The rules a document says.

    Raises:
        BadRules: an unknown word, a number out of range, a setting of the whole order in an area's section.
    """
    _only(document, {"sort", "sections"}, "document")
    sort = document.get("sort", ["score"])
    if not isinstance(sort, list) or not sort or any(name not in SORTS for name in sort) or len(set(sort)) < len(sort):
        raise BadRules(field="sort", allowed=list(SORTS))
    sections = document.get("sections", [])
    if not isinstance(sections, list) or len(sections) > SECTIONS_MOST:
        raise BadRules(field="sections", most=SECTIONS_MOST)
    return Rules(version, tuple(sort), tuple(_section(one, f"sections.{n}") for n, one in enumerate(sections)))


def _section(found: Any, where: str) -> Section:
    _only(found, {"when", "set", "refuse"}, where)
    when = found.get("when", {})
    _only(when, {"channel", "method", "area_ids"}, f"{where}.when")
    channel = _word(when.get("channel"), CHANNELS, f"{where}.when.channel")
    method = _word(when.get("method"), METHODS, f"{where}.when.method")
    area_ids = _areas(when["area_ids"], f"{where}.when.area_ids") if when.get("area_ids") is not None else None
    settings = found.get("set", {})
    _only(settings, set(_KINDS), f"{where}.set")
    if area_ids is not None and ORDER_WIDE & set(settings):
        raise BadRules(
            field=f"{where}.set.{min(ORDER_WIDE & set(settings))}", reason="of the whole order, not of an area"
        )
    filters = found.get("refuse", [])
    if not isinstance(filters, list) or len(filters) > FILTERS_MOST:
        raise BadRules(field=f"{where}.refuse", most=FILTERS_MOST)
    return Section(
        channel,
        method,
        area_ids,
        tuple(sorted((name, _setting(name, value, f"{where}.set.{name}")) for name, value in settings.items())),
        tuple(_filter(one, f"{where}.refuse.{n}") for n, one in enumerate(filters)),
    )


def _filter(found: Any, where: str) -> Filter:
    _only(found, {"name", "if"}, where)
    name, conditions = found.get("name"), found.get("if")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= 60 or not name.isprintable():
        raise BadRules(field=f"{where}.name")
    if not isinstance(conditions, list) or not 0 < len(conditions) <= len(FACTS):
        raise BadRules(field=f"{where}.if")
    return Filter(name.strip(), tuple(_condition(one, f"{where}.if.{n}") for n, one in enumerate(conditions)))


def _condition(found: Any, where: str) -> Condition:
    _only(found, {"fact", *OPERATORS}, where)
    how = [name for name in OPERATORS if name in found]
    fact = _word(found.get("fact"), FACTS, f"{where}.fact")
    if fact is None or len(how) != 1:
        raise BadRules(field=where, allowed=list(OPERATORS))
    return Condition(fact, how[0], _number(found[how[0]], f"{where}.{how[0]}"))


def _only(found: Any, allowed: set[str], where: str) -> None:
    if not isinstance(found, Mapping):
        raise BadRules(field=where)
    strange = sorted(ascii(name)[1:-1] for name in found if name not in allowed)
    if strange:
        raise BadRules(field=f"{where}.{strange[0][:60]}", allowed=sorted(allowed))


def _word(found: Any, allowed: tuple[str, ...], where: str) -> str | None:
    if found is not None and found not in allowed:
        raise BadRules(field=where, allowed=list(allowed))
    return None if found is None else str(found)


def _areas(found: Any, where: str) -> frozenset[uuid.UUID]:
    if not isinstance(found, list) or not 0 < len(found) <= 1_000:
        raise BadRules(field=where)
    try:
        return frozenset(uuid.UUID(one) for one in found)
    except (ValueError, AttributeError, TypeError):
        raise BadRules(field=where) from None


def _setting(name: str, value: Any, where: str) -> int | bool:
    if _KINDS[name] in (bool, "bool"):
        if not isinstance(value, bool):
            raise BadRules(field=where)
        return value
    number = _number(value, where)
    if number < 0 or (name == "most_shipments" and not 1 <= number <= 5):
        raise BadRules(field=where)
    return number


def _number(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > NUMBER_MOST:
        raise BadRules(field=where, most=NUMBER_MOST)
    return value
