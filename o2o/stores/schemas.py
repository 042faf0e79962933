"""Stores on the wire."""

import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, JsonValue

from o2o.kit.wire import Wire

_STORE: dict[str, JsonValue] = {
    "id": "01976b2e-6f00-7abc-8def-000000000001",
    "code": "S001",
    "name_zh": "建国路店",
    "name_en": "Jianguo Road",
    "lon": 116.4612,
    "lat": 39.9087,
    "address": "建国路 88 号",
    "area_id": "01976b2e-6f00-7abc-8def-0000000000a1",
    "timezone": "Asia/Shanghai",
    "open": True,
    "open_now": True,
    "opens_at": None,
    "closes_at": "2026-03-02T14:00:00Z",
    "pick_line_s": 40,
    "phone": "010-12345678",
    "hours": [{"weekday": 0, "opens_min": 420, "closes_min": 1320}],
}


class OpeningOut(Wire):
    """A window of a weekday (0 is Monday), minutes after local midnight; past 1440 it ends on the next day."""

    weekday: int
    opens_min: int
    closes_min: int


class StoreOut(Wire):
    """A store. `open` is head office's switch, `open_now` counts the hours as well."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STORE]})

    id: uuid.UUID
    code: str
    name_zh: str
    name_en: str
    lon: float
    lat: float
    address: str
    area_id: uuid.UUID
    timezone: str
    open: bool
    open_now: bool
    opens_at: datetime | None
    closes_at: datetime | None
    pick_line_s: int
    phone: str
    hours: list[OpeningOut]


class AreaOut(Wire):
    """A set of stores and riders planned together."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "01976b2e-6f00-7abc-8def-0000000000a1", "name": "朝阳"}]}
    )

    id: uuid.UUID
    name: str


class OptionOut(Wire):
    """A store that delivers to the asked point, and on what terms. `opens_at` is null when it is open now."""

    store_id: uuid.UUID
    name_zh: str
    name_en: str
    lon: float
    lat: float
    distance_m: int
    zone_id: uuid.UUID
    fee_fen: int
    min_basket_fen: int
    opens_at: datetime | None


class NearOut(Wire):
    """A store where one could collect."""

    store: StoreOut
    distance_m: int
    delivers: bool


class AroundOut(Wire):
    """What is around a point: stores that deliver there, and the nearest to walk to."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "serving": [
                        {
                            "store_id": _STORE["id"],
                            "name_zh": "建国路店",
                            "name_en": "Jianguo Road",
                            "lon": 116.4612,
                            "lat": 39.9087,
                            "distance_m": 640,
                            "zone_id": "01976b2e-6f00-7abc-8def-0000000000b1",
                            "fee_fen": 300,
                            "min_basket_fen": 2000,
                            "opens_at": None,
                        }
                    ],
                    "near": [{"store": _STORE, "distance_m": 640, "delivers": True}],
                }
            ]
        }
    )

    serving: list[OptionOut]
    near: list[NearOut]


class ZoneOut(Wire):
    """A service zone with its outline as GeoJSON."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01976b2e-6f00-7abc-8def-0000000000b1",
                    "polygon": {
                        "type": "Polygon",
                        "coordinates": [[[116.4, 39.9], [116.5, 39.9], [116.5, 40.0], [116.4, 39.9]]],
                    },
                    "fee_fen": 300,
                    "min_basket_fen": 2000,
                    "max_distance_m": None,
                    "speed": "standard",
                    "excluded": False,
                }
            ]
        }
    )

    id: uuid.UUID
    polygon: dict[str, Any]
    fee_fen: int
    min_basket_fen: int
    max_distance_m: int | None
    speed: str
    excluded: bool


class StoreChange(Wire):
    """What head office may change at once; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"open": False}]})

    open: bool | None = None
    pick_line_s: Annotated[int, Field(ge=1, le=3_600)] | None = None
