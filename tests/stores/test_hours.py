from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2o.stores import hours
from o2o.stores.hours import BadHours, Hours, Opening

SHANGHAI = "Asia/Shanghai"


def at(text: str) -> datetime:
    """A UTC moment from its ISO text."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str) -> datetime:
    """A moment from Shanghai's wall clock."""
    return at(text) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("06:59:59", False),
        ("07:00:00", True),
        ("11:59:59", True),
        ("12:00:00", False),
        ("14:00:00", True),
        ("22:00:00", False),
    ],
)
def test_windows_are_half_open_in_the_stores_own_time(moment: str, is_open: bool) -> None:
    both = (*hours.every_day("07:00", "12:00"), *hours.every_day("14:00", "22:00"))
    assert hours.is_open(Hours(SHANGHAI, both), local(f"2026-03-02T{moment}")) is is_open


def test_a_window_past_midnight_belongs_to_the_day_it_opened() -> None:
    friday_night = Hours(SHANGHAI, (Opening(4, 20 * 60, 26 * 60),))
    assert hours.is_open(friday_night, local("2026-03-06T23:00:00"))
    assert hours.is_open(friday_night, local("2026-03-07T01:59:59"))
    assert not hours.is_open(friday_night, local("2026-03-07T02:00:00"))
    assert not hours.is_open(friday_night, local("2026-03-06T01:00:00"))
    assert hours.closes_at(friday_night, local("2026-03-06T23:00:00")) == local("2026-03-07T02:00:00")


def test_a_special_day_replaces_its_weekday_and_may_close_it() -> None:
    week = Hours(SHANGHAI, hours.every_day("08:00", "20:00"), {date(2026, 2, 17): (), date(2026, 2, 18): ((600, 720),)})
    assert not hours.is_open(week, local("2026-02-17T10:00:00"))
    assert not hours.is_open(week, local("2026-02-18T09:00:00"))
    assert hours.is_open(week, local("2026-02-18T11:00:00"))
    assert hours.opens_at(week, local("2026-02-16T21:00:00")) == local("2026-02-18T10:00:00")


def test_a_store_that_never_shuts_has_no_closing_and_one_without_hours_no_opening() -> None:
    always, never = Hours(SHANGHAI, hours.every_day("00:00", "24:00")), Hours(SHANGHAI, ())
    moment = local("2026-03-02T00:00:00")
    assert (hours.is_open(always, moment), hours.opens_at(always, moment), hours.closes_at(always, moment)) == (
        True,
        None,
        None,
    )
    assert (hours.is_open(never, moment), hours.opens_at(never, moment), hours.closes_at(never, moment)) == (
        False,
        None,
        None,
    )


def test_windows_that_meet_are_one_for_the_closing() -> None:
    week = Hours(SHANGHAI, (Opening(0, 480, 720), Opening(0, 720, 1200)))
    assert hours.closes_at(week, local("2026-03-02T09:00:00")) == local("2026-03-02T20:00:00")


def test_clocks_put_forward_shift_the_opening_and_clocks_put_back_do_not_open_twice() -> None:
    berlin = Hours("Europe/Berlin", hours.every_day("02:30", "12:00"))
    assert hours.opens_at(berlin, at("2026-03-29T00:00:00")) == at("2026-03-29T01:30:00")
    assert hours.opens_at(berlin, at("2026-10-24T22:00:00")) == at("2026-10-25T00:30:00")
    assert hours.closes_at(berlin, at("2026-10-25T01:45:00")) == at("2026-10-25T11:00:00")


@given(st.integers(0, 7 * 24 * 60 - 1))
def test_the_next_opening_is_the_first_open_minute(minute: int) -> None:
    week = Hours(SHANGHAI, (Opening(0, 480, 720), Opening(2, 1300, 1700), Opening(5, 0, 60)))
    moment = local("2026-03-02T00:00:00") + timedelta(minutes=minute)
    opens = hours.opens_at(week, moment)
    if opens is None:
        assert hours.is_open(week, moment)
    else:
        assert hours.is_open(week, opens)
        assert not hours.is_open(week, opens - timedelta(minutes=1)) or opens - timedelta(minutes=1) < moment


@pytest.mark.parametrize(
    "openings",
    [
        [Opening(7, 0, 60)],
        [Opening(-1, 0, 60)],
        [Opening(0, 1440, 1500)],
        [Opening(0, 600, 600)],
        [Opening(0, 600, 500)],
        [Opening(0, 600, 2041)],
        [Opening(0, 600, 720), Opening(0, 700, 800)],
        [Opening(0, 1200, 1500), Opening(1, 0, 100)],
        [Opening(6, 1200, 1500), Opening(0, 30, 100)],
    ],
)
def test_hours_no_store_could_keep_are_refused(openings: list[Opening]) -> None:
    with pytest.raises(BadHours) as refusal:
        hours.check(openings)
    assert str(refusal.value.facts["field"]).startswith("hours")


@pytest.mark.parametrize("text", ["", "7:00", "24:01", "25:00", "07:60", "０７:００"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadHours):
        hours.every_day(text, "22:00")
