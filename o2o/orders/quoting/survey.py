"""What the rooms below know of every store that could take a basket, put together as candidates for sourcing. Reads only."""

import uuid
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from o2o.catalogue.goods import Good
from o2o.geo.lonlat import LonLat, distance_m
from o2o.infra.roads import Roads
from o2o.kit.errors import Conflict, NotFound
from o2o.kit.ids import Sku, StoreId
from o2o.kit.values import value
from o2o.orders import pricing
from o2o.orders.choices import rule_book
from o2o.orders.pricing import Item
from o2o.orders.promise import FulfilmentPlan
from o2o.orders.quoting import quotes, store_facts
from o2o.orders.quoting.quotes import Offer, Part
from o2o.orders.quoting.slots import Slot
from o2o.orders.quoting.store_facts import Place, Visit
from o2o.orders.sourcing import ranking, record
from o2o.orders.sourcing.facts import Ask, Candidate, Reach, Wanted
from o2o.orders.sourcing.ranking import Ranking, Way
from o2o.stores import places
from o2o.stores.coverage import out_of_reach, serving
from o2o.stores.snapshot import StoreInfo

CONSIDERED = 20
"""Nearest serving stores that are judged; in a dense district more would change nothing but the time it takes."""
EXPLAINED = 5
"""Nearest stores that do not deliver there, judged as well when nobody can: so that each can be told why not."""
NEAR_ENOUGH_FOR_PICKUP = 3


class OutOfArea(Conflict):
    """No store delivers to this place. `nearest` names the closest ones, where the order can be picked up."""

    code = "orders.out_of_area"


class Unserved(Conflict):
    """No store can take this basket now; `considered` says for each store why."""

    code = "orders.unserved"


class NoStore(NotFound):
    """There is no such store to pick up from."""

    code = "orders.no_store"


@value(frozen=True, slots=True)
class Wish:
    """A basket looking for its store."""

    goods: Mapping[Sku, Good]
    wanted: Mapping[Sku, int]
    goods_fen: int
    """What the whole order's goods are worth, be this all of it or a part."""
    delivery: bool
    point: LonLat | None
    store_id: StoreId | None = None
    excluded: frozenset[uuid.UUID] = field(default_factory=frozenset)
    divisible: bool = True
    """Whether several stores may share it: only where the customer is told before paying."""
    slot: Slot | None = None
    """The window the customer chose, at its store."""

    def ask(self, now: datetime) -> Ask:
        """As sourcing reads it."""
        lines = tuple(_wanted(self.goods[sku], quantity) for sku, quantity in self.wanted.items())
        return Ask(now, lines, self.delivery, order_fen=self.goods_fen, divisible=self.divisible)


def _wanted(good: Good, quantity: int) -> Wanted:
    value_fen = pricing.gross(Item(good.sku, quantity, good.price_fen, good.weighed, good.weight_g))
    return Wanted(good.sku, quantity, value_fen, good.weight_g * quantity)


@value(frozen=True, slots=True)
class Found:
    """A ranking with what it was made of."""

    ask: Ask
    ranking: Ranking
    rules_version: int
    plans: Mapping[StoreId, FulfilmentPlan]
    visits: Mapping[StoreId, Visit]
    reached: bool = True
    """Whether any store delivers there at all; True for a pickup."""

    def offers(self, *, most: int = quotes.KEPT_STORES) -> tuple[Offer, ...]:
        """The best ways that cost the customer the same, as offers; another fee would be another total."""
        if self.ranking.choice is None:
            return ()
        fee_fen = self.ranking.choice.fee_fen
        return tuple(self.offer(way) for way in self.ranking.ways if way.fee_fen == fee_fen)[:most]

    def offer(self, way: Way) -> Offer:
        """A way with its plans; each part is planned for the lines it brings."""
        return Offer(tuple(self._part(candidate, lines, len(way.parts)) for candidate, lines in way.parts))

    def _part(self, candidate: Candidate, lines: tuple[int, ...], of: int) -> Part:
        brings = tuple((self.ask.lines[n].sku, self.ask.lines[n].quantity) for n in lines)
        plan = self.plans[candidate.store_id]
        if of > 1:
            weight_g = sum(self.ask.lines[n].weight_g for n in lines)
            plan = self.visits[candidate.store_id].plan(len(lines), weight_g, self.ask.now)
        return Part(candidate.store_id, candidate.area_id, brings, plan)

    def why(self) -> dict[str, Any]:
        """The short form of the reasons, for the customer."""
        return record.brief(self.ranking)

    def kept(self) -> dict[str, Any]:
        """The decision as it is kept with the order: the version of the rules, and everything that was known."""
        candidates = tuple(one.candidate for one in self.ranking.assessed)
        return {
            "rules": self.rules_version,
            "text": record.keep(self.rules_version, self.ask, candidates, self.ranking),
        }


