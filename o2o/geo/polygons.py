"""What may be a zone: the rules of a polygon, refused with a message that says where; repaired only when asked.

A polygon comes in as GeoJSON (`Polygon` or `MultiPolygon`) in WGS84 and leaves as a Shapely geometry.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry import mapping, shape

from o2o.geo.lonlat import LonLat, Plane, distances_m
from o2o.kit.errors import Invalid

Area = Polygon | MultiPolygon
Ring = list[tuple[float, float]]

MOST_CORNERS = 5_000
LEAST_AREA_M2 = 100.0
MOST_AREA_M2 = 20_000e6
FAR_FROM_STORE_M = 200_000.0


class BadPolygon(Invalid):
    """This is not a polygon a store could deliver to."""

    code = "geo.bad_polygon"


class NotAPolygon(BadPolygon):
    """A zone is a GeoJSON Polygon or MultiPolygon with rings of [lon, lat] pairs."""

    code = "geo.not_a_polygon"


class BadCorner(BadPolygon):
    """A corner is not a pair of finite numbers; `at` says which."""

    code = "geo.bad_corner"


class OutOfRange(BadPolygon):
    """A corner lies outside -180..180 degrees of longitude or -90..90 of latitude; `at` says which."""

    code = "geo.out_of_range"


class SwappedCorners(BadPolygon):
    """Longitude and latitude seem swapped: each corner is [lon, lat], longitude first."""

    code = "geo.swapped"


class UnclosedRing(BadPolygon):
    """A ring does not end where it begins; `at` says which ring."""

    code = "geo.unclosed"


class TooFewCorners(BadPolygon):
    """A ring needs at least three different corners; `at` says which ring."""

    code = "geo.too_few_corners"


class TooManyCorners(BadPolygon):
    """The polygon has more corners than a zone may have."""

    code = "geo.too_many_corners"


class ZeroArea(BadPolygon):
    """The polygon encloses next to nothing."""

    code = "geo.zero_area"


class TooLarge(BadPolygon):
    """The polygon is larger than any store delivers to."""

    code = "geo.too_large"


class SelfCrossing(BadPolygon):
    """The outline crosses or touches itself (a bow-tie); `at` is the place."""

    code = "geo.self_crossing"


class FarFromStore(BadPolygon):
    """The polygon lies in another part of the world than its store."""

    code = "geo.far_from_store"


class HoleOutside(BadPolygon):
    """A hole lies outside the outline, or in another hole; `at` is the place."""

    code = "geo.hole_outside"


@dataclass(frozen=True, slots=True)
class Repaired:
    """A mended area and, in order, the codes of what was wrong with it."""

    area: Area
    mended: tuple[str, ...]


def area_from_geojson(geometry: Mapping[str, Any], *, near: LonLat | None = None) -> Area:
    """The area a GeoJSON geometry describes, if every rule holds; `near` (the store) also finds quiet swaps.

    Raises:
        BadPolygon: one of its kinds, with the facts `at` (ring and corner, or the place) and `field`.
    """
    polygons = _rings_of(geometry)
    _check_corners(polygons, near)
    for p, rings in enumerate(polygons):
        for r, ring in enumerate(rings):
            if ring[0] != ring[-1]:
                raise UnclosedRing(field="geometry", at=_where(p, r), first=ring[0], last=ring[-1])
            if len(set(ring)) < 3:
                raise TooFewCorners(field="geometry", at=_where(p, r), corners=len(set(ring)))
    corners = sum(len(ring) for rings in polygons for ring in rings)
    if corners > MOST_CORNERS:
        raise TooManyCorners(field="geometry", corners=corners, most=MOST_CORNERS)
    area = _build(polygons)
    _check_shape(area)
    return area


def repair(geometry: Mapping[str, Any], *, near: LonLat | None = None) -> Repaired:
    """The nearest lawful area: corners turned, rings closed, bow-ties untied, far too many corners thinned.

    Nothing mends corners that are not numbers, a shape without area, or one too large.

    Raises:
        BadPolygon: as `area_from_geojson`, for what cannot be mended.
    """
    polygons = _rings_of(geometry)
    mended: list[str] = []
    try:
        _check_corners(polygons, near)
    except SwappedCorners:
        polygons = [[[(lat, lon) for lon, lat in ring] for ring in rings] for rings in polygons]
        _check_corners(polygons, near)
        mended.append(SwappedCorners.code)
    if any(ring[0] != ring[-1] for rings in polygons for ring in rings):
        polygons = [[ring if ring[0] == ring[-1] else [*ring, ring[0]] for ring in rings] for rings in polygons]
        mended.append(UnclosedRing.code)
    polygons = [[ring for ring in rings if len(set(ring)) >= 3] for rings in polygons if len(set(rings[0])) >= 3]
    if not polygons:
        raise ZeroArea(field="geometry", area_m2=0)
    area = _build(polygons)
    if not area.is_valid:
        mended.append(_complaint(area).code)
        area = only_polygons(shapely.make_valid(area, method="structure", keep_collapsed=False))
    if shapely.get_num_coordinates(area) > MOST_CORNERS:
        mended.append(TooManyCorners.code)
        area = _thinned(area)
    _check_shape(area)
    return Repaired(area, tuple(mended))


def to_geojson(area: Area) -> dict[str, Any]:
    """The area as a GeoJSON geometry of plain lists, outlines anticlockwise as RFC 7946 wants them."""
    oriented = shapely.orient_polygons(area)
    found = mapping(oriented)
    return {"type": found["type"], "coordinates": _lists(found["coordinates"])}


def area_m2(area: Area) -> float:
    """Square metres, on a plane through the middle of the area's bounding box."""
    west, south, east, north = area.bounds
    plane = Plane(LonLat((west + east) / 2, (south + north) / 2))
    flat: Area = shapely.transform(area, plane.to_xy)
    return float(flat.area)


