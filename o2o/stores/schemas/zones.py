"""Zones on the wire. Polygons are GeoJSON in WGS84; times of day are the store's, as `HH:MM`."""

import uuid
from datetime import datetime, time
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, StringConstraints

from o2o.geo.lonlat import LonLat
from o2o.geo.polygons import area_m2
from o2o.kit.wire import Amount, Note, PointIn, Wire, example
from o2o.stores.hours import Opening
from o2o.stores.schemas.stores import OpeningOut
from o2o.stores.zones import shapes
from o2o.stores.zones.values import KeptZone, ZoneIn, ZoneList

_SQUARE: dict[str, JsonValue] = {
    "type": "Polygon",
    "coordinates": [[[116.4, 39.9], [116.5, 39.9], [116.5, 40.0], [116.4, 39.9]]],
}
_ZONE: dict[str, JsonValue] = {
    "name": "3 公里",
    "excluded": False,
    "shapes": [{"kind": "radius", "radius_m": 3000, "centre": None}, {"kind": "drive_time", "minutes": 15}],
    "windows": [{"weekday": 5, "opens_min": 1080, "closes_min": 1560}],
    "fee_fen": 300,
    "min_basket_fen": 2000,
    "speed_s": 1800,
    "arrives_from": None,
    "arrives_until": None,
}
_KEPT = {"id": "01976b2e-6f00-7abc-8def-0000000000b1", **_ZONE, "polygon": _SQUARE, "area_km2": 11.42}
_STORE = "01976b2e-6f00-7abc-8def-000000000001"

TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class RadiusShape(Wire):
    """All within `radius_m` of `centre`; null is the store."""

    kind: Literal["radius"]
    radius_m: int
    centre: PointIn | None = None


class PolygonShape(Wire):
    """A GeoJSON Polygon or MultiPolygon."""

    kind: Literal["polygon"]
    polygon: dict[str, Any]


class DriveTimeShape(Wire):
    """All that a rider reaches from the store within `minutes`."""

    kind: Literal["drive_time"]
    minutes: int


AnyShape = Annotated[RadiusShape | PolygonShape | DriveTimeShape, Field(discriminator="kind")]


class ZoneBody(Wire):
    """A zone: where all `shapes` overlap. `excluded`: nobody delivers there. No `windows`: always.

    A window that ends at or before midnight of its day has `closes_min` up to 1440; past that it ends on the next day.
    """

    model_config = example(**_ZONE)

    name: Annotated[Note, Field(max_length=120)] = ""
    excluded: bool = False
    shapes: Annotated[list[AnyShape], Field(min_length=1, max_length=8)]
    windows: Annotated[list[OpeningOut], Field(max_length=50)] = Field(default=[])
    fee_fen: Amount = 0
    min_basket_fen: Amount = 0
    speed_s: int | None = None
    arrives_from: TimeOfDay | None = None
    arrives_until: TimeOfDay | None = None

    def meant(self) -> ZoneIn:
        """The zone as a value."""
        both = self.arrives_from is not None and self.arrives_until is not None
        start, end = time.fromisoformat(self.arrives_from or "00:00"), time.fromisoformat(self.arrives_until or "00:00")
        return ZoneIn(
            shapes=tuple(_shape(shape) for shape in self.shapes),
            name=self.name,
            excluded=self.excluded,
            fee_fen=self.fee_fen,
            min_basket_fen=self.min_basket_fen,
            speed_s=self.speed_s,
            # One end alone becomes a range without length, which the rules of zones refuse by name.
            arrives=(start, end if both else start) if self.arrives_from or self.arrives_until else None,
            windows=tuple(Opening(w.weekday, w.opens_min, w.closes_min) for w in self.windows),
        )


class ZonesBody(Wire):
    """All zones of a store, or exclusions of an area, instead of those of `version`."""

    model_config = example(version=3, zones=[_ZONE], note="新桥通车")

    version: Annotated[int, Field(ge=0)]
    zones: Annotated[list[ZoneBody], Field(max_length=60)]
    note: Note = ""


class DraftBody(Wire):
    """Zones to be looked at before they are kept."""

    model_config = example(zones=[_ZONE])

    zones: Annotated[list[ZoneBody], Field(max_length=60)]


