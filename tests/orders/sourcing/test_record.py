"""A decision that was kept can be made again, and comes out the same to the letter."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from o2o.orders.sourcing import ranking, record, rules
from o2o.orders.sourcing.policy import STANDARD
from o2o.orders.sourcing.rules import Rules
from tests.orders.sourcing.make import a_candidate, a_random_ask, an_ask, some_candidates


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_decision_read_back_is_the_decision_that_was_made(seed: int) -> None:
    dice = random.Random(seed)
    ask = a_random_ask(dice, lines=dice.randrange(1, 8))
    candidates = tuple(some_candidates(dice, stores=dice.randrange(1, 12), ask=ask))
    found = ranking.rank(candidates, ask)
    text = record.keep(0, ask, candidates, found)
    kept = record.read(text)
    assert (kept.version, kept.ask, kept.candidates) == (0, ask, candidates)
    again = record.again(kept, rules.HOUSE)
    assert again == found
    assert record.outcome(again) == kept.outcome
    assert record.keep(0, kept.ask, kept.candidates, again) == text


def test_other_rules_come_to_another_outcome() -> None:
    near, far = a_candidate(1, distance_m=500, arrive_s=1_700), a_candidate(2, distance_m=3_000, arrive_s=1_600)
    kept = record.read(record.keep(0, an_ask(), (near, far), ranking.rank([near, far], an_ask())))
    other = record.again(kept, Rules(version=1, base=replace(STANDARD, fen_per_km=0)))
    assert other.choice is not None
    assert other.choice.store_ids == (far.store_id,)
    assert record.outcome(other) != kept.outcome


def test_twenty_stores_and_ten_lines_fit_in_two_kilobytes() -> None:
    dice = random.Random(3)
    ask = a_random_ask(dice, lines=10)
    candidates = tuple(some_candidates(dice, stores=20, ask=ask))
    assert len(record.keep(0, ask, candidates, ranking.rank(candidates, ask))) < 2_800


def test_people_are_told_the_parts_the_terms_and_what_the_runner_up_lacked() -> None:
    near, far = a_candidate(1), a_candidate(2, distance_m=2_000, fee_fen=500)
    told = record.told(ranking.rank([near, far], an_ask()), an_ask())
    assert told["ways"][0]["parts"] == [
        {"store_id": str(near.store_id), "lines": [{"sku": "milk", "quantity": 2}, {"sku": "bread", "quantity": 1}]}
    ]
    assert told["runner_up"] == [str(far.store_id)]
    assert (told["difference_fen"], told["difference_by_term"]) == (240, {"distance": 40, "fee": 200})


@pytest.mark.parametrize("text", ["", "x", "AAAA", "eJyrVgIAAKcApA==", "ünlesbar"])
def test_what_is_not_a_decision_is_refused(text: str) -> None:
    with pytest.raises(record.Unreadable):
        record.read(text)
