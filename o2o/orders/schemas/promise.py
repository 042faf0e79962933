"""Wire shapes of windows, availability, the rota and the report of promises."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from o2o.kit.wire import PlannedAt, Wire, example


class SlotOut(Wire):
    """A window of a store. `free`: whether a usual basket still fits."""

    model_config = example(
        slot_id="019caca3-ea67-7196-9860-5dffd75d6769.1772503200",
        store_id="019caca3-ea67-7196-9860-5dffd75d6769",
        store_zh="中心店",
        store_en="Centre",
        starts_at="2026-03-03T02:00:00Z",
        ends_at="2026-03-03T03:00:00Z",
        free=True,
        room=0.75,
    )

    slot_id: str
    store_id: uuid.UUID
    store_zh: str
    store_en: str
    starts_at: datetime
    ends_at: datetime
    free: bool
    room: float
    """The part of it that is left, of hands or riders, whichever is less."""


class AvailabilityOut(Wire):
    """What can be said at an address before anybody has filled a basket."""

    model_config = example(
        kind="minutes",
        minutes=30,
        from_at=None,
        store_id="019caca3-ea67-7196-9860-5dffd75d6769",
        store_zh="中心店",
        store_en="Centre",
        distance_m=650,
        text_zh="约 30 分钟送达",
        text_en="in about 30 min",
    )

    kind: Literal["minutes", "from", "pickup", "none"]
    minutes: int | None
    from_at: datetime | None
    store_id: uuid.UUID | None
    store_zh: str | None
    store_en: str | None
    distance_m: int | None
    text_zh: str
    text_en: str


class ShiftIn(Wire):
    """Hands that pick for a while."""

    model_config = example(hands=3, starts_at="2026-03-03T02:00:00Z", ends_at="2026-03-03T06:00:00Z")

    hands: Annotated[int, Field(ge=1, le=200)]
    starts_at: PlannedAt
    ends_at: PlannedAt


class ShiftOut(Wire):
    """A planned picking shift."""

    model_config = example(
        id="019caca3-ea67-7196-9860-5dffd75d6769",
        hands=3,
        starts_at="2026-03-03T02:00:00Z",
        ends_at="2026-03-03T06:00:00Z",
    )

    id: uuid.UUID
    hands: int
    starts_at: datetime
    ends_at: datetime


class KeptOut(Wire):
    """How many promises were kept, with Wilson's interval at 95 %, and how long they were."""

    orders: int
    kept: float | None
    kept_from: float | None
    kept_to: float | None
    promised_s: int | None
    took_s: int | None


class StoreKeptOut(KeptOut):
    """The same for a store; `margin` is how many spreads past the expected arrival its promises are made in calm times."""

    store_id: uuid.UUID
    store_zh: str
    store_en: str
    margin: float


class StageOut(Wire):
    """A stage beside its plan: seconds on average, and how much of all error comes from it."""

    stage: str
    planned_s: int
    took_s: int
    bias_s: int
    error_s: int
    share: float


class BinOut(KeptOut):
    """Promises up to so long."""

    up_to_s: int


class PromiseReportOut(Wire):
    """Which promises were kept, which stage lies, and whether the calibration is right."""

    model_config = example(
        since="2026-03-01T00:00:00Z",
        until="2026-03-02T00:00:00Z",
        aim=0.92,
        all={
            "orders": 410,
            "kept": 0.92,
            "kept_from": 0.89,
            "kept_to": 0.94,
            "promised_s": 1080,
            "took_s": 702,
        },
        lies_most="rider",
        stages=[],
        stores=[],
        calibration=[],
    )

    since: datetime
    until: datetime
    aim: float
    all: KeptOut
    lies_most: str | None
    stages: list[StageOut]
    stores: list[StoreKeptOut]
    calibration: list[BinOut]