def _rings_of(geometry: Mapping[str, Any]) -> list[list[Ring]]:
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    coordinates = geometry.get("coordinates") if kind else None
    if kind not in ("Polygon", "MultiPolygon") or not isinstance(coordinates, list | tuple):
        raise NotAPolygon(field="geometry", type=repr(kind)[:40])
    nested = [coordinates] if kind == "Polygon" else coordinates
    polygons = [[_ring(ring, _where(p, r)) for r, ring in enumerate(_seq(rings))] for p, rings in enumerate(nested)]
    if not polygons or not all(polygons):
        raise NotAPolygon(field="geometry", type=kind)
    return polygons


def _seq(value: Any) -> list[Any] | tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise NotAPolygon(field="geometry", found=type(value).__name__)
    return value


def _ring(corners: Any, where: str) -> Ring:
    ring: Ring = []
    for c, corner in enumerate(_seq(corners)):
        numbers = corner[:2] if isinstance(corner, list | tuple) else ()
        fine = len(numbers) == 2 and all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers)
        if not fine or not all(math.isfinite(n) for n in numbers):
            raise BadCorner(field="geometry", at=f"{where}, corner {c}", found=repr(corner)[:60])
        ring.append((float(numbers[0]), float(numbers[1])))
    if not ring:
        raise TooFewCorners(field="geometry", at=where, corners=0)
    return ring


def _check_corners(polygons: list[list[Ring]], near: LonLat | None) -> None:
    every = np.array([corner for rings in polygons for ring in rings for corner in ring])
    within = (np.abs(every[:, 0]) <= 180) & (np.abs(every[:, 1]) <= 90)
    if not within.all():
        turned = every[:, ::-1]
        if ((np.abs(turned[:, 0]) <= 180) & (np.abs(turned[:, 1]) <= 90)).all():
            raise SwappedCorners(field="geometry", at=tuple(every[~within][0].tolist()))
        at = _name_corner(polygons, int(np.argmin(within)))
        raise OutOfRange(field="geometry", at=at, found=every[~within][0].tolist())
    if near is None:
        return
    middle = every.mean(axis=0)[None, :]
    here = np.asarray([near])
    swapped_m = distances_m(middle[:, ::-1], here)[0, 0] if abs(middle[0, 0]) <= 90 else math.inf
    away_m = float(distances_m(middle, here)[0, 0])
    if away_m > FAR_FROM_STORE_M:
        facts = {"field": "geometry", "at": tuple(middle[0].tolist()), "store": tuple(near)}
        raise SwappedCorners(**facts) if swapped_m <= FAR_FROM_STORE_M else FarFromStore(**facts, away_m=round(away_m))


