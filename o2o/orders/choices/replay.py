"""A past day of choices, made again by the rules each was made by: proof that they came from what was known then."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from o2o.orders.choices import days
from o2o.orders.choices.days import Kept
from o2o.orders.sourcing import record
from o2o.orders.sourcing.record import Decision
from o2o.orders.sourcing.rules import Rules

SHOWN = 50
"""How many orders a report names; it counts all."""


@dataclass(slots=True)
class Replayed:
    """What came of making a day's choices again. `differing`: those that came out otherwise; `strange`: those that cannot be read,
    or whose rules are gone. `complete` is False where the day had more than are looked at (`days.MOST`)."""

    day: date
    decisions: int = 0
    reproduced: int = 0
    differing: list[dict[str, Any]] = field(default_factory=list)
    strange: list[dict[str, Any]] = field(default_factory=list)
    complete: bool = True


def replay(db: Session, *, day: date) -> Replayed:
    """Make every choice of a day again, from what was known then and by the rules of then."""
    done = Replayed(day, complete=days.count(db, day=day) <= days.MOST)
    then = days.RulesThen(db)
    for kept in days.decisions(db, day=day):
        done.decisions += 1
        decision, rules = kept.read(), then[kept.version]
        if decision is None or rules is None:
            _name(done.strange, kept)
        elif _as_kept(kept, decision, rules):
            done.reproduced += 1
        else:
            _name(done.differing, kept)
    return done


def _as_kept(kept: Kept, decision: Decision, rules: Rules) -> bool:
    """Whether the same text comes out once more, to the letter."""
    found = record.again(decision, rules)
    return record.keep(kept.version, decision.ask, decision.candidates, found) == kept.text


def _name(into: list[dict[str, Any]], kept: Kept) -> None:
    if len(into) < SHOWN:
        into.append({"order_id": kept.order_id, "order_no": kept.order_no, "shipment_id": kept.shipment_id})
