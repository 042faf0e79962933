"""Where the city is delivered to: homes covered by no store, one, two or many; gaps and overlaps on a map; what a change gains."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy.orm import Session

from o2o.geo.lonlat import LonLat, Plane
from o2o.geo.polygons import area_m2
from o2o.infra.citydata import Door
from o2o.kit.ids import AreaId, StoreId
from o2o.stores import places
from o2o.stores.coverage import homes
from o2o.stores.coverage.homes import Flags, Places, Reached
from o2o.stores.snapshot import Snapshot, StoreInfo, current
from o2o.stores.zones.values import KeptZone

CELL_M = 150.0
MOST_CELLS = 20_000
KINDS = ("gap", "one", "two", "many")
"""By how many stores: 0, 1, 2, and 3 or more."""
RADII_M = tuple(range(500, 8_001, 500))


@dataclass(frozen=True, slots=True)
class StoreReach:
    """One store's part: `alone` are homes that only it delivers to."""

    store: StoreInfo
    homes: int
    alone: int
    farthest_m: int
    area_km2: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """The report. `by_stores` counts homes by how many stores deliver there: none, one, two, three or more.

    `cells` are GeoJSON features: patches of the map of one kind, with their homes and those of them that nobody delivers to;
    a cell of a patch is as its worst-served home.
    """

    at: datetime | None
    homes: int
    by_stores: tuple[int, int, int, int]
    stores: tuple[StoreReach, ...]
    cell_m: float
    cells: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gain:
    """What other homes a store would reach, and what that does to the whole city."""

    homes_before: int
    homes_after: int
    newly_served: int
    no_longer_served: int


@dataclass(frozen=True, slots=True)
class RadiusGain:
    """A store with a radius instead of its zones: `curve` holds (radius_m, homes, homes nobody else delivers to)."""

    store: StoreInfo
    radius_m: int
    gain: Gain
    curve: tuple[tuple[int, int, int], ...]


def coverage(db: Session, *, doors: Sequence[Door], at: datetime | None = None) -> Coverage:
    """The report, at a moment or for ever; asked again while neither zones nor homes have changed, it is at hand."""
    known = current(db)
    return _kept.of(known, doors, at)[1]


def radius_gain(db: Session, *, doors: Sequence[Door], store_id: StoreId, radius_m: int) -> RadiusGain:
    """What a store would gain if it delivered within a radius, less its exclusions and its area's, instead of its zones.

    Raises:
        places.NoSuchStore: unknown.
    """
    known, store = current(db), places.get(db, store_id=store_id)
    found, _ = _kept.of(known, doors, None)
    before, others = _mine(found, store)
    metres = homes.distances_from(store, found.homes)
    free = ~homes.barred_from(known, store, found.homes, own=True)
    curve = [
        (radius, int((free & (metres <= radius)).sum()), int((free & (metres <= radius) & (others == 0)).sum()))
        for radius in sorted({*RADII_M, radius_m})
    ]
    return RadiusGain(store, radius_m, _gain(before, free & (metres <= radius_m), others), tuple(curve))


def draft_gain(
    db: Session, *, doors: Sequence[Door], store_id: StoreId, zones: Sequence[KeptZone]
) -> tuple[list[int], Gain]:
    """Homes in each zone of a draft, and what the draft would do in force, windows left aside.

    Raises:
        places.NoSuchStore: unknown.
    """
    known, store = current(db), places.get(db, store_id=store_id)
    found, _ = _kept.of(known, doors, None)
    before, others = _mine(found, store)
    flags = [homes.inside(kept.area, found.homes) for kept in zones]
    after = np.zeros(len(found.homes), np.bool_)
    for kept, here in zip(zones, flags, strict=True):
        after |= here & (not kept.zone.excluded)
    for kept, here in zip(zones, flags, strict=True):
        after &= ~(here & (kept.zone.excluded and not kept.zone.windows))
    after &= ~homes.barred_from(known, store, found.homes, own=False)
    return [int(here.sum()) for here in flags], _gain(before, after, others)


def exclusion_gain(
    db: Session, *, doors: Sequence[Door], area_id: AreaId, zones: Sequence[KeptZone]
) -> tuple[list[int], Gain]:
    """Homes in each exclusion of a draft for an area, and what the draft would do in force: `homes` are those that any store of
    the area delivers to. Exclusions of some hours count for nothing, as everywhere where windows are left aside.
    """
    known = current(db)
    found, _ = _kept.of(known, doors, None)
    flags = [homes.inside(kept.area, found.homes) for kept in zones]
    barred = np.zeros(len(found.homes), np.bool_)
    for kept, here in zip(zones, flags, strict=True):
        barred |= here & (not kept.zone.windows)
    before, others = _of_area(found, area_id)
    free, _ = _of_area(homes.reached(known, found.homes, at=None, unbarred=area_id), area_id)
    return [int(here.sum()) for here in flags], _gain(before, free & ~barred, others)


def _of_area(found: Reached, area_id: AreaId) -> tuple[Flags, homes.Numbers]:
    """Which homes any store of an area delivers to, and how many stores of other areas do."""
    within = np.array([store.area_id == area_id for store in found.stores], np.bool_)
    ours = within[found.store_of] if len(found.stores) else np.zeros(0, np.bool_)
    many = len(found.homes)
    return np.bincount(found.home_of[ours], minlength=many) > 0, np.bincount(found.home_of[~ours], minlength=many)


def _mine(found: Reached, store: StoreInfo) -> tuple[Flags, homes.Numbers]:
    """Which homes a store delivers to, and how many others do."""
    number = next((n for n, one in enumerate(found.stores) if one.id == store.id), -1)
    mine = found.of_store(number)
    return mine, found.counts - mine


