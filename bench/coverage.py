"""Which stores serve a point: our zone index beside Shapely's STRtree, in one run, on the same zones and points.

    python -m bench.coverage                          # 1,000 and 10,000 stores, then a million points at edges
    python -m bench.coverage --stores 1000 --check 0
    python -m bench.coverage --stores --check 0       # only what a quote asks: an address with 20 serving stores of 20, of 2,000

One JSON line a measurement: microseconds a point, ours and the tree's, one at a time and in bulk (least of the repeats, taken
in turns, so that a busy machine slows both), and their ratio. The check counts points on corners, on sides, one unit in the
last place beside them and on cell borders, where ours and the tree's `intersects` differ; it must be 0.
"""

import argparse
import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import shapely
import shapely.affinity
from numpy.typing import NDArray
from shapely import MultiPolygon, Point, Polygon, STRtree
from shapely.geometry.base import BaseGeometry

from o2o.geo.lonlat import LonLat, Plane, circle, offset
from o2o.geo.zones import CELL_M, ZoneIndex
from o2o.kit.ids import AreaId, StoreId
from o2o.kit.money import Fen
from o2o.stores.coverage import serving
from o2o.stores.hours import Hours, every_day
from o2o.stores.snapshot import Snapshot, StoreInfo, Zone, Zones

CENTRE = LonLat(116.4, 39.9)
WANTED = 0.15
Points = NDArray[np.float64]


