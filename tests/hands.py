"""What a test moves by hand: the clock, and the worker that follows events."""

from datetime import UTC, datetime, timedelta

from o2o.infra import live, outbox
from o2o.infra.db import transaction
from o2o.infra.tools import Tools

MONDAY_TEN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""Ten in the morning in Shanghai, on an ordinary Monday."""


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = MONDAY_TEN

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> datetime:
        """Let time pass, and say what it is then."""
        self.now += timedelta(seconds=seconds)
        return self.now

    def set(self, now: datetime) -> None:
        """Put the hands where the test wants them."""
        self.now = now


class Worker:
    """The relay, the followers and the timetable, run when the test says so; what goes wrong is raised at once."""

    def __init__(self, tools: Tools, clock: Clock) -> None:
        from o2o import subscriptions

        self._tools, self._clock = tools, clock
        self._subscriptions, self._timetable = subscriptions.SUBSCRIPTIONS, subscriptions.TIMETABLE

    def drain(self, *, times: int = 1) -> list[str]:
        """Relay until nothing waits; each follower runs `times` times. Returns the names of the events, in order."""
        heard: list[str] = []

        def deliver(sent: outbox.Sent) -> None:
            heard.append(sent.event.name)
            for _ in range(times):
                self._follow(sent)
            live.publish(self._tools.valkey, sent)

        while outbox.relay(self._tools.engine, deliver):
            pass
        return heard

    def do(self, name: str) -> list[str]:
        """Do one duty of the timetable now, all its pieces, then drain what it said."""
        duty = next(duty for duty in self._timetable if duty.name == name)
        for key in duty.keys(self._tools):
            duty.run(self._tools, now=self._clock(), key=key)
        return self.drain()

    def _follow(self, sent: outbox.Sent) -> None:
        for follower in self._subscriptions.get(type(sent.event), ()):
            with transaction(self._tools.engine) as db:
                follower(db, event=sent.event, now=self._clock(), tools=self._tools)
