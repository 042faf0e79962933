"""A past day's decisions, as they were kept with their orders."""

import uuid
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from o2o.kit.clock import TimeWindow
from o2o.orders.choices import rule_book
from o2o.orders.models import Order, Shipment
from o2o.orders.sourcing import record
from o2o.orders.sourcing.record import Decision
from o2o.orders.sourcing.rules import Rules
from o2o.stores import places

AT_ONCE = 500
MOST = 50_000
"""Decisions of a day that are looked at."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A decision with the order it was made for."""

    order_id: uuid.UUID
    order_no: str
    shipment_id: uuid.UUID
    text: str
    version: int

    def read(self) -> Decision | None:
        """What was known then; None where it cannot be read any more."""
        try:
            return record.read(self.text)
        except record.Unreadable:
            return None


class RulesThen:
    """The rules by their numbers, each looked up once."""

    def __init__(self, db: Session) -> None:
        self._db = db
        self._known: dict[int, Rules | None] = {}

    def __getitem__(self, version: int) -> Rules | None:
        if version not in self._known:
            self._known[version] = rule_book.of_versions(self._db, numbers=[version]).get(version)
        return self._known[version]


def today(db: Session, *, now: datetime) -> date:
    """The day it is by the stores' clocks; UTC where there are no stores."""
    return now.astimezone(_clock(db)).date()


def window(db: Session, *, day: date) -> TimeWindow:
    """A day by the stores' clocks, midnight to midnight."""
    zone = _clock(db)
    start, end = (datetime.combine(one, time.min, tzinfo=zone) for one in (day, day + timedelta(days=1)))
    return TimeWindow(start.astimezone(UTC), end.astimezone(UTC))


def _clock(db: Session) -> ZoneInfo:
    stores = places.all_stores(db)
    return ZoneInfo(stores[0].timezone if stores else "UTC")


def count(db: Session, *, day: date) -> int:
    """How many decisions a day had."""
    return db.scalar(select(func.count()).select_from(Shipment).where(*_of(db, day))) or 0


def decisions(db: Session, *, day: date, after: int = 0) -> Generator[Kept]:
    """A day's decisions in the order in which they were made, the first `MOST`, of these without the first `after`."""
    query = (
        select(Order.id, Order.order_no, Shipment.id, Shipment.plan["decision"])
        .join(Order, Order.id == Shipment.order_id)
        .where(*_of(db, day))
        .order_by(Shipment.created_at, Shipment.id)
        .offset(after)
        .limit(max(0, MOST - after))
    )
    with db.execute(query.execution_options(yield_per=AT_ONCE)) as found:
        for order_id, order_no, shipment_id, decision in found:
            yield Kept(order_id, order_no, shipment_id, decision["text"], decision["rules"])


def _of(db: Session, day: date) -> tuple[ColumnElement[bool], ...]:
    span = window(db, day=day)
    return Shipment.created_at >= span.start, Shipment.created_at < span.end, Shipment.plan.has_key("decision")