def _name_corner(polygons: list[list[Ring]], nth: int) -> str:
    for p, rings in enumerate(polygons):
        for r, ring in enumerate(rings):
            if nth < len(ring):
                return f"{_where(p, r)}, corner {nth}"
            nth -= len(ring)
    raise IndexError(nth)


def _where(polygon: int, ring: int) -> str:
    outline = "outline" if ring == 0 else f"hole {ring}"
    return f"polygon {polygon + 1}, {outline}"


def _build(polygons: list[list[Ring]]) -> Area:
    parts = [Polygon(rings[0], rings[1:]) for rings in polygons]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _check_shape(area: Area) -> None:
    size = area_m2(area)
    if not area.is_valid:
        raise _complaint(area)
    if size < LEAST_AREA_M2:
        raise ZeroArea(field="geometry", area_m2=round(size))
    if size > MOST_AREA_M2:
        raise TooLarge(field="geometry", area_km2=round(size / 1e6), most_km2=round(MOST_AREA_M2 / 1e6))


def _complaint(area: Area) -> BadPolygon:
    """The refusal that fits GEOS's reason, which reads like `Self-intersection[116.3 39.9]`."""
    reason = shapely.is_valid_reason(area)
    words, _, place = reason.partition("[")
    at = tuple(float(number) for number in place.rstrip("]").split()) if place else None
    if words.startswith("Hole lies outside") or "nested" in words.lower():
        return HoleOutside(field="geometry", at=at)
    if "elf-intersection" in words or words.startswith("Interior is disconnected"):
        if area_is_flat(area):
            return ZeroArea(field="geometry", area_m2=0, at=at)
        return SelfCrossing(field="geometry", at=at)
    if words.startswith("Too few points"):
        return ZeroArea(field="geometry", area_m2=0, at=at)
    return SelfCrossing(field="geometry", at=at, reason=words)


def area_is_flat(area: Area) -> bool:
    """Whether all corners lie on one line, so that no repair gives it an inside."""
    hull = shapely.convex_hull(area)
    return not isinstance(hull, Polygon) or area_m2(hull) < LEAST_AREA_M2


def only_polygons(found: Any) -> Area:
    """What of a geometry has an inside: lines and points that an intersection left over are dropped.

    Raises:
        ZeroArea: nothing has.
    """
    parts = [part for part in shapely.get_parts(found, return_index=False) if isinstance(part, Polygon | MultiPolygon)]
    polygons = [polygon for part in parts for polygon in shapely.get_parts(part) if not polygon.is_empty]
    if not polygons:
        raise ZeroArea(field="geometry", area_m2=0)
    return polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)


def _thinned(area: Area) -> Area:
    """Fewer corners, by the coarsest tolerance needed (1 m, 2 m, 4 m, ...); topology is kept."""
    west, south, east, north = area.bounds
    plane = Plane(LonLat((west + east) / 2, (south + north) / 2))
    flat = shapely.transform(area, plane.to_xy)
    for tolerance_m in (1, 2, 4, 8, 16, 32):
        thin = shapely.simplify(flat, tolerance_m, preserve_topology=True)
        if shapely.get_num_coordinates(thin) <= MOST_CORNERS:
            return only_polygons(shapely.transform(thin, plane.to_lonlat))
    raise TooManyCorners(field="geometry", corners=int(shapely.get_num_coordinates(area)), most=MOST_CORNERS)


def _lists(nested: Any) -> Any:
    return [_lists(inner) for inner in nested] if isinstance(nested, tuple | list) else float(nested)


def checked_area(area: Area) -> Area:
    """The area, if it is valid and neither next to nothing nor larger than any store delivers to.

    Raises:
        BadPolygon: one of its kinds.
    """
    _check_shape(area)
    return area


def from_plain(geometry: Mapping[str, Any]) -> Area:
    """A stored, already checked geometry back as a Shapely area, without checking it again."""
    found = shape(dict(geometry))
    if not isinstance(found, Polygon | MultiPolygon):
        raise NotAPolygon(field="geometry", type=found.geom_type)
    return found
