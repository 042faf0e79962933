"""Who serves a door: zone, distance and switch decide; hours say from when. And who is near, where nobody delivers."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from o2o.geo.lonlat import LonLat, checked, distance_m
from o2o.kit.ids import AreaId, StoreId
from o2o.kit.money import Fen
from o2o.stores import hours
from o2o.stores.snapshot import StoreInfo, Zone, current


@dataclass(frozen=True, slots=True)
class StoreOption:
    """A store that delivers to the asked point. `opens_at` is None when it is open now."""

    store_id: StoreId
    area_id: AreaId
    name_zh: str
    name_en: str
    location: LonLat
    distance_m: int
    zone_id: uuid.UUID
    fee_fen: Fen
    min_basket_fen: Fen
    speed: str
    pick_line_s: int
    opens_at: datetime | None


@dataclass(frozen=True, slots=True)
class NearStore:
    """A store where one could collect, whether it delivers to the asked point or not."""

    store: StoreInfo
    distance_m: int
    opens_at: datetime | None
    delivers: bool


def stores_serving(db: Session, *, point: LonLat, now: datetime) -> list[StoreOption]:
    """Stores that deliver to `point`, open ones first, then nearest first; each by the cheapest of its zones there.

    Stores that are switched off, or will not open within sixty days, are left out; an excluded zone keeps its store out.

    Raises:
        BadPoint: not a finite pair of degrees.
    """
    point = checked(*point)
    known = current(db)
    best: dict[StoreId, Zone] = {}
    barred: set[StoreId] = set()
    for position in known.index.covering(point):
        zone = known.zones[position]
        if zone.excluded:
            barred.add(zone.store_id)
        elif _within(zone, known.stores[zone.store_id], point):
            best[zone.store_id] = min(zone, best.get(zone.store_id, zone), key=_price)
    options = [
        option
        for store_id, zone in best.items()
        if store_id not in barred and (option := _option(known.stores[store_id], zone, point, now)) is not None
    ]
    return sorted(options, key=lambda o: (o.opens_at is not None, o.distance_m, o.store_id))


def nearest(db: Session, *, point: LonLat, now: datetime, limit: int = 5) -> list[NearStore]:
    """The nearest stores that are switched on and open now or some day, for collecting; what to say where nobody delivers.

    Raises:
        BadPoint: not a finite pair of degrees.
    """
    point = checked(*point)
    serving = {option.store_id for option in stores_serving(db, point=point, now=now)}
    stores = [store for store in current(db).stores.values() if store.open]
    by_distance = sorted((distance_m(store.location, point), store.id, store) for store in stores)
    found: list[NearStore] = []
    for metres, store_id, store in by_distance:
        open_now, opens_at = hours.when_open(store.hours, now)
        if open_now or opens_at is not None:
            found.append(NearStore(store, metres, opens_at, store_id in serving))
        if len(found) == limit:
            break
    return found


def _within(zone: Zone, store: StoreInfo, point: LonLat) -> bool:
    return zone.max_distance_m is None or distance_m(store.location, point) <= zone.max_distance_m


def _price(zone: Zone) -> tuple[int, int, uuid.UUID]:
    return (zone.fee_fen, zone.min_basket_fen, zone.id)


def _option(store: StoreInfo, zone: Zone, point: LonLat, now: datetime) -> StoreOption | None:
    if not store.open:
        return None
    open_now, opens_at = hours.when_open(store.hours, now)
    if not open_now and opens_at is None:
        return None
    return StoreOption(
        store_id=store.id,
        area_id=store.area_id,
        name_zh=store.name_zh,
        name_en=store.name_en,
        location=store.location,
        distance_m=distance_m(store.location, point),
        zone_id=zone.id,
        fee_fen=zone.fee_fen,
        min_basket_fen=zone.min_basket_fen,
        speed=zone.speed,
        pick_line_s=store.pick_line_s,
        opens_at=opens_at,
    )
