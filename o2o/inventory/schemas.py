"""Wire shapes of stock."""

import uuid
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue

from o2o.kit.wire import Code, Count, Day, Moment, Name, Note, Wire

IdIn = Annotated[uuid.UUID, Field(strict=False)]
Units = Annotated[int, Field(ge=0, le=1_000_000)]
AN_ID = "018f6d0a-1111-7000-8000-000000000001"


def example(**body: JsonValue) -> ConfigDict:
    """A body's configuration with an example of it."""
    return ConfigDict(json_schema_extra={"example": body})


class StoreIn(Wire):
    """Which store: a clerk's own when left out."""

    store_id: IdIn | None = None


class LineIn(Wire):
    """So many of a SKU."""

    sku: Code
    quantity: Count


class ItemOut(Wire):
    """One SKU at one store; `app` and `till` are what each channel may promise now."""

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
    """One step of a sum; a rule's id and note where a rule made it."""

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
    """Units left of a lot."""

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


class DoneOut(Wire):
    """It is booked, under this id."""

    id: uuid.UUID


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


class CountIn(StoreIn):
    """A count to be made: of some SKUs, or of all (none named)."""

    model_config = example(skus=["DAIRY-001", "DAIRY-002"], because="weekly")
    skus: Annotated[list[Code], Field(max_length=500, default_factory=list)]
    because: Name = "asked for"


class CountOut(Wire):
    """A count, blind: what waits and what is done, not what the books expect."""

    id: uuid.UUID
    scope: str
    state: str
    because: str
    asked_at: datetime
    holder: uuid.UUID | None
    lease_until: datetime | None
    waiting: list[str]
    done: list[str]


class CountedIn(StoreIn):
    """So many were on the shelf, at `at` if the device was offline then."""

    model_config = example(sku="DAIRY-001", quantity=7)
    sku: Code
    quantity: Units
    at: Moment | None = None


class LeaseOut(Wire):
    """Until when the count is this clerk's."""

    until: datetime


class AgainIn(StoreIn):
    """Lines to count once more."""

    model_config = example(skus=["DAIRY-001"])
    skus: Annotated[list[Code], Field(min_length=1, max_length=500)]


class VarianceOut(Wire):
    """A counted line beside the books of its moment."""

    sku: str
    expected: int | None
    counted: int | None
    difference: int | None


class PostedOut(Wire):
    """What a posting changed on hand, by SKU."""

    changed: dict[str, int]


class RuleIn(Wire):
    """What the app may promise of a shelf. Scope left out means all; a value left out is left to a wider rule."""

    model_config = example(category="dairy", safety=2, note="keep two for the shop")
    store_id: IdIn | None = None
    category: Code | None = None
    sku: Code | None = None
    safety: Units | None = None
    threshold: Units | None = None
    offered: bool | None = None
    note: Note = ""


class RuleOut(RuleIn):
    """A rule in force."""

    id: uuid.UUID


class EffectOut(Wire):
    """What a change of rules does to one item."""

    store_id: uuid.UUID
    sku: str
    before: int
    after: int


class EffectsOut(Wire):
    """The rule, how many items it changes, and the first of them, largest loss first."""

    id: uuid.UUID
    items: int
    first: list[EffectOut]


class OfferIn(Wire):
    """Units of a SKU to set apart for a limited offer."""

    model_config = example(store_id=AN_ID, sku="DAIRY-001", quantity=50)
    store_id: IdIn
    sku: Code
    quantity: Count


class OfferOut(Wire):
    """A limited offer: what was set apart for it, and what nobody has taken yet."""

    store_id: uuid.UUID
    sku: str
    quantity: int
    left: int
    opened_at: datetime


class OfferEndIn(Wire):
    """Which offer to end."""

    model_config = example(store_id=AN_ID, sku="DAIRY-001")
    store_id: IdIn
    sku: Code


class OfferEndedOut(Wire):
    """How many units were left, ordinary stock again."""

    left: int
