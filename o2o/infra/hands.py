"""Threads that do what the event loop must not wait for: one queue, and the outcome is told to the loop that asked, in one call.

`run_in_executor` does the same with two futures, two locks and a semaphore a piece of work; here that is most of what a hand-over costs.
"""

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread

_Work = tuple[Callable[[], object], asyncio.AbstractEventLoop, "asyncio.Future[object]"]


class Hands:
    """So many threads, begun with the first work."""

    def __init__(self, count: int, *, name: str) -> None:
        self._count, self._name = count, name
        self._queue: SimpleQueue[_Work | None] = SimpleQueue()
        self._threads: list[Thread] = []

    def do[T](self, work: Callable[[], T]) -> "asyncio.Future[T]":
        """Have `work` done by the next free hand. To be called, and awaited, in an event loop."""
        if not self._threads:
            self._threads = [
                Thread(target=self._serve, name=f"{self._name}-{nth}", daemon=True) for nth in range(self._count)
            ]
            for thread in self._threads:
                thread.start()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._queue.put((work, loop, done))  # type: ignore[arg-type]
        return done

    def rest(self) -> None:
        """Finish what was handed over, and end."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _serve(self) -> None:
        while (given := self._queue.get()) is not None:
            work, loop, done = given
            try:
                outcome, error = work(), None
            except BaseException as raised:
                outcome, error = None, raised
            if not loop.is_closed():
                loop.call_soon_threadsafe(_tell, done, outcome, error)
            del given, work, done, outcome, error  # nothing of it is kept while waiting for the next


def _tell(done: "asyncio.Future[object]", outcome: object, error: BaseException | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(outcome)
    else:
        done.set_exception(error)
