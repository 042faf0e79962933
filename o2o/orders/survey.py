"""What the rooms below know of every store that could take a basket, put together as candidates for sourcing. Reads only."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from o2o.catalogue.goods import Good
from o2o.dispatch import supply
from o2o.dispatch.supply import Supply
from o2o.geo.lonlat import LonLat, distance_m
from o2o.infra.roads import Roads
from o2o.inventory import availability
from o2o.inventory.availability import Shelf
from o2o.kit.errors import Conflict, NotFound
from o2o.kit.ids import Sku, StoreId
from o2o.orders import lessons, pricing, promise, quotes, rule_book
from o2o.orders.pricing import Item
from o2o.orders.promise import FulfilmentPlan, Load, Paces
from o2o.orders.quotes import Offer, Part
from o2o.orders.slots import Slot
from o2o.orders.sourcing import ranking, record
from o2o.orders.sourcing.facts import NOT_KEPT, Ask, Candidate, Doors, Reach, Wanted
from o2o.orders.sourcing.ranking import Ranking, Way
from o2o.picking import pick_tasks, rota
from o2o.picking.pick_tasks import Backlog
from o2o.stores import coverage, hours, out_of_reach, places
from o2o.stores.snapshot import StoreInfo

CONSIDERED = 20
"""Nearest serving stores that are judged; in a dense district more would change nothing but the time it takes."""
EXPLAINED = 5
"""Nearest stores that do not deliver there, judged as well when nobody can: so that each can be told why not."""
NEAR_ENOUGH_FOR_PICKUP = 3
NEAR_EXPIRY = timedelta(days=2)
"""Pieces whose last day is nearer than this had better be sold first."""


class OutOfArea(Conflict):
    """No store delivers to this place. `nearest` names the closest ones, where the order can be picked up."""

    code = "orders.out_of_area"


class NoStore(NotFound):
    """There is no such store to pick up from."""

    code = "orders.no_store"


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class _Place:
    """A store as seen from the door, before anybody has looked at its shelves."""

    store: StoreInfo
    distance_m: int
    reach: Reach = Reach.SERVES
    fee_fen: int = 0
    min_basket_fen: int = 0
    speed_s: int | None = None
    arrives: tuple[time, time] | None = None
    slot: Slot | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was read about all the places at once."""

    shelves: Mapping[tuple[StoreId, Sku], Shelf]
    backlog: Mapping[StoreId, Backlog]
    paces: Mapping[StoreId, Paces]
    supplied: Mapping[uuid.UUID, Supply]
    hands: Mapping[StoreId, int]
    later: Mapping[uuid.UUID, Supply]
    """The supply expected when the later windows are delivered."""


