"""A past day of choices, made again: by the rules each was made by, to prove them, or by other rules, to see what would change."""

import uuid
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import chain, repeat
from statistics import median
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from o2o.kit.clock import TimeWindow
from o2o.orders.choices import lost, rule_book
from o2o.orders.choices.lost import Lost
from o2o.orders.models import Order, Shipment
from o2o.orders.sourcing import record
from o2o.orders.sourcing.ranking import Ranking
from o2o.orders.sourcing.record import Decision
from o2o.orders.sourcing.rules import Rules
from o2o.stores import places

AT_ONCE = 500
SHOWN = 50
"""How many orders a report names; it counts all."""
PATIENCE_S = 3.0
"""One part of a preview takes about as long: a screen shows how far it is, and other callers get their turn."""
ORDERS, BASKETS = "o", "b"
FIRST = f"{ORDERS}0"
"""Where a preview begins: at the first order; after all orders come the baskets that found no store."""
MOST = 50_000
"""Decisions of a day that are looked at; a report says when there were more."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A decision with the order it was made for."""

    order_id: uuid.UUID
    order_no: str
    shipment_id: uuid.UUID
    text: str
    version: int


@dataclass(slots=True)
class Replayed:
    """What came of making a day's choices again. `differing`: those that came out otherwise; `strange`: those that cannot be read,
    or whose rules are gone."""

    day: date
    decisions: int = 0
    reproduced: int = 0
    differing: list[dict[str, Any]] = field(default_factory=list)
    strange: list[dict[str, Any]] = field(default_factory=list)
    complete: bool = True


@dataclass(slots=True)
class Previewed:
    """What other rules would have made of a day. Sums are over orders both rules find a way for; `_s` medians of the latest arrival."""

    day: date
    decisions: int = 0
    same: int = 0
    moved: int = 0
    """Orders that would have gone to another store, or to others."""
    lost: int = 0
    """Orders no store would have taken."""
    promise_before_s: int = 0
    promise_after_s: int = 0
    cost_before_fen: int = 0
    cost_after_fen: int = 0
    fee_before_fen: int = 0
    fee_after_fen: int = 0
    parcels_before: int = 0
    parcels_after: int = 0
    refused: int = 0
    """Baskets that found no store that day."""
    won: int = 0
    won_fen: int = 0
    """Those a store would have taken, and what their goods are worth."""
    promises_before_s: list[int] = field(default_factory=list)
    promises_after_s: list[int] = field(default_factory=list)
    """Each order's latest arrival by the old rules and by the new, so that medians of several parts can be told."""
    of: int = 0
    """What there is to look at that day, refused baskets among it."""
    next: str | None = None
    """Where the next part begins, if this is not the last."""
    changed: list[dict[str, Any]] = field(default_factory=list)
    gained: list[dict[str, Any]] = field(default_factory=list)
    complete: bool = True


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


def replay(db: Session, *, day: date) -> Replayed:
    """Make every choice of a day again, from what was known then and by the rules of then."""
    done = Replayed(day)
    known: dict[int, Rules | None] = {}
    done.complete = _count(db, day) <= MOST
    for kept in _of_day(db, day, most=MOST):
        done.decisions += 1
        decision, rules = _read(kept), _rules(db, known, kept.version)
        if decision is None or rules is None:
            _name(done.strange, kept)
        elif _as_kept(kept, decision, rules):
            done.reproduced += 1
        else:
            _name(done.differing, kept)
    return done


def preview(db: Session, *, rules: Rules, day: date, after: str = FIRST) -> Previewed:
    """What a day's choices would have been by other rules, those of baskets that found no store as well.

    A large day is looked at in parts, each of a few seconds: `next` says where to go on, as `after`. However it is cut, the parts
    together say the same; what is new since the first of them is not looked at twice.
    """
    orders, span = _count(db, day), window(db, day=day)
    done = Previewed(day, of=min(orders, MOST) + lost.count(db, span=span), complete=orders <= MOST)
    known: dict[int, Rules | None] = {}
    kind, nth = after[:1], int(after[1:])
    decided = _of_day(db, day, after=nth, most=MOST) if kind == ORDERS else ()
    refused = lost.within(db, span=span, after=nth if kind == BASKETS else 0)
    works = chain(
        ((f"{ORDERS}{n}", partial(_decide, db, done, kept, rules, known)) for n, kept in enumerate(decided, start=nth)),
        (
            (f"{BASKETS}{n}", partial(_try_lost, done, basket, rules))
            for n, basket in enumerate(refused, start=nth if kind == BASKETS else 0)
        ),
    )
    done.next = _while_patient(works)
    for query in (decided, refused):
        if isinstance(query, Generator):
            query.close()
    if done.promises_before_s:
        done.promise_before_s = round(median(done.promises_before_s))
        done.promise_after_s = round(median(done.promises_after_s))
    return done


