"""A point on the earth, the distance between two, and a flat metric plane around one of them."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from o2o.kit.errors import Invalid

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the WGS84 ellipsoid (IUGG R1)."""


class BadPoint(Invalid):
    """A point needs a finite longitude from -180 to 180 and a latitude from -90 to 90, in this order."""

    code = "geo.bad_point"


class LonLat(NamedTuple):
    """WGS84 degrees, longitude first (GeoJSON's order, Shapely's x and y)."""

    lon: float
    lat: float


def checked(lon: float, lat: float) -> LonLat:
    """The point, if it is one.

    Raises:
        BadPoint: not a number, infinite, or outside the range of degrees.
    """
    if not (math.isfinite(lon) and math.isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadPoint(field="place", lon=repr(lon), lat=repr(lat))
    return LonLat(float(lon), float(lat))


def distance_m(a: LonLat, b: LonLat) -> int:
    """Great-circle distance in whole metres."""
    return round(metres_between(a, b))


def metres_between(a: LonLat, b: LonLat) -> float:
    """Great-circle distance by the haversine formula (R. W. Sinnott, Sky and Telescope 68, 1984)."""
    half_lat = math.radians(b[1] - a[1]) / 2
    half_lon = math.radians(b[0] - a[0]) / 2
    across = math.cos(math.radians(a[1])) * math.cos(math.radians(b[1]))
    h = math.sin(half_lat) ** 2 + across * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, h)))


def as_array(places: "list[LonLat] | tuple[LonLat, ...] | NDArray[np.float64]") -> NDArray[np.float64]:
    """Places as an (n, 2) array of degrees; an empty list gives shape (0, 2)."""
    return np.asarray(places, dtype=np.float64).reshape(-1, 2)


def distances_m(sources: NDArray[np.float64], targets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Great-circle metres from every source (row) to every target (column); haversine as `metres_between`."""
    a, b = np.radians(sources), np.radians(targets)
    half_lon = (b[None, :, 0] - a[:, None, 0]) / 2
    half_lat = (b[None, :, 1] - a[:, None, 1]) / 2
    h = np.sin(half_lat) ** 2 + np.cos(a[:, None, 1]) * np.cos(b[None, :, 1]) * np.sin(half_lon) ** 2
    metres: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, h)))
    return metres


@dataclass(frozen=True, slots=True)
class Plane:
    """A flat metric plane that touches the earth at `origin`: x metres east, y metres north.

    Uses the radii of curvature of the WGS84 ellipsoid at the origin, so lengths within 20 km are right to
    about one in 10,000.
    """

    origin: LonLat

    @property
    def metres_per_degree(self) -> tuple[float, float]:
        """Metres in one degree of longitude and in one degree of latitude, at the origin."""
        major_m, e2 = 6_378_137.0, 6.694379990141316e-3
        lat = math.radians(self.origin.lat)
        w2 = 1 - e2 * math.sin(lat) ** 2
        north = math.radians(major_m * (1 - e2) / w2**1.5)
        east = math.radians(major_m * math.cos(lat) / math.sqrt(w2))
        return east, north

    def to_xy(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Degrees of shape (n, 2) to metres of shape (n, 2)."""
        xy: NDArray[np.float64] = (places - np.asarray(self.origin)) * np.asarray(self.metres_per_degree)
        return xy

    def to_lonlat(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres of shape (n, 2) back to degrees."""
        places: NDArray[np.float64] = xy / np.asarray(self.metres_per_degree) + np.asarray(self.origin)
        return places


def offset(place: LonLat, *, east_m: float, north_m: float) -> LonLat:
    """The point so many metres east and north of `place` (meant for distances within a city)."""
    east, north = Plane(place).metres_per_degree
    return LonLat(place.lon + east_m / east, place.lat + north_m / north)


def circle(centre: LonLat, radius_m: int, corners: int = 48) -> list[tuple[float, float]]:
    """A closed ring of `corners` points around `centre`, anticlockwise, as GeoJSON wants its outer ring."""
    angles = 2 * np.pi * np.arange(corners) / corners
    xy = radius_m * np.column_stack([np.cos(angles), np.sin(angles)])
    ring = [(float(lon), float(lat)) for lon, lat in Plane(centre).to_lonlat(xy)]
    return [*ring, ring[0]]
