"""Wire shapes of sourcing: rules, their preview, a day's choices again, why a store, and parked orders."""

import uuid
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.config import JsonDict

from o2o.kit.wire import Note, PlannedAt, Ref, Wire, example

RULES: JsonDict = {
    "sort": ["score"],
    "sections": [
        {"set": {"fen_per_km": 50, "most_shipments": 2}},
        {
            "when": {"method": "delivery"},
            "refuse": [
                {
                    "name": "far and small",
                    "if": [{"fact": "distance_m", "over": 4_000}, {"fact": "goods_fen", "under": 3_000}],
                }
            ],
        },
    ],
}
Day = Annotated[date, Field(ge=date(2020, 1, 1), le=date(2100, 1, 1))]


class RulesIn(Wire):
    """A new version of the rules: which settings hold for whom, which stores are refused, in what order the willing stand."""

    model_config = example(document=RULES, note="周末少跑远路")

    document: Annotated[dict[str, Any], Field(max_length=2)]
    note: Note = ""


class RulesOut(Wire):
    """A version of the rules. `in_force` is true for the one that counts now."""

    id: uuid.UUID
    version: int
    state: Literal["draft", "applied"]
    document: dict[str, Any]
    note: str
    made_by: uuid.UUID | None
    made_at: datetime
    applies_at: datetime | None
    in_force: bool


class SettingOut(Wire):
    """A setting that rules may change: its value where no rule speaks, and whether it is of the whole order."""

    name: str
    default: int | bool
    order_wide: bool


class LanguageOut(Wire):
    """What rules may say: settings, facts and operators of filters, and what may be sorted by."""

    settings: list[SettingOut]
    facts: list[str]
    operators: list[str]
    sorts: list[str]
    channels: list[str]
    methods: list[str]


class RulesListOut(Wire):
    """All versions, the newest first, and what a version may say."""

    versions: list[RulesOut]
    language: LanguageOut


class PlaceInDay(Wire):
    """How far a preview is: so many of the day's decisions, then so many of its refused baskets."""

    decisions: Annotated[int, Field(ge=0, le=99_999_999)] = 0
    baskets: Annotated[int, Field(ge=0, le=99_999_999)] = 0


class PreviewIn(Wire):
    """Which day to look at; yesterday unless told otherwise. `after`: the `next` of the part before, where a day has several."""

    model_config = example(day="2026-03-01")

    day: Annotated[Day | None, Field(strict=False)] = None
    after: PlaceInDay = PlaceInDay()


class ChangedOut(Wire):
    """An order that would have gone elsewhere: its stores before and after, none where none would have taken it."""

    order_id: uuid.UUID
    order_no: str
    before: list[uuid.UUID]
    after: list[uuid.UUID]
    promise_before_s: int
    promise_after_s: int | None


Cause = Literal[
    "not_chosen", "rejected_before", "outside_area", "excluded_zone", "ring_hours", "too_far", "detour_too_long",
    "emergency_closed", "closed", "not_sold_here", "no_stock", "below_minimum", "too_heavy", "capacity_full", "no_riders",
    "closes_before_ready", "too_slow", "too_late", "ruled_out",
]  # fmt: skip


class GainedOut(Wire):
    """A basket that found no store then: what kept it from one, which would take it, and how soon it would have come."""

    asked_at: datetime
    cause: Cause
    goods_fen: int
    after: list[uuid.UUID]
    promise_s: int


class PreviewOut(Wire):
    """What the rules would have made of a day. Promises are medians, money and parcels sums, over orders both find a way for.

    `refused` baskets found no store that day; `won` of them, worth `won_fen`, would have been taken. A large day comes in parts: `of`
    is what there is to look at in all, `next` where to go on, `promises_*` each order's latest arrival.
    """

    day: date
    of: int
    next: PlaceInDay | None
    promises_before_s: list[int]
    promises_after_s: list[int]
    decisions: int
    same: int
    moved: int
    lost: int
    promise_before_s: int
    promise_after_s: int
    cost_before_fen: int
    cost_after_fen: int
    fee_before_fen: int
    fee_after_fen: int
    parcels_before: int
    parcels_after: int
    refused: int
    won: int
    won_fen: int
    changed: list[ChangedOut]
    gained: list[GainedOut]
    complete: bool


class LostSumOut(Wire):
    """So many baskets found no store; of `regained` the customer ordered within two hours all the same; the others were worth so much."""

    baskets: int
    regained: int
    goods_fen: int


class LostCauseOut(LostSumOut):
    """By what kept them from the store that came nearest to taking them."""

    cause: Cause


class LostHourOut(LostSumOut):
    """By the hour, which begins at `at`."""

    at: datetime


class LostPlaceOut(LostSumOut):
    """By place, to about a hundred metres, and cause."""

    lon: float
    lat: float
    cause: Cause


class LostOut(LostSumOut):
    """Demand lost on a day. `complete` is false where more was lost than is kept of one day."""

    day: date
    causes: list[LostCauseOut]
    hours: list[LostHourOut]
    places: list[LostPlaceOut]
    complete: bool


class ApplyIn(Wire):
    """From when the rules count; at once unless told otherwise."""

    model_config = example(at="2026-03-02T00:00:00+08:00")

    at: PlannedAt | None = None


class NamedOut(Wire):
    """An order a report names."""

    order_id: uuid.UUID
    order_no: str
    shipment_id: uuid.UUID


class ReplayOut(Wire):
    """A day's choices made again: how many, how many came out the same to the letter, and which did not or could not be read."""

    day: date
    decisions: int
    reproduced: int
    differing: list[NamedOut]
    strange: list[NamedOut]
    complete: bool


class WhyShipmentOut(Wire):
    """A try at a part of an order: what it brings, and the decision that sent it there (null where it came with leg 1's)."""

    shipment_id: uuid.UUID
    leg: int
    attempt: int
    store_id: uuid.UUID
    state: str
    skus: list[str]
    quantities: list[int]
    created_at: datetime
    decision: dict[str, Any] | None


class StoreNameOut(Wire):
    """A store's names."""

    name_zh: str
    name_en: str


class GoodNameOut(Wire):
    """A good's names, as they were ordered."""

    name_zh: str
    name_en: str


class WhyOut(Wire):
    """Why an order went where it went: every try with its decision, and the names of all stores and goods (by SKU) in it."""

    order_id: uuid.UUID
    order_no: str
    shipments: list[WhyShipmentOut]
    stores: dict[str, StoreNameOut]
    goods: dict[str, GoodNameOut]


class ParkedOut(Wire):
    """A paid order that no store can do now: why, who sees to it, until when. `asked.stores`: where a pickup could be moved to."""

    order_id: uuid.UUID
    order_no: str
    method: str
    kind: Literal["unfillable", "waiting_for_stock", "pickup_rejected", "pickup_endangered"]
    owner: Literal["dispatcher", "store", "customer"]
    area_id: uuid.UUID
    store_id: uuid.UUID
    skus: list[str]
    since: datetime
    due_at: datetime
    tries: int
    asked: dict[str, Any]
    total_fen: int
    promise_by: datetime | None


class ParkedAnswerIn(Wire):
    """The customer's word about a rejected pickup: fetch it elsewhere, wait, or give it up. To wait for an endangered one is to leave
    it where it is."""

    model_config = example(answer="move", store_id="01928f3e-7c1a-7000-8000-000000000001")

    answer: Literal["move", "wait", "cancel"]
    store_id: Ref | None = None


class GiveUpIn(Wire):
    """Why a parked order is ended by hand."""

    model_config = example(reason="顾客来电取消")

    reason: Note = ""
