"""A store is refused for exactly the cause it has, and the best of the rest is chosen with its reasons."""

import random
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from o2o.kit.ids import Sku, StoreId
from o2o.orders import promise, sourcing
from o2o.orders.promise import Load
from o2o.orders.sourcing import Ask, Candidate, SourcingPolicy, Verdict

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ASK = Ask(now=NOW, goods_fen=5_000, weight_g=2_000, delivery=True)


def a_candidate(nth: int = 1, *, distance_m: int = 1_000, ride_s: int = 240, backlog_s: int = 0) -> Candidate:
    load = Load(backlog_s=backlog_s, riders=3, free_riders=2, open_deliveries=0)
    plan = promise.plan_delivery(now=NOW, work_s=200, load=load, ride_s=ride_s, distance_m=distance_m)
    return Candidate(
        store_id=StoreId(uuid.UUID(int=nth)), covers=True, open=True, distance_m=distance_m, fee_fen=300, min_basket_fen=2_000,
        plan=plan, backlog_s=backlog_s, riders=3, closes_at=NOW + timedelta(hours=8),
    )  # fmt: skip


GOOD = a_candidate()
CAUSES = [
    (Verdict.NOT_CHOSEN, replace(GOOD, chosen_by_customer=False), ASK),
    (Verdict.EXCLUDED, replace(GOOD, excluded=True), ASK),
    (Verdict.OUTSIDE_AREA, replace(GOOD, covers=False), ASK),
    (Verdict.TOO_FAR, replace(GOOD, distance_m=12_001), ASK),
    (Verdict.CLOSED, replace(GOOD, open=False, opens_at=NOW + timedelta(hours=1)), ASK),
    (Verdict.NO_STOCK, replace(GOOD, short=((Sku("milk"), 3, 1),)), ASK),
    (Verdict.BELOW_MINIMUM, GOOD, replace(ASK, goods_fen=1_999)),
    (Verdict.TOO_HEAVY, GOOD, replace(ASK, weight_g=30_001)),
    (Verdict.CAPACITY_FULL, replace(GOOD, backlog_s=7_201), ASK),
    (Verdict.CLOSES_BEFORE_READY, replace(GOOD, closes_at=NOW + timedelta(seconds=100)), ASK),
    (Verdict.TOO_LATE, a_candidate(ride_s=4 * 3_600), ASK),
]


@pytest.mark.parametrize(("cause", "candidate", "ask"), CAUSES, ids=[cause.value for cause, _, _ in CAUSES])
def test_a_store_with_one_cause_is_refused_for_that_cause(cause: Verdict, candidate: Candidate, ask: Ask) -> None:
    ranking = sourcing.rank_stores([candidate], ask)
    assert ranking.choice is None
    assert [refused.verdict for refused in ranking.refused] == [cause]


def test_a_store_without_riders_is_refused_where_policy_says_so() -> None:
    lonely = replace(GOOD, riders=0)
    assert sourcing.rank_stores([lonely], ASK).choice is not None
    assert (
        sourcing.rank_stores([lonely], ASK, SourcingPolicy(needs_riders=True)).refused[0].verdict is Verdict.NO_RIDERS
    )


def test_every_verdict_has_a_case() -> None:
    assert {cause for cause, _, _ in CAUSES} | {Verdict.NO_RIDERS} == set(Verdict)


def test_pickup_asks_neither_for_area_nor_minimum_nor_weight() -> None:
    pickup = replace(ASK, delivery=False, goods_fen=1, weight_g=99_000)
    far = replace(GOOD, covers=False, distance_m=50_000, chosen_by_customer=True)
    assert sourcing.rank_stores([far], pickup).choice is not None


def test_the_choice_names_its_runner_up_and_by_how_much() -> None:
    near, far = a_candidate(1, distance_m=500, ride_s=120), a_candidate(2, distance_m=3_000, ride_s=720)
    ranking = sourcing.rank_stores([far, near], ASK)
    assert ranking.choice is not None
    assert ranking.runner_up is not None
    assert (ranking.choice.store_id, ranking.runner_up.store_id) == (near.store_id, far.store_id)
    assert ranking.difference_fen == ranking.runner_up.score_fen - ranking.choice.score_fen > 0
    assert set(ranking.choice.terms) == {"distance", "promise", "backlog", "ride", "fee", "stock"}


def test_a_busy_near_store_loses_to_a_calm_one_farther_away() -> None:
    busy, calm = (
        a_candidate(1, distance_m=500, ride_s=120, backlog_s=5_400),
        a_candidate(2, distance_m=1_500, ride_s=360),
    )
    ranking = sourcing.rank_stores([busy, calm], ASK)
    assert ranking.choice is not None
    assert ranking.choice.store_id == calm.store_id


def test_the_choice_is_the_least_of_all_scores_on_many_random_cases() -> None:
    dice = random.Random(11)
    for _ in range(300):
        candidates = [
            replace(
                a_candidate(n, distance_m=dice.randrange(200, 15_000), ride_s=dice.randrange(60, 3_000), backlog_s=dice.randrange(9_000)),
                covers=dice.random() < 0.8, open=dice.random() < 0.9, last_pieces=dice.randrange(4),
            )
            for n in range(1, 12)
        ]  # fmt: skip
        ranking = sourcing.rank_stores(candidates, ASK)
        alone = [sourcing.rank_stores([candidate], ASK) for candidate in candidates]
        willing = [one.choice for one in alone if one.choice is not None]
        best = min(willing, key=lambda a: (a.score_fen, str(a.store_id)), default=None)
        assert ranking.choice == best
        assert len(ranking.willing) + len(ranking.refused) == len(candidates)
        assert sourcing.rank_stores(list(reversed(candidates)), ASK).choice == best
