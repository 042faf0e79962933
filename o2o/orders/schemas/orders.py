"""Wire shapes of the hall. The answer to a quote, asked more than anything else, is plain values: nothing of it comes from outside."""

import uuid
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from o2o.catalogue.goods import Good
from o2o.kit.values import value
from o2o.kit.wire import Amount, Code, Count, Name, Note, PointIn, Ref, Wire, example
from o2o.orders.pricing import PricedLine
from o2o.orders.records import Goods

Method = Literal["delivery", "pickup"]
Preference = Literal["ask", "substitute", "refund"]
Pieces = Annotated[int, Field(ge=1, le=999)]
Token = Annotated[str, StringConstraints(min_length=20, max_length=100_000, pattern=r"^[A-Za-z0-9+/=.]+$")]


def _phone(text: str) -> str:
    if not text.isascii():
        raise ValueError("a phone number has ASCII digits")
    return text


def _without_decision(plan: dict[str, Any]) -> dict[str, Any]:
    """What was known of every store is the house's business."""
    return {name: value for name, value in plan.items() if name != "decision"}


Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 -]{4,19}$"), AfterValidator(_phone)]


class LineIn(Wire):
    """So many pieces (of weighed goods: portions) of a SKU."""

    sku: Code
    quantity: Pieces


class QuoteIn(Wire):
    """A basket looking for its price, its store and its promise."""

    model_config = example(
        lines=[{"sku": "DAIRY-001", "quantity": 2}], method="delivery", point={"lon": 116.46, "lat": 39.92}, points=0
    )

    lines: Annotated[list[LineIn], Field(min_length=1, max_length=60)]
    method: Method = "delivery"
    point: PointIn | None = None
    store_id: Ref | None = None
    coupon_id: Ref | None = None
    points: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    slot_id: Code | None = None
    """A window of `/api/slots`; left out: as soon as can be."""


@value(frozen=True, slots=True)
class PricedLineOut:
    """A line with its share of every discount: gross - coupon - points = due. Weighed goods are priced at a ceiling."""

    sku: str
    name_zh: str
    name_en: str
    quantity: int
    weighed: bool
    unit_price_fen: int
    gross_fen: int
    coupon_fen: int
    points_fen: int
    due_fen: int

    @classmethod
    def of(cls, line: PricedLine, good: Good | Goods) -> Self:
        """A line with what its good is called, and whether it is weighed."""
        return cls(
            sku=line.sku,
            name_zh=good.name_zh,
            name_en=good.name_en,
            quantity=line.quantity,
            weighed=good.weighed,
            unit_price_fen=line.unit_price_fen,
            gross_fen=line.gross_fen,
            coupon_fen=line.coupon_fen,
            points_fen=line.points_fen,
            due_fen=line.due_fen,
        )


@value(frozen=True, slots=True)
class QuoteStoreOut:
    """The store that would do it."""

    id: uuid.UUID
    name_zh: str
    name_en: str
    distance_m: int
    lon: float
    lat: float


@value(frozen=True, slots=True)
class PromiseOut:
    """When it comes: between `from` and `by`, nine times of ten; `ready_at` is when the store is done."""

    arrive_from: datetime
    arrive_by: datetime
    ready_at: datetime


@value(frozen=True, slots=True)
class BroughtOut:
    """So many pieces of a SKU that a store brings."""

    sku: str
    quantity: int


@value(frozen=True, slots=True)
class PartOut:
    """What one store brings, and when."""

    store: QuoteStoreOut
    lines: list[BroughtOut]
    promise: PromiseOut


@value(frozen=True, slots=True)
class QuoteOut:
    """What the basket costs and when it comes. Send `quote` back to accept exactly this."""

    __pydantic_config__: ClassVar[ConfigDict] = example(quote="eyJtIjoi…", total_fen=2880, delivery_fee_fen=300)

    quote: str
    expires_at: datetime
    store: QuoteStoreOut
    lines: list[PricedLineOut]
    goods_fen: int
    coupon_fen: int
    points: int
    points_fen: int
    delivery_fee_fen: int
    total_fen: int
    promise: PromiseOut
    """When the last part is there."""
    parts: list[PartOut]
    """One, unless several stores bring a part each."""
    why: dict[str, Any]


class AddressIn(Wire):
    """Where to and to whom. The point is the quote's."""

    text: Name
    name: Name
    phone: Phone
    detail: Note = ""


