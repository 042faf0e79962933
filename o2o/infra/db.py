"""The database: one metadata, one engine a process, and `transaction()`, the only commit in the house."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, DateTime, Engine, MetaData, Uuid, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column


class Base(DeclarativeBase):
    """Every table hangs here. Constraint names follow one rule so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this class attribute
        datetime: DateTime(timezone=True),
        uuid.UUID: Uuid(),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
    }


Id = Annotated[uuid.UUID, mapped_column(primary_key=True)]
BigInt = Annotated[int, mapped_column(BigInteger)]
"""Fen, and every other count that may outgrow 32 bits."""


_LONERS: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()
"""To each engine its sibling, for statements that stand alone."""


def make_engine(
    url: str, *, pool_size: int, lock_timeout_ms: int = 2_000, statement_timeout_ms: int = 30_000
) -> Engine:
    """An engine whose connections wait at most `lock_timeout_ms` for a row; at most `pool_size` connections, none beyond.

    As many more are kept for statements that stand alone (`only_reads`, `stands_alone`), from the first of these on: they never
    begin a transaction, so nothing is sent around a statement. They run the same few statements again and again, which are
    planned once: planning them anew for each value took longer than running them.
    """
    settings = f"-c lock_timeout={lock_timeout_ms} -c statement_timeout={statement_timeout_ms} -c timezone=UTC"
    engine = _engine(url, pool_size, settings)
    loner = _engine(
        url, pool_size, f"{settings} -c plan_cache_mode=force_generic_plan",
        isolation_level="AUTOCOMMIT", pool_reset_on_return=None,
    )  # fmt: skip
    _LONERS[engine] = loner
    event.listen(engine, "engine_disposed", lambda _: loner.dispose())
    return engine


def _engine(url: str, pool_size: int, settings: str, **more: Any) -> Engine:
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_pre_ping=False,
        connect_args={"options": settings, "connect_timeout": 5},
        **more,
    )


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One edge, one transaction: commits when the block ends well, rolls back when it raises."""
    with settled(Session(engine, expire_on_commit=False)) as db:
        yield db


class settled:  # noqa: N801 - used as the function beside it
    """The same for a session that is there already: whatever happens, it holds no connection afterwards."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def __enter__(self) -> Session:
        return self._db

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        db = self._db
        try:
            if kind is None:
                if db.in_transaction():
                    db.commit()
                for hear in _HEARERS:
                    hear(db)
        finally:
            if db.in_transaction() or db.identity_map:
                db.close()  # letting go of nothing would cost a session that was never used more than all it did


_HEARERS: list[Callable[[Session], None]] = []


@contextmanager
def heard(hear: Callable[[Session], None]) -> Iterator[None]:
    """While it lasts, `hear` is told of every session of this process that was settled well."""
    _HEARERS.append(hear)
    try:
        yield
    finally:
        _HEARERS.remove(hear)


def only_reads(db: Session, *, may_glance: bool = False) -> None:
    """What follows in `db` reads and nothing else: each statement stands alone, and BEGIN and COMMIT cost no round trips.

    Under READ COMMITTED each statement sees what is committed when it begins, with a transaction around it or without. With
    `may_glance` some of what it sees may be a moment old: see `glance`.
    """
    if db.in_transaction():
        return
    db.info["glances"] = may_glance
    engine = db.bind  # all our tables are in one database, so asking for a table's would only take longer
    loner = _LONERS.get(engine) if isinstance(engine, Engine) else None
    if loner is not None:
        db.info["house"] = engine
        db.bind = loner
    else:
        db.connection(execution_options={"isolation_level": "AUTOCOMMIT"})


def stands_alone(db: Session) -> None:
    """As `only_reads`, for an edge whose one write is a single statement: that is a transaction of its own, committed as it ends."""
    only_reads(db, may_glance=True)


def may_stand_alone(db: Session) -> bool:
    """Whether the session's connections are of those that never begin a transaction."""
    return "house" in db.info


def may_glance(db: Session) -> bool:
    """Whether what another has seen a moment ago is good enough for this session."""
    return bool(db.info.get("glances"))


def house_of(db: Session) -> Engine:
    """The engine that what a process remembers is remembered by: the same for a session that stands alone and one that does not."""
    engine: Engine = db.info.get("house") or db.get_bind().engine
    return engine


def counted(engine: Engine, in_hand: Callable[[], int]) -> Session:
    """A session for one of the requests that `in_hand` counts."""
    return Session(engine, expire_on_commit=False, info={"in_hand": in_hand})


def in_hand(db: Session) -> int:
    """How many requests this process has in hand just now, the session's own among them; 1 where nobody counts."""
    count: Callable[[], int] | None = db.info.get("in_hand")
    return 1 if count is None else count()


_PASSING_STATES = {"55P03", "40001", "40P01", "57014", "53300", "57P01", "57P02", "57P03"}
"""Lock not available, serialization, deadlock, cancelled, too many connections, and the server going or coming."""


def is_passing(error: DBAPIError) -> bool:
    """Whether the same may well succeed in a moment. Of a connection that broke nobody knows what was done, unless a key was kept."""
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state is None or state in _PASSING_STATES
