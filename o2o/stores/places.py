"""Areas and stores: saved by imports and head office, known to every process by a copy that is never out of date."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.geo.lonlat import LonLat, checked
from o2o.infra.roads import Roads
from o2o.kit import ids
from o2o.kit.errors import Invalid, NotFound
from o2o.kit.ids import AreaId, StoreId
from o2o.stores import hours as opening
from o2o.stores import snapshot
from o2o.stores.hours import Opening
from o2o.stores.models import AreaRow, OpeningHoursRow, SpecialDayRow, StoreRow
from o2o.stores.snapshot import AreaInfo, StoreInfo, current
from o2o.stores.zones import zone_lists as zoning
from o2o.stores.zones.values import Owner, ZoneIn

__all__ = ["AreaInfo", "StoreInfo", "ZoneIn"]


class NoSuchStore(NotFound):
    """There is no such store."""

    code = "stores.no_such_store"


class NoSuchArea(NotFound):
    """There is no such area."""

    code = "stores.no_such_area"


class BadStore(Invalid):
    """A store cannot be kept as written; `field` says which part."""

    code = "stores.bad_store"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreIn:
    """A store to be saved; `code` is its name for machines and decides which store is changed. WGS84 degrees."""

    code: str
    name_zh: str
    name_en: str
    lon: float
    lat: float
    area_id: AreaId
    timezone: str = "Asia/Shanghai"
    open: bool = True
    pick_line_s: int = 40
    phone: str = ""
    address: str = ""


def save_area(db: Session, *, name: str, area_id: AreaId | None = None) -> AreaId:
    """Add an area, or find the one with this name."""
    fresh = area_id or AreaId(ids.new_id())
    statement = insert(AreaRow).values(id=fresh, name=name)
    statement = statement.on_conflict_do_update(index_elements=[AreaRow.name], set_={"name": name})
    found = db.scalars(statement.returning(AreaRow.id)).one()
    snapshot.changed(db)
    return AreaId(found)


def save_store(
    db: Session,
    *,
    store: StoreIn,
    zones: Sequence[ZoneIn],
    hours: Sequence[Opening],
    now: datetime,
    special: Mapping[date, Sequence[tuple[int, int]]] | None = None,
    roads: Roads | None = None,
) -> StoreId:
    """Add a store or change the one with its code; its zones, hours and special days become exactly those given.

    `roads` is needed for drive-time zones only.

    Raises:
        BadStore, hours.BadHours, zones.BadZone, shapes.BadShape, geo.polygons.BadPolygon: a part is not what it must be.
        NoSuchArea: the area is unknown.
    """
    _check(store)
    opening.check(hours, special)
    drawn = zoning.resolved(zones, at=LonLat(store.lon, store.lat), roads=roads)
    if db.get(AreaRow, store.area_id) is None:
        raise NoSuchArea(area_id=store.area_id)
    values = {name: getattr(store, name) for name in StoreIn.__slots__ if name != "code"} | {"updated_at": now}
    statement = insert(StoreRow).values(id=ids.new_id(), code=store.code, **values)
    statement = statement.on_conflict_do_update(index_elements=[StoreRow.code], set_=values)
    store_id = StoreId(db.scalars(statement.returning(StoreRow.id)).one())
    for table in (OpeningHoursRow, SpecialDayRow):
        db.execute(delete(table).where(table.store_id == store_id))
    db.add_all(_hours_rows(store_id, hours, special or {}))
    db.flush()
    owner = Owner(store_id=store_id)
    zoning.put(db, owner=owner, before=zoning.of(db, owner), zones=drawn, note="saved with the store", now=now)
    return store_id


def set_pace(db: Session, *, store_id: StoreId, pick_line_s: int, now: datetime) -> None:
    """Say how many seconds picking one line takes here.

    Raises:
        NoSuchStore: unknown.
        BadStore: not between 1 second and an hour.
    """
    if not 1 <= pick_line_s <= 3_600:
        raise BadStore(field="pick_line_s")
    _change(db, store_id, {"pick_line_s": pick_line_s, "updated_at": now})


def get(db: Session, *, store_id: StoreId) -> StoreInfo:
    """One store.

    Raises:
        NoSuchStore: unknown.
    """
    found = current(db).stores.get(store_id)
    if found is None:
        raise NoSuchStore(store_id=store_id)
    return found


def all_stores(db: Session) -> list[StoreInfo]:
    """Every store, by code."""
    return list(current(db).stores.values())


def all_open(db: Session) -> list[StoreInfo]:
    """Stores whose switch is on, by code; whether they are within their hours is another question."""
    return [store for store in all_stores(db) if store.open]


def get_area(db: Session, *, area_id: AreaId) -> AreaInfo:
    """One area.

    Raises:
        NoSuchArea: unknown.
    """
    found = current(db).areas.get(area_id)
    if found is None:
        raise NoSuchArea(area_id=area_id)
    return found


def areas(db: Session) -> list[AreaInfo]:
    """Every area, by name."""
    return list(current(db).areas.values())


def _change(db: Session, store_id: StoreId, values: dict[str, Any]) -> None:
    changed = db.execute(update(StoreRow).where(StoreRow.id == store_id).values(**values).returning(StoreRow.id))
    if changed.one_or_none() is None:
        raise NoSuchStore(store_id=store_id)
    snapshot.changed(db)


def _check(store: StoreIn) -> None:
    checked(store.lon, store.lat)
    for field, fine in (
        ("code", re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", store.code)),
        ("name_zh", 0 < len(store.name_zh.strip()) <= 120 and "\0" not in store.name_zh),
        ("name_en", 0 < len(store.name_en.strip()) <= 120 and "\0" not in store.name_en),
        ("timezone", _is_timezone(store.timezone)),
        ("pick_line_s", 1 <= store.pick_line_s <= 3_600),
        ("phone", len(store.phone) <= 40 and "\0" not in store.phone),
        ("address", len(store.address) <= 300 and "\0" not in store.address),
    ):
        if not fine:
            raise BadStore(field=field)


def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _hours_rows(
    store_id: uuid.UUID, hours: Sequence[Opening], special: Mapping[date, Sequence[tuple[int, int]]]
) -> list[OpeningHoursRow | SpecialDayRow]:
    rows: list[OpeningHoursRow | SpecialDayRow] = [
        OpeningHoursRow(store_id=store_id, weekday=o.weekday, opens_min=o.opens_min, closes_min=o.closes_min)
        for o in hours
    ]
    for day, windows in special.items():
        spans: Sequence[tuple[int | None, int | None]] = windows or [(None, None)]
        rows += [SpecialDayRow(store_id=store_id, day=day, opens_min=a, closes_min=b) for a, b in spans]
    return rows
