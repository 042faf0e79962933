"""Zones as values, and as the JSON they are kept in."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from o2o.geo import polygons
from o2o.geo.polygons import Area
from o2o.kit.ids import AreaId, StoreId
from o2o.stores.hours import Opening
from o2o.stores.snapshot import time_of, windows_of
from o2o.stores.zones import shapes
from o2o.stores.zones.shapes import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneIn:
    """A zone to be kept: where all of `shapes` overlap, and on what terms. An `excluded` one is where nobody delivers.

    `speed_s`: promised from order to door. `arrives`: the local time of day in which it is delivered to. `windows`: when it
    counts, by the store's clock; none means always.
    """

    shapes: Sequence[Shape]
    name: str = ""
    excluded: bool = False
    fee_fen: int = 0
    min_basket_fen: int = 0
    speed_s: int | None = None
    arrives: tuple[time, time] | None = None
    windows: Sequence[Opening] = ()


@dataclass(frozen=True, slots=True)
class KeptZone:
    """A zone as it is kept; `polygon` (GeoJSON) is what its shapes came to."""

    id: uuid.UUID
    zone: ZoneIn
    polygon: dict[str, Any]

    @property
    def area(self) -> Area:
        """The polygon as a geometry."""
        return polygons.from_plain(self.polygon)

    def as_json(self) -> dict[str, Any]:
        """All of it, under the names of the table's columns."""
        zone = self.zone
        arrives = (None, None) if zone.arrives is None else tuple(at.hour * 60 + at.minute for at in zone.arrives)
        return {
            "id": str(self.id),
            "name": zone.name,
            "excluded": zone.excluded,
            "shapes": [shapes.kept(shape) for shape in zone.shapes],
            "polygon": self.polygon,
            "windows": [[w.weekday, w.opens_min, w.closes_min] for w in zone.windows],
            "fee_fen": zone.fee_fen,
            "min_basket_fen": zone.min_basket_fen,
            "speed_s": zone.speed_s,
            "arrives_from_min": arrives[0],
            "arrives_until_min": arrives[1],
        }

    @staticmethod
    def from_json(found: Mapping[Any, Any]) -> "KeptZone":
        """The zone that `as_json` wrote, or a row of the table."""
        from_min, until_min = found["arrives_from_min"], found["arrives_until_min"]
        zone = ZoneIn(
            shapes=tuple(shapes.from_kept(shape) for shape in found["shapes"]),
            name=found["name"],
            excluded=found["excluded"],
            fee_fen=found["fee_fen"],
            min_basket_fen=found["min_basket_fen"],
            speed_s=found["speed_s"],
            arrives=None if from_min is None else (time_of(from_min), time_of(until_min)),
            windows=windows_of(found["windows"]),
        )
        return KeptZone(uuid.UUID(str(found["id"])), zone, found["polygon"])


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose zones they are: a store's, or an area's, whose stores then share the exclusions."""

    store_id: StoreId | None = None
    area_id: AreaId | None = None

    @property
    def id(self) -> uuid.UUID:
        """The id of the one that is given."""
        found = self.store_id or self.area_id
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class ZoneList:
    """All zones of an owner, and the version that a change of them must name."""

    version: int
    zones: tuple[KeptZone, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One list of zones that was in force from `at` on. `by` is None where a command or an import wrote it."""

    version: int
    at: datetime
    by: uuid.UUID | None
    note: str
    zones: int


@dataclass(frozen=True, slots=True)
class NamedZone:
    """A zone with the code of its store or the name of its area."""

    store: str | None
    area: str | None
    kept: KeptZone
