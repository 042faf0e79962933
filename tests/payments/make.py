"""Builders for payments: an awaited payment, and a provider's notice, signed."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from o2o.kit import ids
from o2o.payments import intents, sandbox


def an_awaited_payment(db: Session, *, now: datetime, amount_fen: int = 4_580) -> uuid.UUID:
    """An order id whose payment is awaited for 15 minutes."""
    order_id = ids.new_id()
    intents.open(
        db,
        payment_id=ids.new_id(),
        order_id=order_id,
        member_id=ids.new_id(),
        amount_fen=amount_fen,
        expires_at=now + timedelta(minutes=15),
        now=now,
    )
    return order_id


def a_notice(ref: str, kind: str = "authorised", amount_fen: int = 4_580, **other: Any) -> bytes:
    """The body a provider would post."""
    body = {"id": str(ids.new_id()), "kind": kind, "merchant": sandbox.MERCHANT, "ref": ref, "amount_fen": amount_fen}
    return json.dumps(body | {"currency": "CNY", "operation_id": None} | other).encode()
