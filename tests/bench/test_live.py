import json
import sys
from dataclasses import replace

import numpy as np
import pytest

from bench import live, moment


def a_moment() -> moment.Moment:
    """One rider 10 s from the first shop; two orders, 20 s from shop to door, every other ride 30 s."""
    ride = np.full((5, 5), 30, np.int64)
    ride[0, 1], ride[1, 2], ride[3, 4] = 10, 20, 20
    return moment.Moment(ride, np.array([0]), np.array([50, 0]), np.array([1000, 1000]))


def test_the_score_is_riding_plus_what_is_left_out() -> None:
    assert moment.score(a_moment(), [[0, 1]]) == (10 + 20 + moment.LEFT_OUT_S, 1, [])
    assert moment.score(a_moment(), [[0, 1, 2, 3]]) == (10 + 20 + 30 + 20, 2, [])


@pytest.mark.parametrize(
    ("route", "fault"),
    [
        ([1, 0], "before it was picked up"),
        ([0], "never dropped off"),
        ([0, 1, 0, 1], "twice"),
    ],
)
def test_a_route_with_a_broken_rule_carries_nothing(route: list[int], fault: str) -> None:
    cost, carried, faults = moment.score(a_moment(), [route])
    assert (cost, carried) == (2 * moment.LEFT_OUT_S, 0)
    assert fault in faults[0]


def test_a_late_drop_off_is_a_broken_rule() -> None:
    late = replace(a_moment(), latest_s=np.array([159, 1000]))
    assert moment.score(late, [[0, 1]])[2] == ["rider 0: order 0 is 1 s late"]
    assert moment.score(replace(late, latest_s=np.array([160, 1000])), [[0, 1]])[2] == []


def test_an_order_carried_by_two_counts_once_and_is_named() -> None:
    two = moment.draw(2, 2, 1)
    _, carried, faults = moment.score(replace(two, latest_s=np.array([10**6, 10**6])), [[0, 1], [0, 1]])
    assert (carried, faults) == (1, ["rider 1: an order is carried twice"])


def test_the_same_seed_draws_the_same_moment() -> None:
    first, second, other = moment.draw(20, 9, 4), moment.draw(20, 9, 4), moment.draw(20, 9, 5)
    assert np.array_equal(first.ride_s, second.ride_s)
    assert not np.array_equal(first.ride_s, other.ride_s)


@pytest.mark.parametrize("peer", ["or_tools", "vroom_plan", "pyvrp_plan"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_each_peer_gives_a_lawful_plan_of_a_small_moment(peer: str) -> None:
    for module in ("pyvrp", "vroom"):
        pytest.importorskip(module)
    from bench import peers

    small = moment.draw(8, 6, 2)
    live.ours(small, 0.1)  # compiled before its time counts
    cost, carried, faults = moment.score(small, getattr(peers, peer)(small, 0.3)[0])
    ours = moment.score(small, live.ours(small, 1.5)[0])
    assert (carried, faults) == (8, [])
    assert (ours[1], ours[2]) == (8, [])
    assert ours[0] <= cost * 1.001


def test_a_moment_is_played_by_everyone(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(live, "PEER_ORDERS", 0)
    monkeypatch.setattr(sys, "argv", ["live", "--orders", "12", "--riders", "6", "--seconds", "0.1", "--seeds", "2"])
    live.main()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line.get("planner") for line in lines] == ["insertion", "o2o", "insertion", "o2o", None]
    assert lines[-1]["o2o"]["to_insertion"] <= 1.0
    assert lines[-1]["o2o"]["illegal"] == 0
