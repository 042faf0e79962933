"""What may be killed, and how it comes back. Only processes started here: each is known by its own handle or its parent."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from bench.checkout_house import House
from bench.watchman import ROOT
from o2o.infra import embedded
from o2o.infra.engines.home import home_of


@dataclass(slots=True)
class Program:
    """A process of the house beside the API: started in a session of its own, so that its children go with it."""

    name: str
    command: tuple[str, ...]
    env: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    def start(self) -> None:
        """Start it anew."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, *self.command], stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self.env, cwd=ROOT,
                start_new_session=True,
            )  # fmt: skip

    def kill(self) -> None:
        """Kill -9, its children too, and reap."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


CELERY = ("-m", "celery", "--app", "o2o.worker", "--quiet", "worker", "--queues", "celery,duties,followers")
WORKER = (*CELERY, "--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle")


class Victims:
    """The processes of a running house, each with its way to die and to rise; a way says when it was killed (monotonic seconds)."""

    def __init__(self, found: House, dice: random.Random) -> None:
        self._house, self._dice = found, dice
        self.emptied = 0
        """How often Valkey came back with nothing."""
        log = found.data_dir
        self.relay = Program("relay", ("-m", "o2o.cli", "relay"), found.env, log / "relay.log")
        self.worker = Program("worker", WORKER, found.env, log / "worker.log")
        self.ways: dict[str, Callable[[], float]] = {
            "api": self._api,
            "relay": lambda: self._again(self.relay),
            "worker": lambda: self._again(self.worker),
            "backend": self._backend,
            "postmaster": self._postmaster,
            "valkey": self._valkey,
        }

    def __enter__(self) -> "Victims":
        self.relay.start()
        self.worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.relay.kill()
        self.worker.kill()

    def _again(self, program: Program) -> float:
        killed_at = time.monotonic()
        program.kill()
        program.start()
        return killed_at

    def _api(self) -> float:
        """One of them, while another answers: with the last one the house would have no door until it has started."""
        for api in self._house.apis:
            api.wait()
        api = self._dice.choice(self._house.apis)
        assert api.process is not None
        killed_at = time.monotonic()
        api.process.kill()
        api.process.wait()
        api.start()
        return killed_at

    def _backend(self) -> float:
        """One connection's process: PostgreSQL then ends all others, which is waited for, and recovers."""
        postmaster = self._house.postmaster()
        with psycopg.connect(self._house.addresses.database_url.replace("+psycopg", "")) as own:
            query = "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() order by pid"
            pids = [int(row[0]) for row in own.execute(query)]
        living = [pid for pid in pids if _parent(pid) == postmaster]
        killed_at = time.monotonic()
        os.kill(self._dice.choice(living), signal.SIGKILL)
        while any(_parent(pid) == postmaster for pid in living):
            threading.Event().wait(0.01)
        return killed_at

    def _postmaster(self) -> float:
        killed_at = time.monotonic()
        os.kill(self._house.postmaster(), signal.SIGKILL)
        embedded.start(self._house.data_dir)
        return killed_at

    def _valkey(self) -> float:
        """The broker; every other time what it had written goes with it: the queue, live channels and rate limits begin anew."""
        folder = home_of(self._house.data_dir).folder / "valkey"
        pid = int((folder / "valkey.pid").read_text())
        killed_at = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        while _state(pid) not in (None, "Z"):
            threading.Event().wait(0.001)
        if self._dice.random() < 0.5:
            shutil.rmtree(folder / "appendonlydir")
            self.emptied += 1
        embedded.start(self._house.data_dir)
        return killed_at


def _state(pid: int) -> str | None:
    """The letter of a process's state; None when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def _parent(pid: int) -> int | None:
    """Whose child a process is; None when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None
