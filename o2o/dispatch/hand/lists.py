"""The dispatcher's hand: a list of acts that all happen, or none and it is named which could not; previewed, recorded."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.dispatch.carrying import eta, locked_rows
from o2o.dispatch.carrying.locked_rows import LockedRows, Named
from o2o.dispatch.hand import undo
from o2o.dispatch.hand.acts import Act
from o2o.dispatch.models import Delivery, HandAction, Trip
from o2o.infra.roads import Roads
from o2o.kit import ids
from o2o.kit.errors import Conflict, DomainError


class NotAllDone(Conflict):
    """Some of this cannot be done; nothing was changed."""

    code = "dispatch.not_all_done"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a list of acts does to one promise: its rider, when the customer would have it, how late that is.

    `kept_for`: nobody has it then, and it is kept for this rider, from `kept_from` on (None: from the next round).
    """

    delivery_id: uuid.UUID
    order_no: str
    due_at: datetime
    rider_before: uuid.UUID | None
    rider_after: uuid.UUID | None
    kept_for: uuid.UUID | None
    kept_from: datetime | None
    eta_before: datetime | None
    eta_after: datetime | None
    late_before_s: int
    late_after_s: int


@dataclass(frozen=True, slots=True)
class Failure:
    """An act that cannot be done: its place in the list, and why."""

    index: int
    code: str
    message: str
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen."""

    effects: tuple[Effect, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What happened, and until when it can be undone."""

    action_id: uuid.UUID
    undo_until: datetime
    effects: tuple[Effect, ...]


def preview(
    db: Session,
    valkey: "redis.Redis",
    *,
    area_id: uuid.UUID,
    acts: Sequence[Act],
    roads: Roads,
    now: datetime,
) -> Preview:
    """What `acts` would do to every promise they touch: they are done and taken back again before anybody can see."""
    with db.begin_nested() as point:
        table = _reached(db, valkey, area_id, acts, roads, now)
        before = _promises(table)
        failures = _carry_out(table, acts)
        effects = _effects(before, _promises(table))
        point.rollback()
    db.info.pop("said", None)
    return Preview(effects, failures)


def perform(
    db: Session,
    valkey: "redis.Redis",
    *,
    area_id: uuid.UUID,
    actor_id: uuid.UUID,
    acts: Sequence[Act],
    roads: Roads,
    now: datetime,
) -> Done:
    """Do all of `acts` in the order given and keep a record of it.

    Raises:
        NotAllDone: with `failures`, one for each act that cannot be done as things stand.
    """
    table = _reached(db, valkey, area_id, acts, roads, now)
    promises, before = _promises(table), undo.image(table)
    failures = _carry_out(table, acts)
    if failures:
        raise NotAllDone(failures=[asdict(failure) for failure in failures])
    action_id = ids.new_id()
    db.add(
        HandAction(
            id=action_id,
            area_id=area_id,
            actor_id=actor_id,
            at=now,
            acts=[_recorded(act) for act in acts],
            before=before,
            after=undo.image(table),
        )
    )
    effects = _effects(promises, _promises(table))
    return Done(action_id, now + timedelta(seconds=undo.UNDO_S), effects)


def past(db: Session, *, area_id: uuid.UUID, limit: int) -> list[HandAction]:
    """What was done by hand in an area, newest first."""
    rows = select(HandAction).where(HandAction.area_id == area_id).order_by(HandAction.at.desc(), HandAction.id.desc())
    return list(db.scalars(rows.limit(limit)))


def _reached(
    db: Session, valkey: "redis.Redis", area_id: uuid.UUID, acts: Sequence[Act], roads: Roads, now: datetime
) -> LockedRows:
    named = Named.together(act.named() for act in acts)
    return locked_rows.locked(db, valkey, area_id=area_id, named=named, roads=roads, now=now)


def _carry_out(table: LockedRows, acts: Sequence[Act]) -> tuple[Failure, ...]:
    """Do each act; one that fails leaves no trace, and the next are still tried so that all failures are named."""
    failures = []
    for index, act in enumerate(acts):
        try:
            with table.db.begin_nested():
                act.do(table)
                table.db.flush()
        except DomainError as error:
            facts = {name: str(fact) for name, fact in error.facts.items()}
            failures.append(Failure(index, error.code, error.message, facts))
    return tuple(failures)


Promise = tuple[Delivery, uuid.UUID | None, datetime | None, uuid.UUID | None, datetime | None]
"""A delivery, its rider, when it would be there, whom it is kept for and from when."""


def _promises(table: LockedRows) -> dict[uuid.UUID, Promise]:
    """Rider and live time of each locked delivery as things stand."""
    found = eta.ways(table.db, table.roads, trip_ids=_trip_ids(table), places=table.places, now=table.now)
    ends = {one.delivery_id: one.arrival.at for one in eta.forecasts(found, table.now).values() if one.kind != "pickup"}
    return {
        d.id: (d, d.rider_id, ends.get(d.id), d.only_for, d.hold_until if d.only_for else None)
        for d in table.deliveries.values()
    }


def _trip_ids(table: LockedRows) -> list[uuid.UUID]:
    live = select(Trip.id).where(Trip.rider_id.in_(table.riders), Trip.state.in_(("offered", "accepted")))
    return list(table.db.scalars(live))


def _effects(before: dict[uuid.UUID, Promise], after: dict[uuid.UUID, Promise]) -> tuple[Effect, ...]:
    return tuple(
        Effect(
            delivery_id=delivery_id,
            order_no=delivery.order_no,
            due_at=delivery.due_at,
            rider_before=rider_before,
            rider_after=after[delivery_id][1],
            kept_for=after[delivery_id][3],
            kept_from=after[delivery_id][4],
            eta_before=eta_before,
            eta_after=after[delivery_id][2],
            late_before_s=_late_s(delivery, eta_before),
            late_after_s=_late_s(delivery, after[delivery_id][2]),
        )
        for delivery_id, (delivery, rider_before, eta_before, _, _) in sorted(before.items())
    )


def _late_s(delivery: Delivery, at: datetime | None) -> int:
    return max(0, int((at - delivery.due_at).total_seconds())) if at else 0


def _recorded(act: Act) -> dict[str, Any]:
    facts = {
        name: [str(v) for v in value] if isinstance(value, tuple) else value for name, value in asdict(act).items()
    }
    plain = {name: v if isinstance(v, (list, bool, int, type(None))) else str(v) for name, v in facts.items()}
    return {"act": type(act).__name__, **plain}
