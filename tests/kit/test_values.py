"""Money, time, ids, errors, events and what may come over the wire."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from o2o.kit import ids
from o2o.kit.clock import TimeWindow
from o2o.kit.errors import Conflict
from o2o.kit.events import KNOWN, Event
from o2o.kit.money import split
from o2o.kit.wire import Amount, Count, Name, PointIn

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_a_split_sums_to_the_fen_and_no_part_is_off_by_more_than_one(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    whole = sum(weights) or len(weights)
    shares = weights if sum(weights) else [1] * len(weights)
    assert all(abs(part * whole - total * share) < whole for part, share in zip(parts, shares, strict=True))


def test_a_split_gives_the_odd_fen_to_the_larger_remainder_then_to_the_earlier() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(-100, [1, 1, 1]) == [-34, -33, -33]
    assert split(7, [0, 0]) == [4, 3]
    with pytest.raises(ValueError, match="below zero"):
        split(1, [1, -1])
    with pytest.raises(ValueError, match="at least one"):
        split(1, [])


def test_a_window_is_half_open_and_needs_a_zone() -> None:
    window = TimeWindow(NOON, NOON.replace(hour=13))
    assert NOON in window
    assert window.end not in window
    assert window.shifted(60) == TimeWindow(NOON.replace(minute=1), NOON.replace(hour=13, minute=1))
    with pytest.raises(ValueError, match="aware"):
        TimeWindow(NOON.replace(tzinfo=None), NOON)
    with pytest.raises(ValueError, match="end before"):
        TimeWindow(NOON, NOON.replace(hour=11))


def test_ids_are_version_7_sorted_by_time_and_repeat_only_from_the_same_seed() -> None:
    first, second = ids.new_id(), ids.new_id()
    assert first.version == second.version == 7
    assert first != second

    def three(seed: int) -> list[uuid.UUID]:
        with ids.use(ids.seeded(seed, lambda: NOON)):
            return [ids.new_id() for _ in range(3)]

    assert three(7) == three(7) == sorted(three(7))
    assert three(7) != three(8)
    assert three(7)[0].variant == uuid.RFC_4122


def test_an_error_speaks_by_its_docstring_and_carries_its_facts() -> None:
    class SoldOut(Conflict):
        """Nothing is left of it."""

        code = "test.sold_out"

    refusal = SoldOut(sku="A", left=0)
    assert refusal.message == "Nothing is left of it."
    assert refusal.facts == {"sku": "A", "left": 0}
    assert str(refusal) == "test.sold_out: Nothing is left of it. {'sku': 'A', 'left': 0}"


def test_an_event_survives_its_way_through_json_and_its_name_is_taken_once() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Tried(Event):
        name: ClassVar[str] = "test.tried"
        order_id: uuid.UUID
        at: datetime
        note: str
        left: int | None
        skus: list[str]

    event = Tried(order_id=ids.new_id(), at=NOON, note="2026-03-02", left=None, skus=["a"])
    assert KNOWN["test.tried"].from_payload(event.payload()) == event
    with pytest.raises(TypeError, match="two events"):
        type("Other", (Event,), {"name": "test.tried"})
    del KNOWN["test.tried"]


@pytest.mark.parametrize("bad", [True, 0, -1, 1.5, "1", 2**63, float("inf"), None, 10_000])
def test_a_count_is_a_small_whole_number_and_nothing_else(bad: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Count).validate_python(bad, strict=True)


def test_an_amount_fits_every_json_reader() -> None:
    assert TypeAdapter(Amount).validate_json(b"9007199254740991") == 2**53 - 1
    for bad in (b"9007199254740992", b"-1", b"1e400", b"1.5"):
        with pytest.raises(ValidationError):
            TypeAdapter(Amount).validate_json(bad)


@pytest.mark.parametrize("bad", ["", "   ", "a\x00b", "a\u202eb", "a\u0085b", "x" * 121])
def test_a_name_hides_nothing(bad: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Name).validate_python(bad)


def test_twins_of_a_name_become_one_and_emoji_are_fine() -> None:
    assert TypeAdapter(Name).validate_python("  cafe\u0301 🍓 ") == "café 🍓"


@pytest.mark.parametrize("bad", ['{"lon": NaN, "lat": 1}', '{"lon": 181, "lat": 1}', '{"lon": 1, "lat": 1, "z": 1}'])
def test_a_point_is_two_finite_degrees_in_range(bad: str) -> None:
    with pytest.raises(ValidationError):
        PointIn.model_validate_json(bad)
