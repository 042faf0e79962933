"""A write asked for twice is done once: the client's key, scoped to the caller, is kept in the work's own transaction."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from o2o.infra import server_side
from o2o.infra.db import Base
from o2o.kit.errors import Conflict, Invalid
from o2o.kit.values import value


class KeyRow(Base):
    """The answer once given to a caller's key."""

    __tablename__ = "idempotency_keys"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    status: Mapped[int]
    body: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(index=True)


class StillRunning(Conflict):
    """The same request is still being worked on; ask again in a moment."""

    code = "idempotency.still_running"


class KeyReused(Invalid):
    """This Idempotency-Key was used before with another request."""

    code = "idempotency.key_reused"


_LOOK = text("SELECT once_look(:caller, :key, :mark)")
_KEEP = text("SELECT once_keep(:caller, :key, :mark, :status, CAST(:body AS jsonb), :now)")

server_side.keeps("o2o.infra", table=KeyRow.__tablename__)


@value(frozen=True, slots=True)
class Answer:
    """A status and a JSON body; `replayed` when it is the stored one."""

    status: int
    body: dict[str, Any]
    replayed: bool = False


@value(frozen=True, slots=True)
class Ticket:
    """A caller's key and what they asked, for work that keeps its own answer: a server-side function, by `once_look` and `once_keep`."""

    caller: str
    key: str
    mark: str


def look(db: Session, ticket: Ticket) -> Answer | None:
    """What a ticket's key was answered before; None when it is new.

    Raises:
        StillRunning, KeyReused: as `once`.
    """
    asked = {"caller": ticket.caller, "key": ticket.key, "mark": ticket.mark}
    found = db.execute(_LOOK, asked).scalar_one()
    return None if found is None else told_before(found)


def told_before(found: dict[str, Any]) -> Answer:
    """The answer that `once_look` found.

    Raises:
        StillRunning, KeyReused: as `once`.
    """
    if found["state"] == "running":
        raise StillRunning(field="Idempotency-Key")
    if found["state"] == "reused":
        raise KeyReused(field="Idempotency-Key")
    return Answer(found["status"], found["body"], replayed=True)


def fingerprint(route: str, body: bytes) -> str:
    """What makes two requests the same: the operation and the exact bytes sent."""
    return hashlib.sha256(route.encode() + b"\0" + body).hexdigest()


def once(db: Session, ticket: Ticket, *, now: datetime, work: Callable[[], Answer]) -> Answer:
    """Run `work` unless this ticket's key has an answer already; then give that one.

    Raises:
        StillRunning: another transaction holds the key right now.
        KeyReused: the key's first request was another (`mark` differs).
    """
    told = look(db, ticket)
    if told is not None:
        return told
    answer = work()
    db.execute(
        _KEEP,
        {
            "caller": ticket.caller, "key": ticket.key, "mark": ticket.mark, "status": answer.status,
            "body": msgspec.json.encode(answer.body).decode(), "now": now,
        },
    )  # fmt: skip
    return answer


def forget(db: Session, *, now: datetime, keep: timedelta = timedelta(days=7)) -> None:
    """Drop keys older than any client would repeat."""
    db.execute(delete(KeyRow).where(KeyRow.at < now - keep))
