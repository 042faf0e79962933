"""What every player shares: the clock, the dice, the sockets, and `act`: one edge, one transaction, and what follows from it."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from o2o import subscriptions
from o2o.infra import outbox
from o2o.infra.db import heard, only_reads, transaction
from o2o.infra.tools import Tools
from o2o.kit.errors import DomainError
from o2o.simulation.agenda import Act, Agenda

LEAST_S = 5
"""Duties that the house does every second are done this often in a simulated day."""


@dataclass
class Stage:
    """The stage of a simulated day. `inline`: followers and duties are run here, for no worker stands by."""

    tools: Tools
    agenda: Agenda
    seed: int
    inline: bool
    counts: Counter[str] = field(default_factory=Counter)
    _said: bool = True
    """Something waits in the outbox; at the beginning nobody knows."""
    _asleep: dict[str, dict[int, Act]] = field(default_factory=dict)

    def dice(self, of: str) -> random.Random:
        """Dice of somebody's own, so that one player's luck never changes another's."""
        return random.Random(f"{self.seed}:{of}")

    @property
    def now(self) -> datetime:
        """This moment."""
        return self.agenda.now()

    def act[T](self, do: Callable[[Session], T], *, refused: Callable[[DomainError], None] | None = None) -> T | None:
        """One edge: a transaction of its own; a refusal is counted by its code, told to `refused`, and answered with None.

        What the edge said is followed at once.
        """
        try:
            with transaction(self.tools.engine) as db:
                answer = do(db)
        except DomainError as refusal:
            self.counts[f"refused:{refusal.code}"] += 1
            if refused is not None:
                refused(refusal)
            return None
        self.settle()
        return answer

    def look[T](self, see: Callable[[Session], T]) -> T:
        """Read something, as a screen does that nobody touches."""
        with transaction(self.tools.engine) as db:
            only_reads(db)
            return see(db)

    def sleep(self, channel: str, sleeper: int, seconds: float, act: Act) -> None:
        """Do `act` after so many seconds, or as soon as `channel` says something that this process hears."""
        done = False

        def once() -> None:
            nonlocal done
            if not done:
                done = True
                self._asleep[channel].pop(sleeper, None)
                act()

        self._asleep.setdefault(channel, {})[sleeper] = once
        self.agenda.after(seconds, once)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While it lasts, the stage hears of every commit in this process that said something."""

        def hear(db: Session) -> None:
            self._said |= bool(db.info.get("said"))

        with heard(hear):
            yield

    def settle(self) -> None:
        """Let everything follow that follows, when nobody else does it."""
        while self.inline and self._said:
            self._said = False
            outbox.drain(self.tools.engine, self._follow)

    def keep_timetable(self) -> None:
        """Put every duty of the house on the agenda."""
        for duty in subscriptions.TIMETABLE:
            self.agenda.every(max(duty.every_s, LEAST_S), lambda duty=duty: self._do(duty))  # type: ignore[misc]

    def _do(self, duty: subscriptions.Duty) -> None:
        for key in duty.keys(self.tools):
            duty.run(self.tools, now=self.now, key=key)
        self.settle()

    def _follow(self, sent: outbox.Sent) -> None:
        for channel in sent.channels:
            for once in self._asleep.get(channel, {}).values():
                self.agenda.after(1, once)
        for follower in subscriptions.SUBSCRIPTIONS.get(type(sent.event), ()):
            with transaction(self.tools.engine) as db:
                follower(db, event=sent.event, now=self.now, tools=self.tools)
