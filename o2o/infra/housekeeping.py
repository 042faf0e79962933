"""Drops what nobody will ask for again: old idempotency keys and events told long ago."""

from datetime import datetime

from o2o.infra import idempotency, outbox
from o2o.infra.db import transaction
from o2o.infra.tools import Tools


def forget(tools: Tools, *, now: datetime, key: str) -> None:
    """A duty; `key` is not used, the work is one piece."""
    with transaction(tools.engine) as db:
        idempotency.forget(db, now=now)
        outbox.forget(db, now=now)
