"""Time is aware UTC. Only doors ask what time it is; everything inside is told."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """The one place that reads the system clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, order=True)
class TimeWindow:
    """A half-open span of time: `start` belongs to it, `end` does not.

    Raises:
        ValueError: a bound has no time zone, or the end is before the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a time window needs aware times")
        if self.end < self.start:
            raise ValueError("a time window cannot end before it starts")

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end

    def shifted(self, by_s: int) -> "TimeWindow":
        """The same window, `by_s` seconds later."""
        by = timedelta(seconds=by_s)
        return TimeWindow(self.start + by, self.end + by)