def rank(db: Session, *, wish: Wish, roads: Roads, now: datetime) -> Found:
    """All stores that matter for a wish, judged. Where nobody can do it, near stores that do not deliver there are judged too.

    Raises:
        NoStore: a pickup at an unknown store.
    """
    places_there = _places(db, wish, now)
    found = _judged(db, wish, places_there, roads, now)
    if found.ranking.choice is None and wish.delivery:
        assert wish.point is not None
        others = _out_of_reach(db, wish.point, now)
        if others:
            found = _judged(db, wish, [*places_there, *others], roads, now)
    return found if places_there else replace(found, reached=False)


def refusal(db: Session, *, wish: Wish, found: Found, now: datetime) -> Conflict:
    """What the customer of a basket that found no store is told."""
    if found.reached:
        return Unserved(**found.why())
    assert wish.point is not None
    near = serving.nearest(db, point=wish.point, now=now, limit=NEAR_ENOUGH_FOR_PICKUP)
    return OutOfArea(field="point", nearest=[_named(n.store, n.distance_m) for n in near], **found.why())


Look = tuple[StoreInfo, int, FulfilmentPlan]
"""A store that delivers to a place, its distance, and what it would plan for a usual basket."""


def look(db: Session, *, point: LonLat, lines: int, weight_g: int, roads: Roads, now: datetime) -> list[Look]:
    """What every store that delivers to a place would plan for so many lines, whatever they are."""
    wish = Wish({}, {}, 0, True, point)
    found = _places(db, wish, now)
    seen = store_facts.visits(db, found=found, skus=(), point=point, roads=roads, now=now)
    return [(one.place.store, one.place.distance_m, one.plan(lines, weight_g, now)) for one, _ in seen]


def _named(store: StoreInfo, metres: int) -> dict[str, object]:
    return {"store_id": str(store.id), "name_zh": store.name_zh, "name_en": store.name_en, "distance_m": metres}


def _judged(db: Session, wish: Wish, found: list[Place], roads: Roads, now: datetime) -> Found:
    ask, rules = wish.ask(now), rule_book.in_force(db, now=now)
    point = wish.point if wish.delivery else None
    candidates, plans, visits = [], {}, {}
    seen = store_facts.visits(db, found=found, skus=list(wish.wanted), point=point, roads=roads, now=now)
    for visit, shelf in seen:
        store_id = visit.place.store.id
        plan = visit.plan(len(ask.lines), ask.weight_g, now)
        plans[store_id], visits[store_id] = plan, visit
        chosen = None if wish.delivery else store_id == wish.store_id
        rejected = store_id in wish.excluded
        candidates.append(store_facts.candidate(visit, shelf, plan, rejected=rejected, chosen=chosen, now=now))
    return Found(ask, ranking.rank(candidates, ask, rules), rules.version, plans, visits)


def _places(db: Session, wish: Wish, now: datetime) -> list[Place]:
    if not wish.delivery:
        return [_pickup_place(db, wish)]
    assert wish.point is not None
    options = serving.stores_serving(db, point=wish.point, now=now)
    if wish.slot is not None:
        options = [option for option in options if option.store.id == wish.slot.store_id]
    return [
        Place(
            o.store, o.distance_m, Reach.SERVES, o.zone.fee_fen, o.zone.min_basket_fen, o.zone.speed_s, o.zone.arrives, wish.slot
        )
        for o in options[:CONSIDERED]
    ]  # fmt: skip


def _pickup_place(db: Session, wish: Wish) -> Place:
    try:
        store = places.get(db, store_id=StoreId(wish.store_id or uuid.UUID(int=0)))
    except places.NoSuchStore:
        raise NoStore(field="store_id") from None
    return Place(store, distance_m(store.location, wish.point) if wish.point else 0, Reach.OUTSIDE, slot=wish.slot)


_REACH = {
    out_of_reach.Why.OUTSIDE: Reach.OUTSIDE,
    out_of_reach.Why.EXCLUDED: Reach.EXCLUDED,
    out_of_reach.Why.NOT_NOW: Reach.NOT_NOW,
    out_of_reach.Why.SHUT: Reach.SERVES,
}


def _out_of_reach(db: Session, point: LonLat, now: datetime) -> list[Place]:
    return [
        Place(one.store, one.distance_m, _REACH[one.why])
        for one in out_of_reach.near(db, point=point, now=now, limit=EXPLAINED)
    ]
