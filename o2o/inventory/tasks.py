"""The room's duties of the timetable."""

from datetime import datetime

from o2o.infra.db import transaction
from o2o.infra.tools import Tools
from o2o.inventory import reservations

_BATCH = 200
_BATCHES = 25


def expire_holds(tools: Tools, *, now: datetime, key: str) -> None:
    """End unpaid holds whose time has come, a bounded number in short transactions; the rest waits for the next time."""
    for _ in range(_BATCHES):
        with transaction(tools.engine) as db:
            if len(reservations.expire_due(db, now=now, limit=_BATCH)) < _BATCH:
                return