@dataclass(frozen=True, slots=True)
class Found:
    """A ranking with what it was made of."""

    ask: Ask
    ranking: Ranking
    rules_version: int
    plans: Mapping[StoreId, FulfilmentPlan]
    visits: Mapping[StoreId, "_Visit"]

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
            plan = self.visits[candidate.store_id].plan(len(lines), weight_g, self.ask.delivery, self.ask.now)
        return Part(candidate.store_id, candidate.area_id, brings, plan)

    def distance_m(self, store_id: uuid.UUID) -> int:
        """From a considered store to the door."""
        return next(one.candidate.distance_m for one in self.ranking.assessed if one.store_id == store_id)

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
        OutOfArea: a delivery where nobody delivers.
        NoStore: a pickup at an unknown store.
    """
    places_there = _places(db, wish, now)
    found = _judged(db, wish, places_there, roads, now)
    if found.ranking.choice is None and wish.delivery:
        assert wish.point is not None
        others = _out_of_reach(db, wish.point, now)
        if others:
            found = _judged(db, wish, [*places_there, *others], roads, now)
    if not places_there:
        assert wish.point is not None
        near = coverage.nearest(db, point=wish.point, now=now, limit=NEAR_ENOUGH_FOR_PICKUP)
        raise OutOfArea(field="point", nearest=[_named(n.store, n.distance_m) for n in near], **found.why())
    return found


Look = tuple[StoreInfo, int, FulfilmentPlan]
"""A store that delivers to a place, its distance, and what it would plan for a usual basket."""


def look(db: Session, *, point: LonLat, lines: int, weight_g: int, roads: Roads, now: datetime) -> list[Look]:
    """What every store that delivers to a place would plan for so many lines, whatever they are."""
    wish = Wish({}, {}, 0, True, point)
    found = _places(db, wish, now)
    seen = _seen(db, wish, found, now)
    return [
        (place.store, place.distance_m, _visit(place, seen, ride_s, now).plan(lines, weight_g, True, now))
        for place, (ride_s, _) in zip(found, _rides(wish, found, roads, now), strict=True)
    ]


def _named(store: StoreInfo, metres: int) -> dict[str, object]:
    return {"store_id": str(store.id), "name_zh": store.name_zh, "name_en": store.name_en, "distance_m": metres}


def _judged(db: Session, wish: Wish, found: list[_Place], roads: Roads, now: datetime) -> Found:
    ask, rules = wish.ask(now), rule_book.in_force(db, now=now)
    seen = _seen(db, wish, found, now)
    rides = _rides(wish, found, roads, now)
    candidates, plans, visits = [], {}, {}
    for place, (ride_s, ride_m) in zip(found, rides, strict=True):
        visit = _visit(place, seen, ride_s, now)
        plan = visit.plan(len(ask.lines), ask.weight_g, ask.delivery, now)
        plans[place.store.id], visits[place.store.id] = plan, visit
        candidates.append(_candidate(wish, place, seen, visit, plan, ride_m, now))
    return Found(ask, ranking.rank(candidates, ask, rules), rules.version, plans, visits)


def _places(db: Session, wish: Wish, now: datetime) -> list[_Place]:
    if not wish.delivery:
        return [_pickup_place(db, wish)]
    assert wish.point is not None
    options = coverage.stores_serving(db, point=wish.point, now=now)
    if wish.slot is not None:
        options = [option for option in options if option.store_id == wish.slot.store_id]
    return [
        _Place(
            places.get(db, store_id=o.store_id), o.distance_m, Reach.SERVES, o.fee_fen, o.min_basket_fen, o.speed_s, o.arrives,
            wish.slot,
        )
        for o in options[:CONSIDERED]
    ]  # fmt: skip


def _pickup_place(db: Session, wish: Wish) -> _Place:
    try:
        store = places.get(db, store_id=StoreId(wish.store_id or uuid.UUID(int=0)))
    except places.NoSuchStore:
        raise NoStore(field="store_id") from None
    return _Place(store, distance_m(store.location, wish.point) if wish.point else 0, Reach.OUTSIDE, slot=wish.slot)


_REACH = {
    out_of_reach.Why.OUTSIDE: Reach.OUTSIDE,
    out_of_reach.Why.EXCLUDED: Reach.EXCLUDED,
    out_of_reach.Why.NOT_NOW: Reach.NOT_NOW,
    out_of_reach.Why.SHUT: Reach.SERVES,
}


def _out_of_reach(db: Session, point: LonLat, now: datetime) -> list[_Place]:
    return [
        _Place(one.store, one.distance_m, _REACH[one.why])
        for one in out_of_reach.near(db, point=point, now=now, limit=EXPLAINED)
    ]


def _seen(db: Session, wish: Wish, found: list[_Place], now: datetime) -> _Seen:
    store_ids = [place.store.id for place in found]
    shelves = availability.shelves(
        db, store_ids=store_ids, skus=list(wish.wanted), now=now, expiring_by=(now + NEAR_EXPIRY).date()
    )
    backlog = pick_tasks.backlog(db, store_ids=store_ids, now=now)
    paces = lessons.of_stores(db, store_ids=store_ids, delivery=wish.delivery)
    supplied: Mapping[uuid.UUID, Supply] = {}
    later: Mapping[uuid.UUID, Supply] = {}
    if wish.delivery and found:
        supplied = supply.rider_supply(db, area_ids=list({place.store.area_id for place in found}))
        windowed = [place for place in found if place.arrives is not None or place.slot is not None]
        if windowed:
            at = min(_window(place, now)[0] for place in windowed)
            later = supply.rider_supply(db, area_ids=list({place.store.area_id for place in windowed}), at=at)
    hands = rota.hands(db, store_ids=store_ids, at=now)
    return _Seen(shelves, backlog, paces, supplied, hands, later)


def _rides(wish: Wish, found: list[_Place], roads: Roads, now: datetime) -> list[tuple[int, int]]:
    """Seconds and metres of the ride from each place."""
    if not wish.delivery or wish.point is None or not found:
        return [(0, 0)] * len(found)
    table = roads.table([place.store.location for place in found], [wish.point]).at(now)
    return list(zip(table.seconds[:, 0].tolist(), table.metres[:, 0].tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class _Visit:
    """What a store's plan is made of, whatever part of the basket it takes."""

    place: _Place
    load: Load
    paces: Paces
    ride_s: int
    window: tuple[datetime, datetime] | None

    def plan(self, lines: int, weight_g: int, delivery: bool, now: datetime) -> FulfilmentPlan:
        """The plan of so many lines of so much weight here; in a later window, brought within it."""
        work_s = promise.pick_work_s(lines, weight_g, line_s=self.place.store.pick_line_s)
        if not delivery:
            ready = promise.plan_pickup(now=now, work_s=work_s, load=self.load, paces=self.paces)
            return ready if self.window is None else _within(ready, *self.window)
        plan = promise.plan_delivery(
            now=now,
            work_s=work_s,
            load=self.load,
            ride_s=self.ride_s,
            distance_m=self.place.distance_m,
            paces=self.paces,
        )
        return plan if self.window is None else _within(plan, *self.window)


