"""The best of all ways is chosen, over single stores and over every sharing between them, and says by how much."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from o2o.kit.ids import StoreId
from o2o.orders.sourcing import ranking, rules, scores, splitting
from o2o.orders.sourcing.facts import Ask
from o2o.orders.sourcing.policy import STANDARD
from o2o.orders.sourcing.ranking import Way
from o2o.orders.sourcing.rules import Rules
from o2o.orders.sourcing.splitting import Site
from tests.orders.sourcing.make import a_candidate, a_random_ask, a_store_id, an_ask, by_hand, some_candidates

ASK = an_ask()


def by_line(way: Way, ask: Ask) -> tuple[StoreId, ...]:
    """Whose each line is; fails where a line is nobody's or two stores'."""
    found = {nth: candidate.store_id for candidate, lines in way.parts for nth in lines}
    assert sorted(nth for _, lines in way.parts for nth in lines) == list(range(len(ask.lines)))
    return tuple(found[nth] for nth in range(len(ask.lines)))


def test_the_choice_names_its_runner_up_and_by_how_much() -> None:
    near, far = a_candidate(1, distance_m=500, arrive_s=1_200), a_candidate(2, distance_m=3_000, arrive_s=1_900)
    found = ranking.rank([far, near], ASK)
    assert found.choice is not None
    assert found.runner_up is not None
    assert (found.choice.store_ids, found.runner_up.store_ids) == ((near.store_id,), (far.store_id,))
    # Two and a half kilometres at 40 fen and 700 seconds at 25 fen a minute, each term whole: 100 and 291.
    assert found.difference_fen == 100 + (1_900 * 25 // 60 - 1_200 * 25 // 60) == 391
    assert set(found.choice.terms) == set(scores.TERMS) - {"split"}


@pytest.mark.parametrize(
    ("worse", "by_fen"),
    [
        ({"distance_m": 2_000}, 40),
        ({"arrive_s": 1_560}, 25),
        ({"backlog_s": 600}, 60),
        ({"open_deliveries": 9}, 40),
        ({"riders": 0}, 200),
        ({"cost_fen": 500}, 90),
        ({"fee_fen": 500}, 200),
        ({"left": (4, 50)}, 30),
        ({"expiring": (1, 0)}, -15),
        ({"expiring": (9, 9)}, -45),
    ],
)
def test_each_term_weighs_what_the_policy_says(worse: dict[str, object], by_fen: int) -> None:
    usual, other = a_candidate(1), a_candidate(2, **worse)
    found = {one.store_id: one.score_fen for one in ranking.rank([usual, other], ASK).willing}
    assert found[other.store_id] - found[usual.store_id] == by_fen


def test_a_store_whose_pieces_soon_run_out_of_date_is_preferred() -> None:
    fresh, old = a_candidate(1), a_candidate(2, expiring=(2, 0))
    choice = ranking.rank([fresh, old], ASK).choice
    assert choice is not None
    assert choice.store_ids == (old.store_id,)


def test_of_equals_the_smaller_id_is_chosen_whatever_the_order() -> None:
    equals = [a_candidate(nth) for nth in (5, 3, 4)]
    for given_in in (equals, equals[::-1]):
        choice = ranking.rank(given_in, ASK).choice
        assert choice is not None
        assert choice.store_ids == (a_store_id(3),)


def test_headquarters_may_sort_by_the_promise_first() -> None:
    quick, cheap = a_candidate(1, arrive_s=1_200, distance_m=11_000), a_candidate(2, arrive_s=1_500, distance_m=100)
    assert ranking.rank([quick, cheap], ASK).ways[0].store_ids == (cheap.store_id,)
    fastest = ranking.rank([quick, cheap], ASK, Rules(sort=("promise", "score")))
    assert fastest.ways[0].store_ids == (quick.store_id,)
    assert fastest.difference_fen is not None
    assert fastest.difference_fen < 0


def test_two_stores_share_an_order_that_neither_has_all_of() -> None:
    milk, bread = a_candidate(1, left=(9, 0), fee_fen=300), a_candidate(2, left=(0, 9), fee_fen=500)
    found = ranking.rank([milk, bread], ASK)
    assert found.choice is not None
    assert by_line(found.choice, ASK) == (milk.store_id, bread.store_id)
    assert found.choice.exact
    assert (found.choice.fee_fen, found.choice.terms["fee"], found.choice.terms["split"]) == (500, 500, 300)
    assert {one.verdict and one.verdict.value for one in found.assessed} == {"no_stock"}


def test_an_order_one_store_can_do_is_never_shared() -> None:
    far = a_candidate(1, distance_m=11_000, arrive_s=10_000)
    halves = [a_candidate(2, left=(9, 0)), a_candidate(3, left=(0, 9))]
    assert [way.store_ids for way in ranking.rank([far, *halves], ASK).ways] == [(far.store_id,)]


def test_what_a_near_store_lacks_comes_from_another_in_its_later_window() -> None:
    near = a_candidate(1, left=(9, 0))
    later = a_candidate(2, distance_m=6_000, ride_m=0, arrive_s=8 * 3_600, window_s=7 * 3_600)
    found = ranking.rank([near, later], ASK)
    assert [by_line(way, ASK) for way in found.ways] == [(near.store_id, later.store_id), (later.store_id,) * 2]


@pytest.mark.parametrize(
    ("policy", "ask"),
    [
        (replace(STANDARD, most_shipments=1), ASK),
        (replace(STANDARD, least_split_fen=5_001), ASK),
        (replace(STANDARD, least_part_fen=2_001), ASK),
        (STANDARD, replace(ASK, delivery=False)),
    ],
)
def test_an_order_is_not_shared_below_its_thresholds_nor_for_pickup(policy: object, ask: Ask) -> None:
    halves = [a_candidate(2, left=(9, 0)), a_candidate(3, left=(0, 9))]
    assert ranking.rank(halves, ask, Rules(base=policy)).choice is None  # type: ignore[arg-type]


def test_an_order_too_heavy_for_one_delivery_is_carried_as_two() -> None:
    heavy = an_ask(("rice", 1, 5_000, 20_000), ("water", 2, 3_000, 20_000))
    found = ranking.rank([a_candidate(1), a_candidate(2)], heavy)
    assert found.choice is not None
    assert len(set(by_line(found.choice, heavy))) == 2


def test_on_a_thousand_random_cases_the_choice_is_the_best_of_all_stores_and_splits() -> None:
    dice = random.Random(20260302)
    kinds = {"single": 0, "shared": 0, "none": 0}
    for case in range(1_000):
        ask = a_random_ask(dice, lines=dice.randrange(1, 6))
        candidates = some_candidates(dice, stores=dice.randrange(1, 6), ask=ask)
        policy = replace(STANDARD, most_shipments=dice.choice([2, 2, 3]), least_part_fen=dice.choice([0, 800, 1_500]))
        by = Rules(base=policy)
        found, best = ranking.rank(candidates, ask, by), by_hand(candidates, ask, by)
        if best is None:
            assert found.choice is None, case
            kinds["none"] += 1
            continue
        assert found.choice is not None, case
        assert found.choice.exact, case
        assert found.choice.score_fen == best[0], case
        assert by_line(found.choice, ask) in best[1], case
        kinds["shared" if len(found.choice.parts) > 1 else "single"] += 1
    assert min(kinds.values()) >= 100, kinds


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), stores=st.integers(2, 20), lines=st.integers(1, 12))
def test_a_sharing_keeps_every_bound_and_says_the_same_again(seed: int, stores: int, lines: int) -> None:
    dice = random.Random(seed)
    ask = a_random_ask(dice, lines=lines)
    sites = [Site(candidate, STANDARD) for candidate in some_candidates(dice, stores=stores, ask=ask)]
    found = splitting.split(sites, ask, STANDARD)
    assert splitting.split(sites, ask, STANDARD) == found
    if found is None:
        return
    assert len(found.shares) == 2
    assert sorted(n for share in found.shares for n in share.lines) == list(range(lines))
    for share in found.shares:
        part = [ask.lines[n] for n in share.lines]
        assert sum(line.value_fen for line in part) >= STANDARD.least_part_fen
        assert sum(line.weight_g for line in part) <= STANDARD.heaviest_g
        assert all(sites[share.site].candidate.left[n] >= ask.lines[n].quantity for n in share.lines)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_one_more_store_never_makes_the_choice_worse(seed: int) -> None:
    dice = random.Random(seed)
    ask = a_random_ask(dice, lines=3)
    candidates = [c._replace(window_s=None) for c in some_candidates(dice, stores=5, ask=ask)]
    few, all_of_them = ranking.rank(candidates[:4], ask, rules.HOUSE), ranking.rank(candidates, ask, rules.HOUSE)
    if (
        few.choice is not None
        and all_of_them.choice is not None
        and len(all_of_them.choice.parts) == len(few.choice.parts) == 1
    ):
        assert all_of_them.choice.score_fen <= few.choice.score_fen
    assert few.choice is None or all_of_them.choice is not None
