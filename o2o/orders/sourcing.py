"""Choosing the store for an order: candidates in, a verdict or a score for each, a choice with its runner-up out. Pure.

A score is a sum of terms in fen: what a store costs us and our customer, so that the difference to the runner-up can be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from o2o.kit.ids import Sku, StoreId
from o2o.orders.promise import FulfilmentPlan


class Verdict(StrEnum):
    """Why a store may not have an order."""

    NOT_CHOSEN = "not_chosen"
    """The customer named another store for pickup."""
    OUTSIDE_AREA = "outside_area"
    CLOSED = "closed"
    CLOSES_BEFORE_READY = "closes_before_ready"
    NO_STOCK = "no_stock"
    BELOW_MINIMUM = "below_minimum"
    TOO_FAR = "too_far"
    TOO_HEAVY = "too_heavy"
    CAPACITY_FULL = "capacity_full"
    NO_RIDERS = "no_riders"
    TOO_LATE = "too_late"
    EXCLUDED = "excluded"
    """It rejected this order before."""


@dataclass(frozen=True, slots=True)
class SourcingPolicy:
    """Numbers of taste of the choice. Weights are fen."""

    fen_per_km: int = 40
    fen_per_promised_minute: int = 25
    """What a minute of the customer's waiting is worth."""
    fen_per_backlog_minute: int = 6
    """Spreads the work before a queue can be felt."""
    fen_for_last_pieces: int = 30
    """For each line that takes the shelf below `healthy_left` pieces."""
    healthy_left: int = 3
    farthest_m: int = 12_000
    heaviest_g: int = 30_000
    """What one delivery may weigh."""
    most_backlog_s: int = 7_200
    """A store whose queue is longer takes no more."""
    longest_promise_s: int = 3 * 3_600
    needs_riders: bool = False
    """Refuse where no rider is on shift; otherwise the promise is just longer."""


STANDARD = SourcingPolicy()


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of a store for this basket at this moment."""

    store_id: StoreId
    covers: bool
    open: bool
    distance_m: int
    fee_fen: int
    min_basket_fen: int
    plan: FulfilmentPlan
    backlog_s: int
    riders: int
    short: tuple[tuple[Sku, int, int], ...] = ()
    """(sku, wanted, left) of every line it cannot fill."""
    last_pieces: int = 0
    """Lines that would leave fewer than a healthy number on the shelf."""
    closes_at: datetime | None = None
    opens_at: datetime | None = None
    excluded: bool = False
    chosen_by_customer: bool | None = None
    """True or False once the customer named a store (pickup), None while they leave it to us."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is wanted of the store: the basket's worth and weight, and whether it is carried."""

    now: datetime
    goods_fen: int
    weight_g: int
    delivery: bool


@dataclass(frozen=True, slots=True)
class Assessed:
    """One store's answer: a verdict with its facts, or a score with its terms."""

    store_id: StoreId
    verdict: Verdict | None
    facts: dict[str, object]
    terms: dict[str, int]
    candidate: Candidate

    @property
    def score_fen(self) -> int:
        """The sum of the terms; lower is better."""
        return sum(self.terms.values())


@dataclass(frozen=True, slots=True)
class Ranking:
    """All stores, the willing ones first and best first; refusals after them in the order given."""

    willing: tuple[Assessed, ...]
    refused: tuple[Assessed, ...]

    @property
    def choice(self) -> Assessed | None:
        """The best store, if any is willing."""
        return self.willing[0] if self.willing else None

    @property
    def runner_up(self) -> Assessed | None:
        """The next best."""
        return self.willing[1] if len(self.willing) > 1 else None

    @property
    def difference_fen(self) -> int | None:
        """How much worse the runner-up is."""
        return self.willing[1].score_fen - self.willing[0].score_fen if len(self.willing) > 1 else None


