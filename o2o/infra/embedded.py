"""The engines of a machine that has none: real PostgreSQL and real Valkey for a data folder.

Every user of a data folder holds a shared lock while it needs the engines. Whoever leaves last stops them; a user
that was killed loses its lock with its life, so engines left over by it are simply adopted by the next one.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from o2o.infra.engines import postgres, valkey
from o2o.infra.engines.home import EngineFailed, Home, home_of

__all__ = ["Addresses", "EngineFailed", "engines", "erase", "running", "start", "stop"]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the engines listen: a SQLAlchemy URL and a Redis URL, both on loopback, both with a password."""

    database_url: str
    broker_url: str


@contextmanager
def engines(data_dir: Path, *, durable: bool = True) -> Iterator[Addresses]:
    """Run the engines of a data folder for as long as the block lasts, or share those that run already.

    `durable=False` is for tests: nothing is forced to disk. Raises EngineFailed with one line that says what to do.
    """
    home = home_of(data_dir)
    with _lock_file(home, "users.lock") as users:
        with _held(home):
            fcntl.flock(users, fcntl.LOCK_SH)
            addresses = _started(home, durable=durable)
        try:
            yield addresses
        finally:
            with _held(home):
                if _is_last(users):
                    _stopped(home)


def start(data_dir: Path, *, durable: bool = True) -> Addresses:
    """Start what does not run (also after an engine died under its users) and say where the engines listen."""
    home = home_of(data_dir)
    with _held(home):
        return _started(home, durable=durable)


def stop(data_dir: Path) -> None:
    """Stop both engines of a data folder, whoever started them."""
    home = home_of(data_dir)
    with _held(home):
        _stopped(home)


def running(data_dir: Path) -> bool:
    """Whether both engines of a data folder answer."""
    home = home_of(data_dir)
    return postgres.answers(home) and valkey.answers(home)


def in_use(data_dir: Path) -> bool:
    """Whether another process needs the engines of this data folder just now."""
    home = home_of(data_dir)
    with _held(home), _lock_file(home, "users.lock") as users:
        return not _is_last(users)


def erase(data_dir: Path) -> None:
    """Stop the engines and delete all they keep: the reset of a demo, the end of a test run."""
    home = home_of(data_dir)
    with _held(home):
        _stopped(home)
        shutil.rmtree(home.folder)


def _started(home: Home, *, durable: bool) -> Addresses:
    broker_url = valkey.start(home, durable=durable)
    try:
        return Addresses(database_url=postgres.start(home, durable=durable), broker_url=broker_url)
    except EngineFailed:
        valkey.stop(home)
        raise


def _stopped(home: Home) -> None:
    valkey.stop(home)
    postgres.stop(home)


def _lock_file(home: Home, name: str) -> IO[bytes]:
    """Open a lock file; never inherited by children, who must not keep the lock of a parent that is gone."""
    return open(home.folder / name, "ab", opener=lambda path, flags: os.open(path, flags | os.O_CLOEXEC, 0o600))


@contextmanager
def _held(home: Home) -> Iterator[None]:
    """One at a time starts or stops the engines of a home."""
    with _lock_file(home, "starting.lock") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        yield


def _is_last(users: IO[bytes]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
