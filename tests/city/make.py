"""Builders for extracts: a tiny district written with osmium's own writer."""

from collections.abc import Sequence
from pathlib import Path

import osmium
from osmium.osm.mutable import Node, Way

from o2o.geo.lonlat import LonLat, offset

CORNER = LonLat(116.3200, 39.9950)
BLOCK_M = 250.0
STREETS = 5


def at(east: float, north: float) -> LonLat:
    """A place so many blocks east and north of the district's south-western crossing."""
    return offset(CORNER, east_m=east * BLOCK_M, north_m=north * BLOCK_M)


class Draft:
    """Collects nodes and ways, and writes them sorted."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.ways: list[Way] = []

    def node(self, place: LonLat, **tags: str) -> int:
        """A node; `addr__street` stands for the tag addr:street. Its id."""
        fresh = len(self.nodes) + 1
        self.nodes.append(Node(id=fresh, version=1, location=tuple(place), tags=_tags(tags)))
        return fresh

    def way(self, nodes: Sequence[int], **tags: str) -> int:
        """A way over nodes."""
        self.ways.append(Way(id=len(self.ways) + 1, version=1, nodes=list(nodes), tags=_tags(tags)))
        return len(self.ways)

    def block(self, west: float, south: float, size: float = 0.2, **tags: str) -> int:
        """A square, say a building, `size` blocks wide."""
        corners = [(0, 0), (size, 0), (size, size), (0, size)]
        ring = [self.node(at(west + dx, south + dy)) for dx, dy in corners]
        return self.way([*ring, ring[0]], **tags)

    def write(self, path: Path) -> Path:
        """Writes it as .osm.pbf."""
        with osmium.SimpleWriter(str(path), overwrite=True) as out:
            for node in self.nodes:
                out.add_node(node)
            for way in self.ways:
                out.add_way(way)
        return path


def streets(draft: Draft) -> None:
    """A square grid of residential streets, the first of each direction named."""
    grid = [[draft.node(at(x, y)) for x in range(STREETS)] for y in range(STREETS)]
    for n in range(STREETS):
        draft.way(grid[n], highway="residential", name=f"东西{n}街")
        draft.way([row[n] for row in grid], highway="residential", name=f"南北{n}路")


def district(path: Path, *, shops: bool = True, roads: bool = True, homes: bool = True) -> Path:
    """Three food shops (one a building, one nameless), addresses, a nameless building, a park, a pond; parts left out as asked."""
    draft = Draft()
    if roads:
        streets(draft)
    if shops:
        draft.node(at(0.1, 0.1), shop="supermarket", name="晨光超市", name__en="Dawn Market", addr__street="东西0街")
        draft.node(at(3.1, 3.1), shop="convenience")
        draft.block(2.3, 0.3, shop="bakery", building="retail", name="麦香")
        draft.node(at(1.5, 1.5), shop="shoes", name="鞋店")
    if homes:
        for n in range(12):
            place = at(n % 4 + 0.1, n // 4 + 0.5)
            draft.node(place, addr__street="南北1路", addr__housenumber=str(n + 1))
        draft.block(1.2, 2.2, building="apartments")
        draft.block(2.6, 2.6, building="shed")
    draft.block(1.4, 1.2, size=0.4, leisure="park", name="小公园")
    draft.block(3.4, 1.2, size=0.3, natural="water")
    return draft.write(path)


def _tags(tags: dict[str, str]) -> dict[str, str]:
    return {key.replace("__", ":"): value for key, value in tags.items()}
