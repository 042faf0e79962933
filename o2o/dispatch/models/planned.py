"""How it was planned: rounds, what was done by hand, what was learned of times."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra.db import Base, Id


class RoundRecord(Base):
    """A round as it was: the problem and the plan, byte for byte, so that it can be asked why and played again."""

    __tablename__ = "rounds"

    id: Mapped[Id]
    area_id: Mapped[uuid.UUID]
    at: Mapped[datetime]
    seed: Mapped[int]
    jobs: Mapped[int]
    riders: Mapped[int]
    given: Mapped[int]
    dropped: Mapped[int]
    deferred: Mapped[list[Any]]
    intended: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    """What is meant for whom and not given out yet: delivery_id, rider_id, when it would be picked up and at the door (seconds)."""
    policy: Mapped[dict[str, Any]]
    problem: Mapped[bytes] = mapped_column(BYTEA, deferred=True)
    plan: Mapped[bytes] = mapped_column(BYTEA, deferred=True)
    digest: Mapped[str]
    breaches: Mapped[list[Any]]
    took_ms: Mapped[int]

    __table_args__ = (Index("ix_rounds_area", "area_id", "at"),)


class HandAction(Base):
    """What a dispatcher did by hand: the acts as asked, what they touched before and after, and whether it was undone."""

    __tablename__ = "hand_actions"

    id: Mapped[Id]
    area_id: Mapped[uuid.UUID]
    actor_id: Mapped[uuid.UUID]
    at: Mapped[datetime]
    acts: Mapped[list[Any]]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[uuid.UUID | None]

    __table_args__ = (Index("ix_hand_actions_area", "area_id", "at"),)


class Pace(Base):
    """What was learned of how long something takes, from what was seen of it in the last weeks.

    `kind` `counter` and `wait` (key: the store) and `door` (key: the building) in seconds, `ride` (key: the hour of the local day) as
    a ratio to the ride foretold. Key "" is the area's own: what everything of the kind there leans on.
    """

    __tablename__ = "paces"

    area_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    mean: Mapped[float]
    spread: Mapped[float]
    learned_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("count >= 0 AND mean > 0 AND spread >= 0", name="sane"),)