def main() -> None:
    """Reads the arguments, measures, checks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stores", type=int, nargs="*", default=[1_000, 10_000])
    parser.add_argument("--points", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--check", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    for stores in asked.stores:
        print(json.dumps(measure(stores, asked.points, asked.repeats, asked.seed)), flush=True)
    print(json.dumps(serving_point(asked.seed)), flush=True)
    if asked.check:
        print(json.dumps(check(asked.check, asked.seed)), flush=True)


def city(stores: int, seed: int) -> tuple[list[Polygon | MultiPolygon], float]:
    """Zones of about 3 km with 16 to 64 irregular corners, some with a hole or in two parts,
    at the density of a dense city; its width in metres."""
    dice = np.random.default_rng(seed)
    width_m = 60_000.0 * (stores / 1_000) ** 0.5
    zones: list[Polygon | MultiPolygon] = []
    for east, north in dice.uniform(-width_m / 2, width_m / 2, (stores, 2)):
        angles = np.sort(dice.uniform(0, 2 * np.pi, int(dice.integers(16, 65))))
        reach = dice.uniform(0.6, 1.0, len(angles)) * dice.uniform(2_000, 3_500)
        outline = np.column_stack([east + reach * np.cos(angles), north + reach * np.sin(angles)])
        zone: BaseGeometry = Polygon(Plane(CENTRE).to_lonlat(outline))
        if dice.random() < 0.2:
            lake = Point(*Plane(CENTRE).to_lonlat(np.array([[east, north]]))[0]).buffer(0.004, quad_segs=4)
            zone = zone.difference(lake)
        if dice.random() < 0.1:
            zone = zone.union(shapely.affinity.translate(zone, xoff=0.09))
        outcome = zone if zone.is_valid else shapely.make_valid(zone, method="structure")
        assert isinstance(outcome, Polygon | MultiPolygon)
        zones.append(outcome)
    return zones, width_m


def measure(stores: int, points: int, repeats: int, seed: int) -> dict[str, object]:
    """Times both on random points of the city."""
    zones, width_m = city(stores, seed)
    started = time.perf_counter()
    index = ZoneIndex(zones)
    built_s = time.perf_counter() - started
    tree = STRtree(zones)
    spread = np.random.default_rng(seed + 1).uniform(-width_m / 2, width_m / 2, (points, 2))
    places = Plane(CENTRE).to_lonlat(spread)
    each = [LonLat(float(lon), float(lat)) for lon, lat in places]
    one = _turns(
        lambda: [index.covering(place) for place in each],
        lambda: [tree.query(Point(place), predicate="intersects") for place in each],
        repeats,
    )
    bulk = _turns(
        lambda: index.covering_many(places),
        lambda: tree.query(shapely.points(places), predicate="intersects"),
        repeats,
    )
    ratio = one[0] / one[1]
    return {
        "stores": stores,
        "zones_a_point": round(index.covering_many(places).shape[1] / points, 2),
        "build_s": round(built_s, 3),
        "one_us": round(one[0] / points * 1e6, 3),
        "tree_one_us": round(one[1] / points * 1e6, 3),
        "one_ratio": round(ratio, 4),
        "bulk_us": round(bulk[0] / points * 1e6, 3),
        "tree_bulk_us": round(bulk[1] / points * 1e6, 3),
        "bulk_ratio": round(bulk[0] / bulk[1], 4),
        "within": ratio <= WANTED,
    }


def serving_point(seed: int, few: int = 20, many: int = 2_000, repeats: int = 7) -> dict[str, object]:
    """What `stores_serving` takes, beside its one read of a stamp, at an address that some twenty stores serve."""
    now = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    cities = {stores: _stores(stores, seed) for stores in (few, many)}
    around = Plane(CENTRE).to_lonlat(np.random.default_rng(seed).uniform(-200, 200, (200, 2)))
    points = [LonLat(float(lon), float(lat)) for lon, lat in around]
    served = {
        stores: float(np.mean([len(serving.options(known, point=point, now=now)) for point in points]))
        for stores, known in cities.items()
    }

    def ask(stores: int) -> None:
        for point in points:
            serving.options(cities[stores], point=point, now=now)

    took = _turns(lambda: ask(many), lambda: ask(few), repeats)
    return {
        "serving": {stores: round(mean, 1) for stores, mean in served.items()},
        f"us_of_{many}": round(took[0] / len(points) * 1e6, 1),
        f"us_of_{few}": round(took[1] / len(points) * 1e6, 1),
        "ratio": round(took[0] / took[1], 3),
    }


def _stores(count: int, seed: int) -> Snapshot:
    """So many stores: twenty within reach of the centre, the others around them as dense; a near and a far ring each, and an
    exclusion for every tenth."""
    dice = np.random.default_rng(seed)
    week = Hours("Asia/Shanghai", every_day("07:00", "23:00"))
    area = AreaId(uuid.UUID(int=1))
    stores: list[StoreInfo] = []
    zones: list[Zone] = []
    outlines: list[Polygon | MultiPolygon] = []
    for n in range(count):
        reach = 1_500 if n < 20 else 5_500 * (n / 20) ** 0.5
        turn = dice.uniform(0, 2 * np.pi)
        place = offset(CENTRE, east_m=reach * np.cos(turn), north_m=reach * np.sin(turn))
        store_id, code = StoreId(uuid.UUID(int=n + 10)), f"S{n:05d}"
        stores.append(StoreInfo(store_id, code, code, code, place, "", area, week.timezone, True, 40, "", week))
        for radius, fee, excluded in ((2_500, 300, False), (4_000, 600, False), (200, 0, True))[
            : 3 if n % 10 == 0 else 2
        ]:
            centre = offset(place, east_m=-1_900, north_m=900) if excluded else place
            outlines.append(Polygon(circle(centre, radius, 96)))
            owner = (uuid.UUID(int=len(zones) + 10**6), store_id, None, "", excluded)
            zones.append(Zone(*owner, fee_fen=Fen(fee), min_basket_fen=Fen(0), speed_s=None, arrives=None, windows=()))
    drawn = Zones(tuple(zones), tuple(outlines), ZoneIndex(outlines))
    locations = np.array([store.location for store in stores])
    return Snapshot({}, {store.id: store for store in stores}, tuple(stores), locations, drawn)


def _turns(ours: Callable[[], object], theirs: Callable[[], object], repeats: int) -> tuple[float, float]:
    """The least time of each, taken in turns."""
    best = [float("inf"), float("inf")]
    for _ in range(repeats):
        for n, run in enumerate((ours, theirs)):
            started = time.perf_counter()
            run()
            best[n] = min(best[n], time.perf_counter() - started)
    return best[0], best[1]


def check(count: int, seed: int, stores: int = 300) -> dict[str, object]:
    """Counts the points at edges at which the index and the tree differ."""
    zones, width_m = city(stores, seed + 2)
    index, tree = ZoneIndex(zones), STRtree(zones)
    places = edge_points(zones, width_m, count, seed + 3)
    differing = covered = 0
    for part in np.array_split(places, max(1, count // 50_000)):
        ours = index.covering_many(part)
        theirs = tree.query(shapely.points(part), predicate="intersects")
        mine, other = (set(map(tuple, pairs.T.tolist())) for pairs in (ours, theirs))
        differing += len({place for place, _ in mine ^ other})
        covered += len(other)
    return {"checked_points": len(places), "zones": stores, "pairs": covered, "differing_points": differing}


def edge_points(zones: list[Polygon | MultiPolygon], width_m: float, count: int, seed: int) -> Points:
    """A fifth each: corners, points on sides, both moved by one unit in the last place, cell borders and levels of corners, random."""
    dice = np.random.default_rng(seed)
    fifth = count // 5
    corners = shapely.get_coordinates(zones)
    ring_of = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(zones)), return_index=True)[1]
    sides = np.flatnonzero(ring_of[1:] == ring_of[:-1])
    chosen = corners[dice.integers(0, len(corners), fifth)]
    first = dice.choice(sides, fifth)
    share = dice.choice([0.5, 0.25, 1 / 3, *dice.random(5)], fifth)[:, None]
    on_sides = corners[first] + share * (corners[first + 1] - corners[first])
    beside = np.nextafter(
        np.vstack([chosen, on_sides])[dice.permutation(2 * fifth)[:fifth]], dice.choice([-999, 999], (fifth, 2))
    )
    per_lon, per_lat = Plane(LonLat(0.0, float(corners[:, 1].mean()))).metres_per_degree
    spread = Plane(CENTRE).to_lonlat(dice.uniform(-width_m / 2, width_m / 2, (fifth, 2)))
    cells = np.array([per_lon, per_lat]) / CELL_M
    borders = np.round((spread + np.array([180, 90])) * cells) / cells - np.array([180, 90])
    borders[::2, 1] = corners[dice.integers(0, len(corners), len(borders[::2])), 1]
    at_random = Plane(CENTRE).to_lonlat(dice.uniform(-width_m / 2, width_m / 2, (count - 4 * fifth, 2)))
    return np.vstack([chosen, on_sides, beside, borders, at_random])


if __name__ == "__main__":
    main()
