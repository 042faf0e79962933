"""The homes of the city against the zones: which stores reach which door. Numbers only; `reporting` draws them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from numpy.typing import NDArray

from o2o.geo.lonlat import LonLat, Plane, as_array, distances_m
from o2o.geo.polygons import Area
from o2o.infra.citydata import Door
from o2o.stores.coverage.serving import is_valid
from o2o.stores.snapshot import Snapshot, StoreInfo, Zone

Places = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """Which stores deliver to which homes: pairs of a home's and a store's number, in order of homes; each pair once."""

    homes: Places
    stores: tuple[StoreInfo, ...]
    home_of: Numbers
    store_of: Numbers

    @property
    def counts(self) -> Numbers:
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


def reached(known: Snapshot, homes: Places, *, at: datetime | None, unbarred: uuid.UUID | None = None) -> Reached:
    """Who delivers where, at a moment; None asks whether ever: windows are then left aside, and exclusions of some hours too.

    Stores that are switched off deliver nowhere. Opening hours do not count here, for they say when, not where. The exclusions
    shared by the area `unbarred` are left aside.
    """
    stores = tuple(store for store in known.by_id if store.open)
    number = {store.id: n for n, store in enumerate(stores)}
    home, zone = known.drawn.index.covering_many(homes)
    offered_by = np.full(len(known.drawn.zones), -1)
    for n, one in enumerate(known.drawn.zones):
        store = number.get(one.store_id) if one.store_id is not None else None
        if store is not None and not one.excluded and _counts(one, stores[store], at):
            offered_by[n] = store
    offered = offered_by[zone] >= 0
    wide = max(1, len(stores))
    pairs = np.sort(home[offered] * wide + offered_by[zone[offered]])
    once = np.ones(len(pairs), np.bool_)
    once[1:] = pairs[1:] != pairs[:-1]
    barred = _barred(known, stores, home, zone, at, unbarred)
    if len(barred):
        once &= barred[np.minimum(np.searchsorted(barred, pairs), len(barred) - 1)] != pairs
    return Reached(homes, stores, *np.divmod(pairs[once], wide))


def _barred(
    known: Snapshot,
    stores: Sequence[StoreInfo],
    home: Numbers,
    zone: Numbers,
    at: datetime | None,
    unbarred: uuid.UUID | None,
) -> Numbers:
    """The pairs that exclusions forbid, each as home times the number of stores plus store, ascending."""
    excluded = np.array(
        [one.excluded and (unbarred is None or one.area_id != unbarred) for one in known.drawn.zones], np.bool_
    )
    within = excluded[zone]
    home, zone = home[within], zone[within]
    forbidden = [np.empty(0, np.int64)]
    for n in np.flatnonzero(np.bincount(zone)).tolist():
        mine = [nth for nth, store in enumerate(stores) if _bars(known.drawn.zones[n], store, at)]
        forbidden.append((home[zone == n][:, None] * len(stores) + np.array(mine, np.int64)).ravel())
    return np.sort(np.concatenate(forbidden))


def barred_from(known: Snapshot, store: StoreInfo, homes: Places, *, own: bool) -> Flags:
    """Homes that the exclusions in force all day keep a store from: its area's, and with `own` its own as well."""
    barred = np.zeros(len(homes), np.bool_)
    for zone, area in zip(known.drawn.zones, known.drawn.areas, strict=True):
        if zone.excluded and _bars(zone, store, None) and (own or zone.store_id is None):
            barred |= inside(area, homes)
    return barred


def inside(area: Area, homes: Places) -> Flags:
    """Which homes lie in an area, its outline included."""
    shapely.prepare(area)
    within: Flags = shapely.intersects_xy(area, homes[:, 0], homes[:, 1])
    return within


def distances_from(store: StoreInfo, homes: Places) -> NDArray[np.float64]:
    """Metres from a store to each home, as the crow flies."""
    metres: NDArray[np.float64] = distances_m(as_array([store.location]), homes)[0]
    return metres


def pair_distances(found: Reached) -> NDArray[np.float64]:
    """Metres between home and store of each pair, on a plane through the middle of the homes."""
    if not len(found.home_of):
        return np.empty(0)
    plane = Plane(LonLat(*found.homes.mean(axis=0).tolist()))
    stores = plane.to_xy(as_array([store.location for store in found.stores]))
    apart = plane.to_xy(found.homes)[found.home_of] - stores[found.store_of]
    return np.asarray(np.hypot(apart[:, 0], apart[:, 1]))


def _bars(zone: Zone, store: StoreInfo, at: datetime | None) -> bool:
    mine = zone.store_id == store.id if zone.store_id is not None else zone.area_id == store.area_id
    return mine and _counts(zone, store, at)


def _counts(zone: Zone, store: StoreInfo, at: datetime | None) -> bool:
    if at is None:
        return not (zone.excluded and zone.windows)
    return is_valid(zone, store, at)
