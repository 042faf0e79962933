"""Stores on the wire."""

import uuid
from datetime import datetime, time
from typing import Annotated

from pydantic import Field, JsonValue

from o2o.kit.wire import Note, PlannedAt, Wire, example

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
    "rush_s": 0,
    "rush_until": None,
    "closed": False,
    "closed_until": None,
    "hours": [{"weekday": 0, "opens_min": 420, "closes_min": 1320}],
}


class OpeningOut(Wire):
    """A window of a weekday (0 is Monday), minutes after local midnight; past 1440 it ends on the next day."""

    weekday: int
    opens_min: int
    closes_min: int


class StoreOut(Wire):
    """A store. `open` is head office's switch; `open_now` counts the hours and an emergency closing as well.

    `rush_s` is what promises carry on top at this moment. `closed`: in an emergency, until `closed_until`, or until told.
    """

    model_config = example(**_STORE)

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
    rush_s: int
    rush_until: datetime | None
    closed: bool
    closed_until: datetime | None
    hours: list[OpeningOut]


class AreaOut(Wire):
    """A set of stores and riders planned together."""

    model_config = example(id="01976b2e-6f00-7abc-8def-0000000000a1", name="朝阳")

    id: uuid.UUID
    name: str


class OptionOut(Wire):
    """A store that delivers to the asked point, and on what terms. `opens_at` is null when it is open now.

    `speed_s` is what its zone promises from order to door; `arrives_from` to `arrives_until` the local time of day in which it
    is delivered to, null being at once.
    """

    store_id: uuid.UUID
    name_zh: str
    name_en: str
    lon: float
    lat: float
    distance_m: int
    zone_id: uuid.UUID
    zone_name: str
    fee_fen: int
    min_basket_fen: int
    speed_s: int | None
    arrives_from: time | None
    arrives_until: time | None
    opens_at: datetime | None


class NearOut(Wire):
    """A store where one could collect."""

    store: StoreOut
    distance_m: int
    delivers: bool


class AroundOut(Wire):
    """What is around a point: stores that deliver there, and the nearest to walk to."""

    model_config = example(
        serving=[
            {
                "store_id": _STORE["id"],
                "name_zh": "建国路店",
                "name_en": "Jianguo Road",
                "lon": 116.4612,
                "lat": 39.9087,
                "distance_m": 640,
                "zone_id": "01976b2e-6f00-7abc-8def-0000000000b1",
                "zone_name": "3 公里",
                "fee_fen": 300,
                "min_basket_fen": 2000,
                "speed_s": 1800,
                "arrives_from": None,
                "arrives_until": None,
                "opens_at": None,
            }
        ],
        near=[{"store": _STORE, "distance_m": 640, "delivers": True}],
    )

    serving: list[OptionOut]
    near: list[NearOut]


class StoreChange(Wire):
    """What head office may change at once; what is left out stays."""

    model_config = example(open=False)

    open: bool | None = None
    pick_line_s: Annotated[int, Field(ge=1, le=3_600)] | None = None


class RushBody(Wire):
    """How much longer every promise of the store takes, and until when; `extra_s` 0 ends rush mode."""

    model_config = example(extra_s=900, until="2026-03-02T12:00:00Z", reason="午高峰")

    extra_s: Annotated[int, Field(ge=0, le=7_200)]
    until: PlannedAt | None = None
    reason: Note = ""


class CloseBody(Wire):
    """Why the store takes no orders, and until when; null: until somebody opens it."""

    model_config = example(until=None, reason="停电")

    until: PlannedAt | None = None
    reason: Note


class OpenBody(Wire):
    """Why the store is opened again."""

    model_config = example(reason="来电了")

    reason: Note = ""


class ChangeOut(Wire):
    """What was switched at a store: rush, calm, close, open, switch_on or switch_off; who, when, why."""

    model_config = example(
        id="01976b2e-6f00-7abc-8def-0000000000d1",
        at="2026-03-02T04:00:00Z",
        by="01976b2e-6f00-7abc-8def-0000000000c1",
        what="rush",
        until="2026-03-02T12:00:00Z",
        extra_s=900,
        reason="午高峰",
    )

    id: uuid.UUID
    at: datetime
    by: uuid.UUID | None
    what: str
    until: datetime | None
    extra_s: int | None
    reason: str
