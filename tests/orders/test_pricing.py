"""One pricing path: every share sums to the fen, and picking never makes anything dearer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2o.kit.ids import Sku
from o2o.kit.money import FEN_MAX
from o2o.orders import pricing
from o2o.orders.pricing import Item

MILK = Item(Sku("milk"), 2, 1290)
EGGS = Item(Sku("eggs"), 1, 2580)
SHRIMP = Item(Sku("shrimp"), 1, 6990, weighed=True, weight_g=500)

items = st.builds(
    Item,
    sku=st.sampled_from([Sku("a"), Sku("b"), Sku("c")]),
    quantity=st.integers(1, 50),
    price_fen=st.integers(0, 100_000),
    weighed=st.booleans(),
    weight_g=st.integers(1, 5_000),
)


def test_a_basket_is_its_lines_and_the_fee() -> None:
    priced = pricing.price_basket([MILK, EGGS], fee_fen=500)
    assert [line.due_fen for line in priced.lines] == [2580, 2580]
    assert (priced.goods_fen, priced.total_fen) == (5160, 5660)


def test_discounts_are_shared_by_line_to_the_fen() -> None:
    priced = pricing.price_basket([MILK, EGGS, Item(Sku("salt"), 1, 251)], coupon_fen=1000, points=777, points_fen=777)
    assert sum(line.coupon_fen for line in priced.lines) == 1000
    assert sum(line.points_fen for line in priced.lines) == 777
    assert sum(line.points for line in priced.lines) == 777
    assert priced.total_fen == 5411 - 1000 - 777


def test_weighed_goods_are_agreed_at_a_ceiling_and_charged_by_the_scale() -> None:
    [line] = pricing.price_basket([SHRIMP]).lines
    assert line.gross_fen == 3845  # 69.90 a kilogram, 500 g and a tenth more, rounded up
    for picked, weight_g, due_fen in ((1, 480, 3355), (1, 900, 3845), (0, 0, 0)):
        found = pricing.gross_of_picked(line, picked=picked, weighed=True, weight_g=weight_g)
        assert pricing.charge(line, gross_fen=found).due_fen == due_fen


def test_a_coupon_never_pays_more_than_the_goods_and_nothing_pays_the_fee() -> None:
    priced = pricing.price_basket([EGGS], coupon_fen=9_999, points=500, points_fen=500, fee_fen=300)
    assert (priced.coupon_fen, priced.points, priced.points_fen, priced.total_fen) == (2580, 0, 0, 300)


def test_a_basket_beyond_counting_is_refused() -> None:
    with pytest.raises(pricing.AmountTooLarge):
        pricing.price_basket([Item(Sku("gold"), 9_999, FEN_MAX)])


def test_the_same_sku_twice_is_one_line() -> None:
    assert pricing.merged([(Sku("a"), 1), (Sku("b"), 2), (Sku("a"), 3)]) == {"a": 4, "b": 2}


@given(
    st.lists(items, min_size=1, max_size=8),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 2_000),
    st.data(),
)
def test_parts_always_sum_and_picking_only_lowers(
    basket: list[Item], coupon_fen: int, points: int, fee_fen: int, data: st.DataObject
) -> None:
    priced = pricing.price_basket(basket, coupon_fen=coupon_fen, points=points, points_fen=points, fee_fen=fee_fen)
    assert priced.total_fen == sum(line.due_fen for line in priced.lines) + fee_fen >= fee_fen
    assert priced.goods_fen == sum(line.gross_fen for line in priced.lines)
    assert sum(line.coupon_fen for line in priced.lines) == priced.coupon_fen
    assert sum(line.points_fen for line in priced.lines) == priced.points_fen
    assert sum(line.points for line in priced.lines) == priced.points
    for line in priced.lines:
        assert line.due_fen == line.gross_fen - line.coupon_fen - line.points_fen >= 0
        found = pricing.gross_of_picked(line, picked=data.draw(st.integers(0, line.quantity)))
        charged = pricing.charge(line, gross_fen=found + data.draw(st.integers(0, 10_000)))
        assert 0 <= charged.due_fen <= line.due_fen
        assert 0 <= charged.points_fen <= line.points_fen
        assert charged.gross_fen - charged.due_fen - charged.points_fen <= line.coupon_fen + 1


@given(st.integers(0, 10**9), st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_the_parts_of_a_full_return_sum_to_what_was_charged(charged_fen: int, parts: list[int]) -> None:
    quantity, before, given_back = sum(parts), 0, 0
    for part in parts:
        given_back += pricing.refund_for(
            charged_fen=charged_fen, quantity=quantity, returned_before=before, returning=part
        )
        before += part
    assert given_back == charged_fen
    with pytest.raises(ValueError, match="more than was sold"):
        pricing.refund_for(charged_fen=charged_fen, quantity=quantity, returned_before=before, returning=1)