def _while_patient(works: Iterator[tuple[str, Callable[[], None]]]) -> str | None:
    """Does one piece of work after another, at least one; returns which comes next once patience is over."""
    began = perf_counter()
    for first, (at, work) in zip(chain((True,), repeat(False)), works, strict=False):
        if not first and perf_counter() - began > PATIENCE_S:
            return at
        work()
    return None


def _decide(db: Session, done: Previewed, kept: Kept, rules: Rules, known: dict[int, Rules | None]) -> None:
    decision, then = _read(kept), _rules(db, known, kept.version)
    if decision is None or then is None:
        return
    done.decisions += 1
    _compare(done, kept, record.again(decision, then), record.again(decision, rules))


def _compare(done: Previewed, kept: Kept, was: Ranking, now: Ranking) -> None:
    before, after = was.choice, now.choice
    if before is None:
        done.same += after is None
        return
    if after is None:
        done.lost += 1
        _change(done, kept, was, now)
        return
    same = {(c.store_id, lines) for c, lines in before.parts} == {(c.store_id, lines) for c, lines in after.parts}
    done.same, done.moved = done.same + same, done.moved + (not same)
    if not same:
        _change(done, kept, was, now)
    done.promises_before_s.append(_arrive_s(was))
    done.promises_after_s.append(_arrive_s(now))
    done.cost_before_fen += before.terms["ride"]
    done.cost_after_fen += after.terms["ride"]
    done.fee_before_fen += before.fee_fen
    done.fee_after_fen += after.fee_fen
    done.parcels_before += len(before.parts)
    done.parcels_after += len(after.parts)


def _try_lost(done: Previewed, basket: Lost, rules: Rules) -> None:
    try:
        found = record.again(record.read(basket.text), rules)
    except record.Unreadable:
        return
    done.refused += 1
    if found.choice is None:
        return
    done.won, done.won_fen = done.won + 1, done.won_fen + basket.goods_fen
    if len(done.gained) < SHOWN:
        done.gained.append(
            {
                "asked_at": basket.asked_at, "cause": basket.cause, "goods_fen": basket.goods_fen,
                "after": list(found.choice.store_ids), "promise_s": _arrive_s(found),
            }
        )  # fmt: skip


def _change(done: Previewed, kept: Kept, was: Ranking, now: Ranking) -> None:
    if len(done.changed) < SHOWN:
        sides = {
            name: list(found.choice.store_ids) if found.choice else []
            for name, found in (("before", was), ("after", now))
        }
        done.changed.append(
            {
                "order_id": kept.order_id, "order_no": kept.order_no, **sides,
                "promise_before_s": _arrive_s(was), "promise_after_s": _arrive_s(now) if now.choice else None,
            }
        )  # fmt: skip


def _arrive_s(found: Ranking) -> int:
    return max(c.arrive_s for c, _ in found.choice.parts) if found.choice else 0


def _as_kept(kept: Kept, decision: Decision, rules: Rules) -> bool:
    """Whether the same text comes out once more, to the letter."""
    found = record.again(decision, rules)
    return record.keep(kept.version, decision.ask, decision.candidates, found) == kept.text


def _decided(db: Session, day: date) -> tuple[ColumnElement[bool], ...]:
    span = window(db, day=day)
    return Shipment.created_at >= span.start, Shipment.created_at < span.end, Shipment.plan.has_key("decision")


def _count(db: Session, day: date) -> int:
    return db.scalar(select(func.count()).select_from(Shipment).where(*_decided(db, day))) or 0


def _of_day(db: Session, day: date, *, after: int = 0, most: int | None = None) -> Generator[Kept]:
    """In the order in which they were made, without the first `after`, and no more than make `most` with those."""
    query = (
        select(Order.id, Order.order_no, Shipment.id, Shipment.plan["decision"])
        .join(Order, Order.id == Shipment.order_id)
        .where(*_decided(db, day))
        .order_by(Shipment.created_at, Shipment.id)
        .offset(after)
    )
    if most is not None:
        query = query.limit(max(0, most - after))
    with db.execute(query.execution_options(yield_per=AT_ONCE)) as found:
        for order_id, order_no, shipment_id, decision in found:
            yield Kept(order_id, order_no, shipment_id, decision["text"], decision["rules"])


def _read(kept: Kept) -> Decision | None:
    try:
        return record.read(kept.text)
    except record.Unreadable:
        return None


def _rules(db: Session, known: dict[int, Rules | None], version: int) -> Rules | None:
    if version not in known:
        known[version] = rule_book.of_versions(db, numbers=[version]).get(version)
    return known[version]


def _name(into: list[dict[str, Any]], kept: Kept) -> None:
    if len(into) < SHOWN:
        into.append({"order_id": kept.order_id, "order_no": kept.order_no, "shipment_id": kept.shipment_id})
