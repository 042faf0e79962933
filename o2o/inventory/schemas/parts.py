"""What several bodies of stock have in common."""

import uuid
from typing import Annotated

from pydantic import Field

from o2o.kit.wire import Code, Count, Ref, Wire

Units = Annotated[int, Field(ge=0, le=1_000_000)]
AN_ID = "018f6d0a-1111-7000-8000-000000000001"


class StoreIn(Wire):
    """Which store: a clerk's own when left out."""

    store_id: Ref | None = None


class LineIn(Wire):
    """So many of a SKU."""

    sku: Code
    quantity: Count


class DoneOut(Wire):
    """It is booked, under this id."""

    id: uuid.UUID
