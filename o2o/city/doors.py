"""Customers' doors: every address of the map, and every building that has none, each with a line a rider can read."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from shapely import Point, STRtree

from o2o.city.extract import Extract, House
from o2o.geo.lonlat import LonLat, Plane
from o2o.infra.citydata import Door
from o2o.kit.errors import Invalid

LEAST_BUILDING_M2 = 40.0


class NoDoors(Invalid):
    """The extract has neither addresses nor buildings, so there is nobody to deliver to. 该地图文件中没有地址或建筑物。"""

    code = "city.no_doors"


def find(extract: Extract) -> list[Door]:
    """The doors, sorted by id.

    Raises:
        NoDoors: there is none.
    """
    addressed = [house for house in extract.houses if "addr:housenumber" in house.tags]
    points = [Point(house.place) for house in addressed if house.outline is None]
    nameless = [house for house in extract.houses if "addr:housenumber" not in house.tags and _large(house)]
    free = _without_addresses(nameless, points)
    streets = _streets_near(extract, free)
    doors = {}
    for house, near in zip(addressed, _streets_near(extract, addressed), strict=True):
        doors[house.osm] = Door(house.osm, house.place, _address(house.tags, near))
    used: Counter[str] = Counter()
    for house, street in zip(free, streets, strict=True):
        used[street] += 1
        doors[house.osm] = Door(house.osm, house.place, _described(house.tags, street, used[street]))
    if not doors:
        raise NoDoors(field="file")
    return [doors[osm] for osm in sorted(doors, key=lambda osm: (int(osm[1:]), osm[0]))]


def _large(house: House) -> bool:
    east, north = Plane(house.place).metres_per_degree
    return house.outline is not None and house.outline.area * east * north >= LEAST_BUILDING_M2


def _without_addresses(buildings: list[House], points: list[Point]) -> list[House]:
    """Buildings in which no address stands."""
    if not points or not buildings:
        return buildings
    outlines = [building.outline for building in buildings]
    taken = set(STRtree(points).query(outlines, predicate="intersects")[0].tolist())
    return [building for n, building in enumerate(buildings) if n not in taken]


def _streets_near(extract: Extract, houses: Sequence[House]) -> list[str]:
    """The nearest named street of each house; empty where the map names none."""
    named = [(line, facts["name"]) for line, facts in extract.layers.get("roads", []) if "name" in facts]
    if not named or not houses:
        return ["" for _ in houses]
    nearest = STRtree([line for line, _ in named]).nearest([Point(house.place) for house in houses])
    return [named[n][1] for n in nearest.tolist()]


def _address(tags: dict[str, str], near: str) -> str:
    if "addr:full" in tags:
        return _clean(tags["addr:full"])
    street = tags.get("addr:street") or tags.get("addr:place") or tags.get("addr:neighbourhood") or near
    number = tags["addr:housenumber"]
    if _chinese(street):
        return _clean(f"{street}{number}{'' if number.endswith('号') else '号'}")
    return _clean(f"{street} {number}")


def _described(tags: dict[str, str], street: str, nth: int) -> str:
    name = tags.get("name:zh") or tags.get("name")
    if name:
        return _clean(f"{street} {name}" if street else name)
    if street and not _chinese(street):
        return _clean(f"{street}, building {nth}")
    return _clean(f"{street}附近{nth}号楼" if street else f"{nth}号楼")


def _chinese(text: str) -> bool:
    return re.search(r"[\u4e00-\u9fff]", text) is not None


def _clean(text: str) -> str:
    return re.sub(r"[\s\x00]+", " ", text).strip()[:200]


def middle(doors: Sequence[Door]) -> LonLat:
    """The median door: where a map opens."""
    lons, lats = np.array([door.place for door in doors]).T
    return LonLat(round(float(np.median(lons)), 6), round(float(np.median(lats)), 6))
