"""What a quote sees of the stores' queues, paces and hands and of the riders: for edges that may glance, a moment old."""

import uuid
from collections.abc import Collection, Mapping
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

_BACKLOGS: Glance[StoreId, Backlog] = Glance()
_HANDS: Glance[StoreId, int] = Glance()
_PACES: dict[bool, Glance[StoreId, Paces]] = {True: Glance(), False: Glance()}
_SUPPLIES: Glance[uuid.UUID, Supply] = Glance()


def backlogs(db: Session, store_ids: Collection[StoreId], *, now: datetime) -> Mapping[StoreId, Backlog]:
    """As `pick_tasks.backlog`."""
    return _BACKLOGS.of(db, store_ids, lambda some: pick_tasks.backlog(db, store_ids=some, now=now))


def hands(db: Session, store_ids: Collection[StoreId], *, now: datetime) -> Mapping[StoreId, int]:
    """As `rota.hands`."""
    return _HANDS.of(db, store_ids, lambda some: rota.hands(db, store_ids=some, at=now))


def paces(db: Session, store_ids: Collection[StoreId], *, delivery: bool) -> Mapping[StoreId, Paces]:
    """As `outcomes.of_stores`."""
    return _PACES[delivery].of(db, store_ids, lambda some: outcomes.of_stores(db, store_ids=some, delivery=delivery))


def supplies(db: Session, area_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Supply]:
    """As `supply.rider_supply`."""
    return _SUPPLIES.of(db, area_ids, lambda some: supply.rider_supply(db, area_ids=some))
