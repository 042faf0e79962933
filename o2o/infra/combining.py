"""Calls that several threads make at the same moment, done together by one of them: flat combining (D. Hendler, I. Incze, N. Shavit,
M. Tzafrir, Flat combining and the synchronization-parallelism tradeoff, SPAA 2010), and what group commit is to a database.

Who has the process to himself goes at once, alone. Who comes while others are in hand (`db.in_hand`) or something is under way waits a
moment for those to come as well and for that to end, and goes with all who came. So one customer never waits, and the busier it is,
the larger the company; what all save by going together is more than what the first waits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from o2o.infra.db import house_of, in_hand, is_passing

MOST = 16
"""How many go together."""
COMPANY_S = 0.002
"""How long one waits for others whom the process has in hand. Less brings fewer together, more leaves the processor idle."""
PATIENCE_S = 0.05
"""Who has waited so long goes without waiting for the end of what is under way: it may be stuck behind somebody's lock."""


@dataclass(slots=True, eq=False)
class _Call[A, B]:
    asked: A
    came: float = field(default_factory=monotonic)
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

    def turn_of(self, call: _Call[A, B], *, in_hand: int, most: int) -> list[_Call[A, B]]:
        """Who goes with `call` now, itself among them; nobody while it had better wait. The line is locked."""
        if call.taken:
            return []
        waited_s, first = monotonic() - call.came, self.waiting[0] is call
        if self.under_way:
            goes = first and waited_s >= PATIENCE_S
        else:
            goes = len(self.waiting) >= min(in_hand, most) or (first and waited_s >= COMPANY_S)
        return self._leave(most) if goes else []

    def patience_s(self, call: _Call[A, B]) -> float:
        """How long `call` waits for news before it looks for itself."""
        if call.taken or self.waiting[0] is not call:
            return PATIENCE_S
        return max(0.0, call.came + (PATIENCE_S if self.under_way else COMPANY_S) - monotonic())

    def _leave(self, most: int) -> list[_Call[A, B]]:
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

    def __init__(self, do: Callable[[Session, Sequence[A]], Sequence[B | None]], *, most: int = MOST) -> None:
        self._do, self._most = do, most
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
        while not call.answered:
            with line.lock:
                batch = line.turn_of(call, in_hand=in_hand(db), most=self._most)
                patience_s = line.patience_s(call)
            if batch:
                self._go(db, line, batch)
            elif not call.answered:
                call.turn.acquire(timeout=patience_s)
        if call.error is not None:
            raise call.error
        return call.answer

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
