"""Wire shapes of the shelf: what is there and why, what comes in, what is thrown away or set apart."""

import uuid
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from o2o.inventory.schemas.parts import StoreIn, Units
from o2o.kit.wire import Code, Count, Day, Wire, example


class ItemOut(Wire):
    """One SKU at one store: where its pieces are; `app` and `till` are what each channel may promise now."""

    sku: str
    name_zh: str
    name_en: str
    category: str
    on_hand: int
    reserved: int
    safety: int
    damaged: int
    quality_control: int
    in_transit: int
    short: bool
    limited_offer: bool
    app: int
    till: int


class StockOut(Wire):
    """A page of a store's stock; `next` is the `after` of the next page."""

    items: list[ItemOut]
    next: str | None


class StepOut(Wire):
    """One step of the sum that leads to what a channel may promise; a rule's id and note where a rule made it."""

    because: str
    units: int
    rule_id: uuid.UUID | None
    note: str


class PromiseOut(Wire):
    """A live promise of the SKU to an order."""

    order_id: uuid.UUID
    state: str
    quantity: int
    expires_at: datetime | None


class LotOut(Wire):
    """Units left of a lot, in the order in which they are given out; `blocked` ones are not."""

    code: str
    expires_on: date | None
    quantity: int
    blocked: bool


class EntryOut(Wire):
    """One line of the ledger."""

    at: datetime
    kind: str
    bucket: str
    delta: int
    cause: uuid.UUID


class WhyOut(Wire):
    """Why an item's numbers are what they are; each channel's steps sum to what it may promise."""

    item: ItemOut
    app: list[StepOut]
    till: list[StepOut]
    promises: list[PromiseOut]
    lots: list[LotOut]
    entries: list[EntryOut]


class ExpiringOut(Wire):
    """Units of a lot and their last day of sale."""

    expires_on: date
    sku: str
    code: str
    quantity: int
    blocked: bool


class DiscrepancyOut(Wire):
    """An open discrepancy."""

    id: uuid.UUID
    sku: str
    kind: str
    missing: int
    opened_at: datetime


class ReceiptLineIn(Wire):
    """So many arrived, of one lot if it has one; `damaged` and `inspect` are among `quantity`."""

    sku: Code
    quantity: Count
    lot_code: Code | None = None
    expires_on: Day | None = None
    damaged: Units = 0
    inspect: Units = 0


class ReceiptIn(StoreIn):
    """Goods that arrived without a notice."""

    model_config = example(
        lines=[{"sku": "DAIRY-001", "quantity": 24, "lot_code": "L0302", "expires_on": "2026-03-20"}]
    )
    lines: Annotated[list[ReceiptLineIn], Field(min_length=1, max_length=500)]


class WriteOffIn(StoreIn):
    """Goods thrown away or gone."""

    model_config = example(sku="DAIRY-001", quantity=2, reason="broken")
    sku: Code
    quantity: Count
    reason: Literal["expired", "spoiled", "broken", "damaged", "stolen", "sampled", "donated", "lost", "other"]
    lot_code: Code | None = None
    damaged: bool = False


class ApartIn(StoreIn):
    """Units to (positive) or from (negative) the damaged pile or quality control."""

    model_config = example(sku="DAIRY-001", damaged=1)
    sku: Code
    damaged: Annotated[int, Field(ge=-9_999, le=9_999)] = 0
    quality_control: Annotated[int, Field(ge=-9_999, le=9_999)] = 0
