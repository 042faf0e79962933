"""Wire shapes of money that did not go its way, and of a till's code."""

import uuid
from datetime import datetime
from typing import Literal

from o2o.kit.wire import Name, Note, Wire, example


class TroubleStepOut(Wire):
    """One thing that was done: `act` by `actor` (role:id, or system)."""

    act: str
    actor: str
    note: str
    at: datetime


class OwingOut(Wire):
    """A trouble with an order's money. `state`: retrying (until `try_at`), open, asked (until `due_at`), closed with an `outcome`."""

    id: uuid.UUID
    order_id: uuid.UUID
    order_no: str
    channel: str
    order_state: str
    store_id: uuid.UUID | None
    member: bool
    kind: str
    amount_fen: int
    total_fen: int
    reason: str
    state: str
    outcome: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    tries: int
    try_at: datetime | None
    steps: list[TroubleStepOut]


class NoteIn(Wire):
    """Why; kept with who did it."""

    model_config = example(note="电话联系过顾客")

    note: Note = ""


class ReasonIn(Wire):
    """Why; it must be said."""

    model_config = example(note="金额小，顾客已联系不上")

    note: Name


class OwingStateOut(Wire):
    """How it stands now."""

    trouble_id: uuid.UUID
    state: str


class TillCodeOut(Wire):
    """Where a customer pays a sale, and whether they have: waiting until `expires_at`, paid, or expired; `over`: nothing is owed
    any more, as its goods came back or it was written off."""

    state: Literal["waiting", "paid", "expired", "over"]
    amount_fen: int
    expires_at: datetime
    pay_url: str
    """A path of this house, which the screen shows as a code; empty when there is nothing to pay."""


class UnpaidSaleOut(Wire):
    """A sale by code whose money has not come; its code can be paid until `expires_at`. It is called after its first line."""

    sale_id: uuid.UUID
    order_no: str
    sold_at: datetime
    amount_fen: int
    expires_at: datetime
    first_zh: str
    first_en: str
    lines: int
