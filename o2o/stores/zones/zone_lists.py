"""The zones of a store, and the exclusions that the stores of an area share: checked, replaced as one list, kept by version.

A list is replaced whole by whoever read its newest version; who was slower is told so. Every list stays, and can be had back.
"""

import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced
from datetime import datetime
from typing import cast

import shapely
from sqlalchemy import ColumnElement, Table, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from o2o.geo import polygons
from o2o.geo.lonlat import LonLat
from o2o.geo.polygons import Area, BadPolygon, area_m2
from o2o.infra import outbox
from o2o.infra.roads import Roads
from o2o.kit import ids
from o2o.kit.errors import Conflict, Invalid, NotFound
from o2o.kit.ids import AreaId, StoreId
from o2o.kit.money import FEN_MAX
from o2o.stores import hours as opening
from o2o.stores import snapshot
from o2o.stores.events import StoreChanged
from o2o.stores.models import AreaRow, ServiceZoneRow, StoreRow, ZoneVersionRow
from o2o.stores.snapshot import current
from o2o.stores.zones import shapes
from o2o.stores.zones.shapes import DriveTime
from o2o.stores.zones.values import KeptZone, NamedZone, Owner, Version, ZoneIn, ZoneList

__all__ = ["KeptZone", "Owner", "Version", "ZoneIn", "ZoneList"]

MOST_ZONES = 60
MOST_SHAPES = 8
MOST_WINDOWS = 50
LONGEST_SPEED_S = 86_400
_ZONES = cast(Table, ServiceZoneRow.__table__)


class BadZone(Invalid):
    """A zone cannot be kept as written; `field` says which part."""

    code = "stores.bad_zone"