class PlaceIn(Wire):
    """Accept a quote."""

    model_config = example(
        quote="eyJtIjoi…",
        address={"text": "建国路 1 号", "name": "王小明", "phone": "13812345678", "detail": "3-502"},
        preference="ask",
        note="",
    )

    quote: Token
    address: AddressIn | None = None
    preference: Preference = "ask"
    note: Note = ""


class PlacedOut(Wire):
    """The order stands. Pay `total_fen` until `pay_by` by the provider's reference; null when there is nothing to pay."""

    model_config = example(order_no="K7Q2-M9XA", state="placed", total_fen=2880)

    order_id: uuid.UUID
    order_no: str
    state: str
    store_id: uuid.UUID
    total_fen: int
    pay_ref: str | None
    pay_by: datetime
    promise_from: datetime
    promise_by: datetime


class SubstituteOut(Wire):
    """Goods that were in the bag for missing pieces of a line, and their share of what the line was charged."""

    sku: str
    name_zh: str
    name_en: str
    quantity: int
    charged_fen: int
    returned: int


class OrderLineOut(Wire):
    """A line as agreed, as picked, and as charged."""

    no: int
    sku: str
    name_zh: str
    name_en: str
    quantity: int
    weighed: bool
    piece_g: int
    unit_price_fen: int
    gross_fen: int
    coupon_fen: int
    points_fen: int
    due_fen: int
    picked: int | None
    picked_g: int | None
    substitutes: list[SubstituteOut]
    charged_fen: int | None
    returned: int
    refunded_fen: int


class MoveOut(Wire):
    """One move of the order's life."""

    version: int
    state: str
    reason: str
    at: datetime


class ShipmentOut(Wire):
    """One store's try at a part of the order (`leg`), the plan it was given and what really happened."""

    id: uuid.UUID
    leg: int
    attempt: int
    store_id: uuid.UUID
    state: str
    skus: list[str]
    quantities: list[int]
    plan: Annotated[dict[str, Any], AfterValidator(_without_decision)]
    happened: dict[str, Any]


class RefundOut(Wire):
    """Money given back, and for which lines."""

    id: uuid.UUID
    amount_fen: int
    reason: str
    lines: list[Any]
    at: datetime


class OrderBriefOut(Wire):
    """An order in a list."""

    model_config = example(order_no="K7Q2-M9XA", state="paid", total_fen=2880)

    id: uuid.UUID
    order_no: str
    channel: str
    method: str
    state: str
    total_fen: int
    charged_fen: int | None
    refunded_fen: int
    placed_at: datetime
    promise_from: datetime | None
    promise_by: datetime | None
    reason: str | None


class OrderOut(OrderBriefOut):
    """An order with everything its owner may see."""

    goods_fen: int
    coupon_fen: int
    points: int
    points_fen: int
    fee_fen: int
    code: str
    address: dict[str, Any]
    lon: float | None
    lat: float | None
    preference: str
    note: str
    pay_by: datetime | None
    paid_at: datetime | None
    delivered_at: datetime | None
    version: int
    lines: list[OrderLineOut]
    shipments: list[ShipmentOut]
    history: list[MoveOut]
    refunds: list[RefundOut]


class CancelIn(Wire):
    """Why, in the customer's words."""

    model_config = example(reason="changed my mind")

    reason: Note = ""


class AnswerIn(Wire):
    """Yes or no to a substitute for a line; `task_id` says which store asked, where several bring the same."""

    model_config = example(sku="DAIRY-001", approve=True)

    sku: Code
    task_id: Ref | None = None
    approve: bool


class MissingIn(Wire):
    """A line that is the cause of a rejection."""

    sku: Code
    quantity: Count


class RejectIn(Wire):
    """Why the store cannot do it, and for reasons of stock which lines are the cause."""

    model_config = example(reason="NOT_IN_STOCK", missing=[{"sku": "DAIRY-001", "quantity": 1}])

    reason: Literal["NOT_IN_STOCK", "MISMATCH", "DAMAGE", "STORE_CLOSED", "TOO_BUSY", "OTHER"]
    missing: Annotated[list[MissingIn], Field(max_length=60, default_factory=list)]


class StateOut(Wire):
    """Where the order is now."""

    model_config = example(state="picking")

    state: str


class FinishedOut(Wire):
    """Where the order is after picking, and what is charged."""

    model_config = example(state="packed", charged_fen=2700)

    order_id: uuid.UUID
    state: str
    charged_fen: Amount


class HandOverIn(Wire):
    """The code the customer shows at the counter."""

    model_config = example(code="4071")

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
