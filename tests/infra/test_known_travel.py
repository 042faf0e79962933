"""Travel asked for before is not asked again; what is answered never depends on what was asked earlier."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from prometheus_client import REGISTRY

from o2o.geo.lonlat import LonLat
from o2o.geo.travel import TravelMatrix, estimate
from o2o.infra.known_travel import KnownTravel, rounded

HERE = LonLat(116.32, 39.99)


def places(n: int, begin: int = 0) -> list[LonLat]:
    return [LonLat(HERE.lon + 0.001 * (begin + k), HERE.lat + 0.0007 * ((begin + k) % 7)) for k in range(n)]


class Network:
    """Answers by the straight line and counts what it was asked."""

    def __init__(self) -> None:
        self.pairs = 0
        self.down = False

    def __call__(self, sources: Sequence[LonLat], targets: Sequence[LonLat]) -> TravelMatrix | None:
        self.pairs += len(sources) * len(targets)
        return None if self.down else estimate(list(sources), list(targets))


def true(sources: Sequence[LonLat], targets: Sequence[LonLat]) -> TravelMatrix:
    return estimate([rounded(p) for p in sources], [rounded(p) for p in targets])


def counted(source: str) -> float:
    return REGISTRY.get_sample_value("o2o_travel_pairs_total", {"source": source}) or 0.0


def test_a_second_question_is_not_asked_and_a_new_place_asks_only_for_itself() -> None:
    network, known, old = Network(), KnownTravel(), places(20)
    before = counted("known")
    assert known.table(old, old, network) == true(old, old)
    assert network.pairs == 400
    assert known.table(old, old, network) == true(old, old)
    assert network.pairs == 400
    assert counted("known") == before + 400
    more = [*old, *places(1, 50)]
    assert known.table(more, more, network) == true(more, more)
    assert network.pairs == 400 + 21 + 20


def test_places_within_a_metre_are_one_and_the_answer_is_the_rounded_places() -> None:
    network, known = Network(), KnownTravel()
    near = LonLat(HERE.lon + 2e-6, HERE.lat)
    other = places(1, 9)
    assert known.table([near], other, network) == known.table([HERE], other, network) == true([HERE], other)
    assert network.pairs == 1


def test_what_the_network_did_not_answer_is_asked_again() -> None:
    network, known, some = Network(), KnownTravel(), places(3)
    network.down = True
    assert known.table(some, some, network) is None
    network.down = False
    assert known.table(some, some, network) == true(some, some)
    assert network.pairs == 18


def test_the_places_longest_unused_make_room_and_too_many_at_once_are_not_kept() -> None:
    network, known = Network(), KnownTravel(most=8, begin=2)
    old, new = places(6), places(4, 20)
    known.table(old, old, network)
    known.table(old[:2], old[:2], network)
    known.table(new, new, network)
    asked = network.pairs
    assert known.table(old[:2], new, network) == true(old[:2], new)
    assert network.pairs == asked + 8  # both kept their places, but this was not asked before
    many = places(9)
    assert known.table(many, many, network) == true(many, many)


def test_whatever_is_asked_in_whatever_order_the_answer_is_right() -> None:
    dice = random.Random(4)
    network, known, world = Network(), KnownTravel(most=16, begin=2), places(40)
    for _ in range(300):
        a, b = dice.choices(world, k=dice.randint(1, 7)), dice.choices(world, k=dice.randint(1, 7))
        assert known.table(a, b, network) == true(a, b)


def test_threads_that_push_each_other_out_get_right_answers() -> None:
    network, known, world = Network(), KnownTravel(most=12, begin=2), places(30)

    def ask(seed: int) -> bool:
        dice = random.Random(seed)
        some = [(dice.sample(world, 5), dice.sample(world, 5)) for _ in range(60)]
        return all(known.table(a, b, network) == true(a, b) for a, b in some)

    with ThreadPoolExecutor(8) as pool:
        assert np.all(list(pool.map(ask, range(8))))
