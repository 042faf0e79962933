"""The way out of a transaction: `emit` writes the event beside the work; `relay` numbers and publishes what has committed.

At least once, numbered without gaps in `seq`. Hearers re-read and are idempotent by nature.

Each event remembers who still has to follow it (`owed`). A follower strikes itself off in the transaction of its work (`followed`),
so what a queue has lost, in a worker's fall or its own, is known (`forgotten`) and can be queued again.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Engine,
    Identity,
    Index,
    Table,
    Text,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from o2o.infra.db import Base, BigInt, only_reads, transaction
from o2o.kit.events import KNOWN, Event

_RELAY_LOCK = 7_014_001
OVERDUE = timedelta(seconds=60)
"""Longer than a broker keeps the message of a worker that was killed."""
LONGEST_PAUSE = timedelta(hours=1)


class OutboxRow(Base):
    """One event; `seq` is null until the relay has seen it, `relayed` false until hearers were told, `owed` names who has not followed."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    seq: Mapped[BigInt | None] = mapped_column(unique=True)
    name: Mapped[str]
    payload: Mapped[dict[str, Any]]
    channels: Mapped[list[str]] = mapped_column(ARRAY(Text))
    at: Mapped[datetime]
    relayed: Mapped[bool] = mapped_column(default=False)
    owed: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    remind_at: Mapped[datetime | None]
    """When who owes it is to be told again; null until that has happened once."""

    __table_args__ = (
        Index("ix_outbox_waiting", "id", postgresql_where=text("NOT relayed")),
        Index("ix_outbox_owed", "seq", postgresql_where=text("owed <> '{}'::text[]")),
    )


_SAY = insert(cast(Table, OutboxRow.__table__))
"""On the table, not the class: the ORM's bulk insert costs ten times the statement."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An event on its way out."""

    seq: int
    event: Event
    channels: tuple[str, ...]
    at: datetime


Deliver = Callable[[Sent], None]
Followers = Mapping[str, Sequence[str]]
"""By the name of an event the names of its followers."""


def emit(db: Session, event: Event, *, now: datetime) -> None:
    """Say `event` when, and only when, this transaction commits."""
    emit_all(db, [event], now=now)


def emit_all(db: Session, events: Sequence[Event], *, now: datetime) -> None:
    """Say several events in one statement, in order."""
    if events:
        rows = [
            {"name": e.name, "payload": e.payload(), "channels": list(e.channels()), "at": now, "relayed": False}
            for e in events
        ]
        db.execute(_SAY, rows)
        db.info["said"] = True


def relay(engine: Engine, deliver: Deliver, *, followers: Followers | None = None, limit: int = 500) -> int:
    """Number the waiting events and hand each to `deliver` in order of `seq`; returns how many. Of `followers` those of each event
    owe it from now on.

    One relay at a time (an advisory lock); a second one returns 0. When `deliver` raises, what is left waits for the next call.
    Mostly nothing waits: to look for that costs a sixth of the rest.
    """
    with transaction(engine) as db:
        only_reads(db)
        if not db.scalar(_WAITS):
            return 0
    with engine.connect() as guard:
        if not guard.execute(select(func.pg_try_advisory_lock(_RELAY_LOCK))).scalar_one():
            return 0
        try:
            return _relay_locked(engine, deliver, followers or {}, limit)
        finally:
            guard.execute(select(func.pg_advisory_unlock(_RELAY_LOCK)))
            guard.rollback()


_WAITS = text("select exists (select from outbox where not relayed)")


def drain(engine: Engine, deliver: Deliver, *, limit: int = 500) -> int:
    """As `relay`, for a process that is alone with its database: nothing is locked, and what is handed out counts as told."""
    with transaction(engine) as db:
        waiting = _number(db, limit, {}, told=True)
    for _, sent in waiting:
        deliver(sent)
    return len(waiting)


def followed(db: Session, *, seq: int, follower: str) -> None:
    """A follower has done its part of an event. To be said last: the event's row stays locked until the transaction ends."""
    db.execute(_FOLLOWED, {"seq": seq, "follower": follower})


_FOLLOWED = text("update outbox set owed = array_remove(owed, :follower) where seq = :seq")


def forgotten(db: Session, *, now: datetime, limit: int = 100) -> list[tuple[Sent, list[str]]]:
    """Events that somebody has not followed for long, the oldest first, and who: to be queued again. Each is named again when it is
    twice as old, an hour later at most.
    """
    rows = db.execute(_FORGOTTEN, {"now": now, "overdue": OVERDUE, "longest": LONGEST_PAUSE, "most": limit}).all()
    return [(_sent(row), list(row.owed)) for row in sorted(rows, key=lambda row: row.seq)]


_FORGOTTEN = text(
    """
    update outbox set remind_at = :now + least(:now - at, :longest) where id in (
      select id from outbox where owed <> '{}'::text[] and relayed and coalesce(remind_at, at + :overdue) <= :now
      order by seq limit :most for update skip locked)
    returning seq, name, payload, channels, at, owed
    """
)


def _relay_locked(engine: Engine, deliver: Deliver, followers: Followers, limit: int) -> int:
    with transaction(engine) as db:
        waiting = _number(db, limit, followers, told=False)
    told: list[int] = []
    try:
        for row_id, sent in waiting:
            deliver(sent)
            told.append(row_id)
    finally:
        if told:
            with transaction(engine) as db:
                db.execute(update(OutboxRow).where(OutboxRow.id.in_(told)).values(relayed=True))
    return len(told)


_NUMBER = text(
    """
    with waiting as (
      select id, seq, sum((seq is null)::int) over (order by id) as nth
      from outbox where not relayed order by id limit :most
    ), newest as (select coalesce(max(seq), 0) as seq from outbox)
    update outbox o set seq = coalesce(waiting.seq, newest.seq + waiting.nth), relayed = :told,
      owed = array(select jsonb_array_elements_text(cast(:followers as jsonb) -> o.name))
    from waiting, newest where o.id = waiting.id
    returning o.id, o.seq, o.name, o.payload, o.channels, o.at
    """
)


def _number(db: Session, limit: int, followers: Followers, *, told: bool) -> list[tuple[int, Sent]]:
    """Give every waiting event its number, in order of writing; one that was numbered before keeps it."""
    names = json.dumps({event: list(some) for event, some in followers.items()})
    rows = db.execute(_NUMBER, {"most": limit, "told": told, "followers": names}).all()
    return [(row.id, _sent(row)) for row in sorted(rows, key=lambda row: row.seq)]


def _sent(row: Any) -> Sent:
    event = KNOWN[row.name].from_payload(row.payload)
    return Sent(seq=row.seq, event=event, channels=tuple(row.channels), at=row.at)


def since(db: Session, *, after_seq: int, channels: Sequence[str], limit: int = 1_000) -> list[Sent]:
    """What was said on any of `channels` after `after_seq`, oldest first; what a screen that lost signal missed."""
    rows = db.scalars(
        select(OutboxRow)
        .where(OutboxRow.seq > after_seq, OutboxRow.channels.overlap(list(channels)))
        .order_by(OutboxRow.seq)
        .limit(limit)
    )
    return [_sent(row) for row in rows]


def forget(db: Session, *, now: datetime, keep: timedelta = timedelta(days=3)) -> None:
    """Drop events told long ago and owed by nobody. The newest row stays, for `seq` counts on from it."""
    newest = select(func.max(OutboxRow.seq)).scalar_subquery()
    done = OutboxRow.owed == literal([], ARRAY(Text))
    db.execute(delete(OutboxRow).where(OutboxRow.relayed, done, OutboxRow.at < now - keep, OutboxRow.seq < newest))
