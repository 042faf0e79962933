"""Wire shapes of replenishment: how goods are bought, promotions, what to order."""

import uuid
from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from o2o.inventory.schemas.parts import StoreIn
from o2o.kit.wire import Code, Day, Name, Ref, Wire, example


class TermsIn(Wire):
    """How a SKU is bought: looked at every `review_days`, comes `lead_days` later, in multiples, for some weeks at most."""

    sku: Code
    supplier: Name
    lead_days: Annotated[int, Field(ge=0, le=90)] = 1
    review_days: Annotated[int, Field(ge=1, le=28)] = 1
    multiple: Annotated[int, Field(ge=1, le=9_999)] = 1
    weeks_of_supply: Annotated[int, Field(ge=1, le=26)] = 2


class AllTermsIn(Wire):
    """Terms of supply, one line a SKU."""

    model_config = example(terms=[{"sku": "DAIRY-001", "supplier": "Green Farm", "lead_days": 1, "multiple": 12}])
    terms: Annotated[list[TermsIn], Field(min_length=1, max_length=1_000)]


class PromotionIn(Wire):
    """Days on which a SKU is promoted, at one store or everywhere."""

    model_config = example(sku="DAIRY-001", first_day="2026-03-06", last_day="2026-03-08")
    sku: Code
    first_day: Day
    last_day: Day
    store_id: Ref | None = None


class TermsOut(Wire):
    """How a SKU is bought."""

    sku: str
    supplier: str
    lead_days: int
    review_days: int
    multiple: int
    weeks_of_supply: int


class PromotionOut(Wire):
    """Days on which a SKU is promoted; without a store, everywhere."""

    id: uuid.UUID
    store_id: uuid.UUID | None
    sku: str
    first_day: date
    last_day: date


class ProposedOut(Wire):
    """What to order of a SKU and why; errors of the forecasts are shares of what was sold, in thousandths."""

    sku: str
    supplier: str
    quantity: int
    target: int
    position: int
    daily_milli: int
    method: str
    model_permille: int | None
    naive_permille: int | None
    because: str
    made_at: datetime


class OrderIn(StoreIn):
    """Proposals to order."""

    model_config = example(skus=["DAIRY-001"])
    skus: Annotated[list[Code], Field(min_length=1, max_length=1_000)]


class OrderedOut(Wire):
    """The announced deliveries, one a supplier."""

    notices: list[uuid.UUID]


class SavedOut(Wire):
    """How many were saved."""

    saved: int
