"""The room's duties of the timetable."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from o2o.infra.db import transaction
from o2o.infra.tools import Tools
from o2o.inventory.reserving import channel_rules, reservations
from o2o.inventory.shelf import expiry
from o2o.inventory.supply import replenishment
from o2o.kit.ids import StoreId
from o2o.stores import places

_BATCH = 200
_BATCHES = 25


def expire_holds(tools: Tools, *, now: datetime, key: str) -> None:
    """End unpaid holds whose time has come, a bounded number in short transactions; the rest waits for the next time."""
    for _ in range(_BATCHES):
        with transaction(tools.engine) as db:
            if len(reservations.expire_due(db, now=now, limit=_BATCH)) < _BATCH:
                return


def every_store(tools: Tools) -> Sequence[str]:
    """One piece of a duty for each store."""
    with transaction(tools.engine) as db:
        return [str(store.id) for store in places.all_stores(db)]


def look_over(tools: Tools, *, now: datetime, key: str) -> None:
    """At one store: set lots past their date apart, and see that every item obeys the channel rules in force."""
    store_id = StoreId(uuid.UUID(key))
    with transaction(tools.engine) as db:
        today = expiry.today(db, store_id=store_id, now=now)
        expiry.block_expired(db, store_id=store_id, today=today, now=now)
        channel_rules.settle(db, store_id=store_id)


def propose_orders(tools: Tools, *, now: datetime, key: str) -> None:
    """Think over what one store should order."""
    with transaction(tools.engine) as db:
        replenishment.propose(db, store_id=StoreId(uuid.UUID(key)), now=now)
