"""All stores, hours and zones as frozen values, kept by each process and loaded again when their stamp changes.

Zones and hours have a stamp of their own beside the one of everything: a store put in rush mode costs no new zone index.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from o2o.geo.lonlat import LonLat, as_array
from o2o.geo.polygons import Area
from o2o.geo.zones import ZoneIndex
from o2o.infra import versions
from o2o.infra.versions import Copy
from o2o.kit.ids import AreaId, StoreId
from o2o.kit.money import Fen
from o2o.stores import hours as opening
from o2o.stores.hours import Hours, Opening
from o2o.stores.models import AreaRow, OpeningHoursRow, ServiceZoneRow, SpecialDayRow, StoreRow

_STAMP, _ZONES = "stores", "zones"
_Weeks = dict[uuid.UUID, tuple[tuple[Opening, ...], dict[date, tuple[tuple[int, int], ...]]]]
"""Each store's opening hours and special days."""


@dataclass(frozen=True, slots=True)
class AreaInfo:
    """A set of stores and riders planned together."""

    id: AreaId
    name: str


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """A store as other rooms know it. `open` is head office's switch; `hours` are its week.

    `closed_until`: an emergency closing, over or not. `rush_s` counts only until `rush_until`. Ask `is_open`, `when_open` and
    `rush_at`, which know all of these.
    """

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
    rush_s: int = 0
    rush_until: datetime | None = None
    closed_until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether it takes orders now: switched on, within its hours, and not closed in an emergency."""
        return self.open and not self._closed(now) and opening.is_open(self.hours, now)

    def when_open(self, now: datetime) -> tuple[bool, datetime | None]:
        """Whether it takes orders now, and if not, when it next will; None when nobody knows."""
        if not self.open:
            return False, None
        if self.closed_until is None or now >= self.closed_until:
            return opening.when_open(self.hours, now)
        if self.closed_until >= UNTIL_TOLD:
            return False, None
        then_open, opens_at = opening.when_open(self.hours, self.closed_until)
        return False, self.closed_until if then_open else opens_at

    def rush_at(self, now: datetime) -> int:
        """Seconds that every promise made now carries on top: more than none only in rush mode."""
        return self.rush_s if self.rush_until is not None and now < self.rush_until else 0

    def _closed(self, now: datetime) -> bool:
        return self.closed_until is not None and now < self.closed_until


UNTIL_TOLD = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
"""The end of an emergency closing that has none: until somebody opens the store again."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A service zone without its outline: a store's, or an area's, which is always an exclusion.

    `windows` are in the local time of the store that asks; none means always. `arrives` is the local time of day in which this
    zone is delivered to, None being at once; `speed_s` what is promised from order to door, None being what the plan says.
    """

    id: uuid.UUID
    store_id: StoreId | None
    area_id: AreaId | None
    name: str
    excluded: bool
    fee_fen: Fen
    min_basket_fen: Fen
    speed_s: int | None
    arrives: tuple[time, time] | None
    windows: tuple[Opening, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """All zones at one stamp; `zones`, `areas` and the positions in `index` go together."""

    zones: tuple[Zone, ...]
    areas: tuple[Area, ...]
    index: ZoneIndex


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Everything of this room at one stamp. `by_id` are the stores in the order of their ids, and `locations` where they are."""

    areas: dict[AreaId, AreaInfo]
    stores: dict[StoreId, StoreInfo]
    by_id: tuple[StoreInfo, ...]
    locations: NDArray[np.float64]
    drawn: Zones


def current(db: Session) -> Snapshot:
    """The stores as this transaction sees them."""
    return _copy.of(db)


def changed(db: Session, *, zones: bool = False) -> None:
    """Say that stores, or also their zones and hours, change with this transaction."""
    versions.bump(db, _STAMP)
    if zones:
        versions.bump(db, _ZONES)


def time_of(minutes: int) -> time:
    """A time of day from minutes after midnight."""
    return time(minutes // 60, minutes % 60)


def _load(db: Session) -> Snapshot:
    areas = {
        AreaId(row.id): AreaInfo(AreaId(row.id), row.name) for row in db.scalars(select(AreaRow).order_by(AreaRow.name))
    }
    hours = _weeks.of(db)
    rows = db.execute(select(*StoreRow.__table__.columns).order_by(StoreRow.code))
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
            rush_s=row.rush_s,
            rush_until=row.rush_until,
            closed_until=row.closed_until,
        )
        for row in rows
    }
    by_id = tuple(sorted(stores.values(), key=lambda store: store.id))
    return Snapshot(areas, stores, by_id, as_array([store.location for store in by_id]), _zones.of(db))


def _hours(db: Session) -> _Weeks:
    weekly: dict[uuid.UUID, list[Opening]] = defaultdict(list)
    week = select(
        OpeningHoursRow.store_id, OpeningHoursRow.weekday, OpeningHoursRow.opens_min, OpeningHoursRow.closes_min
    )
    for store, weekday, opens_min, closes_min in db.execute(
        week.order_by(OpeningHoursRow.weekday, OpeningHoursRow.opens_min)
    ):
        weekly[store].append(Opening(weekday, opens_min, closes_min))
    special: dict[uuid.UUID, dict[date, tuple[tuple[int, int], ...]]] = defaultdict(dict)
    for exception in db.scalars(select(SpecialDayRow).order_by(SpecialDayRow.day, SpecialDayRow.opens_min)):
        day = special[exception.store_id].setdefault(exception.day, ())
        if exception.opens_min is not None and exception.closes_min is not None:
            special[exception.store_id][exception.day] = (*day, (exception.opens_min, exception.closes_min))
    return defaultdict(
        lambda: ((), {}), {store: (tuple(weekly[store]), special[store]) for store in {*weekly, *special}}
    )


def _load_zones(db: Session) -> Zones:
    table = ServiceZoneRow.__table__.c
    plain = [column for name, column in table.items() if name not in ("polygon", "shapes")]
    rows = db.execute(
        select(*plain, cast(table.polygon, String).label("polygon")).order_by(table.store_id, table.id)
    ).all()
    zones = tuple(
        Zone(
            id=row.id,
            store_id=row.store_id,
            area_id=row.area_id,
            name=row.name,
            excluded=row.excluded,
            fee_fen=Fen(row.fee_fen),
            min_basket_fen=Fen(row.min_basket_fen),
            speed_s=row.speed_s,
            arrives=_arrives(row.arrives_from_min, row.arrives_until_min),
            windows=windows_of(row.windows),
        )
        for row in rows
    )
    areas = tuple(shapely.from_geojson([row.polygon for row in rows]))
    return Zones(zones, areas, ZoneIndex(areas))


def windows_of(rows: Sequence[Sequence[int]]) -> tuple[Opening, ...]:
    """Windows as they are kept: rows of weekday, from minute, to minute."""
    return tuple(Opening(*row) for row in rows)


def _arrives(from_min: int | None, until_min: int | None) -> tuple[time, time] | None:
    return None if from_min is None or until_min is None else (time_of(from_min), time_of(until_min))


_weeks: Copy[_Weeks] = Copy(_ZONES, _hours)
_copy: Copy[Snapshot] = Copy(_STAMP, _load)
_zones: Copy[Zones] = Copy(_ZONES, _load_zones)
