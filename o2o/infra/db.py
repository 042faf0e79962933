"""The database: one metadata, one engine a process, and `transaction()`, the only commit in the house."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Engine, MetaData, Uuid, create_engine
from sqlalchemy.dialects.postgresql import JSONB
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


def make_engine(
    url: str, *, pool_size: int, lock_timeout_ms: int = 2_000, statement_timeout_ms: int = 30_000
) -> Engine:
    """An engine whose connections wait at most `lock_timeout_ms` for a row; at most `pool_size` connections, none beyond."""
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_pre_ping=False,
        connect_args={
            "options": f"-c lock_timeout={lock_timeout_ms} -c statement_timeout={statement_timeout_ms} -c timezone=UTC",
            "connect_timeout": 5,
        },
    )


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One edge, one transaction: commits when the block ends well, rolls back when it raises."""
    with settled(Session(engine, expire_on_commit=False)) as db:
        yield db


@contextmanager
def settled(db: Session) -> Iterator[Session]:
    """The same for a session that is there already: whatever happens, it holds no connection afterwards."""
    with db:
        yield db
        db.commit()


def only_reads(db: Session, *, may_glance: bool = False) -> None:
    """What follows in `db` reads and nothing else: each statement stands alone, and BEGIN and COMMIT cost no round trips.

    Under READ COMMITTED each statement sees what is committed when it begins, with a transaction around it or without. With
    `may_glance` some of what it sees may be a moment old: see `glance`.
    """
    if not db.in_transaction():
        db.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        db.info["glances"] = may_glance


def stands_alone(db: Session) -> None:
    """As `only_reads`, for an edge whose one write is a single statement: that is a transaction of its own, committed as it ends."""
    only_reads(db, may_glance=True)


def may_glance(db: Session) -> bool:
    """Whether what another has seen a moment ago is good enough for this session."""
    return bool(db.info.get("glances"))
