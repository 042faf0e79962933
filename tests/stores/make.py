"""Builders for stores."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from o2o.geo.lonlat import LonLat, circle, offset
from o2o.kit.ids import AreaId, StoreId
from o2o.stores import hours, places
from o2o.stores.zones.shapes import Drawn

CENTRE = LonLat(116.4600, 39.9100)


def disc(centre: LonLat, radius_m: int) -> dict[str, Any]:
    """A round polygon as GeoJSON."""
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in circle(centre, radius_m)]]}


def an_area(db: Session, name: str = "朝阳") -> AreaId:
    """The area with this name."""
    return places.save_area(db, name=name)


def a_store(
    db: Session,
    code: str = "S001",
    *,
    now: datetime,
    at: LonLat = CENTRE,
    east_m: float = 0,
    north_m: float = 0,
    radius_m: int = 3_000,
    zones: Sequence[places.ZoneIn] | None = None,
    openings: Sequence[hours.Opening] | None = None,
    special: Mapping[date, Sequence[tuple[int, int]]] | None = None,
    area_id: AreaId | None = None,
    **changes: Any,
) -> StoreId:
    """A store open around the clock that delivers within `radius_m`, unless told otherwise."""
    place = offset(at, east_m=east_m, north_m=north_m)
    fields: dict[str, Any] = {"name_zh": f"{code} 店", "name_en": f"Store {code}", "area_id": area_id or an_area(db)}
    store = places.StoreIn(code=code, lon=place.lon, lat=place.lat, **(fields | changes))
    drawn = (
        zones
        if zones is not None
        else [places.ZoneIn(shapes=(Drawn(disc(place, radius_m)),), fee_fen=300, min_basket_fen=2_000)]
    )
    week = openings if openings is not None else hours.every_day("00:00", "24:00")
    return places.save_store(db, store=store, zones=drawn, hours=week, special=special, now=now)
