"""Work handed over to threads: its outcome and its error come back to the loop that asked."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from o2o.infra.hands import Hands


def in_a_loop[T](work: Coroutine[Any, Any, T]) -> T:
    """In a thread of its own: a browser that this process drives keeps a loop running in the main one."""
    with ThreadPoolExecutor(1) as own:
        return own.submit(asyncio.run, work).result()


def test_the_outcome_comes_back_and_the_loop_is_free_meanwhile() -> None:
    hands, gate = Hands(2, name="test"), threading.Event()

    async def run() -> list[int]:
        waiting = hands.do(lambda: gate.wait(60))
        quick = await hands.do(lambda: 7)
        gate.set()
        return [quick, int(await waiting)]

    assert in_a_loop(run()) == [7, 1]
    hands.rest()


def test_an_error_belongs_to_who_asked() -> None:
    hands = Hands(1, name="test")

    async def run() -> int:
        with pytest.raises(ZeroDivisionError):
            await hands.do(lambda: 1 // 0)
        return await hands.do(lambda: 1)

    assert in_a_loop(run()) == 1
    hands.rest()


def test_who_no_longer_waits_is_not_told_and_nothing_breaks() -> None:
    hands, gate = Hands(1, name="test"), threading.Event()

    async def run() -> int:
        waiting = hands.do(lambda: gate.wait(60))
        waiting.cancel()
        gate.set()
        return await hands.do(lambda: 1)

    assert in_a_loop(run()) == 1
    hands.rest()


def test_rest_ends_every_thread_after_its_work() -> None:
    hands, done = Hands(3, name="resting"), []

    async def run() -> None:
        await asyncio.gather(*(hands.do(lambda n=n: done.append(n)) for n in range(30)))  # type: ignore[misc]

    in_a_loop(run())
    hands.rest()
    assert sorted(done) == list(range(30))
    assert not [one for one in threading.enumerate() if one.name.startswith("resting")]
