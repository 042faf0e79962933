"""GCJ-02 (Amap, Tencent) and BD-09 (Baidu) to WGS84 and back. Only doors convert; inside the house all is WGS84.

The formulas are those of the package `prcoords`; its iterated inverses are right to a millimetre, where the usual
one-step inverse is off by up to two metres.
"""

from collections.abc import Iterable
from enum import StrEnum

import prcoords

from o2o.geo.lonlat import LonLat, checked


class Datum(StrEnum):
    """What a pair of degrees refers to."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def in_china(place: LonLat) -> bool:
    """Whether GCJ-02 shifts this point at all: the rectangle of the published algorithm, wider than the country."""
    return bool(prcoords.sanity_in_china_p(prcoords.Coords(place.lat, place.lon)))


def to_wgs84(place: LonLat, datum: Datum) -> LonLat:
    """A point given in `datum`, as WGS84. Outside the shifted rectangle GCJ-02 equals WGS84.

    Raises:
        BadPoint: the point is not a finite pair of degrees.
    """
    lon, lat = checked(*place)
    if datum is Datum.WGS84:
        return LonLat(lon, lat)
    there = prcoords.Coords(lat, lon)
    if datum is Datum.BD09:
        there = prcoords.bd_gcj_bored(there)
    if in_china(LonLat(there.lon, there.lat)):
        there = prcoords.gcj_wgs_bored(there, False)
    return LonLat(float(there.lon), float(there.lat))


def from_wgs84(place: LonLat, datum: Datum) -> LonLat:
    """A WGS84 point as `datum` writes it: for links into Chinese map apps.

    Raises:
        BadPoint: the point is not a finite pair of degrees.
    """
    lon, lat = checked(*place)
    if datum is Datum.WGS84:
        return LonLat(lon, lat)
    there = prcoords.Coords(lat, lon)
    if in_china(place):
        there = prcoords.wgs_gcj(there, False)
    if datum is Datum.BD09:
        there = prcoords.gcj_bd(there)
    return LonLat(float(there.lon), float(there.lat))


def ring_from_wgs84(ring: Iterable[tuple[float, float]], datum: Datum) -> list[tuple[float, float]]:
    """Every corner of a WGS84 ring as `datum` writes it."""
    return [tuple(from_wgs84(LonLat(lon, lat), datum)) for lon, lat in ring]  # type: ignore[misc]


def ring_to_wgs84(ring: Iterable[tuple[float, float]], datum: Datum) -> list[tuple[float, float]]:
    """Every corner of a ring converted; a closed ring stays closed, for equal corners convert equally."""
    return [tuple(to_wgs84(LonLat(lon, lat), datum)) for lon, lat in ring]  # type: ignore[misc]
