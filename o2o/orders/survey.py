"""What the rooms below know of every store that could take a basket, put together as candidates for sourcing. Reads only."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from o2o.catalogue.goods import Good
from o2o.dispatch import supply
from o2o.dispatch.supply import Supply
from o2o.geo.lonlat import LonLat, distance_m
from o2o.infra.roads import Roads
from o2o.inventory import availability
from o2o.kit.errors import Conflict, NotFound
from o2o.kit.ids import Sku, StoreId
from o2o.orders import lessons, promise, sourcing
from o2o.orders.promise import FulfilmentPlan, Load, Paces
from o2o.orders.sourcing import Ask, Candidate, Ranking
from o2o.picking import pick_tasks
from o2o.picking.pick_tasks import Backlog
from o2o.stores import coverage, hours, places
from o2o.stores.snapshot import StoreInfo

CONSIDERED = 12
"""Nearest serving stores that are judged; in a dense district more would change nothing but the time it takes."""
NEAR_ENOUGH_FOR_PICKUP = 3


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
    delivery: bool
    point: LonLat | None
    store_id: StoreId | None = None
    excluded: frozenset[uuid.UUID] = field(default_factory=frozenset)

    @property
    def weight_g(self) -> int:
        """What the basket weighs."""
        return sum(self.goods[sku].weight_g * quantity for sku, quantity in self.wanted.items())


@dataclass(frozen=True, slots=True)
class _Place:
    store: StoreInfo
    distance_m: int
    fee_fen: int
    min_basket_fen: int
    covers: bool


def rank(db: Session, *, wish: Wish, roads: Roads, now: datetime) -> Ranking:
    """All stores that matter for a wish, judged.

    Raises:
        OutOfArea: a delivery where nobody delivers.
        NoStore: a pickup at an unknown store.
    """
    found = _places(db, wish, now)
    candidates = _candidates(db, wish, found, roads, now)
    ask = Ask(now=now, goods_fen=wish.goods_fen, weight_g=wish.weight_g, delivery=wish.delivery)
    return sourcing.rank_stores(candidates, ask)


def _places(db: Session, wish: Wish, now: datetime) -> list[_Place]:
    if not wish.delivery:
        return [_pickup_place(db, wish)]
    assert wish.point is not None
    options = coverage.stores_serving(db, point=wish.point, now=now)[:CONSIDERED]
    if not options:
        near = coverage.nearest(db, point=wish.point, now=now, limit=NEAR_ENOUGH_FOR_PICKUP)
        raise OutOfArea(
            field="point",
            nearest=[
                {"store_id": str(n.store.id), "name_zh": n.store.name_zh, "name_en": n.store.name_en, "distance_m": n.distance_m}
                for n in near
            ],
        )  # fmt: skip
    return [
        _Place(places.get(db, store_id=o.store_id), o.distance_m, o.fee_fen, o.min_basket_fen, True) for o in options
    ]


def _pickup_place(db: Session, wish: Wish) -> _Place:
    try:
        store = places.get(db, store_id=StoreId(wish.store_id or uuid.UUID(int=0)))
    except places.NoSuchStore:
        raise NoStore(field="store_id") from None
    return _Place(store, distance_m(store.location, wish.point) if wish.point else 0, 0, 0, False)


def _candidates(db: Session, wish: Wish, found: list[_Place], roads: Roads, now: datetime) -> list[Candidate]:
    store_ids = [place.store.id for place in found]
    free = availability.sellable(db, store_ids=store_ids, skus=list(wish.wanted), now=now)
    backlog = pick_tasks.backlog(db, store_ids=store_ids, now=now)
    paces = lessons.of_stores(db, store_ids=store_ids, delivery=wish.delivery)
    supplied: Mapping[uuid.UUID, Supply] = {}
    rides: list[int] = [0] * len(found)
    if wish.delivery and wish.point is not None:
        supplied = supply.rider_supply(db, area_ids=list({place.store.area_id for place in found}))
        table = roads.table([place.store.location for place in found], [wish.point]).at(now)
        rides = [int(seconds) for seconds in table.seconds[:, 0]]
    return [
        _candidate(wish, place, free, backlog, supplied, paces, ride_s, now)
        for place, ride_s in zip(found, rides, strict=True)
    ]


def _candidate(
    wish: Wish,
    place: _Place,
    free: Mapping[tuple[StoreId, Sku], int],
    backlog: Mapping[StoreId, Backlog],
    supplied: Mapping[uuid.UUID, Supply],
    paces: Mapping[StoreId, Paces],
    ride_s: int,
    now: datetime,
) -> Candidate:
    store = place.store
    left = {sku: free[store.id, sku] for sku in wish.wanted}
    riders = supplied.get(store.area_id, Supply())
    work = backlog.get(store.id, Backlog())
    load = Load(
        backlog_s=work.work_s,
        tasks=work.tasks,
        riders=riders.on_shift,
        free_riders=riders.free,
        open_deliveries=riders.open_deliveries,
    )
    plan = plan_for(wish, store, load, paces[store.id], ride_s, place.distance_m, now)
    open_now = store.open and hours.is_open(store.hours, now)
    return Candidate(
        store_id=store.id,
        covers=place.covers,
        open=open_now,
        distance_m=place.distance_m,
        fee_fen=place.fee_fen if wish.delivery else 0,
        min_basket_fen=place.min_basket_fen,
        plan=plan,
        backlog_s=load.backlog_s,
        riders=load.riders,
        short=tuple((sku, n, left[sku]) for sku, n in wish.wanted.items() if left[sku] < n),
        last_pieces=sum(left[sku] - n < sourcing.STANDARD.healthy_left for sku, n in wish.wanted.items()),
        closes_at=hours.closes_at(store.hours, now) if open_now else None,
        opens_at=None if open_now else hours.opens_at(store.hours, now),
        excluded=store.id in wish.excluded,
        chosen_by_customer=None if wish.delivery else store.id == wish.store_id,
    )


def plan_for(
    wish: Wish, store: StoreInfo, load: Load, paces: Paces, ride_s: int, metres: int, now: datetime
) -> FulfilmentPlan:
    """The plan of this basket at this store."""
    work_s = promise.pick_work_s(len(wish.wanted), wish.weight_g, line_s=store.pick_line_s)
    if not wish.delivery:
        return promise.plan_pickup(now=now, work_s=work_s, load=load, paces=paces)
    return promise.plan_delivery(now=now, work_s=work_s, load=load, ride_s=ride_s, distance_m=metres, paces=paces)


def why(ranking: Ranking) -> dict[str, Any]:
    """The choice as data: each store with its verdict or its score by term, the runner-up and the difference in fen."""
    judged = [*ranking.willing, *ranking.refused]
    return {
        "runner_up": str(ranking.runner_up.store_id) if ranking.runner_up else None,
        "difference_fen": ranking.difference_fen,
        "considered": [
            {
                "store_id": str(one.store_id),
                "verdict": one.verdict.value if one.verdict else None,
                "facts": one.facts,
                "score_fen": one.score_fen if one.verdict is None else None,
                "terms": one.terms,
            }
            for one in judged
        ],
    }