def _gain(before: Flags, after: Flags, others: homes.Numbers) -> Gain:
    alone = others == 0
    return Gain(
        int(before.sum()), int(after.sum()), int((after & ~before & alone).sum()), int((before & ~after & alone).sum())
    )


class _Kept:
    """The last reports by what they were made of: the stores as known, the homes, the moment."""

    MOST = 4

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: list[tuple[Snapshot, Sequence[Door], datetime | None, tuple[Reached, Coverage]]] = []

    def of(self, known: Snapshot, doors: Sequence[Door], at: datetime | None) -> tuple[Reached, Coverage]:
        """Made once, by whoever asks first; others wait for that one."""
        with self._lock:
            for snapshot, some, when, made in self._made:
                if snapshot is known and some is doors and when == at:
                    return made
            found = homes.reached(known, homes.places_of(doors), at=at)
            report = (found, _report(known, found, at))
            self._made = [(known, doors, at, report), *self._made][: self.MOST]
            return report


_kept = _Kept()


def _report(known: Snapshot, found: Reached, at: datetime | None) -> Coverage:
    counts = found.counts
    classes = np.minimum(counts, 3)
    sizes = np.bincount(classes, minlength=4).tolist()
    cell_m, cells = _cells(found.homes, classes)
    return Coverage(
        at=at,
        homes=len(found.homes),
        by_stores=(sizes[0], sizes[1], sizes[2], sizes[3]),
        stores=tuple(_stores(known, found, counts)),
        cell_m=cell_m,
        cells=cells,
    )


def _stores(known: Snapshot, found: Reached, counts: homes.Numbers) -> list[StoreReach]:
    """Each store's numbers, by code."""
    drawn: dict[StoreId, list[shapely.Geometry]] = {}
    for zone, area in zip(known.drawn.zones, known.drawn.areas, strict=True):
        if zone.store_id is not None and not zone.excluded:
            drawn.setdefault(zone.store_id, []).append(area)
    served = np.bincount(found.store_of, minlength=len(found.stores))
    alone = np.bincount(found.store_of[counts[found.home_of] == 1], minlength=len(found.stores))
    farthest = _farthest(found)
    made = [
        StoreReach(
            store=store,
            homes=int(served[n]),
            alone=int(alone[n]),
            farthest_m=int(farthest[n]),
            area_km2=round(sum(area_m2(part) for part in _parts(drawn.get(store.id, []))) / 1e6, 2),
        )
        for n, store in enumerate(found.stores)
    ]
    return sorted(made, key=lambda one: one.store.code)


def _parts(areas: Sequence[Any]) -> list[Any]:
    return [] if not areas else [part for part in shapely.get_parts(shapely.union_all(areas)) if part.area > 0]


def _farthest(found: Reached) -> Places:
    """Metres to the farthest home of each store."""
    farthest = np.zeros(len(found.stores))
    np.maximum.at(farthest, found.store_of, homes.pair_distances(found))
    return farthest


def _cells(found: Places, classes: homes.Numbers) -> tuple[float, dict[str, Any]]:
    """Squares of the map by the class of their worst-served home, joined into patches; and a square's side in metres."""
    import geopandas

    if not len(found):
        return CELL_M, {"type": "FeatureCollection", "features": []}
    west, south = found.min(axis=0)
    plane = Plane(LonLat(float(west), float(south)))
    xy = plane.to_xy(found)
    side = CELL_M
    keys, cell_of = _cell_keys(xy, side)
    while len(keys) > MOST_CELLS:
        side *= 1.5
        keys, cell_of = _cell_keys(xy, side)
    cells = np.column_stack(np.divmod(keys, _ROW))
    worst = np.full(len(cells), 3)
    np.minimum.at(worst, cell_of, classes)
    low, high = (plane.to_lonlat((cells + step).astype(np.float64) * side) for step in (0, 1))
    frame = geopandas.GeoDataFrame(
        {
            "kind": np.array(KINDS)[worst],
            "homes": np.bincount(cell_of, minlength=len(cells)),
            "unserved": np.bincount(cell_of[classes == 0], minlength=len(cells)),
        },
        geometry=shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]),
        crs="EPSG:4326",
    )
    return side, _patches(frame)


_ROW = 1 << 32


def _cell_keys(xy: Places, side: float) -> tuple[homes.Numbers, homes.Numbers]:
    """The cells that have homes, each as column and row in one number, and the cell of each home."""
    column, row = (xy // side).astype(np.int64).T
    return np.unique(column * _ROW + row, return_inverse=True)


def _patches(frame: Any) -> dict[str, Any]:
    """Cells of one kind that share a side become one patch; the most homes first."""
    import geopandas

    joined = frame[["kind", "geometry"]].dissolve(by="kind", method="coverage").explode().reset_index()
    middles = geopandas.GeoDataFrame(
        frame[["homes", "unserved"]], geometry=shapely.centroid(frame.geometry.array), crs=frame.crs
    )
    sums = middles.sjoin(joined[["geometry"]], predicate="within").groupby("index_right")[["homes", "unserved"]].sum()
    joined = joined.join(sums).sort_values(["homes", "kind"], ascending=False)
    outlines = shapely.set_precision(joined.geometry.array, 1e-7)
    rows = zip(joined.kind, joined.homes, joined.unserved, outlines, strict=True)
    features = [
        {
            "type": "Feature",
            "properties": {"kind": kind, "homes": int(all_), "unserved": int(unserved)},
            "geometry": outline.__geo_interface__,
        }
        for kind, all_, unserved, outline in rows
    ]
    return {"type": "FeatureCollection", "features": features}
