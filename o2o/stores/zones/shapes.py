"""Shapes of a zone: a radius, a drawn polygon, a drive-time area; and the one area that several of them have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from o2o.geo import polygons, reach
from o2o.geo.lonlat import LonLat, checked, circle
from o2o.geo.polygons import Area, BadPolygon
from o2o.infra.roads import Roads
from o2o.kit.errors import Invalid

LEAST_RADIUS_M, MOST_RADIUS_M = 50, 50_000
MOST_MINUTES = 90
CORNERS_OF_A_CIRCLE = 96
"""At three kilometres the outline stays within two metres of the true circle."""
FAST_MPS = 5.6
"""How far the first grid of a drive-time area goes; when the road is faster, a larger one follows."""


class BadShape(Invalid):
    """A shape of a zone cannot be like that; `field` says which part."""

    code = "stores.bad_shape"


class NothingInCommon(Invalid):
    """The shapes of this zone have nothing in common, so nobody would be delivered to."""

    code = "stores.nothing_in_common"


@dataclass(frozen=True, slots=True)
class Radius:
    """All within `radius_m` of `centre`; None is the store."""

    radius_m: int
    centre: LonLat | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A GeoJSON Polygon or MultiPolygon in WGS84."""

    polygon: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DriveTime:
    """All that a rider reaches from the store within `minutes`, on a free road."""

    minutes: int


Shape = Radius | Drawn | DriveTime


def plain(shapes: Sequence[Shape], *, at: LonLat | None) -> tuple[Shape, ...]:
    """The shapes with nothing in them but what counts: of a drawn polygon the outline, without heights and other members.

    Raises:
        BadPolygon: a polygon cannot be one, with `field` such as `shapes.1.polygon`.
    """
    return tuple(
        Drawn(polygons.to_geojson(_area(shape, f"shapes.{n}", at, None))) if isinstance(shape, Drawn) else shape
        for n, shape in enumerate(shapes)
    )


def resolve(shapes: Sequence[Shape], *, at: LonLat | None, roads: Roads | None) -> Area:
    """The area that all shapes have in common. `at` is the store, None for what belongs to an area of stores.

    Raises:
        BadShape, BadPolygon: with `field` such as `shapes.1.polygon`.
        NothingInCommon: the shapes do not overlap.
    """
    areas = [_area(shape, f"shapes.{n}", at, roads) for n, shape in enumerate(shapes)]
    if len(areas) == 1:
        return areas[0]
    try:
        return polygons.checked_area(polygons.only_polygons(shapely.intersection_all(areas)))
    except polygons.ZeroArea:
        raise NothingInCommon(field="shapes") from None


def kept(shape: Shape) -> dict[str, Any]:
    """The shape as JSON."""
    match shape:
        case Radius(radius_m, centre):
            return {"kind": "radius", "radius_m": radius_m, "centre": None if centre is None else list(centre)}
        case Drawn(polygon):
            return {"kind": "polygon", "polygon": dict(polygon)}
        case DriveTime(minutes):
            return {"kind": "drive_time", "minutes": minutes}


def from_kept(found: Mapping[str, Any]) -> Shape:
    """The shape that `kept` wrote."""
    if found["kind"] == "radius":
        return Radius(found["radius_m"], None if found["centre"] is None else LonLat(*found["centre"]))
    if found["kind"] == "polygon":
        return Drawn(found["polygon"])
    return DriveTime(found["minutes"])


def drive_time_area(roads: Roads, place: LonLat, minutes: int) -> Area:
    """What a rider reaches from `place` within `minutes`, by one travel table over a grid, contoured.

    Raises:
        ZeroArea: nothing is within reach.
    """
    limit_s = minutes * 60
    reach_m = limit_s * FAST_MPS
    while True:
        grid = reach.around(place, reach_m)
        seconds = roads.table([place], grid.places).seconds[0].reshape(grid.side, grid.side).astype(float)
        if not reach.touches_border(seconds, limit_s) or reach_m > limit_s * FAST_MPS * 4:
            return reach.within(grid, seconds, limit_s)
        reach_m *= 1.5


def _area(shape: Shape, field: str, at: LonLat | None, roads: Roads | None) -> Area:
    try:
        match shape:
            case Radius(radius_m, centre):
                return _disc(radius_m, centre or at, field)
            case Drawn(polygon):
                return polygons.area_from_geojson(polygon, near=at)
            case DriveTime(minutes):
                return _reached(minutes, at, roads, field)
    except BadPolygon as bad:
        raise type(bad)(**(bad.facts | {"field": f"{field}.polygon"})) from bad


def _disc(radius_m: int, centre: LonLat | None, field: str) -> Area:
    if not LEAST_RADIUS_M <= radius_m <= MOST_RADIUS_M:
        raise BadShape(field=f"{field}.radius_m", least=LEAST_RADIUS_M, most=MOST_RADIUS_M)
    if centre is None:
        raise BadShape(field=f"{field}.centre", missing=True)
    return shapely.Polygon(circle(checked(*centre), radius_m, CORNERS_OF_A_CIRCLE))


def _reached(minutes: int, at: LonLat | None, roads: Roads | None, field: str) -> Area:
    if not 1 <= minutes <= MOST_MINUTES:
        raise BadShape(field=f"{field}.minutes", least=1, most=MOST_MINUTES)
    if at is None or roads is None:
        raise BadShape(field=f"{field}.kind", needs="store" if at is None else "roads")
    return drive_time_area(roads, at, minutes)
