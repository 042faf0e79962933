"""What a moment's old knowledge is good enough for: queues and riders, as a quote sees them.

Only edges that say so (`db.only_reads(db, may_glance=True)`) are given what another saw up to `O2O_GLANCE_S` seconds ago: a quote
promises within a spread that such a moment is lost in. Everybody else reads for himself.
"""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from o2o.infra.db import house_of, may_glance
from o2o.infra.settings import settings

MOST_KEPT = 10_000
MOST_TOGETHER = 64
"""Keys read at once: when one is too old, so are most of those asked for at about the same time."""


@dataclass(slots=True)
class _Seen[V]:
    value: V | None
    read_at: float
    asked_at: float


class Glance[K, V]:
    """Values by key, each remembered for a moment, one memory for each engine. A key without a value is remembered as such.

    What is asked for again and again is read again together: one statement a moment, however many keys there are.
    """

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Engine, dict[K, _Seen[V]]] = WeakKeyDictionary()
        self._lock = Lock()

    def of(self, db: Session, keys: Collection[K], read: Callable[[list[K]], Mapping[K, V]]) -> dict[K, V]:
        """The values of `keys`, those not seen lately by one `read`."""
        good_for = settings().glance_s
        if not good_for or not may_glance(db):
            return dict(read(list(keys)))
        now, engine = time.monotonic(), house_of(db)
        with self._lock:
            kept = self._kept.setdefault(engine, {})
            known = {}
            for key in keys:
                seen = kept.get(key)
                if seen is not None and now - seen.read_at < good_for:
                    seen.asked_at, known[key] = now, seen.value
            missing = [key for key in keys if key not in known]
            together = [*missing, *self._soon_asked(kept, missing, now, good_for)] if missing else []
        if missing:
            fresh = read(together)
            known |= {key: fresh.get(key) for key in missing}
            with self._lock:
                if len(kept) > MOST_KEPT:
                    kept.clear()
                for key in together:
                    before = kept.get(key)
                    asked_at = now if before is None or key in missing else before.asked_at
                    kept[key] = _Seen(fresh.get(key), now, asked_at)
        return {key: value for key, value in known.items() if value is not None}

    def _soon_asked(self, kept: Mapping[K, _Seen[V]], missing: Collection[K], now: float, good_for: float) -> list[K]:
        """Others that were asked for a moment ago and are nearly as old as they may be."""
        left = MOST_TOGETHER - len(missing)
        lately = (
            key
            for key, seen in kept.items()
            if now - seen.asked_at < good_for and 2 * (now - seen.read_at) > good_for and key not in missing
        )
        return list(islice(lately, max(0, left)))
