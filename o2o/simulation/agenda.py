"""The order of things to come: what happens next, at which moment; by leaps of a simulated clock or by the wall's."""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event as Flag

from o2o.kit.clock import utc_now

Act = Callable[[], None]


class Agenda:
    """Acts by time; acts of the same moment in the order they were written down."""

    def __init__(self, begins: datetime, *, wall: bool = False, stop: Flag | None = None) -> None:
        self._now, self._wall, self._stop = begins, wall, stop or Flag()
        self._acts: list[tuple[datetime, int, Act]] = []
        self._written = 0

    def now(self) -> datetime:
        """The simulated moment, or the real one."""
        return utc_now() if self._wall else self._now

    def after(self, seconds: float, act: Act) -> None:
        """Do `act` so many seconds from now."""
        self._written += 1
        heapq.heappush(self._acts, (self.now() + timedelta(seconds=seconds), self._written, act))

    def every(self, seconds: float, act: Act, *, first_after: float | None = None) -> None:
        """Do `act` again and again, so many seconds apart."""

        def again() -> None:
            act()
            self.after(seconds, again)

        self.after(seconds if first_after is None else first_after, again)

    def run(self, until: datetime) -> None:
        """Live through everything up to `until`, or until the stop flag is set."""
        while self._acts and self._acts[0][0] <= until and not self._stop.is_set():
            at, _, act = self._acts[0]
            if self._wall and (early_s := (at - utc_now()).total_seconds()) > 0:
                self._stop.wait(min(early_s, 1.0))
                continue
            heapq.heappop(self._acts)
            self._now = max(self._now, at)
            act()
        self._now = max(self._now, until)
