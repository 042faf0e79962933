"""Wire shapes of counts."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import Field

from o2o.inventory.schemas.parts import StoreIn, Units
from o2o.kit.wire import Code, Moment, Name, Wire, example


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
