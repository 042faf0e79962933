"""What a store's people switch at once: rush mode, emergency closing, opening again. Each change is kept with who and why."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from o2o.infra import outbox
from o2o.kit import ids
from o2o.kit.errors import Invalid
from o2o.kit.ids import AreaId, StoreId
from o2o.stores import places, snapshot
from o2o.stores.events import StoreChanged
from o2o.stores.models import StoreChangeRow, StoreRow
from o2o.stores.snapshot import UNTIL_TOLD

MOST_RUSH_S = 7_200
LONGEST_RUSH = timedelta(hours=24)
LONGEST_CLOSING = timedelta(days=60)


class BadSwitch(Invalid):
    """A store cannot be switched like that: rush mode and closings end in the future, and rush mode within a day."""

    code = "stores.bad_switch"


@dataclass(frozen=True, slots=True)
class Change:
    """One change at a store: rush, calm, close, open, switch_on or switch_off. `until` None: until told otherwise."""

    id: uuid.UUID
    at: datetime
    by: uuid.UUID | None
    what: str
    until: datetime | None
    extra_s: int | None
    reason: str


def rush(
    db: Session,
    *,
    store_id: StoreId,
    extra_s: int,
    until: datetime | None,
    reason: str = "",
    by: uuid.UUID,
    now: datetime,
) -> None:
    """Let every promise of a store carry `extra_s` more until `until`; none ends rush mode.

    Raises:
        places.NoSuchStore: unknown.
        BadSwitch: more than two hours on top, or not until a moment within the next day.
    """
    if not 0 <= extra_s <= MOST_RUSH_S:
        raise BadSwitch(field="extra_s", most=MOST_RUSH_S)
    if extra_s == 0:
        _switch(db, store_id, {"rush_s": 0, "rush_until": None}, "calm", None, None, reason, by, now)
        return
    if until is None or not now < until <= now + LONGEST_RUSH:
        raise BadSwitch(field="until", most=(now + LONGEST_RUSH).isoformat())
    _switch(db, store_id, {"rush_s": extra_s, "rush_until": until}, "rush", until, extra_s, reason, by, now)


def close(db: Session, *, store_id: StoreId, until: datetime | None, reason: str, by: uuid.UUID, now: datetime) -> None:
    """Take no orders at a store from this moment until `until`, or until somebody opens it; orders it has go on.

    Raises:
        places.NoSuchStore: unknown.
        BadSwitch: `until` is not within the next sixty days, or nobody says why.
    """
    if not reason.strip():
        raise BadSwitch(field="reason")
    if until is not None and not now < until <= now + LONGEST_CLOSING:
        raise BadSwitch(field="until", most=(now + LONGEST_CLOSING).isoformat())
    _switch(db, store_id, {"closed_until": until or UNTIL_TOLD}, "close", until, None, reason, by, now)


def reopen(db: Session, *, store_id: StoreId, reason: str = "", by: uuid.UUID, now: datetime) -> None:
    """End an emergency closing: the store is open again within its hours.

    Raises:
        places.NoSuchStore: unknown.
    """
    _switch(db, store_id, {"closed_until": None}, "open", None, None, reason, by, now)


def set_open(db: Session, *, store_id: StoreId, open: bool, by: uuid.UUID | None = None, now: datetime) -> None:
    """Head office's switch: a store that is off takes no orders, whatever its hours say. `by` None: a command did it.

    Raises:
        places.NoSuchStore: unknown.
    """
    _switch(db, store_id, {"open": open}, "switch_on" if open else "switch_off", None, None, "", by, now)


def changes(db: Session, *, store_id: StoreId, limit: int = 50) -> list[Change]:
    """What was switched at a store, newest first."""
    table = StoreChangeRow
    rows = db.execute(
        select(table.id, table.at, table.by, table.what, table.until, table.extra_s, table.reason)
        .where(table.store_id == store_id)
        .order_by(table.at.desc(), table.id.desc())
        .limit(limit)
    )
    return [Change(*row) for row in rows]


def _switch(
    db: Session,
    store_id: StoreId,
    values: dict[str, Any],
    what: str,
    until: datetime | None,
    extra_s: int | None,
    reason: str,
    by: uuid.UUID | None,
    now: datetime,
) -> None:
    """Change the store and note it; what is so already is neither changed nor noted again."""
    row = db.execute(
        select(StoreRow.area_id, *(getattr(StoreRow, name) for name in values))
        .where(StoreRow.id == store_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise places.NoSuchStore(store_id=store_id)
    if list(row[1:]) == list(values.values()):
        return
    db.execute(update(StoreRow).where(StoreRow.id == store_id).values(**values, updated_at=now))
    change = {"what": what, "until": until, "extra_s": extra_s, "reason": reason}
    db.add(StoreChangeRow(id=ids.new_id(), store_id=store_id, at=now, by=by, **change))
    db.flush()
    snapshot.changed(db)
    outbox.emit(db, StoreChanged(store_id=store_id, area_id=AreaId(row.area_id)), now=now)
