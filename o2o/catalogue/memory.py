"""What a process remembers of goods: read once, dropped when the catalogue's stamp changes, at the latest two seconds later."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from o2o.infra import versions
from o2o.infra.db import house_of

TRUSTED_S = 2.0
"""How long a process may go on without asking whether something changed."""
MOST_KEPT = 50_000


@dataclass(slots=True)
class _Kept[K, V]:
    stamp: UUID | None = None
    asked_at: float = float("-inf")
    committed_here: int = -1
    generation: int = 0
    values: dict[K, V] = field(default_factory=dict)


class Memory[K, V]:
    """Values by key, one memory for each engine. What an open transaction has changed itself is never remembered, only read."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._kept: WeakKeyDictionary[Engine, _Kept[K, V]] = WeakKeyDictionary()
        self._lock = Lock()

    def get_many(
        self, db: Session, keys: Collection[K], read: Callable[[Session, Collection[K]], dict[K, V]]
    ) -> dict[K, V]:
        """The values of `keys`; what is not remembered is fetched by one `read`."""
        if not versions.may_share(db, self._name):
            return read(db, keys)
        kept = self._refreshed(db)
        with self._lock:
            generation = kept.generation
            found = {key: kept.values[key] for key in keys if key in kept.values}
        missing = [key for key in keys if key not in found]
        if missing:
            fetched = read(db, missing)
            with self._lock:
                # Read before the memory was cleared by somebody else: perhaps old already, so not kept.
                if kept.generation == generation and len(kept.values) < MOST_KEPT:
                    kept.values.update(fetched)
            found |= fetched
        return found

    def _refreshed(self, db: Session) -> _Kept[K, V]:
        engine = house_of(db)
        committed_here = versions.committed_here(self._name)
        with self._lock:
            kept = self._kept.get(engine) or self._kept.setdefault(engine, _Kept())
            if kept.committed_here == committed_here and time.monotonic() - kept.asked_at < TRUSTED_S:
                return kept
        asked_at = time.monotonic()
        stamp = versions.stamp(db, self._name)
        with self._lock:
            if stamp is None or stamp != kept.stamp:
                kept.values.clear()
                kept.generation += 1
            kept.stamp, kept.asked_at, kept.committed_here = stamp, asked_at, committed_here
        return kept

    def forget(self) -> None:
        """Start anew, as a fresh process would."""
        with self._lock:
            self._kept.clear()
