"""Wire shapes of what comes and goes in bulk: transfers, announced deliveries, suppliers' records."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import Field

from o2o.inventory.schemas.parts import AN_ID, LineIn, StoreIn, Units
from o2o.kit.wire import Code, Day, Name, PlannedAt, Ref, Wire, example


class TransferIn(StoreIn):
    """Goods to go to another store."""

    model_config = example(to_store_id=AN_ID, lines=[{"sku": "DAIRY-001", "quantity": 6}])
    to_store_id: Ref
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=500)]


class ArrivalIn(Wire):
    """What came of one sent SKU; a loss has a reason."""

    sku: Code
    received: Units
    lost: Units = 0
    loss_reason: Name | None = None


class ArrivalsIn(StoreIn):
    """What came of a transfer, every sent SKU once."""

    model_config = example(
        arrivals=[{"sku": "DAIRY-001", "received": 5, "lost": 1, "loss_reason": "broken on the way"}]
    )
    arrivals: Annotated[list[ArrivalIn], Field(min_length=1, max_length=500)]


class TransferLineOut(Wire):
    """One SKU of a transfer."""

    sku: str
    quantity: int
    received: int | None
    lost: int | None
    loss_reason: str | None


class TransferOut(Wire):
    """A transfer from or to the store."""

    id: uuid.UUID
    from_store_id: uuid.UUID
    to_store_id: uuid.UUID
    state: str
    drafted_at: datetime
    lines: list[TransferLineOut]


class NoticeIn(Wire):
    """A delivery a supplier announces."""

    model_config = example(
        supplier="Green Farm",
        store_id=AN_ID,
        due_at="2026-03-03T01:00:00Z",
        lines=[{"sku": "DAIRY-001", "quantity": 24}],
    )
    supplier: Name
    store_id: Ref
    due_at: PlannedAt
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=500)]


class NoticeLineOut(Wire):
    """One SKU of a notice."""

    sku: str
    announced: int
    received: int
    damaged: int
    refused: int
    reason: str | None


class NoticeOut(Wire):
    """An announced delivery."""

    id: uuid.UUID
    supplier: str
    due_at: datetime
    state: str
    lines: list[NoticeLineOut]


class ArrivedIn(Wire):
    """What came of one announced SKU; `damaged` are among the received, `refused` went back."""

    sku: Code
    received: Units
    damaged: Units = 0
    refused: Units = 0
    lot_code: Code | None = None
    expires_on: Day | None = None
    reason: Name | None = None


class ArrivedAllIn(StoreIn):
    """What came of an announced delivery."""

    model_config = example(arrived=[{"sku": "DAIRY-001", "received": 23, "damaged": 1, "refused": 1, "reason": "torn"}])
    arrived: Annotated[list[ArrivedIn], Field(max_length=500)]


class DifferenceOut(Wire):
    """A SKU that did not come as announced."""

    sku: str
    announced: int
    received: int
    damaged: int
    refused: int
    reason: str | None


class DifferencesOut(Wire):
    """The receipt, and what differs from the notice."""

    id: uuid.UUID
    differences: list[DifferenceOut]


class DeliveredOut(Wire):
    """A SKU of a delivery that did not come as announced."""

    supplier: str
    store_id: uuid.UUID
    due_at: datetime
    received_at: datetime
    difference: DifferenceOut


class SupplierIn(Wire):
    """How readers of English know a supplier; an empty name takes it away."""

    model_config = example(supplier="青青牧场", name_en="Green Pastures")
    supplier: Name
    name_en: Annotated[str, Field(max_length=120, pattern=r"^[^\x00]*$")]


class SupplierOut(Wire):
    """A supplier's English name."""

    supplier: str
    name_en: str


class ScoreOut(Wire):
    """A supplier's record, in thousandths."""

    supplier: str
    deliveries: int
    on_time_permille: int
    in_full_permille: int
    quality_permille: int
