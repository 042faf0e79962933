"""Draws where each store delivers: what an e-bike reaches in so many minutes over the real roads, and the areas stores form.

The drive-time outline asks one travel table for points on 32 bearings and takes, on each bearing, the farthest point in reach.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from o2o.geo.lonlat import LonLat, as_array, distances_m, offset
from o2o.geo.polygons import to_geojson
from o2o.infra.roads import Roads

BEARINGS = 32
STEP_M = 150
LEAST_REACH_M = 200
CHOICES_MIN = (4, 5, 6, 7, 8, 10, 12, 15, 18, 22, 26, 30)
WANTED_SHARE = 0.95
WANTED_STORES = 2
AREA_WIDTH_M = 6_000


def reach_minutes(roads: Roads, stores: Sequence[LonLat], doors: Sequence[LonLat]) -> int:
    """The fewest minutes of riding at which 95 % of the doors are reached by two stores (by one, if there is only one)."""
    sample = list(doors[:: max(1, len(doors) // 400)])
    seconds = np.sort(roads.table(list(stores), sample).seconds, axis=0)
    needed = seconds[min(WANTED_STORES, len(stores)) - 1]
    for minutes in CHOICES_MIN:
        if (needed <= minutes * 60).mean() >= WANTED_SHARE:
            return minutes
    return CHOICES_MIN[-1]


def drive_time_area(roads: Roads, store: LonLat, minutes: int, within: Polygon) -> dict[str, Any]:
    """What is within so many minutes of riding from the store, clipped to `within`, as GeoJSON."""
    fastest_m = int(minutes * 60 * 5.6)
    rings = range(LEAST_REACH_M, max(fastest_m, LEAST_REACH_M) + 1, STEP_M)
    angles = [2 * math.pi * n / BEARINGS for n in range(BEARINGS)]
    targets = [
        offset(store, east_m=radius * math.cos(angle), north_m=radius * math.sin(angle))
        for angle in angles
        for radius in rings
    ]
    seconds = roads.table([store], targets).seconds[0].reshape(BEARINGS, len(rings))
    reached = np.where(seconds <= minutes * 60, np.array(rings)[None, :], LEAST_REACH_M).max(axis=1)
    smooth = np.maximum((np.roll(reached, 1) + 2 * reached + np.roll(reached, -1)) / 4, LEAST_REACH_M)
    corners = [
        offset(store, east_m=float(r) * math.cos(a), north_m=float(r) * math.sin(a))
        for r, a in zip(smooth, angles, strict=True)
    ]
    area = Polygon(corners).intersection(within)
    parts = [part for part in shapely.get_parts(area) if isinstance(part, Polygon)]
    here = shapely.Point(store)
    mine = min(parts, key=lambda part: part.distance(here), default=Polygon(corners))
    return to_geojson(shapely.set_precision(mine, 1e-6))


def surroundings(places: Sequence[LonLat], margin_m: float = 400.0) -> Polygon:
    """The box around all places, `margin_m` wider on each side: zones end where the map does."""
    lons, lats = as_array(list(places)).T
    low = offset(LonLat(float(lons.min()), float(lats.min())), east_m=-margin_m, north_m=-margin_m)
    high = offset(LonLat(float(lons.max()), float(lats.max())), east_m=margin_m, north_m=margin_m)
    return shapely.box(*low, *high)


def areas(stores: Sequence[LonLat]) -> list[int]:
    """Which area each store belongs to, numbered from 0: stores within 6 km of a seed, seeds taken farthest first.

    T. F. Gonzalez's farthest-point clustering (Theoretical Computer Science 38, 1985).
    """
    apart: NDArray[np.float64] = distances_m(as_array(list(stores)), as_array(list(stores)))
    seeds = [int(apart.sum(axis=1).argmin())]
    while apart[seeds].min(axis=0).max() > AREA_WIDTH_M:
        seeds.append(int(apart[seeds].min(axis=0).argmax()))
    return [int(n) for n in apart[seeds].argmin(axis=0)]
