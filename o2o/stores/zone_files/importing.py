"""Takes zones from a file: read apart, matched with stores and areas, tried first; then all of it or nothing.

An owner named in the file gets exactly the zones the file has for it; an owner not named keeps its own.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from o2o.geo.datum import Datum, from_wgs84, in_china
from o2o.geo.lonlat import LonLat, Plane, as_array
from o2o.kit import ids
from o2o.kit.errors import Invalid
from o2o.kit.ids import AreaId
from o2o.kit.money import FEN_MAX
from o2o.stores import hours as opening
from o2o.stores.hours import BadHours, Opening
from o2o.stores.snapshot import Snapshot, StoreInfo, current
from o2o.stores.zone_files import reading
from o2o.stores.zone_files.formats import FIELDS, BadZoneFile, Format
from o2o.stores.zone_files.reading import Read
from o2o.stores.zones import zone_lists
from o2o.stores.zones.shapes import Drawn
from o2o.stores.zones.values import KeptZone, Owner, ZoneIn

MOST_TOLD = 100
LEAST_SHIFT_M = 150.0
LEAST_STORES = 3
"""Fewer stores than these say nothing about a shift: zones need not lie evenly around their stores."""


class BadField(Invalid):
    """A field of a feature is not what it must be; `field` says which."""

    code = "stores.bad_field"


class WrongDatum(Invalid):
    """All zones lie beside their stores as if corners were of another datum than declared; `seems` says which way."""

    code = "stores.wrong_datum"


@dataclass(frozen=True, slots=True)
class OwnerPlan:
    """What an import would do to one store or area: `before` zones become `zones`."""

    owner: Owner
    name: str
    version: int
    before: int
    zones: tuple[KeptZone, ...]


@dataclass(slots=True)
class Plan:
    """What an import would do, and everything that stands against it; it can be done when `problems` is empty."""

    owners: list[OwnerPlan] = field(default_factory=list)
    mended: list[dict[str, Any]] = field(default_factory=list)
    ignored_fields: list[str] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)


def plan(
    db: Session, content: bytes, *, kind: Format, datum: Datum = Datum.WGS84, repair: bool = False, sure: bool = False
) -> Plan:
    """Try a file and change nothing. `sure`: the declared datum is right, however it looks.

    Raises:
        BadZoneFile: the file as a whole is of no use.
    """
    known = current(db)
    by_code = {store.code: store for store in known.stores.values()}
    places = {code: store.location for code, store in by_code.items()}
    features = reading.read(content, kind=kind, datum=datum, repair=repair, stores=places)
    if not features:
        raise BadZoneFile(field="file", reason="empty")
    found = Plan(ignored_fields=sorted({name for one in features for name in one.fields} - {*FIELDS}))
    drawn: dict[Owner, list[KeptZone]] = {}
    for one in features:
        if one.mended:
            found.mended.append({"feature": one.number, "codes": one.mended})
        try:
            owner = _owner(one, known, by_code)
            zone = _zone(one, owner)
        except Invalid as bad:
            found.problems.append(_told(one, {"code": bad.code, "message": bad.message, **bad.facts}))
            continue
        if one.problem is not None or one.polygon is None:
            found.problems.append(_told(one, one.problem or {}))
            continue
        drawn.setdefault(owner, []).append(KeptZone(ids.new_id(), zone, one.polygon))
    found.owners = [_owner_plan(db, known, owner, kept, found) for owner, kept in drawn.items()]
    if not sure and not found.problems:
        found.problems += _shifted(found.owners, known, datum)
    del found.problems[MOST_TOLD:]
    return found


def apply(db: Session, plan: Plan, *, by: uuid.UUID | None = None, note: str = "", now: datetime) -> None:
    """Do what was planned, all of it or nothing.

    Raises:
        BadZoneFile: something stands against it; `problems` says what.
        zone_lists.ZonesMoved: somebody changed one of the owners' zones since.
    """
    if plan.problems:
        raise BadZoneFile(field="file", problems=plan.problems)
    for one in plan.owners:
        zone_lists.replace(db, owner=one.owner, zones=one.zones, version=one.version, by=by, note=note, now=now)


def _owner(one: Read, known: Snapshot, by_code: dict[str, StoreInfo]) -> Owner:
    code, area = one.fields.get("store") or None, one.fields.get("area") or None
    if (code is None) == (area is None):
        raise BadField(field="store", says="either store or area")
    if code is not None:
        store = by_code.get(str(code))
        if store is None:
            raise BadField(field="store", found=str(code)[:80], says="no such store")
        return Owner(store_id=store.id)
    for info in known.areas.values():
        if info.name == str(area):
            return Owner(area_id=info.id)
    raise BadField(field="area", found=str(area)[:80], says="no such area")


def _owner_plan(db: Session, known: Snapshot, owner: Owner, kept: Sequence[KeptZone], found: Plan) -> OwnerPlan:
    before = zone_lists.of(db, owner)
    name = known.stores[owner.store_id].code if owner.store_id is not None else known.areas[AreaId(owner.id)].name
    if len(kept) > zone_lists.MOST_ZONES:
        found.problems.append(
            {"code": zone_lists.BadZone.code, "store": name, "field": "zones", "most": zone_lists.MOST_ZONES}
        )
    return OwnerPlan(owner, name, before.version, len(before.zones), tuple(kept))


def _zone(one: Read, owner: Owner) -> ZoneIn:
    """The zone of a feature, its terms checked; its polygon may still be missing."""
    told = one.fields
    start, end = _time(told, "from_time"), _time(told, "until_time")
    zone = ZoneIn(
        shapes=(Drawn(one.polygon or {}),),
        name=str(told.get("name") or "").strip(),
        excluded=_flag(told, "excluded"),
        fee_fen=_number(told, "fee_fen") or 0,
        min_basket_fen=_number(told, "min_fen") or 0,
        speed_s=_number(told, "speed_s"),
        arrives=None if start is None and end is None else (start or time.min, end or time.min),
        windows=_windows(str(told.get("windows") or "")),
    )
    if owner.area_id is not None and not zone.excluded:
        raise BadField(field="excluded", says="an area has exclusions only")
    zone_lists.check_terms(zone, "feature")
    return zone


def _number(told: Mapping[str, Any], name: str) -> int | None:
    """A whole number; None and empty text are none."""
    value = told.get(name)
    if value is None or value == "":
        return None
    whole = isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()
    if not whole or not 0 <= value <= FEN_MAX:
        raise BadField(field=name, found=str(value)[:40])
    return int(value)


def _flag(told: Mapping[str, Any], name: str) -> bool:
    value = told.get(name)
    if value in (None, "", False, 0):
        return False
    if value in (True, 1):
        return True
    raise BadField(field=name, found=str(value)[:40])


def _time(told: Mapping[str, Any], name: str) -> time | None:
    value = told.get(name)
    if value is None or value == "":
        return None
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", str(value)):
        raise BadField(field=name, found=str(value)[:40])
    return time.fromisoformat(str(value))


def _windows(text: str) -> tuple[Opening, ...]:
    """What `writing.windows_text` wrote."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        weekdays, _, span = part.partition(" ")
        if not re.fullmatch(r"[0-6]{1,7}", weekdays):
            raise BadField(field="windows", found=part[:40])
        try:
            found += [opening.opening_from(int(day), span.strip()) for day in weekdays]
        except BadHours:
            raise BadField(field="windows", found=part[:40]) from None
    return tuple(found)


