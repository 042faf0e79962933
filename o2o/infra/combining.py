"""Calls that several threads make at the same moment, done together by one of them: flat combining (D. Hendler, I. Incze, N. Shavit,
M. Tzafrir, Flat combining and the synchronization-parallelism tradeoff, SPAA 2010), and what group commit is to a database.

Who comes while nothing is under way goes at once, alone. Who comes while something is under way waits for it to end, and then
goes with all who came meanwhile. So nobody waits for company, and the busier it is, the larger the company.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from o2o.infra.db import house_of, is_passing

AT_ONCE = 1
MOST = 16
"""How many go together."""
PATIENCE_S = 0.05
"""Who has waited so long goes without waiting for the end of what is under way: it may be stuck behind somebody's lock."""


@dataclass(slots=True, eq=False)
class _Call[A, B]:
    asked: A
    turn: Lock = field(default_factory=Lock)
    """Held by who waits; let go by whoever has news."""
    taken: bool = False
    answered: bool = False
    answer: B | None = None
    error: Exception | None = None

    def hear(self) -> None:
        """There is news. The line is locked."""
        if self.turn.locked():
            self.turn.release()


@dataclass(slots=True)
class _Line[A, B]:
    lock: Lock = field(default_factory=Lock)
    under_way: int = 0
    waiting: list[_Call[A, B]] = field(default_factory=list)

    def leave(self, most: int) -> list[_Call[A, B]]:
        """Who goes now: those who wait, the first `most`."""
        batch, self.waiting = self.waiting[:most], self.waiting[most:]
        for call in batch:
            call.taken = True
        self.under_way += 1
        return batch

    def come_back(self, batch: list[_Call[A, B]]) -> None:
        """All have their answers; the next may go."""
        self.under_way -= 1
        for call in batch:
            call.answered = True
            call.hear()
        if self.waiting:
            self.waiting[0].hear()


class Together[A, B]:
    """`do(db, several)` answers several calls at once, in the session of one of them; None for one that must go by itself.

    Each engine has a line of its own. What `do` raises, all of its calls raise: where nobody knows what came of it, nobody does.
    What the database refuses is another matter: somebody's fault, so all go by themselves.
    """

    def __init__(
        self, do: Callable[[Session, Sequence[A]], Sequence[B | None]], *, at_once: int = AT_ONCE, most: int = MOST
    ) -> None:
        self._do, self._at_once, self._most = do, at_once, most
        self._lines: WeakKeyDictionary[Engine, _Line[A, B]] = WeakKeyDictionary()
        self._lock = Lock()

    def __call__(self, db: Session, asked: A) -> B | None:
        """The answer to one call. None: it must go by itself."""
        house = house_of(db)
        line = self._lines.get(house)
        if line is None:
            with self._lock:
                line = self._lines.setdefault(house, _Line())
        call: _Call[A, B] = _Call(asked)
        call.turn.acquire()
        with line.lock:
            line.waiting.append(call)
            batch = [] if line.under_way >= self._at_once else line.leave(self._most)
        while not call.answered:
            if batch:
                self._go(db, line, batch)
            batch = [] if call.answered else self._wait(line, call)
        if call.error is not None:
            raise call.error
        return call.answer

    def _wait(self, line: _Line[A, B], call: _Call[A, B]) -> list[_Call[A, B]]:
        """Until it is answered, or until it is its turn to go with all who wait: then those."""
        while True:
            called = call.turn.acquire(timeout=PATIENCE_S)
            with line.lock:
                if call.answered:
                    return []
                if not call.taken and (called or line.waiting[0] is call):
                    return line.leave(self._most)

    def _go(self, db: Session, line: _Line[A, B], batch: list[_Call[A, B]]) -> None:
        try:
            answers = self._do(db, [call.asked for call in batch])
            for call, answer in zip(batch, answers, strict=True):
                call.answer = answer
        except Exception as error:
            if len(batch) == 1 or not isinstance(error, DBAPIError) or is_passing(error):
                for call in batch:
                    call.error = error
        finally:
            with line.lock:
                line.come_back(batch)
