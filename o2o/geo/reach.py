"""What is within so many seconds of travel, as an area: travel times on a grid of places, contoured. Pure.

The contour is by marching triangles: each square of the grid is cut in two, the time is linear within a triangle, and the part
of it below the limit is a polygon; the area is their union.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Point, Polygon

from o2o.geo.lonlat import LonLat, Plane
from o2o.geo.polygons import Area, only_polygons

STEPS = 30
LEAST_STEP_M = 40.0
LEAST_ISLAND_CELLS = 4
"""Parts and holes smaller than this are noise of the grid, not of the streets."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Places around a centre, row by row from the south-west, `step_m` apart; `side` of them in a row."""

    centre: LonLat
    step_m: float
    side: int

    @property
    def places(self) -> list[LonLat]:
        """All of them, as travel tables want them."""
        return [LonLat(lon, lat) for lon, lat in self.degrees.reshape(-1, 2).tolist()]

    @property
    def degrees(self) -> NDArray[np.float64]:
        """Degrees of shape (side, side, 2)."""
        steps = (np.arange(self.side) - self.side // 2) * self.step_m
        east, north = np.meshgrid(steps, steps)
        flat = np.column_stack([east.ravel(), north.ravel()])
        return Plane(self.centre).to_lonlat(flat).reshape(self.side, self.side, 2)


def around(centre: LonLat, reach_m: float) -> Grid:
    """A grid that goes at least `reach_m` from its centre in each direction."""
    step_m = max(reach_m / STEPS, LEAST_STEP_M)
    return Grid(centre, step_m, 2 * math.ceil(reach_m / step_m) + 1)


def touches_border(seconds: NDArray[np.float64], limit_s: float) -> bool:
    """Whether travel in time goes on beyond the grid, so that a larger one is needed. `seconds` has the grid's (side, side)."""
    rim = np.concatenate([seconds[0], seconds[-1], seconds[:, 0], seconds[:, -1]])
    return bool((rim <= limit_s).any())


def within(grid: Grid, seconds: NDArray[np.float64], limit_s: float) -> Area:
    """The area in which the time stays within the limit; small islands and puddles are left out.

    Raises:
        ZeroArea: nothing is within reach.
    """
    corners = grid.degrees
    left = limit_s - np.asarray(seconds, dtype=np.float64)
    pieces = []
    for a, b, c in _triangles(corners, left):
        pieces += _clipped(a, b, c)
    area = only_polygons(shapely.union_all(np.concatenate(pieces))) if pieces else only_polygons(Polygon())
    return _tidied(area, grid)


Corner = tuple[NDArray[np.float64], NDArray[np.float64]]
"""One corner of many triangles: its degrees (n, 2) and the seconds left there (n)."""


def _triangles(corners: NDArray[np.float64], left: NDArray[np.float64]) -> list[tuple[Corner, Corner, Corner]]:
    """The two halves of every square."""

    def at(rows: slice, columns: slice) -> Corner:
        return corners[rows, columns].reshape(-1, 2), left[rows, columns].ravel()

    low, high = slice(0, -1), slice(1, None)
    south_west, south_east, north_west, north_east = at(low, low), at(low, high), at(high, low), at(high, high)
    return [(south_west, south_east, north_east), (south_west, north_east, north_west)]


def _clipped(a: Corner, b: Corner, c: Corner) -> list[NDArray[np.object_]]:
    """The parts of the triangles where time is left: whole ones, tips of one corner, and slices of two."""
    inside = np.column_stack([a[1] >= 0, b[1] >= 0, c[1] >= 0])
    count = inside.sum(axis=1)
    pieces = [_polygons([corner[0][count == 3] for corner in (a, b, c)])]
    for first, second, third, which in ((a, b, c, 0), (b, c, a, 1), (c, a, b, 2)):
        tip = (count == 1) & inside[:, which]
        p, q, r = ((corner[0][tip], corner[1][tip]) for corner in (first, second, third))
        pieces.append(_polygons([p[0], _crossing(p, q), _crossing(p, r)]))
        slice_ = (count == 2) & ~inside[:, which]
        p, q, r = ((corner[0][slice_], corner[1][slice_]) for corner in (first, second, third))
        pieces.append(_polygons([_crossing(q, p), q[0], r[0], _crossing(r, p)]))
    return [piece for piece in pieces if len(piece)]


def _crossing(inner: Corner, outer: Corner) -> NDArray[np.float64]:
    """Where no time is left between a corner within reach and one beyond; the same floats for both triangles at the side."""
    share = (inner[1] / (inner[1] - outer[1]))[:, None]
    crossing: NDArray[np.float64] = inner[0] + share * (outer[0] - inner[0])
    return crossing


def _polygons(rings: list[NDArray[np.float64]]) -> NDArray[np.object_]:
    closed = np.stack([*rings, rings[0]], axis=1)
    return np.asarray(shapely.polygons(closed), dtype=object)


def _tidied(area: Area, grid: Grid) -> Area:
    east, north = Plane(grid.centre).metres_per_degree
    least = LEAST_ISLAND_CELLS * grid.step_m**2 / (east * north)
    here = Point(grid.centre)
    kept = [
        Polygon(part.exterior, [hole for hole in part.interiors if Polygon(hole).area >= least])
        for part in shapely.get_parts(area)
        if part.area >= least or part.distance(here) == 0
    ]
    whole = MultiPolygon(kept) if kept else area
    thin = shapely.simplify(whole, grid.step_m / 8 / north, preserve_topology=True)
    return only_polygons(shapely.set_precision(thin, 1e-6))
