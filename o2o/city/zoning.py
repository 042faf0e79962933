"""How far each store of a new city delivers, and the areas stores form."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from o2o.geo.lonlat import LonLat, as_array, distances_m, offset
from o2o.infra.roads import Roads

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
