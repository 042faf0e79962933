"""A write asked for twice is done once: the client's key, scoped to the caller, is kept in the work's own transaction."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, delete, insert, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from o2o.infra.db import Base
from o2o.kit.errors import Conflict, Invalid


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


_LOOK = text(
    "SELECT pg_try_advisory_xact_lock(hashtextextended(:lock, 0)) AS free, k.fingerprint, k.status, k.body"
    "  FROM (VALUES (1)) AS one LEFT JOIN idempotency_keys k ON k.caller = :caller AND k.key = :key"
)
"""Lock and look in one round trip. Whoever commits between our snapshot and our lock is caught by the primary key: a 409 too."""
_KEEP = insert(cast(Table, KeyRow.__table__))


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a JSON body; `replayed` when it is the stored one."""

    status: int
    body: dict[str, Any]
    replayed: bool = False


def fingerprint(route: str, body: bytes) -> str:
    """What makes two requests the same: the operation and the exact bytes sent."""
    return hashlib.sha256(route.encode() + b"\0" + body).hexdigest()


def once(db: Session, *, caller: str, key: str, mark: str, now: datetime, work: Callable[[], Answer]) -> Answer:
    """Run `work` unless this caller's `key` has an answer already; then give that one.

    Raises:
        StillRunning: another transaction holds the key right now.
        KeyReused: the key's first request was another (`mark` differs).
    """
    looked = {"lock": f"{caller}\0{key}".replace("\0", "/"), "caller": caller, "key": key}
    row = db.execute(_LOOK, looked).one()
    if not row.free:
        raise StillRunning(field="Idempotency-Key")
    if row.fingerprint is not None:
        if row.fingerprint != mark:
            raise KeyReused(field="Idempotency-Key")
        return Answer(row.status, row.body, replayed=True)
    answer = work()
    kept = {"fingerprint": mark, "status": answer.status, "body": answer.body, "at": now}
    db.execute(_KEEP, {"caller": caller, "key": key, **kept})
    return answer


def forget(db: Session, *, now: datetime, keep: timedelta = timedelta(days=7)) -> None:
    """Drop keys older than any client would repeat."""
    db.execute(delete(KeyRow).where(KeyRow.at < now - keep))
