"""States move only along the table, and an order follows its shipments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2o.orders import lifecycle
from o2o.orders.lifecycle import MOVES, SHIPMENT_MOVES
from o2o.orders.lifecycle import OrderState as O
from o2o.orders.lifecycle import ShipmentState as S


@pytest.mark.parametrize("state", list(O))
@pytest.mark.parametrize("to", list(O))
def test_an_order_moves_only_along_the_table(state: O, to: O) -> None:
    if to in MOVES[state]:
        lifecycle.check_move(state, to)
    else:
        with pytest.raises(lifecycle.IllegalMove) as refused:
            lifecycle.check_move(state, to)
        assert refused.value.facts == {"state": state.value, "to": to.value}


def test_nothing_follows_an_end() -> None:
    assert {state for state, after in MOVES.items() if not after} == {O.COMPLETED, O.CANCELLED}


def test_every_state_can_be_reached_and_every_living_one_can_end() -> None:
    reached, edge = {O.PLACED, O.DELIVERED}, {O.PLACED, O.DELIVERED}  # from the app, and at the till
    while edge:
        edge = {to for state in edge for to in MOVES[state]} - reached
        reached |= edge
    assert reached == set(O)
    assert all(_ends(state, set()) for state in O)


def _ends(state: O, seen: set[O]) -> bool:
    after = MOVES[state] - seen
    return not MOVES[state] or any(_ends(to, seen | {state}) for to in after)


@pytest.mark.parametrize(
    ("shipments", "order"),
    [
        ([S.HELD], O.PLACED),
        ([S.OPEN], O.PAID),
        ([S.REJECTED, S.OPEN], O.PAID),
        ([S.REJECTED], O.UNFILLABLE),
        ([S.REJECTED, S.CANCELLED], O.UNFILLABLE),
        ([S.CANCELLED], O.CANCELLED),
        ([S.RETURNED], O.CANCELLED),
        ([S.PICKING, S.OPEN], O.PICKING),
        ([S.PACKED, S.OPEN], O.PICKING),
        ([S.PACKED, S.PICKING], O.PICKING),
        ([S.PACKED, S.HANDED_OVER], O.PACKED),
        ([S.DELIVERED, S.HANDED_OVER], O.PACKED),
        ([S.DELIVERED, S.DELIVERED], O.DELIVERED),
        ([S.DELIVERED, S.CANCELLED], O.DELIVERED),
        ([S.DELIVERED, S.OPEN], O.PICKING),
        ([S.DELIVERED, S.REJECTED], O.DELIVERED),
        ([S.PACKED, S.REJECTED], O.PACKED),
        ([S.RETURNED, S.HANDED_OVER], O.PACKED),
        ([S.RETURNED, S.DELIVERED], O.DELIVERED),
        ([S.REJECTED, S.RETURNED], O.CANCELLED),
    ],
)
def test_an_order_is_as_far_as_its_shipments_say(shipments: list[S], order: O) -> None:
    assert lifecycle.derive(shipments) is order


@given(st.lists(st.sampled_from(list(S)), min_size=1, max_size=4), st.data())
def test_one_lawful_move_of_one_shipment_is_a_lawful_move_of_the_order(states: list[S], data: st.DataObject) -> None:
    before = lifecycle.derive(states)
    nth = data.draw(st.integers(0, len(states) - 1))
    choices = sorted(SHIPMENT_MOVES[states[nth]])
    if not choices:
        return
    after = lifecycle.derive([*states[:nth], data.draw(st.sampled_from(choices)), *states[nth + 1 :]])
    assert isinstance(after, O)
    if len(states) == 1:
        assert after is before or after in MOVES[before]
