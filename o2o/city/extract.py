"""Reads an OpenStreetMap extract once: food shops, doors, and the features of the base map. Tags as the OSM wiki has them."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
import shapely
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry

from o2o.geo.lonlat import LonLat
from o2o.kit.errors import Invalid

FOOD_SHOPS = (
    "supermarket", "convenience", "greengrocer", "grocery", "food", "butcher", "seafood", "deli", "bakery", "dairy",
    "cheese", "frozen_food", "farm", "health_food", "general", "beverages", "kiosk",
)  # fmt: skip
"""`shop=*` values that sell food, the most like one of our stores first."""

RIDDEN = frozenset((
    "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link",
    "unclassified", "residential", "living_street", "service", "cycleway", "track", "path", "road", "pedestrian", "footway",
))  # fmt: skip
NOT_DOORS = frozenset((
    "garage", "garages", "shed", "roof", "greenhouse", "hut", "carport", "ruins", "construction", "bunker", "barn",
    "farm_auxiliary", "transformer_tower", "service", "toilets", "bridge", "tower", "silo", "storage_tank",
))  # fmt: skip
GREEN_LEISURE = frozenset(("park", "garden", "pitch", "playground", "nature_reserve", "golf_course"))
GREEN_NATURAL = frozenset(("wood", "grassland", "scrub", "heath", "beach"))
WATERWAYS = frozenset(("river", "stream", "canal", "drain", "ditch"))


class NotAnExtract(Invalid):
    """The file is not an OpenStreetMap extract, or it is cut off. 文件不是 OpenStreetMap 数据，或已损坏、不完整。"""

    code = "city.not_an_extract"


@dataclass(frozen=True, slots=True)
class Shop:
    """A food shop of the map. `osm` is its id there, like n123 (node) or w123 (way)."""

    osm: str
    kind: str
    place: LonLat
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class House:
    """Somewhere an order could be brought to: an address, or a building (then `outline` is known)."""

    osm: str
    place: LonLat
    tags: dict[str, str]
    outline: BaseGeometry | None = None


@dataclass(slots=True)
class Extract:
    """What one file holds. `layers` are GeoJSON-like (geometry, properties) pairs by layer of the base map."""

    shops: list[Shop] = field(default_factory=list)
    houses: list[House] = field(default_factory=list)
    places: list[tuple[str, str, LonLat]] = field(default_factory=list)
    layers: dict[str, list[tuple[BaseGeometry, dict[str, str]]]] = field(default_factory=dict)
    roads: int = 0
    """Ways an e-bike may ride."""

    def draw(self, layer: str, geometry: BaseGeometry, kind: str, name: str | None = None) -> None:
        """Put a feature into a layer."""
        properties = {"kind": kind} | ({"name": name} if name else {})
        self.layers.setdefault(layer, []).append((geometry, properties))


def read(path: Path) -> Extract:
    """Everything we want of the file.

    Raises:
        NotAnExtract: it is missing, of another format, empty, or truncated; `said` is what the reader said.
    """
    if not path.is_file():
        raise NotAnExtract(field="file", file=path.name, said="no such file")
    found = Extract()
    seen: Counter[str] = Counter()
    try:
        objects = osmium.FileProcessor(str(path)).with_areas().with_filter(osmium.filter.EmptyTagFilter())
        for thing in objects:
            assert not isinstance(thing, osmium.osm.Changeset)
            seen[thing.type_str()] += 1
            if thing.is_node():
                _node(found, thing)
            elif thing.is_way():
                _way(found, thing)
            elif thing.is_area():
                _area(found, thing)
    except (RuntimeError, ValueError) as error:
        raise NotAnExtract(field="file", file=path.name, said=str(error)) from error
    if not seen:
        raise NotAnExtract(field="file", file=path.name, said="nothing in it")
    return found


def _tags(thing: Any) -> dict[str, str]:
    return {tag.k: tag.v for tag in thing.tags}


def _shop(found: Extract, osm: str, place: LonLat, tags: dict[str, str]) -> None:
    kind = tags.get("shop", "")
    if kind in FOOD_SHOPS and "disused" not in tags and "abandoned" not in tags:
        found.shops.append(Shop(osm, kind, place, tags))


def _node(found: Extract, node: Any) -> None:
    if not node.location.valid():
        return
    tags = _tags(node)
    place = LonLat(node.location.lon, node.location.lat)
    _shop(found, f"n{node.id}", place, tags)
    if "addr:housenumber" in tags:
        found.houses.append(House(f"n{node.id}", place, tags))
    kind, name = tags.get("place"), tags.get("name")
    if kind and name:
        found.places.append((kind, name, place))
        if kind in ("city", "town", "village", "suburb", "quarter", "neighbourhood", "hamlet"):
            found.draw("labels", Point(place), kind, name)


def _way(found: Extract, way: Any) -> None:
    tags = _tags(way)
    corners = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
    if len(corners) < 2:
        return
    line = LineString(corners)
    if "highway" in tags and tags.get("area") != "yes":
        found.draw("roads", line, tags["highway"], tags.get("name"))
        found.roads += tags["highway"] in RIDDEN and tags.get("access") not in ("no", "private")
    elif tags.get("waterway") in WATERWAYS:
        found.draw("water", line, tags["waterway"], tags.get("name"))
    elif tags.get("railway") in ("rail", "tram", "light_rail", "subway"):
        found.draw("rail", line, tags["railway"])
    if "shop" in tags and not way.is_closed():
        middle = line.interpolate(0.5, normalized=True)
        _shop(found, f"w{way.id}", LonLat(middle.x, middle.y), tags)


def _area(found: Extract, area: Any) -> None:
    tags = _tags(area)
    kind = _drawn_as(tags)
    if kind is None and "building" not in tags and "shop" not in tags:
        return
    outline = _outline(area)
    if outline is None:
        return
    if kind is not None:
        found.draw(kind[0], outline, kind[1], tags.get("name"))
    middle = outline.representative_point()
    osm, place = f"{'w' if area.from_way() else 'r'}{area.orig_id()}", LonLat(middle.x, middle.y)
    _shop(found, osm, place, tags)
    if "building" in tags:
        found.draw("buildings", outline, tags["building"])
        if tags["building"] not in NOT_DOORS:
            found.houses.append(House(osm, place, tags, outline))


def _drawn_as(tags: dict[str, str]) -> tuple[str, str] | None:
    if (
        tags.get("natural") == "water"
        or tags.get("waterway") == "riverbank"
        or tags.get("landuse") in ("reservoir", "basin")
    ):
        return "water", tags.get("water", "water")
    if tags.get("leisure") in GREEN_LEISURE:
        return "landuse", tags["leisure"]
    if tags.get("natural") in GREEN_NATURAL:
        return "landuse", tags["natural"]
    if "landuse" in tags:
        return "landuse", tags["landuse"]
    return None


_factory = osmium.geom.WKBFactory()


def _outline(area: Any) -> BaseGeometry | None:
    """The area's polygon; None where the map's rings do not close."""
    try:
        shape = shapely.from_wkb(_factory.create_multipolygon(area))
    except (RuntimeError, osmium.InvalidLocationError):
        return None
    if shape.is_empty:
        return None
    parts = shapely.get_parts(shape)
    return parts[0] if len(parts) == 1 else shape
