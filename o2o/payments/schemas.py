"""Wire shapes of payments."""

import uuid
from datetime import datetime

from o2o.kit.wire import Wire, example


class PaymentOut(Wire):
    """An order's money as its owner may see it."""

    model_config = example(
        order_id="0192f0c0-0000-7000-8000-000000000001",
        ref="0192f0c0000070008000000000000002",
        provider="sandbox",
        state="pending",
        amount_fen=4_580,
        authorised_fen=0,
        captured_fen=0,
        refunded_fen=0,
        expires_at="2026-11-22T04:15:00Z",
    )

    order_id: uuid.UUID
    ref: str
    provider: str
    state: str
    amount_fen: int
    authorised_fen: int
    captured_fen: int
    refunded_fen: int
    expires_at: datetime


class CashierOut(Wire):
    """Where to pay."""

    pay_url: str
    ref: str
    amount_fen: int


class ChargeOut(Wire):
    """What a code asks for, and how far it is."""

    order_id: uuid.UUID
    ref: str
    state: str
    amount_fen: int
    expires_at: datetime


class NoticeOut(Wire):
    """What became of a notice."""

    outcome: str


class DecidedOut(Wire):
    """The sandbox heard the customer."""

    ref: str
    paid: bool
