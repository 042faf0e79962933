"""How the command line speaks: one line a step, Chinese first, English beside it."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import typer


class Stopped(RuntimeError):
    """A command cannot go on; the message is one line that says what to do."""


class Steps:
    """Numbered steps with the time each took."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0

    def more(self, steps: int) -> None:
        """It turns out that there is more to do."""
        self._total += steps

    @contextmanager
    def step(self, zh: str, en: str) -> Iterator[None]:
        """Announce a step, and when it is done say how long it took."""
        self._done += 1
        started = time.monotonic()
        typer.echo(f"[{self._done}/{self._total}] {zh} / {en} … ", nl=False)
        sys.stdout.flush()
        try:
            yield
        except BaseException:
            typer.echo("✗")
            raise
        typer.echo(f"{time.monotonic() - started:.1f} s")


def say(line: str) -> None:
    """One line for the person at the terminal, shown at once."""
    typer.echo(line)
    sys.stdout.flush()
