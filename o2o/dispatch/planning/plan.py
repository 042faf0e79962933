"""What a round decides: a trip for each rider who has work, and a reason for each job that waits.

`to_json` and `from_json` are inverses byte for byte; `digest` is of everything but itself and `cut_short`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import orjson

from o2o.dispatch.planning.problem import Action
from o2o.dispatch.planning.reasons import Reason


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """One stop with its times: `arrive_s` at the place, `at_s` the goods change hands, `leave_s` free to ride on."""

    job_id: str
    action: Action
    place: int
    arrive_s: int
    at_s: int
    leave_s: int


@dataclass(frozen=True, slots=True)
class Trip:
    """One rider's whole sequence.

    `firm`: jobs that must be given out now, because the rider has to leave for them before the next round; the
    others are intentions, to be decided again. `depart_by_s`: the latest leaving that keeps these times.
    `rest_at_s`: when the break begins, -1 for none. `cost`: of the whole trip; `terms` name its parts.
    """

    rider_id: str
    stops: tuple[PlannedStop, ...]
    firm: tuple[str, ...]
    depart_by_s: int
    rest_at_s: int
    end_s: int
    cost: int
    terms: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Deferred:
    """A job in nobody's trip: why, how many riders got which verdict, and when to look again."""

    job_id: str
    reason: Reason
    verdicts: tuple[tuple[Reason, int], ...] = ()
    until_s: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rider weighed for one job. `extra_cost` is what the job adds to that rider's trip, -1 when it cannot."""

    rider_id: str
    reason: Reason
    extra_cost: int = -1
    terms: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Relaxation:
    """The smallest change that would have fitted a deferred job: which limit, by how much, in which unit."""

    reason: Reason
    kind: str
    amount: int
    unit: str
    rider_id: str = ""
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that can be said about one job in one plan. Verdicts are sorted best first; `margin` to the runner-up."""

    job_id: str
    chosen: str
    verdicts: tuple[Verdict, ...]
    terms: tuple[tuple[str, int], ...] = ()
    runner_up: str = ""
    margin: int = 0
    reason: Reason = Reason.FITS
    relaxations: tuple[Relaxation, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer to a problem: every job is in exactly one trip or in `deferred`."""

    now_s: int
    trips: tuple[Trip, ...]
    deferred: tuple[Deferred, ...]
    cost: int
    seed: int = 0
    work: int = 0
    cut_short: bool = False
    digest: str = ""

    def to_json(self) -> bytes:
        """The plan as canonical JSON bytes."""
        return orjson.dumps(self)

    def sealed(self) -> Plan:
        """The same plan with its content digest filled in."""
        bare = replace(self, digest="", cut_short=False)
        return replace(self, digest=hashlib.sha256(bare.to_json()).hexdigest())

    @staticmethod
    def from_json(raw: bytes) -> Plan:
        """Read `to_json` back; raises KeyError, TypeError or ValueError on anything else."""
        data = orjson.loads(raw)
        data["trips"] = tuple(_trip(t) for t in data["trips"])
        data["deferred"] = tuple(_deferred(d) for d in data["deferred"])
        data.pop("explanations", None)  # plans stored before it was worked out when asked
        return Plan(**data)


def _pairs(items: list[list[Any]]) -> tuple[tuple[str, int], ...]:
    return tuple((name, amount) for name, amount in items)


def _trip(data: dict[str, Any]) -> Trip:
    stops = tuple(PlannedStop(**{**s, "action": Action(s["action"])}) for s in data["stops"])
    return Trip(**{**data, "stops": stops, "firm": tuple(data["firm"]), "terms": _pairs(data["terms"])})


def _deferred(data: dict[str, Any]) -> Deferred:
    counts = tuple((Reason(reason), number) for reason, number in data["verdicts"])
    return Deferred(**{**data, "reason": Reason(data["reason"]), "verdicts": counts})
