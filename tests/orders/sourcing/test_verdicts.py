"""A store with exactly one blocking cause is refused for that cause, and for no other."""

from dataclasses import replace
from typing import Any

import pytest

from o2o.orders.sourcing import ranking, rules
from o2o.orders.sourcing.facts import NOT_KEPT, Ask, Candidate, Doors, Reach
from o2o.orders.sourcing.policy import STANDARD
from o2o.orders.sourcing.rules import Rules
from o2o.orders.sourcing.verdicts import Verdict, causes
from tests.orders.sourcing.make import NOW, a_candidate, an_ask

ASK = an_ask()
HEAVY = an_ask(("rice", 4, 5_000, 30_001), ("bread", 1, 2_000, 0))
QUIET = rules.read(
    {
        "sections": [
            {
                "refuse": [
                    {"name": "calm only", "if": [{"fact": "backlog_s", "over": 600}, {"fact": "lines", "over": 1}]}
                ]
            }
        ]
    },
    version=1,
)
STRICT = Rules(base=replace(STANDARD, needs_riders=True, keep_ring_speed=True))
CAUSES: list[tuple[Verdict, Candidate, Ask, Rules]] = [
    (Verdict.NOT_CHOSEN, a_candidate(chosen=False), ASK, rules.HOUSE),
    (Verdict.REJECTED_BEFORE, a_candidate(rejected=True), ASK, rules.HOUSE),
    (Verdict.OUTSIDE_AREA, a_candidate(reach=Reach.OUTSIDE), ASK, rules.HOUSE),
    (Verdict.EXCLUDED_ZONE, a_candidate(reach=Reach.EXCLUDED), ASK, rules.HOUSE),
    (Verdict.RING_HOURS, a_candidate(reach=Reach.NOT_NOW), ASK, rules.HOUSE),
    (Verdict.TOO_FAR, a_candidate(distance_m=12_001), ASK, rules.HOUSE),
    (Verdict.DETOUR, a_candidate(distance_m=1_000, ride_m=3_501), ASK, rules.HOUSE),
    (Verdict.EMERGENCY_CLOSED, a_candidate(doors=Doors.EMERGENCY, opens_s=3_600), ASK, rules.HOUSE),
    (Verdict.CLOSED, a_candidate(doors=Doors.CLOSED, opens_s=3_600), ASK, rules.HOUSE),
    (Verdict.NOT_SOLD_HERE, a_candidate(left=(9, NOT_KEPT)), ASK, rules.HOUSE),
    (Verdict.NO_STOCK, a_candidate(left=(1, 9)), ASK, rules.HOUSE),
    (Verdict.BELOW_MINIMUM, a_candidate(min_basket_fen=5_001), ASK, rules.HOUSE),
    (Verdict.TOO_HEAVY, a_candidate(), HEAVY, rules.HOUSE),
    (Verdict.CAPACITY_FULL, a_candidate(backlog_s=7_201), ASK, rules.HOUSE),
    (Verdict.NO_RIDERS, a_candidate(riders=0), ASK, STRICT),
    (Verdict.CLOSES_BEFORE_READY, a_candidate(closes_s=259), ASK, rules.HOUSE),
    (Verdict.TOO_SLOW, a_candidate(speed_s=1_499), ASK, STRICT),
    (Verdict.TOO_LATE, a_candidate(arrive_s=10_801), ASK, rules.HOUSE),
    (Verdict.RULED_OUT, a_candidate(backlog_s=601), ASK, QUIET),
]


@pytest.mark.parametrize(("cause", "candidate", "ask", "by"), CAUSES, ids=[case[0].value for case in CAUSES])
def test_a_store_with_one_cause_is_refused_for_that_cause(
    cause: Verdict, candidate: Candidate, ask: Ask, by: Rules
) -> None:
    found = ranking.rank([candidate], ask, by)
    assert found.choice is None
    assert [refused.verdict for refused in found.refused] == [cause]
    policy, filters = by.of(ask, candidate.area_id)
    others = [verdict for verdict, _ in causes(candidate, ask, policy)]
    assert others == ([] if cause is Verdict.RULED_OUT else [cause])
    assert cause is not Verdict.RULED_OUT or filters[0].refuses(candidate, ask)


def test_every_verdict_has_a_case() -> None:
    assert {case[0] for case in CAUSES} == set(Verdict)


def test_without_its_one_cause_each_of_these_stores_would_be_chosen() -> None:
    assert ranking.rank([a_candidate()], ASK, STRICT).choice is not None
    assert ranking.rank([a_candidate()], ASK, QUIET).choice is not None
    assert ranking.rank([a_candidate()], ASK).choice is not None


FACTS: list[tuple[Candidate, Ask, dict[str, Any]]] = [
    (
        a_candidate(left=(1, 0)),
        ASK,
        {"short": [{"sku": "milk", "wanted": 2, "left": 1}, {"sku": "bread", "wanted": 1, "left": 0}]},
    ),
    (a_candidate(left=(NOT_KEPT, 9)), ASK, {"skus": ["milk"]}),
    # 7,200 s may wait; the 1,200 s beyond it are worked off by two hands in ten minutes.
    (
        a_candidate(backlog_s=8_400),
        ASK,
        {"backlog_s": 8_400, "most_s": 7_200, "until": NOW.replace(minute=10).isoformat()},
    ),
    (a_candidate(min_basket_fen=6_000), ASK, {"least_fen": 6_000, "missing_fen": 1_000}),
    (a_candidate(doors=Doors.CLOSED, opens_s=1_800), ASK, {"opens_at": NOW.replace(minute=30).isoformat()}),
    (a_candidate(doors=Doors.EMERGENCY), ASK, {"opens_at": None}),
]


@pytest.mark.parametrize(("candidate", "ask", "facts"), FACTS)
def test_a_refusal_carries_the_facts_that_show_it(candidate: Candidate, ask: Ask, facts: dict[str, Any]) -> None:
    assert ranking.rank([candidate], ask).refused[0].facts == facts


def test_pickup_asks_neither_for_area_nor_minimum_nor_weight() -> None:
    pickup = replace(HEAVY, delivery=False)
    far = a_candidate(reach=Reach.OUTSIDE, distance_m=50_000, min_basket_fen=99_000, chosen=True)
    assert ranking.rank([far], pickup).choice is not None


def test_a_later_window_may_end_later_than_a_promise_from_now_may() -> None:
    assert ranking.rank([a_candidate(arrive_s=8 * 3_600, window_s=7 * 3_600)], ASK).choice is not None
    assert (
        ranking.rank([a_candidate(arrive_s=37 * 3_600, window_s=36 * 3_600)], ASK).refused[0].verdict
        is Verdict.TOO_LATE
    )