class ZonesMoved(Conflict):
    """Somebody else has changed these zones meanwhile; look at them again."""

    code = "stores.zones_moved"


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A store whose drive-time areas have changed: square kilometres of its zones before and after."""

    code: str
    before_km2: float
    after_km2: float


class NoSuchVersion(NotFound):
    """There was no such version of these zones."""

    code = "stores.no_such_version"


def resolved(zones: Sequence[ZoneIn], *, at: LonLat | None, roads: Roads | None) -> list[KeptZone]:
    """The zones with what their shapes come to; `at` is the store, None for an area's exclusions.

    Raises:
        BadZone, shapes.BadShape, shapes.NothingInCommon, hours.BadHours, geo.polygons.BadPolygon: `field` begins with
        the number of the zone, such as `zones.2.shapes.0.polygon`.
    """
    if len(zones) > MOST_ZONES:
        raise BadZone(field="zones", most=MOST_ZONES)
    return [_resolved(zone, f"zones.{n}", at, roads) for n, zone in enumerate(zones)]


def resolved_exclusions(zones: Sequence[ZoneIn]) -> list[KeptZone]:
    """The same for the exclusions that the stores of an area share: there is no store to measure from.

    Raises:
        BadZone: one is not an exclusion; else as `resolved`.
    """
    for n, zone in enumerate(zones):
        if not zone.excluded:
            raise BadZone(field=f"zones.{n}.excluded")
    return resolved(zones, at=None, roads=None)


def of(db: Session, owner: Owner) -> ZoneList:
    """The zones in force, cheapest first."""
    rows = db.execute(select(*_ZONES.columns).where(_owned(owner))).mappings()
    kept = [KeptZone.from_json(row) for row in rows]
    kept.sort(key=lambda k: (k.zone.excluded, k.zone.fee_fen, k.zone.min_basket_fen, k.zone.name, k.id))
    newest = db.scalar(select(func.max(ZoneVersionRow.version)).where(ZoneVersionRow.owner_id == owner.id))
    return ZoneList(newest or 0, tuple(kept))


def replace(
    db: Session,
    *,
    owner: Owner,
    zones: Sequence[KeptZone],
    version: int,
    by: uuid.UUID | None = None,
    note: str = "",
    now: datetime,
) -> int:
    """Put these zones in force instead of the list of `version`; returns the new version. They count at once.

    Raises:
        ZonesMoved: another list has come into force since.
    """
    before = of(db, owner)
    if before.version != version:
        raise ZonesMoved(field="version", version=before.version)
    if version == 0:
        _remember(db, owner, 0, before.zones, None, "", now)
    put(db, owner=owner, before=before, zones=zones, by=by, note=note, now=now)
    _say(db, owner, now)
    return version + 1


def put(
    db: Session,
    *,
    owner: Owner,
    before: ZoneList,
    zones: Sequence[KeptZone],
    by: uuid.UUID | None = None,
    note: str = "",
    now: datetime,
) -> None:
    """Put zones in force where `before` was read in this transaction, without a word to any screen: for imports of stores.

    Raises:
        ZonesMoved: another list has come into force since.
    """
    if before.version == 0 and before.zones:
        _remember(db, owner, 0, before.zones, None, "", now)
    if not _remember(db, owner, before.version + 1, zones, by, note, now):
        raise ZonesMoved(field="version", version=before.version + 1)
    db.execute(delete(ServiceZoneRow).where(_owned(owner)))
    if zones:
        mine = {"store_id": owner.store_id, "area_id": owner.area_id}
        db.execute(insert(_ZONES), [kept.as_json() | mine | {"id": kept.id} for kept in zones])
    snapshot.changed(db, zones=True)


def named(db: Session, *, store_id: StoreId | None = None) -> list[NamedZone]:
    """The zones of all stores and areas, or of one store, by code and name of their owners, cheapest first."""
    every = (
        select(*_ZONES.columns, StoreRow.code, AreaRow.name.label("area"))
        .outerjoin(StoreRow, StoreRow.id == _ZONES.c.store_id)
        .outerjoin(AreaRow, AreaRow.id == _ZONES.c.area_id)
        .order_by(StoreRow.code, AreaRow.name, _ZONES.c.excluded, _ZONES.c.fee_fen, _ZONES.c.name, _ZONES.c.id)
    )
    rows = db.execute(every if store_id is None else every.where(_ZONES.c.store_id == store_id)).mappings()
    return [NamedZone(row["code"], row["area"], KeptZone.from_json(row)) for row in rows]


def recompute(db: Session, *, roads: Roads, now: datetime) -> list[Recomputed]:
    """Ask the present road network again about every drive-time area; lists that come out otherwise become new versions.

    Stores come by code. Closer than a thousandth of its size is the same area.
    """
    found = []
    for store in current(db).stores.values():
        owner = Owner(store_id=store.id)
        before = of(db, owner)
        if not any(isinstance(shape, DriveTime) for kept in before.zones for shape in kept.zone.shapes):
            continue
        after = resolved([kept.zone for kept in before.zones], at=store.location, roads=roads)
        if all(_alike(old.area, new.area) for old, new in zip(before.zones, after, strict=True)):
            continue
        replace(db, owner=owner, zones=after, version=before.version, note="recomputed", now=now)
        sizes = [
            sum(area_m2(kept.area) for kept in kept_zones if not kept.zone.excluded)
            for kept_zones in (before.zones, after)
        ]
        found.append(Recomputed(store.code, round(sizes[0] / 1e6, 3), round(sizes[1] / 1e6, 3)))
    return found


def history(db: Session, owner: Owner) -> list[Version]:
    """All lists this owner has had, newest first."""
    table = ZoneVersionRow
    count = func.jsonb_array_length(table.zones)
    rows = db.execute(
        select(table.version, table.at, table.by, table.note, count)
        .where(table.owner_id == owner.id)
        .order_by(table.version.desc())
    )
    return [Version(*row) for row in rows]


def restore(db: Session, *, owner: Owner, back_to: int, version: int, by: uuid.UUID, now: datetime) -> int:
    """Put an earlier list in force again, as it was then; it becomes a new version, so that this too can be undone.

    Raises:
        NoSuchVersion: there was none.
        ZonesMoved: another list has come into force since `version`.
    """
    found = db.scalar(
        select(ZoneVersionRow.zones).where(ZoneVersionRow.owner_id == owner.id, ZoneVersionRow.version == back_to)
    )
    if found is None:
        raise NoSuchVersion(version=back_to)
    again = [KeptZone.from_json(one | {"id": ids.new_id()}) for one in found]
    return replace(db, owner=owner, zones=again, version=version, by=by, note=f"restored version {back_to}", now=now)


def _resolved(zone: ZoneIn, field: str, at: LonLat | None, roads: Roads | None) -> KeptZone:
    check_terms(zone, field)
    try:
        meant = replaced(zone, shapes=shapes.plain(zone.shapes, at=at))
        area = shapes.resolve(meant.shapes, at=at, roads=roads)
    except (BadPolygon, shapes.BadShape, shapes.NothingInCommon) as bad:
        raise type(bad)(**(bad.facts | {"field": f"{field}.{bad.facts['field']}"})) from bad
    return KeptZone(ids.new_id(), meant, polygons.to_geojson(area))


def check_terms(zone: ZoneIn, field: str) -> None:
    """Refuse a zone whose terms could not be kept, whatever its shapes.

    Raises:
        BadZone, hours.BadHours: with the part added to `field`.
    """
    for part, fine in (
        ("shapes", 1 <= len(zone.shapes) <= MOST_SHAPES),
        ("name", len(zone.name) <= 120 and not any(unicodedata.category(c) in ("Cc", "Cs") for c in zone.name)),
        ("fee_fen", 0 <= zone.fee_fen <= FEN_MAX),
        ("min_basket_fen", 0 <= zone.min_basket_fen <= FEN_MAX),
        ("speed_s", zone.speed_s is None or 60 <= zone.speed_s <= LONGEST_SPEED_S),
        ("arrives", zone.arrives is None or zone.arrives[0] < zone.arrives[1]),
        ("windows", len(zone.windows) <= MOST_WINDOWS),
    ):
        if not fine:
            raise BadZone(field=f"{field}.{part}")
    try:
        opening.check(zone.windows)
    except opening.BadHours as bad:
        raise type(bad)(**(bad.facts | {"field": f"{field}.windows"})) from bad


def _alike(old: Area, new: Area) -> bool:
    return bool(shapely.symmetric_difference(old, new).area <= new.area / 1_000)


def _remember(
    db: Session,
    owner: Owner,
    version: int,
    zones: Sequence[KeptZone],
    by: uuid.UUID | None,
    note: str,
    now: datetime,
) -> bool:
    """Keep the list as a version; False when there is one of that number, from whoever was faster."""
    written = [kept.as_json() for kept in zones]
    statement = upsert(ZoneVersionRow).values(
        owner_id=owner.id, version=version, at=now, by=by, note=note, zones=written
    )
    kept_now = statement.on_conflict_do_nothing().returning(ZoneVersionRow.version)
    return db.execute(kept_now).one_or_none() is not None


def _owned(owner: Owner) -> ColumnElement[bool]:
    if owner.store_id is not None:
        return _ZONES.c.store_id == owner.store_id
    return _ZONES.c.area_id == owner.area_id


def _say(db: Session, owner: Owner, now: datetime) -> None:
    """Screens of the store, or of every store of the area, should look again."""
    which = StoreRow.id == owner.store_id if owner.store_id is not None else StoreRow.area_id == owner.area_id
    stores = db.execute(select(StoreRow.id, StoreRow.area_id).where(which))
    events = [StoreChanged(store_id=StoreId(store), area_id=AreaId(area)) for store, area in stores]
    outbox.emit_all(db, events, now=now)
