"""Who serves a door: zone, hours and switch decide, at the moment asked for. And who is near, where nobody delivers."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from o2o.geo.lonlat import LonLat, as_array, checked, distance_m, distances_m
from o2o.kit.ids import StoreId
from o2o.kit.values import value
from o2o.stores import hours
from o2o.stores.hours import Hours
from o2o.stores.snapshot import Snapshot, StoreInfo, Zone, current


@value(frozen=True, slots=True)
class StoreOption:
    """A store that delivers to the asked point, on the terms of `zone`. `opens_at` is None when it is open now."""

    store: StoreInfo
    distance_m: int
    zone: Zone
    opens_at: datetime | None


@dataclass(frozen=True, slots=True)
class NearStore:
    """A store where one could collect, whether it delivers to the asked point or not."""

    store: StoreInfo
    distance_m: int
    opens_at: datetime | None
    delivers: bool


def stores_serving(db: Session, *, point: LonLat, now: datetime) -> list[StoreOption]:
    """Stores that deliver to `point`, open ones first, then nearest first; each by the best offer of its zones there.

    The best offer has the lowest fee; among equals the lowest least basket; then what comes at once before what comes at a
    later time of day, and the quicker before the slower. Zones count when they are valid at `now`, or at the moment the store
    opens when it is shut. An exclusion valid then, the store's own or its area's, keeps the store out. Left out are stores that
    are switched off, and those that will not open within sixty days.

    Raises:
        BadPoint: not a finite pair of degrees.
    """
    return options(current(db), point=point, now=now)


def options(known: Snapshot, *, point: LonLat, now: datetime) -> list[StoreOption]:
    """The same from a snapshot at hand. What it takes grows with the zones at the point, not with the stores of the city.

    Raises:
        BadPoint: not a finite pair of degrees.
    """
    point = checked(*point)
    offered: dict[StoreId, list[Zone]] = defaultdict(list)
    barred: dict[uuid.UUID, list[Zone]] = defaultdict(list)
    for position in known.drawn.index.covering(point):
        zone = known.drawn.zones[position]
        owner = zone.store_id or zone.area_id
        assert owner is not None
        if zone.excluded:
            barred[owner].append(zone)
        else:
            offered[StoreId(owner)].append(zone)
    found = []
    for store_id, zones in offered.items():
        store = known.stores[store_id]
        open_now, opens_at = store.when_open(now)
        if not open_now and opens_at is None:
            continue
        at = opens_at or now
        exclusions = (*barred.get(store_id, ()), *barred.get(store.area_id, ()))
        best = min((zone for zone in zones if is_valid(zone, store, at)), key=_offer, default=None)
        if best is not None and not any(is_valid(zone, store, at) for zone in exclusions):
            found.append(StoreOption(store, distance_m(store.location, point), best, opens_at))
    return sorted(found, key=lambda o: (o.opens_at is not None, o.distance_m, o.store.id))


def is_valid(zone: Zone, store: StoreInfo, at: datetime) -> bool:
    """Whether a zone counts for a store at a moment: in one of its windows by the store's clock, if it has any."""
    return not zone.windows or hours.is_open(Hours(store.timezone, zone.windows), at)


def nearest(db: Session, *, point: LonLat, now: datetime, limit: int = 5) -> list[NearStore]:
    """The nearest stores that take orders now or some day, for collecting; what to say where nobody delivers.

    Raises:
        BadPoint: not a finite pair of degrees.
    """
    point = checked(*point)
    serving = {option.store.id for option in stores_serving(db, point=point, now=now)}
    found: list[NearStore] = []
    for store, metres in _by_distance(db, point):
        open_now, opens_at = store.when_open(now)
        if open_now or opens_at is not None:
            found.append(NearStore(store, metres, opens_at, store.id in serving))
        if len(found) == limit:
            break
    return found


def _by_distance(db: Session, point: LonLat) -> Iterable[tuple[StoreInfo, int]]:
    """Stores from near to far with their metres; by their ids where equally far."""
    known = current(db)
    if not known.by_id:
        return
    metres = np.rint(distances_m(as_array([point]), known.locations)[0]).astype(int)
    for n in np.argsort(metres, kind="stable").tolist():
        yield known.by_id[n], int(metres[n])


def _offer(zone: Zone) -> tuple[int, int, bool, float, uuid.UUID]:
    return (
        zone.fee_fen,
        zone.min_basket_fen,
        zone.arrives is not None,
        float("inf") if zone.speed_s is None else zone.speed_s,
        zone.id,
    )
