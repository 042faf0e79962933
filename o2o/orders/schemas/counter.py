"""Wire shapes of the counter: sales at the till, and goods that come back."""

import uuid
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from o2o.kit.wire import Amount, Code, Moment, Note, Ref, Wire, example
from o2o.orders.schemas.orders import PricedLineOut, SubstituteOut


class ScannedIn(Wire):
    """One item on the belt: a SKU or a barcode, exactly one of them. `price_fen` is what an offline till asked for."""

    sku: Code | None = None
    barcode: Annotated[str | None, Field(pattern=r"^[0-9]{8,14}$")] = None
    quantity: Annotated[int, Field(ge=1, le=999)] = 1
    weight_g: Annotated[int | None, Field(ge=1, le=100_000)] = None
    price_fen: Amount | None = None

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        if (self.sku is None) == (self.barcode is None):
            raise ValueError("an item has a sku or a barcode")
        return self


class SaleIn(Wire):
    """A sale. `sale_id` is the till's own; `at` is when it happened; `offline` says that it is told after the fact."""

    model_config = example(
        sale_id="01960000-0000-7000-8000-000000000009",
        items=[{"sku": "DAIRY-001", "quantity": 2}],
        tender="cash",
        at="2026-03-02T02:00:00Z",
        member_code="6201234567",
    )

    sale_id: Ref
    items: Annotated[list[ScannedIn], Field(min_length=1, max_length=200)]
    tender: Literal["cash", "sandbox"] = "cash"
    at: Moment
    member_code: Code | None = None
    coupon_id: Ref | None = None
    points: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    offline: bool = False


class SaleOut(Wire):
    """The receipt. `known` says that this sale had been told before."""

    model_config = example(order_no="K7Q2-M9XA", total_fen=3780, known=False)

    order_id: uuid.UUID
    order_no: str
    lines: list[PricedLineOut]
    goods_fen: int
    coupon_fen: int
    points: int
    points_fen: int
    total_fen: int
    pay_ref: str | None
    points_earned: int
    discrepancies: int
    known: bool


class ReturnLineIn(Wire):
    """So many pieces of a line, by its number in the order; `sku` says which goods, where a substitute was in the bag."""

    no: Annotated[int, Field(ge=1, le=500)]
    sku: Code | None = None
    quantity: Annotated[int, Field(ge=1, le=999)]


class ReturnIn(Wire):
    """Ask for money back, with the goods (`return`) or without (`refund`). `return_id` is the caller's own."""

    model_config = example(
        return_id="01960000-0000-7000-8000-000000000010",
        kind="return",
        lines=[{"no": 1, "quantity": 1}],
        reason="damaged",
    )

    return_id: Ref
    kind: Literal["refund", "return"]
    lines: Annotated[list[ReturnLineIn], Field(min_length=1, max_length=60)]
    reason: Code
    note: Note = ""


class DecideIn(Wire):
    """Yes or no, and a word to the customer."""

    model_config = example(approve=True, note="")

    approve: bool
    note: Note = ""


class InspectIn(Wire):
    """What became of the goods that came in."""

    model_config = example(outcome="restocked")

    outcome: Literal["restocked", "quarantined", "wasted", "rejected"]


class ReturnStateOut(Wire):
    """Where the request is."""

    model_config = example(return_id="01960000-0000-7000-8000-000000000010", state="approved")

    return_id: uuid.UUID
    state: str


class ReturnOut(Wire):
    """A request as it stands."""

    model_config = example(state="refunded", refund_fen=1890)

    id: uuid.UUID
    order_id: uuid.UUID
    kind: str
    state: str
    reason: str
    note: str
    nos: list[int]
    skus: list[str]
    quantities: list[int]
    store_id: uuid.UUID | None
    outcome: str | None
    refund_fen: int
    requested_at: datetime
    ended_at: datetime | None


class OpenReturnOut(ReturnOut):
    """A request as the store deals with it: of which order."""

    order_no: str


class CounterLineOut(Wire):
    """A line as the counter needs it: what was given, and what came back already."""

    no: int
    sku: str
    name_zh: str
    name_en: str
    quantity: int
    picked: int | None
    substitutes: list[SubstituteOut]
    charged_fen: int | None
    returned: int


class CounterOrderOut(Wire):
    """An order at the counter, without its owner's name, phone or address."""

    model_config = example(order_no="K7Q2-M9XA", state="packed", method="pickup")

    id: uuid.UUID
    order_no: str
    channel: str
    method: str
    state: str
    total_fen: int
    charged_fen: int | None
    refunded_fen: int
    placed_at: datetime
    promise_by: datetime | None
    lines: list[CounterLineOut]
