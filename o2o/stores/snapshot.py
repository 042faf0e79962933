"""All stores, hours and zones as one frozen value, kept by each process and loaded again when their stamp changes."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.geo import polygons
from o2o.geo.lonlat import LonLat
from o2o.geo.zones import ZoneIndex
from o2o.infra.versions import Copy
from o2o.kit.ids import AreaId, StoreId
from o2o.kit.money import Fen
from o2o.stores.hours import Hours, Opening
from o2o.stores.models import AreaRow, OpeningHoursRow, ServiceZoneRow, SpecialDayRow, StoreRow

STAMP = "stores"


@dataclass(frozen=True, slots=True)
class AreaInfo:
    """A set of stores and riders planned together."""

    id: AreaId
    name: str


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """A store as other rooms know it. `open` is head office's switch; `hours` are its week."""

    id: StoreId
    code: str
    name_zh: str
    name_en: str
    location: LonLat
    address: str
    area_id: AreaId
    timezone: str
    open: bool
    pick_line_s: int
    phone: str
    hours: Hours


@dataclass(frozen=True, slots=True)
class Zone:
    """A service zone without its outline."""

    id: uuid.UUID
    store_id: StoreId
    fee_fen: Fen
    min_basket_fen: Fen
    max_distance_m: int | None
    speed: str
    excluded: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything of this room at one stamp. `zones` and `outlines` go together with the positions in `index`."""

    areas: dict[AreaId, AreaInfo]
    stores: dict[StoreId, StoreInfo]
    zones: tuple[Zone, ...]
    outlines: tuple[dict[str, Any], ...]
    index: ZoneIndex


def current(db: Session) -> Snapshot:
    """The stores as this transaction sees them."""
    return _copy.of(db)


def _load(db: Session) -> Snapshot:
    areas = {
        AreaId(row.id): AreaInfo(AreaId(row.id), row.name) for row in db.scalars(select(AreaRow).order_by(AreaRow.name))
    }
    hours = _hours(db)
    stores = {
        StoreId(row.id): StoreInfo(
            id=StoreId(row.id),
            code=row.code,
            name_zh=row.name_zh,
            name_en=row.name_en,
            location=LonLat(row.lon, row.lat),
            address=row.address,
            area_id=AreaId(row.area_id),
            timezone=row.timezone,
            open=row.open,
            pick_line_s=row.pick_line_s,
            phone=row.phone,
            hours=Hours(row.timezone, *hours[row.id]),
        )
        for row in db.scalars(select(StoreRow).order_by(StoreRow.code).execution_options(populate_existing=True))
    }
    zone_rows = list(db.scalars(select(ServiceZoneRow).order_by(ServiceZoneRow.store_id, ServiceZoneRow.id)))
    zones = tuple(
        Zone(
            id=row.id,
            store_id=StoreId(row.store_id),
            fee_fen=Fen(row.fee_fen),
            min_basket_fen=Fen(row.min_basket_fen),
            max_distance_m=row.max_distance_m,
            speed=row.speed,
            excluded=row.excluded,
        )
        for row in zone_rows
    )
    outlines = tuple(row.polygon for row in zone_rows)
    return Snapshot(areas, stores, zones, outlines, ZoneIndex([polygons.from_plain(outline) for outline in outlines]))


def _hours(db: Session) -> dict[uuid.UUID, tuple[tuple[Opening, ...], dict[date, tuple[tuple[int, int], ...]]]]:
    weekly: dict[uuid.UUID, list[Opening]] = defaultdict(list)
    for row in db.scalars(select(OpeningHoursRow).order_by(OpeningHoursRow.weekday, OpeningHoursRow.opens_min)):
        weekly[row.store_id].append(Opening(row.weekday, row.opens_min, row.closes_min))
    special: dict[uuid.UUID, dict[date, tuple[tuple[int, int], ...]]] = defaultdict(dict)
    for exception in db.scalars(select(SpecialDayRow).order_by(SpecialDayRow.day, SpecialDayRow.opens_min)):
        day = special[exception.store_id].setdefault(exception.day, ())
        if exception.opens_min is not None and exception.closes_min is not None:
            special[exception.store_id][exception.day] = (*day, (exception.opens_min, exception.closes_min))
    return defaultdict(
        lambda: ((), {}), {store: (tuple(weekly[store]), special[store]) for store in {*weekly, *special}}
    )


_copy: Copy[Snapshot] = Copy(STAMP, _load)
