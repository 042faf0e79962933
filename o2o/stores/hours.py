"""When a store is open: windows of the week in its own time zone, several a day, past midnight, with special days. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from o2o.kit.clock import TimeWindow
from o2o.kit.errors import Invalid

_DAY_MIN = 1440
_LOOK_AHEAD_DAYS = 60


class BadHours(Invalid):
    """Opening hours cannot be like that: a window opens within its day, lasts at most a day, and meets no other."""

    code = "stores.bad_hours"


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """A window of a weekday (0 is Monday), minutes after local midnight, half-open; `closes_min` past 1440 is the next day."""

    weekday: int
    opens_min: int
    closes_min: int


@dataclass(frozen=True, slots=True)
class Hours:
    """A store's week. `special` gives a date windows of its own, as (opens_min, closes_min); an empty tuple closes that day."""

    timezone: str
    openings: tuple[Opening, ...]
    special: Mapping[date, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    days: dict[date, list[TimeWindow]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The windows of days asked for before: every quote asks of every store whether it is open."""
    found: list[TimeWindow] = field(default_factory=list, init=False, repr=False, compare=False)
    """The window that the moment asked for last was in: the next one most likely is, too."""


def every_day(opens: str, closes: str) -> tuple[Opening, ...]:
    """The same window on all seven days, from texts such as `07:30` and `22:00`; a closing not after the opening is the next day's.

    Raises:
        BadHours: a text is not HH:MM.
    """
    start, end = _minutes(opens), _minutes(closes)
    end = end if end > start else end + _DAY_MIN
    return tuple(Opening(day, start, end) for day in range(7))


def opening_text(opening: Opening) -> str:
    """The span of a window, such as `18:00-02:00`; an end not after its start is the next day's, and `24:00` midnight."""
    closes = opening.closes_min if opening.closes_min <= _DAY_MIN else opening.closes_min - _DAY_MIN
    return "-".join(f"{minutes // 60:02d}:{minutes % 60:02d}" for minutes in (opening.opens_min, closes))


def opening_from(weekday: int, text: str) -> Opening:
    """The window that `opening_text` wrote.

    Raises:
        BadHours: not HH:MM-HH:MM.
    """
    opens, dash, closes = text.partition("-")
    if not dash:
        raise BadHours(field="hours", found=text[:20])
    start, end = _minutes(opens), _minutes(closes)
    return Opening(weekday, start, end if end > start else end + _DAY_MIN)


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether a moment lies in one of the windows."""
    return _window_at(hours, at) is not None


def opens_at(hours: Hours, at: datetime) -> datetime | None:
    """When the store opens next, UTC; None when it is open now, or stays shut for the next sixty days."""
    return None if is_open(hours, at) else _next_opening(hours, at)


def when_open(hours: Hours, at: datetime) -> tuple[bool, datetime | None]:
    """Whether the store is open, and if not, when it opens next: `is_open` and `opens_at` in one look."""
    return (True, None) if is_open(hours, at) else (False, _next_opening(hours, at))


def closes_at(hours: Hours, at: datetime, *, enough: datetime | None = None) -> datetime | None:
    """When the store shuts, UTC, windows that meet taken as one; None when it is shut now, or never shuts within a week.

    Who only asks whether it is open until `enough` may be told the end of a window after that, though another meets it.
    """
    end = at
    for _ in range(16):
        window = _window_at(hours, end)
        if window is None:
            return end if end > at else None
        end = window.end
        if enough is not None and end > enough:
            return end
    return None


def check(openings: Sequence[Opening], special: Mapping[date, Iterable[tuple[int, int]]] | None = None) -> None:
    """Refuse windows that no store could keep.

    Raises:
        BadHours: with `field` naming the window.
    """
    week = 7 * _DAY_MIN
    spans: list[tuple[int, int]] = []
    for i, one in enumerate(openings):
        if not (
            0 <= one.weekday <= 6 and 0 <= one.opens_min < _DAY_MIN and 0 < one.closes_min - one.opens_min <= _DAY_MIN
        ):
            raise BadHours(field=f"hours.{i}")
        start = one.weekday * _DAY_MIN + one.opens_min
        spans.append((start, start + one.closes_min - one.opens_min))
    spans.sort()
    around = [*spans, *((start + week, end + week) for start, end in spans[:1])]
    for (_, end), (start, _) in pairwise(around):
        if start < end:
            raise BadHours(field="hours", overlap_min=end - start)
    for day, windows in (special or {}).items():
        for opens, closes in windows:
            if not (0 <= opens < _DAY_MIN and 0 < closes - opens <= _DAY_MIN):
                raise BadHours(field=f"special.{day.isoformat()}")


def _minutes(text: str) -> int:
    found = re.fullmatch(r"([01][0-9]|2[0-4]):([0-5][0-9])", text)
    minutes = int(found[1]) * 60 + int(found[2]) if found else _DAY_MIN + 1
    if minutes > _DAY_MIN:
        raise BadHours(field="hours", found=text[:10])
    return minutes


def _next_opening(hours: Hours, at: datetime) -> datetime | None:
    today = at.astimezone(ZoneInfo(hours.timezone)).date()
    for ahead in range(_LOOK_AHEAD_DAYS):
        starts = [window.start for window in _windows_of(hours, today + timedelta(days=ahead)) if window.start > at]
        if starts:
            return min(starts)
    return None


def _window_at(hours: Hours, at: datetime) -> TimeWindow | None:
    """The window that a moment lies in, that which ends last where there are several."""
    for window in hours.found:
        if at in window:
            return window
    there = [window for window in _windows_near(hours, at) if at in window]
    if not there:
        return None
    hours.found[:] = [max(there, key=lambda window: window.end)]
    return hours.found[0]


def _windows_near(hours: Hours, at: datetime) -> list[TimeWindow]:
    """Windows that could hold the moment: those of its local day and of the day before."""
    today = at.astimezone(ZoneInfo(hours.timezone)).date()
    return [*_windows_of(hours, today - timedelta(days=1)), *_windows_of(hours, today)]


def _windows_of(hours: Hours, day: date) -> list[TimeWindow]:
    known = hours.days.get(day)
    if known is None:
        if len(hours.days) > _LOOK_AHEAD_DAYS:
            hours.days.clear()
        known = hours.days[day] = _windows(hours, day)
    return known


def _windows(hours: Hours, day: date) -> list[TimeWindow]:
    spans = hours.special.get(day)
    if spans is None:
        spans = tuple((o.opens_min, o.closes_min) for o in hours.openings if o.weekday == day.weekday())
    return [TimeWindow(_moment(hours, day, opens), _moment(hours, day, closes)) for opens, closes in spans]


def _moment(hours: Hours, day: date, minutes: int) -> datetime:
    return _clock(hours.timezone, day, minutes)


@lru_cache(maxsize=8_192)
def _clock(timezone: str, day: date, minutes: int) -> datetime:
    """A wall-clock time as UTC; where clocks are put forward, a time that does not exist means the moment they jump."""
    local = datetime.combine(day + timedelta(days=minutes // _DAY_MIN), time.min) + timedelta(
        minutes=minutes % _DAY_MIN
    )
    return local.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
