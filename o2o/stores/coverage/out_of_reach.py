"""Stores near a door that do not bring anything to it, and why: what to say to a customer whom nobody can serve."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from o2o.geo.lonlat import LonLat, checked, distance_m
from o2o.kit.ids import StoreId
from o2o.stores.coverage import serving
from o2o.stores.snapshot import StoreInfo, current


class Why(StrEnum):
    """Why a store does not come."""

    OUTSIDE = "outside"
    EXCLUDED = "excluded"
    """The door lies in a part that the store, or its area, leaves out."""
    NOT_NOW = "not_now"
    """One of its zones covers the door, but not on this day or at this hour."""
    SHUT = "shut"
    """It would come, but it takes no orders, and nobody knows when it will."""


@dataclass(frozen=True, slots=True)
class Refusing:
    """A store that does not come, and why."""

    store: StoreInfo
    distance_m: int
    why: Why


def near(db: Session, *, point: LonLat, now: datetime, limit: int) -> list[Refusing]:
    """The nearest stores that `serving.stores_serving` leaves out, those first whose zones cover the door.

    Raises:
        BadPoint: not a finite pair of degrees.
    """
    point = checked(*point)
    known = current(db)
    served_by = {option.store.id for option in serving.stores_serving(db, point=point, now=now)}
    causes = _causes(db, point, now)
    found = [
        Refusing(store, distance_m(store.location, point), causes.get(store.id, Why.OUTSIDE))
        for store in known.stores.values()
        if store.id not in served_by and (store.open or store.id in causes)
    ]
    return sorted(found, key=lambda one: (one.why is Why.OUTSIDE, one.distance_m, one.store.id))[:limit]


def _causes(db: Session, point: LonLat, now: datetime) -> dict[StoreId, Why]:
    """For every store with a zone over the door: excluded, or not now; shut where neither holds."""
    known = current(db)
    covering = [known.drawn.zones[position] for position in known.drawn.index.covering(point)]
    found: dict[StoreId, Why] = {}
    for store_id in {zone.store_id for zone in covering if zone.store_id is not None and not zone.excluded}:
        store = known.stores[store_id]
        at = store.when_open(now)[1] or now
        counting = [zone for zone in covering if serving.is_valid(zone, store, at)]
        if any(z.excluded and (z.store_id == store_id or z.area_id == store.area_id) for z in counting):
            found[store_id] = Why.EXCLUDED
        elif not any(z.store_id == store_id and not z.excluded for z in counting):
            found[store_id] = Why.NOT_NOW
        else:
            found[store_id] = Why.SHUT
    return found
