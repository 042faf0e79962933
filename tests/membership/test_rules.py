from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2o.membership import rules
from o2o.membership.rules import Terms, Tier

DAY = timedelta(days=1)
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("base_fen", "tier", "points"),
    [
        (0, Tier.BASIC, 0),
        (99, Tier.BASIC, 0),
        (100, Tier.BASIC, 1),
        (8_850, Tier.BASIC, 88),
        (8_850, Tier.SILVER, 97),
        (8_850, Tier.GOLD, 110),
        (8_850, Tier.BLACK, 132),
        (-500, Tier.BASIC, 0),
    ],
)
def test_points_follow_the_money_and_the_tier_rounded_down(base_fen: int, tier: Tier, points: int) -> None:
    assert rules.points_for(base_fen, tier) == points


@pytest.mark.parametrize(
    ("spent_fen", "tier"),
    [
        (-1, "basic"),
        (0, "basic"),
        (99_999, "basic"),
        (100_000, "silver"),
        (499_999, "silver"),
        (500_000, "gold"),
        (2_000_000, "black"),
    ],
)
def test_a_tier_begins_at_its_very_fen(spent_fen: int, tier: str) -> None:
    assert rules.tier_for(spent_fen) == tier


def test_the_next_tier_says_what_is_missing_and_the_top_has_none() -> None:
    assert rules.next_tier(Tier.BASIC, 40_000) == (Tier.SILVER, 60_000)
    assert rules.next_tier(Tier.GOLD, 0) == (Tier.BLACK, 2_000_000)
    assert rules.next_tier(Tier.BLACK, 0) is None


def test_points_pay_at_most_half_of_an_order() -> None:
    assert rules.most_points(10_000, 5_001) == 2_500
    assert rules.most_points(70, 5_000) == 70
    assert rules.most_points(-90, 5_000) == 0


@pytest.mark.parametrize(
    ("terms", "goods_fen", "off"),
    [
        (Terms("fixed", 1_000, 3_900, None), 3_899, 0),
        (Terms("fixed", 1_000, 3_900, None), 3_900, 1_000),
        (Terms("fixed", 1_000, 0, None), 600, 600),
        (Terms("percent", 20, 0, None), 999, 199),
        (Terms("percent", 20, 0, 100), 999, 100),
        (Terms("percent", 100, 0, None), 999, 999),
    ],
)
def test_a_coupon_takes_off_what_its_terms_say(terms: Terms, goods_fen: int, off: int) -> None:
    assert rules.discount_fen(terms, goods_fen) == off


@pytest.mark.parametrize(
    ("expires_in", "latest_in", "lives"), [(30, 37, 30), (3, 10, 7), (-1, 6, 6), (-9, -2, -2), (-3, 4, 4)]
)
def test_what_is_given_back_keeps_its_day_or_has_a_bounded_grace(expires_in: int, latest_in: int, lives: int) -> None:
    until = rules.given_back_until(NOON + expires_in * DAY, NOON + latest_in * DAY, NOON, 7)
    assert until == NOON + lives * DAY


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_shares_of_refunds_never_shrink_and_end_at_the_whole(points: int, refunds: list[int]) -> None:
    base = sum(refunds)
    so_far, shares = 0, [0]
    for refund in refunds:
        so_far += refund
        shares.append(rules.share(points, so_far, base))
    assert shares == sorted(shares) or base == 0
    assert shares[-1] == points


@given(st.integers(0, 500), st.lists(st.integers(0, 100), max_size=8))
def test_lots_give_in_their_order_and_no_more_than_they_have(wanted: int, lots: list[int]) -> None:
    given_ = rules.take(wanted, lots)
    assert sum(given_) == min(wanted, sum(lots))
    first_spared = next((i for i, (part, lot) in enumerate(zip(given_, lots, strict=True)) if part < lot), len(lots))
    assert not any(given_[first_spared + 1 :])
