"""Which zones cover a point: exact, in memory, a few microseconds at ten thousand zones.

A hashed grid of 250 m cells knows for each cell the zones that hold it whole, which need no test, and those whose outline
touches it, which get an exact one over the few edges at the cell's height. A point on an outline is covered, as Shapely's
`covers` and `intersects` have it.
"""

import threading
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from o2o.geo import grid
from o2o.geo.lonlat import LonLat, Plane
from o2o.geo.polygons import Area

CELL_M = 250.0


class ZoneIndex:
    """An immutable index over areas; zones are named by their position in the sequence it was built from."""

    def __init__(self, areas: Sequence[Area], *, cell_m: float = CELL_M) -> None:
        """Builds the grid; about 50 microseconds an area.

        Raises:
            ValueError: an area is empty or has a coordinate that is not finite.
        """
        self.size = len(areas)
        edges, edge_starts = _edges(areas)
        middle = float(edges[:, 1].mean()) if len(edges) else 0.0
        per_lon, per_lat = Plane(LonLat(0.0, max(-85.0, min(85.0, middle)))).metres_per_degree
        self._columns, self._rows = per_lon / cell_m, per_lat / cell_m
        spans = (edges + np.array([180.0, 90.0] * 2)) * np.array([self._columns, self._rows] * 2)
        boxes = _boxes(spans, edge_starts)
        heights = boxes[:, 3] - boxes[:, 1] + 1
        zones = np.column_stack([boxes[:, 1], np.cumsum(heights) - heights])
        row_starts, nearby = grid.bands(spans, edge_starts, zones, int(heights.sum()))
        self._edges = np.ascontiguousarray(edges[nearby])  # each band's edges side by side
        cells = _cells(spans, edge_starts, zones, boxes, row_starts, nearby)
        self._index = _packed(*cells, row_starts)
        self._most = int(np.unique(cells[0], return_counts=True)[1].max(initial=0))
        self._mine = threading.local()  # each thread writes its answers into an array of its own
        self.covering(LonLat(0.0, 0.0))  # compiled now, not while the first customer waits

    def covering(self, place: LonLat) -> list[int]:
        """Positions of the zones that cover the place, ascending; none for a place that is not finite."""
        try:
            found = self._mine.found
        except AttributeError:
            found = self._mine.found = np.empty(self._most, np.int32)
        count = grid.covering(self._index, self._edges, self._columns, self._rows, place[0], place[1], found)
        covering: list[int] = found[:count].tolist()
        return covering

    def covering_many(self, places: NDArray[np.float64]) -> NDArray[np.int64]:
        """For places of shape (n, 2): (place, zone) pairs of shape (2, m), ordered by place, then zone.

        Raises:
            ValueError: a place is not a finite pair of degrees.
        """
        within = (np.abs(places[:, 0]) <= 180) & (np.abs(places[:, 1]) <= 90)
        if not within.all():
            raise ValueError(f"place {int(np.argmin(within))} is not a pair of degrees")
        pairs: NDArray[np.int64] = grid.covering_many(
            self._index, self._edges, self._columns, self._rows, np.ascontiguousarray(places)
        )
        return pairs


def _edges(areas: Sequence[Area]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Every side of every ring as (x1, y1, x2, y2), and where each area's sides begin."""
    parts, area_of = shapely.get_parts(np.asarray(areas, dtype=object), return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    owner = area_of[part_of]
    corners, ring_of = shapely.get_coordinates(rings, return_index=True)
    if not np.isfinite(corners).all():
        raise ValueError("an area has a coordinate that is not finite")
    inner = ring_of[1:] == ring_of[:-1]
    edges = np.hstack([corners[:-1][inner], corners[1:][inner]]) if len(corners) else np.empty((0, 4))
    counts = np.bincount(owner[ring_of[:-1][inner]], minlength=len(areas)) if len(corners) else np.zeros(0, np.int64)
    if len(areas) and counts.min() < 3:
        raise ValueError(f"area {int(np.argmin(counts))} has no outline")
    return np.ascontiguousarray(edges), np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _boxes(spans: NDArray[np.float64], edge_starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each zone's cells, inclusive: west, south, east, north."""
    if not len(spans):
        return np.empty((0, 4), np.int64)
    starts = edge_starts[:-1]
    low = np.minimum.reduceat(spans, starts) - grid.SLACK
    high = np.maximum.reduceat(spans, starts) + grid.SLACK
    edges = [low[:, 0], low[:, 1], high[:, 0], high[:, 1]]
    return np.column_stack(edges).astype(np.int64)


def _cells(
    spans: NDArray[np.float64],
    edge_starts: NDArray[np.int64],
    zones: NDArray[np.int64],
    boxes: NDArray[np.int64],
    row_starts: NDArray[np.int64],
    nearby: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Every (cell key, entry, band), sorted by cell, then zone."""
    count = 0
    for _ in range(2):  # first to count, then to fill
        keys, entries, bands_of = np.empty(count, np.int64), np.empty(count, np.int32), np.empty(count, np.int32)
        count = grid.fill_cells(spans, edge_starts, zones, boxes, row_starts, nearby, keys, entries, bands_of)
    order = np.argsort(keys, kind="stable")
    return keys[order], entries[order], bands_of[order]


def _packed(
    keys: NDArray[np.int64], entries: NDArray[np.int32], bands_of: NDArray[np.int32], row_starts: NDArray[np.int64]
) -> NDArray[np.int32]:
    """The hash of cells and their entries in one array; see `grid` for the layout."""
    room = 1 << max(4, (2 * len(np.unique(keys))).bit_length())
    entries_at = grid.HEADER + 4 * room
    length = entries_at + len(entries) + 2 * int((entries & 1).sum())
    if max(length, int(row_starts[-1])) >= 2**31:
        raise ValueError("too many zones for one index; shard by area")
    index = np.full(length, grid.EMPTY, np.int32)
    index[0] = room - 1
    grid.pack(index, entries_at, keys, entries, bands_of, row_starts)
    return index
