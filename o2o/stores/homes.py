"""The homes of the city against the zones: which stores reach which door. Numbers, no shapes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from numpy.typing import NDArray

from o2o.geo.lonlat import as_array, distances_m
from o2o.geo.polygons import Area
from o2o.infra.citydata import Door
from o2o.stores.coverage import is_valid
from o2o.stores.snapshot import Snapshot, StoreInfo, Zone

Places = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """Which stores deliver to which homes: pairs of a home's and a store's number, in order of homes; each pair once."""

    homes: Places
    stores: tuple[StoreInfo, ...]
    home_of: NDArray[np.int64]
    store_of: NDArray[np.int64]

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many stores deliver to each home."""
        return np.bincount(self.home_of, minlength=len(self.homes))

    def of_store(self, number: int) -> Flags:
        """Which homes one store delivers to."""
        mine = np.zeros(len(self.homes), np.bool_)
        mine[self.home_of[self.store_of == number]] = True
        return mine


def places_of(doors: Sequence[Door]) -> Places:
    """Where the homes are, as an array (n, 2)."""
    return as_array([door.place for door in doors])


def reached(known: Snapshot, homes: Places, *, at: datetime | None) -> Reached:
    """Who delivers where, at a moment; None asks whether ever: windows are then left aside, and exclusions of some hours too.

    Stores that are switched off deliver nowhere. Opening hours do not count here, for they say when, not where.
    """
    stores = tuple(store for store in known.by_id if store.open)
    number = {store.id: n for n, store in enumerate(stores)}
    home, zone = known.drawn.index.covering_many(homes)
    offered_by = np.full(len(known.drawn.zones) + 1, -1)
    for n, one in enumerate(known.drawn.zones):
        store = number.get(one.store_id) if one.store_id is not None else None
        if store is not None and not one.excluded and _counts(one, stores[store], at):
            offered_by[n] = store
    offered = offered_by[zone] >= 0
    pairs = np.unique(home[offered] * max(1, len(stores)) + offered_by[zone][offered])
    home_of, store_of = np.divmod(pairs, max(1, len(stores)))
    barred = _barred(known, stores, home, zone, home_of, store_of, at)
    return Reached(homes, stores, home_of[~barred], store_of[~barred])


def inside(area: Area, homes: Places) -> Flags:
    """Which homes lie in an area, its outline included."""
    shapely.prepare(area)
    within: Flags = shapely.intersects_xy(area, homes[:, 0], homes[:, 1])
    return within


def within_radius(store: StoreInfo, radius_m: int, homes: Places) -> Flags:
    """Which homes lie within so many metres of a store."""
    flags: Flags = distances_m(as_array([store.location]), homes)[0] <= radius_m
    return flags


def _barred(
    known: Snapshot,
    stores: Sequence[StoreInfo],
    home: NDArray[np.int64],
    zone: NDArray[np.int64],
    home_of: NDArray[np.int64],
    store_of: NDArray[np.int64],
    at: datetime | None,
) -> Flags:
    """Which of the pairs (home_of, store_of) an exclusion forbids."""
    barred = np.zeros(len(home_of), np.bool_)
    here = np.zeros(int(home.max(initial=-1)) + 1, np.bool_)
    for n, one in enumerate(known.drawn.zones):
        if not one.excluded:
            continue
        applies = np.array([_owned(one, store) and _counts(one, store, at) for store in stores], np.bool_)
        if applies.any():
            here[:] = False
            here[home[zone == n]] = True
            barred |= here[home_of] & applies[store_of]
    return barred


def _owned(zone: Zone, store: StoreInfo) -> bool:
    return zone.store_id == store.id if zone.store_id is not None else zone.area_id == store.area_id


def _counts(zone: Zone, store: StoreInfo, at: datetime | None) -> bool:
    if at is None:
        return not (zone.excluded and zone.windows)
    return is_valid(zone, store, at)
