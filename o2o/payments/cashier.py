"""Where a customer pays: the provider behind the port is told of a payment, and says at which address."""

from datetime import datetime

from sqlalchemy import Engine

from o2o.payments import sandbox


def prepare(engine: Engine, *, ref: str, amount_fen: int, now: datetime) -> str:
    """Prepare a payment with its provider; again gives the same place."""
    return sandbox.Sandbox(engine).prepare(ref=ref, amount_fen=amount_fen, now=now)