class RestoreBody(Wire):
    """Which earlier list is to be in force again (`back_to`), and which is now (`version`)."""

    model_config = example(back_to=2, version=3)

    back_to: Annotated[int, Field(ge=0)]
    version: Annotated[int, Field(ge=0)]


class ZoneOut(Wire):
    """A zone as it is kept; `polygon` is what its shapes came to, and what counts."""

    model_config = example(**_KEPT)

    id: uuid.UUID
    name: str
    excluded: bool
    shapes: list[AnyShape]
    polygon: dict[str, Any]
    area_km2: float
    windows: list[OpeningOut]
    fee_fen: int
    min_basket_fen: int
    speed_s: int | None
    arrives_from: str | None
    arrives_until: str | None


class ZonesOut(Wire):
    """All zones of a store (or the exclusions its area shares), and the version that a change must name."""

    model_config = example(owner_id=_STORE, version=3, zones=[_KEPT])

    owner_id: uuid.UUID
    version: int
    zones: list[ZoneOut]


class VersionOut(Wire):
    """One list of zones that was in force from `at` on; `by` is null where a command or an import wrote it."""

    model_config = example(
        version=2, at="2026-03-02T02:00:00Z", by="01976b2e-6f00-7abc-8def-0000000000c1", note="新桥通车", zones=3
    )

    version: int
    at: datetime
    by: uuid.UUID | None
    note: str
    zones: int


class DraftOut(Wire):
    """What zones come to, and whom the store would reach with them. `estimated`: no road network answered a drive-time area."""

    model_config = example(
        zones=[{"polygon": _SQUARE, "area_km2": 11.42, "homes": 812}],
        homes=2400,
        homes_before=700,
        homes_after=812,
        newly_served=40,
        no_longer_served=0,
        estimated=False,
    )

    class Zone(Wire):
        """One zone of the draft, in the order sent."""

        polygon: dict[str, Any]
        area_km2: float
        homes: int

    zones: list[Zone]
    homes: int
    homes_before: int
    homes_after: int
    newly_served: int
    no_longer_served: int
    estimated: bool


def listed(owner_id: uuid.UUID, found: ZoneList) -> ZonesOut:
    """A list of zones as it goes over the wire."""
    return ZonesOut(owner_id=owner_id, version=found.version, zones=[shown(kept) for kept in found.zones])


def shown(kept: KeptZone) -> ZoneOut:
    """A zone as it goes over the wire."""
    zone = kept.zone
    start, end = zone.arrives or (None, None)
    return ZoneOut(
        id=kept.id,
        name=zone.name,
        excluded=zone.excluded,
        shapes=[_wire(shape) for shape in zone.shapes],
        polygon=kept.polygon,
        area_km2=km2(kept),
        windows=[OpeningOut.model_validate(window) for window in zone.windows],
        fee_fen=zone.fee_fen,
        min_basket_fen=zone.min_basket_fen,
        speed_s=zone.speed_s,
        arrives_from=None if start is None else f"{start:%H:%M}",
        arrives_until=None if end is None else f"{end:%H:%M}",
    )


def km2(kept: KeptZone) -> float:
    """Square kilometres."""
    return round(area_m2(kept.area) / 1e6, 3)


def _shape(sent: RadiusShape | PolygonShape | DriveTimeShape) -> shapes.Shape:
    if isinstance(sent, RadiusShape):
        return shapes.Radius(sent.radius_m, None if sent.centre is None else LonLat(sent.centre.lon, sent.centre.lat))
    if isinstance(sent, PolygonShape):
        return shapes.Drawn(sent.polygon)
    return shapes.DriveTime(sent.minutes)


def _wire(shape: shapes.Shape) -> RadiusShape | PolygonShape | DriveTimeShape:
    match shape:
        case shapes.Radius(radius_m, centre):
            place = None if centre is None else PointIn(lon=centre.lon, lat=centre.lat)
            return RadiusShape(kind="radius", radius_m=radius_m, centre=place)
        case shapes.Drawn(polygon):
            return PolygonShape(kind="polygon", polygon=dict(polygon))
        case shapes.DriveTime(minutes):
            return DriveTimeShape(kind="drive_time", minutes=minutes)
