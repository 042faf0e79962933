"""Wire shapes of picking."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from o2o.kit.wire import Code, Count, Wire, example

Grams = Annotated[int, Field(ge=0, le=1_000_000)]


class ScanIn(Wire):
    """One beep of the scanner, or one weighing. `scan_id` is the device's own: sent again, it counts once."""

    model_config = example(scan_id="tab3-000182", sku="DAIRY-001", quantity=1)

    scan_id: Code
    sku: Code
    quantity: Count = 1
    weight_g: Grams = 0


class ShortIn(Wire):
    """How many pieces of a line cannot be found, and why."""

    model_config = example(sku="DAIRY-001", quantity=1, reason="NOT_IN_STOCK")

    sku: Code
    quantity: Annotated[int, Field(ge=0, le=9_999)]
    reason: Literal["NOT_IN_STOCK", "MISMATCH", "DAMAGE"] = "NOT_IN_STOCK"


class SubstituteIn(Wire):
    """Something else for what is short."""

    model_config = example(sku="DAIRY-001", substitute_sku="DAIRY-002", quantity=1)

    sku: Code
    substitute_sku: Code
    quantity: Count = 1


class LineNowOut(Wire):
    """A line after what was told."""

    model_config = example(sku="DAIRY-001", quantity=2, picked=1, short=0, weight_g=950, known=False)

    sku: str
    quantity: int
    picked: int
    short: int
    weight_g: int
    known: bool


class ConsentOut(Wire):
    """Whether the substitute may go into the bag already."""

    model_config = example(consent="waiting")

    consent: str


class PickLineOut(Wire):
    """A wanted line and what became of it so far."""

    sku: str
    name_zh: str
    name_en: str
    quantity: int
    weighed: bool
    piece_g: int
    picked: int
    weight_g: int
    short: int
    short_reason: str | None
    substitute_sku: str | None
    substitute_name: str | None
    substitute_quantity: int
    substitute_fen: int
    consent: str | None
    consent_by: datetime | None


class PickTaskOut(Wire):
    """A task as the store's screen shows it."""

    model_config = example(
        id="01960000-0000-7000-8000-000000000001",
        order_id="01960000-0000-7000-8000-000000000002",
        order_no="K7Q-2M9",
        store_id="01960000-0000-7000-8000-000000000003",
        state="queued",
        preference="ask",
        due_at="2026-03-02T02:20:00Z",
        work_s=130,
        assigned_to=None,
        note="",
        reason=None,
        opened_at="2026-03-02T02:01:00Z",
        started_at=None,
        ended_at=None,
        lines=[],
    )

    id: uuid.UUID
    order_id: uuid.UUID
    order_no: str
    store_id: uuid.UUID
    state: str
    preference: str
    due_at: datetime
    work_s: int
    assigned_to: uuid.UUID | None
    note: str
    reason: str | None
    opened_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    lines: list[PickLineOut]
