"""The rules of sourcing as headquarters keeps them: drafted, looked at, applied at a time; and those in force at a moment."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.catalogue.memory import Memory
from o2o.infra import versions
from o2o.kit import ids
from o2o.kit.errors import Conflict, NotFound
from o2o.orders.models import SourcingRules
from o2o.orders.sourcing import rules
from o2o.orders.sourcing.rules import Rules
from o2o.stores import places

STAMP = "sourcing_rules"
DRAFT, APPLIED = "draft", "applied"
_log = structlog.get_logger(__name__)


class NoSuchRules(NotFound):
    """There is no such version of the sourcing rules."""

    code = "orders.no_such_rules"


class AlreadyApplied(Conflict):
    """These rules were applied before; a change is a new version."""

    code = "orders.rules_applied"


class AppliesInThePast(Conflict):
    """Rules apply from now or from a later moment, never from an earlier one: what was decided stays as it was decided."""

    code = "orders.rules_in_the_past"


@dataclass(frozen=True, slots=True)
class Written:
    """One version as it is kept."""

    id: uuid.UUID
    version: int
    state: str
    document: Mapping[str, Any]
    note: str
    made_by: uuid.UUID | None
    made_at: datetime
    applies_at: datetime | None
    in_force: bool


_Schedule = tuple[tuple[datetime, Rules], ...]
_memory: Memory[str, _Schedule] = Memory(STAMP)


def in_force(db: Session, *, now: datetime) -> Rules:
    """The rules that count at a moment; the house's own while headquarters has applied none.

    A process learns of another's change within two seconds, and of its own at once. A decision keeps the version it was made by.
    """
    schedule = _memory.get_many(db, [STAMP], _read)[STAMP]
    return next((found for applies_at, found in reversed(schedule) if applies_at <= now), rules.HOUSE)


def _read(db: Session, keys: Collection[str]) -> dict[str, _Schedule]:
    rows = select(SourcingRules).where(SourcingRules.state == APPLIED)
    rows = rows.order_by(SourcingRules.applies_at, SourcingRules.version)
    found = ((row.applies_at, _understood(row)) for row in db.scalars(rows))
    schedule = tuple((at, understood) for at, understood in found if at is not None and understood is not None)
    return dict.fromkeys(keys, schedule)


def _understood(row: SourcingRules) -> Rules | None:
    """What a version says; None, and a word in the log, where a newer program has lost one of its words."""
    try:
        return rules.read(row.document, version=row.version)
    except rules.BadRules as refusal:
        _log.error("sourcing.rules_not_understood", version=row.version, **refusal.facts)
        return None


def draft(db: Session, *, document: Mapping[str, Any], note: str, by: uuid.UUID | None, now: datetime) -> Written:
    """A new version, not in force yet.

    Raises:
        rules.BadRules: the document cannot be read; an area it names is unknown.
    """
    versions.bump(db, STAMP)  # writers wait for each other, so no two take one number
    version = (db.scalar(select(func.max(SourcingRules.version))) or 0) + 1
    _check_areas(db, rules.read(document, version=version))
    row = SourcingRules(
        id=ids.new_id(), version=version, state=DRAFT, document=dict(document), note=note, made_by=by, made_at=now
    )
    db.add(row)
    db.flush()
    return _written(row, None)


def apply(db: Session, *, rules_id: uuid.UUID, at: datetime | None, by: uuid.UUID | None, now: datetime) -> Written:
    """Put a draft in force, now or at a later moment.

    Raises:
        NoSuchRules, AlreadyApplied, AppliesInThePast
    """
    row = db.scalar(select(SourcingRules).where(SourcingRules.id == rules_id).with_for_update())
    if row is None:
        raise NoSuchRules(rules_id=rules_id)
    if row.state != DRAFT:
        raise AlreadyApplied(version=row.version, applies_at=row.applies_at)
    if at is not None and at < now:
        raise AppliesInThePast(field="at", now=now)
    row.state, row.applies_at, row.applied_by = APPLIED, at or now, by
    db.flush()
    versions.bump(db, STAMP)
    return _written(row, _version_in_force(db, now))


def get(db: Session, *, rules_id: uuid.UUID) -> Rules:
    """One version, read.

    Raises:
        NoSuchRules
    """
    row = db.get(SourcingRules, rules_id)
    if row is None:
        raise NoSuchRules(rules_id=rules_id)
    return rules.read(row.document, version=row.version)


def of_versions(db: Session, *, numbers: Collection[int]) -> dict[int, Rules]:
    """The versions by their numbers, the house's own as 0; unknown ones, and those not understood, are left out."""
    rows = db.scalars(select(SourcingRules).where(SourcingRules.version.in_(numbers)))
    found = {row.version: _understood(row) for row in rows}
    return {0: rules.HOUSE} | {version: understood for version, understood in found.items() if understood is not None}


def every(db: Session, *, now: datetime, limit: int = 100) -> list[Written]:
    """All versions, the newest first."""
    current = _version_in_force(db, now)
    rows = db.scalars(select(SourcingRules).order_by(SourcingRules.version.desc()).limit(limit))
    return [_written(row, current) for row in rows]


def _version_in_force(db: Session, now: datetime) -> int | None:
    query = select(SourcingRules.version).where(SourcingRules.state == APPLIED, SourcingRules.applies_at <= now)
    return db.scalar(query.order_by(SourcingRules.applies_at.desc(), SourcingRules.version.desc()).limit(1))


def _check_areas(db: Session, found: Rules) -> None:
    known = {area.id for area in places.areas(db)}
    for nth, section in enumerate(found.sections):
        unknown = sorted(str(one) for one in section.area_ids or () if one not in known)
        if unknown:
            raise rules.BadRules(field=f"sections.{nth}.when.area_ids", unknown=unknown)


def _written(row: SourcingRules, current: int | None) -> Written:
    return Written(
        row.id, row.version, row.state, row.document, row.note, row.made_by, row.made_at, row.applies_at,
        row.version == current,
    )  # fmt: skip
