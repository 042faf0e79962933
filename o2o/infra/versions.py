"""Stamps of rarely changing data, so that a process may keep a copy in memory and still see every change.

A writer calls `bump` in its own transaction. A reader compares `stamp` (one row by its key) with the stamp its copy was made at.
Stamps are random, not counted: an emptied or restored database never shows an old stamp again.
"""

import time
import uuid
from collections.abc import Callable
from threading import Lock
from typing import cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Table, bindparam, event, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from o2o.infra.db import Base, house_of, may_glance
from o2o.infra.settings import settings


class StampRow(Base):
    """The present stamp of one kind of data."""

    __tablename__ = "stamps"

    name: Mapped[str] = mapped_column(primary_key=True)
    stamp: Mapped[uuid.UUID]


_STAMPS = cast(Table, StampRow.__table__)
_STAMP = select(_STAMPS.c.stamp).where(_STAMPS.c.name == bindparam("name"))
"""Plain and made once: nearly every transaction asks it."""


def bump(db: Session, name: str) -> None:
    """Say that the data called `name` changes with this transaction. Writers of one name wait for each other."""
    fresh = func.gen_random_uuid()
    statement = insert(StampRow).values(name=name, stamp=fresh)
    db.execute(statement.on_conflict_do_update(index_elements=[StampRow.name], set_={"stamp": fresh}))
    db.info.setdefault("bumped", set()).add(name)
    db.info.get("copies", {}).pop(name, None)


def stamp(db: Session, name: str) -> uuid.UUID | None:
    """The stamp as this transaction sees it; None when nothing was ever written."""
    found: uuid.UUID | None = db.execute(_STAMP, {"name": name}).scalar()
    return found


def may_share(db: Session, name: str) -> bool:
    """Whether what this session reads may be kept for others: not from inside a change that could still be rolled back."""
    return name not in db.info.get("bumped", ()) and isinstance(db.bind, Engine)


_committed: dict[str, int] = {}


def committed_here(name: str) -> int:
    """How often this very process has committed a change of `name`: what lets it see its own changes at once."""
    return _committed.get(name, 0)


@event.listens_for(Session, "after_commit")
def _after_commit(db: Session) -> None:
    if not db.in_nested_transaction():
        db.info.pop("copies", None)
        for name in db.info.pop("bumped", ()):
            _committed[name] = _committed.get(name, 0) + 1


@event.listens_for(Session, "after_rollback")
def _after_rollback(db: Session) -> None:
    if not db.in_nested_transaction():
        db.info.pop("bumped", None)
        db.info.pop("copies", None)


class Copy[T]:
    """A process-wide copy of data called `name`, one for each engine, read again whenever the stamp has changed.

    Edges that may glance ask for the stamp once a moment (`O2O_GLANCE_S`), all others in every transaction; what this process has
    changed itself it sees at once.
    """

    def __init__(self, name: str, load: Callable[[Session], T]) -> None:
        self._name, self._load = name, load
        self._kept: WeakKeyDictionary[Engine, tuple[uuid.UUID, T]] = WeakKeyDictionary()
        self._asked: WeakKeyDictionary[Engine, tuple[float, int]] = WeakKeyDictionary()
        self._lock = Lock()

    def of(self, db: Session) -> T:
        """The data as it is when a transaction first asks, and the same until it ends: one read of the stamp, rarely a load."""
        if not may_share(db, self._name):
            return self._load(db)
        seen: dict[Copy[T], T] = db.info.setdefault("copies", {}).setdefault(self._name, {})
        if self not in seen:
            seen[self] = self._newest(db)
        return seen[self]

    def _newest(self, db: Session) -> T:
        engine = house_of(db)
        asked_at, here = time.monotonic(), committed_here(self._name)
        with self._lock:
            kept, (last_at, last_here) = self._kept.get(engine), self._asked.get(engine, (0.0, -1))
        if kept is not None and may_glance(db) and last_here == here and asked_at - last_at < settings().glance_s:
            return kept[1]
        now_at = stamp(db, self._name)
        with self._lock:
            self._asked[engine] = asked_at, here
        if kept is not None and kept[0] == now_at:
            return kept[1]
        value = self._load(db)
        # Loaded under one stamp throughout, or not kept: a change may have committed between the two reads.
        if now_at is not None and stamp(db, self._name) == now_at:
            with self._lock:
                self._kept[engine] = (now_at, value)
        return value
