"""A past day of choices, made again by other rules: what would have changed."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from statistics import median_low
from time import perf_counter
from typing import Any

from sqlalchemy.orm import Session

from o2o.orders.choices import days, lost
from o2o.orders.choices.days import Kept, RulesThen
from o2o.orders.choices.lost import Lost
from o2o.orders.sourcing import record
from o2o.orders.sourcing.ranking import Ranking
from o2o.orders.sourcing.rules import Rules

SHOWN = 50
"""How many orders a preview names; it counts all."""
PATIENCE_S = 3.0
"""One part of a preview takes about as long: a screen shows how far it is, and other callers get their turn."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a preview is: so many of the day's decisions, then so many of its refused baskets."""

    decisions: int = 0
    baskets: int = 0


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
    next: Place | None = None
    """Where the next part begins, if this is not the last."""
    changed: list[dict[str, Any]] = field(default_factory=list)
    gained: list[dict[str, Any]] = field(default_factory=list)
    complete: bool = True

    @property
    def promise_before_s(self) -> int:
        """The median of this part; of two in the middle the earlier."""
        return median_low(self.promises_before_s or [0])

    @property
    def promise_after_s(self) -> int:
        """As `promise_before_s`, by the new rules."""
        return median_low(self.promises_after_s or [0])


_BEGINNING = Place()


def preview(db: Session, *, rules: Rules, day: date, after: Place = _BEGINNING) -> Previewed:
    """What a day's choices would have been by other rules, those of baskets that found no store as well.

    A large day is looked at in parts, each of a few seconds: `next` says where to go on, as `after`. However it is cut, the parts
    together say the same.
    """
    orders, span = days.count(db, day=day), days.window(db, day=day)
    done = Previewed(day, of=min(orders, days.MOST) + lost.count(db, span=span), complete=orders <= days.MOST)
    with (
        closing(days.decisions(db, day=day, after=after.decisions)) as decided,
        closing(lost.within(db, span=span, after=after.baskets)) as refused,
    ):
        done.next = _look(done, decided, refused, rules, RulesThen(db), after)
    return done


def _look(
    done: Previewed, decided: Iterator[Kept], refused: Iterator[Lost], rules: Rules, then: RulesThen, after: Place
) -> Place | None:
    """Looks at one after another, at least at one; returns what comes next once patience is over."""
    until, at = perf_counter() + PATIENCE_S, after
    for kept in decided:
        if at != after and perf_counter() > until:
            return at
        _decide(done, kept, rules, then[kept.version])
        at = replace(at, decisions=at.decisions + 1)
    for basket in refused:
        if at != after and perf_counter() > until:
            return at
        _try_lost(done, basket, rules)
        at = replace(at, baskets=at.baskets + 1)
    return None


def _decide(done: Previewed, kept: Kept, rules: Rules, then: Rules | None) -> None:
    decision = kept.read()
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