def _within(plan: FulfilmentPlan, start: datetime, end: datetime) -> FulfilmentPlan:
    """A plan whose arrival is expected in the middle of a later window, and promised within it."""
    later_s = int(((start + (end - start) / 2) - plan.expected_at).total_seconds())
    moved = plan.shifted(max(0, later_s))
    slack_s = int((end - moved.expected_at).total_seconds())
    return replace(moved, arrive_from=start, arrive_by=end, slack_s=slack_s, agreed=True)


def _visit(place: _Place, seen: _Seen, ride_s: int, now: datetime) -> _Visit:
    window = None if place.arrives is None and place.slot is None else _window(place, now)
    supplied = seen.supplied if window is None else seen.later
    riders = supplied.get(place.store.area_id, Supply())
    work = seen.backlog.get(place.store.id, Backlog())
    load = Load(
        backlog_s=work.work_s,
        tasks=work.tasks,
        hands=seen.hands.get(place.store.id, promise.STANDARD.hands),
        riders=riders.on_shift,
        free_riders=riders.free,
        open_deliveries=riders.open_deliveries,
        rush_s=place.store.rush_at(now),
    )
    return _Visit(place, load, seen.paces[place.store.id], ride_s, window)


def _window(place: _Place, now: datetime) -> tuple[datetime, datetime]:
    """The chosen window; else the next one of a ring that is delivered at a time of day: today's before it begins, or tomorrow's."""
    if place.slot is not None:
        return place.slot.starts_at, place.slot.ends_at
    assert place.arrives is not None
    zone = ZoneInfo(place.store.timezone)
    day = now.astimezone(zone).date()
    for ahead in range(2):
        start, end = (
            datetime.combine(day + timedelta(days=ahead), at, tzinfo=zone).astimezone(now.tzinfo)
            for at in place.arrives
        )
        if start > now:
            break
    return start, end


def _candidate(
    wish: Wish, place: _Place, seen: _Seen, visit: _Visit, plan: FulfilmentPlan, ride_m: int, now: datetime
) -> Candidate:
    store, load = place.store, visit.load
    shelves = [seen.shelves[store.id, sku] for sku in wish.wanted]
    doors, opens_s, closes_s = _doors(store, plan, now, place.slot)
    return Candidate(
        store_id=store.id,
        area_id=store.area_id,
        reach=int(place.reach),
        doors=int(doors),
        opens_s=opens_s,
        closes_s=closes_s,
        distance_m=place.distance_m,
        ride_m=ride_m,
        ride_s=visit.ride_s,
        fee_fen=place.fee_fen,
        min_basket_fen=place.min_basket_fen,
        ready_s=_after(now, plan.ready_at),
        arrive_s=_after(now, plan.arrive_by),
        window_s=None if visit.window is None else _after(now, visit.window[0]),
        speed_s=place.speed_s,
        cost_fen=plan.cost_fen,
        backlog_s=load.backlog_s,
        hands=load.hands,
        riders=load.riders,
        open_deliveries=load.open_deliveries,
        rejected=store.id in wish.excluded,
        chosen=None if wish.delivery else store.id == wish.store_id,
        left=tuple(shelf.left if shelf.sold_here else NOT_KEPT for shelf in shelves),
        expiring=tuple(shelf.expiring for shelf in shelves),
    )


def _doors(
    store: StoreInfo, plan: FulfilmentPlan, now: datetime, slot: Slot | None
) -> tuple[Doors, int | None, int | None]:
    """Whether a store is open, else when it opens; and when it shuts, counted from the work's own day where that is later.

    A chosen window asks only that the store is open then.
    """
    if slot is not None and store.is_open(slot.starts_at):
        return Doors.OPEN, None, _after(now, slot.ends_at)
    open_now, opens_at = store.when_open(now)
    if not open_now:
        shut_by_hand = store.closed_until is not None and now < store.closed_until
        opens_s = None if opens_at is None else _after(now, opens_at)
        return Doors.EMERGENCY if shut_by_hand else Doors.CLOSED, opens_s, None
    closes_at = hours.closes_at(store.hours, now, enough=plan.ready_at)
    if closes_at is not None and plan.ready_at > closes_at:
        closes_at = hours.closes_at(store.hours, plan.ready_at) or closes_at
    return Doors.OPEN, None, None if closes_at is None else _after(now, closes_at)


def _after(now: datetime, at: datetime) -> int:
    return int((at - now).total_seconds())
