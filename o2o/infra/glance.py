"""What a moment's old knowledge is good enough for: queues and riders, as a quote sees them.

Only edges that say so (`db.only_reads(db, may_glance=True)`) are given what another saw up to `O2O_GLANCE_S` seconds ago: a quote
promises within a spread that such a moment is lost in. Everybody else reads for himself.
"""

import time
from collections.abc import Callable, Collection, Mapping
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from o2o.infra.db import may_glance
from o2o.infra.settings import settings

MOST_KEPT = 10_000


class Glance[K, V]:
    """Values by key, each remembered for a moment, one memory for each engine. A key without a value is remembered as such."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Engine, dict[K, tuple[float, V | None]]] = WeakKeyDictionary()
        self._lock = Lock()

    def of(self, db: Session, keys: Collection[K], read: Callable[[list[K]], Mapping[K, V]]) -> dict[K, V]:
        """The values of `keys`, those not seen lately by one `read`."""
        good_for = settings().glance_s
        if not good_for or not may_glance(db):
            return dict(read(list(keys)))
        now, engine = time.monotonic(), db.get_bind().engine
        with self._lock:
            kept = self._kept.setdefault(engine, {})
            known = {key: seen[1] for key in keys if (seen := kept.get(key)) and now - seen[0] < good_for}
        missing = [key for key in keys if key not in known]
        if missing:
            fresh = read(missing)
            known |= {key: fresh.get(key) for key in missing}
            with self._lock:
                if len(kept) > MOST_KEPT:
                    kept.clear()
                kept.update({key: (now, known[key]) for key in missing})
        return {key: value for key, value in known.items() if value is not None}