def _told(one: Read, problem: dict[str, Any]) -> dict[str, Any]:
    """A problem with where it is: the feature's number in the file, and whose it is."""
    whose = {name: str(one.fields[name])[:80] for name in ("store", "area") if one.fields.get(name)}
    return {"feature": one.number, **whose, **problem}


def _shifted(owners: Sequence[OwnerPlan], known: Snapshot, datum: Datum) -> list[dict[str, Any]]:
    """Whether the zones lie beside their stores by just what two datums differ, as a problem; or none.

    Zones lie around their stores more or less; the median of many offsets is near zero, or near the shift between the datum
    declared and the one the corners really are in.
    """
    offsets = []
    for one in owners:
        served = [kept.area for kept in one.zones if not kept.zone.excluded]
        if one.owner.store_id is not None and served:
            middle = shapely.union_all(served).centroid
            store = known.stores[one.owner.store_id].location
            offsets.append((store, Plane(store).to_xy(as_array([LonLat(middle.x, middle.y)]))[0]))
    if len(offsets) < LEAST_STORES or not in_china(offsets[0][0]):
        return []
    found = np.median([offset for _, offset in offsets], axis=0)
    away_m = float(np.hypot(*found))
    if away_m < LEAST_SHIFT_M:
        return []
    place = offsets[len(offsets) // 2][0]
    for other in Datum:
        shift = _shift(place, other) - _shift(place, datum)
        if float(np.hypot(*(found - shift))) < away_m / 2:
            wrong = WrongDatum(field="datum", declared=datum.value, seems=other.value, away_m=round(away_m))
            return [{"code": wrong.code, "message": wrong.message, **wrong.facts}]
    return []


def _shift(place: LonLat, datum: Datum) -> NDArray[np.float64]:
    """Metres by which `datum` writes this place elsewhere than it is."""
    moved: NDArray[np.float64] = Plane(place).to_xy(as_array([from_wgs84(place, datum)]))[0]
    return moved