def rank_stores(candidates: Sequence[Candidate], ask: Ask, policy: SourcingPolicy = STANDARD) -> Ranking:
    """Judge every candidate. Ties go to the smaller store id, so the same input always gives the same choice."""
    judged = [_assess(candidate, ask, policy) for candidate in candidates]
    willing = sorted((a for a in judged if a.verdict is None), key=lambda a: (a.score_fen, str(a.store_id)))
    return Ranking(tuple(willing), tuple(a for a in judged if a.verdict is not None))


def _assess(candidate: Candidate, ask: Ask, policy: SourcingPolicy) -> Assessed:
    found = _refusal(candidate, ask, policy)
    if found is not None:
        return Assessed(candidate.store_id, found[0], found[1], {}, candidate)
    return Assessed(candidate.store_id, None, {}, _terms(candidate, ask, policy), candidate)


def _refusal(c: Candidate, ask: Ask, policy: SourcingPolicy) -> tuple[Verdict, dict[str, object]] | None:
    return _refused_place(c, ask, policy) or _refused_basket(c, ask, policy) or _refused_time(c, ask, policy)


def _refused_place(c: Candidate, ask: Ask, policy: SourcingPolicy) -> tuple[Verdict, dict[str, object]] | None:
    if c.chosen_by_customer is False:
        return Verdict.NOT_CHOSEN, {}
    if c.excluded:
        return Verdict.EXCLUDED, {}
    if ask.delivery and not c.covers:
        return Verdict.OUTSIDE_AREA, {"distance_m": c.distance_m}
    if ask.delivery and c.distance_m > policy.farthest_m:
        return Verdict.TOO_FAR, {"distance_m": c.distance_m, "most_m": policy.farthest_m}
    if not c.open:
        return Verdict.CLOSED, {"opens_at": c.opens_at.isoformat() if c.opens_at else None}
    return None


def _refused_basket(c: Candidate, ask: Ask, policy: SourcingPolicy) -> tuple[Verdict, dict[str, object]] | None:
    if c.short:
        return Verdict.NO_STOCK, {"short": [{"sku": s, "wanted": w, "left": left} for s, w, left in c.short]}
    if ask.delivery and ask.goods_fen < c.min_basket_fen:
        return Verdict.BELOW_MINIMUM, {"least_fen": c.min_basket_fen, "missing_fen": c.min_basket_fen - ask.goods_fen}
    if ask.delivery and ask.weight_g > policy.heaviest_g:
        return Verdict.TOO_HEAVY, {"weight_g": ask.weight_g, "most_g": policy.heaviest_g}
    return None


def _refused_time(c: Candidate, ask: Ask, policy: SourcingPolicy) -> tuple[Verdict, dict[str, object]] | None:
    if c.backlog_s > policy.most_backlog_s:
        return Verdict.CAPACITY_FULL, {"backlog_s": c.backlog_s, "most_s": policy.most_backlog_s}
    if ask.delivery and policy.needs_riders and c.riders == 0:
        return Verdict.NO_RIDERS, {}
    if c.closes_at is not None and c.plan.ready_at > c.closes_at:
        return Verdict.CLOSES_BEFORE_READY, {"closes_at": c.closes_at.isoformat()}
    if (c.plan.arrive_by - ask.now).total_seconds() > policy.longest_promise_s:
        return Verdict.TOO_LATE, {"arrive_by": c.plan.arrive_by.isoformat()}
    return None


def _terms(c: Candidate, ask: Ask, policy: SourcingPolicy) -> dict[str, int]:
    promised_s = int((c.plan.arrive_by - ask.now).total_seconds())
    return {
        "distance": c.distance_m * policy.fen_per_km // 1000 if ask.delivery else 0,
        "promise": promised_s * policy.fen_per_promised_minute // 60,
        "backlog": c.backlog_s * policy.fen_per_backlog_minute // 60,
        "ride": c.plan.cost_fen,
        "fee": c.fee_fen,
        "stock": c.last_pieces * policy.fen_for_last_pieces,
    }
