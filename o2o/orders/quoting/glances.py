"""What a quote sees of the stores' queues, paces and hands and of the riders: for edges that may glance, a moment old."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from o2o.dispatch.working import supply
from o2o.dispatch.working.supply import Supply
from o2o.infra.glance import Glance
from o2o.kit.ids import StoreId
from o2o.orders.lessons import outcomes
from o2o.orders.promise import Paces
from o2o.picking import pick_tasks, rota
from o2o.picking.pick_tasks import Backlog


@dataclass(frozen=True, slots=True)
class Inside:
    """A store's queue, its pickers on shift (None where its rota says nothing), and how its orders usually go."""

    backlog: Backlog
    hands: int | None
    paces: Paces


_INSIDE: dict[bool, Glance[StoreId, Inside]] = {True: Glance(), False: Glance()}
_SUPPLIES: Glance[uuid.UUID, Supply] = Glance()


def inside(db: Session, store_ids: Collection[StoreId], *, delivery: bool, now: datetime) -> Mapping[StoreId, Inside]:
    """What each of these stores is doing, and how its deliveries (or pickups) go."""
    return _INSIDE[delivery].of(db, store_ids, lambda some: _read(db, some, delivery, now))


def _read(db: Session, store_ids: list[StoreId], delivery: bool, now: datetime) -> dict[StoreId, Inside]:
    backlogs = pick_tasks.backlog(db, store_ids=store_ids, now=now)
    hands = rota.hands(db, store_ids=store_ids, at=now)
    paces = outcomes.of_stores(db, store_ids=store_ids, delivery=delivery)
    return {one: Inside(backlogs.get(one, Backlog()), hands.get(one), paces[one]) for one in store_ids}


def supplies(db: Session, area_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Supply]:
    """As `supply.rider_supply`."""
    return _SUPPLIES.of(db, area_ids, lambda some: supply.rider_supply(db, area_ids=some))
