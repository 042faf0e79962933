"""Keeps a handful of child processes alive: starts, restarts with growing pauses, stops in good order.

Only processes started here are ever signalled, each in a session of its own so that its children go with it.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

LONGEST_PAUSE_S = 30.0
HEALTHY_AFTER_S = 60.0
KEEP_LOG_BYTES = 20 * 1024 * 1024
_PR_SET_PDEATHSIG = 1  # linux/prctl.h: the kernel signals us when our parent is gone


@dataclass(frozen=True, slots=True)
class Program:
    """A child to keep alive: a name for people, the command, and what in its output people should see at once."""

    name: str
    command: tuple[str, ...]
    shown: str = ""


@dataclass(slots=True)
class _Child:
    program: Program
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    pause_s: float = 0.5
    due_at: float = 0.0
    log: IO[bytes] | None = field(default=None, repr=False)
    seen_bytes: int = 0


class Supervisor:
    """Runs programs side by side; what they print goes to one log file each, what happens to them goes to `say`.

    Every signal that arrives while it watches is answered by stopping: SIGTERM to all, SIGKILL after `grace_s`.
    """

    def __init__(
        self, *, logs: Path, env: Mapping[str, str], say: Callable[[str], None], grace_s: float = 12.0
    ) -> None:
        self._logs, self._env, self._say, self._grace_s = logs, dict(env), say, grace_s
        self._until = 0.0
        self._children: list[_Child] = []
        logs.mkdir(parents=True, exist_ok=True)

    def add(self, program: Program) -> None:
        """Start a program and keep it from now on."""
        child = _Child(program)
        self._children.append(child)
        self._start(child)

    def log_of(self, name: str) -> Path:
        """Where a program's output is kept."""
        return self._logs / f"{name}.log"

    def look(self) -> None:
        """Notice what has died, say so, and start again what has waited long enough."""
        for child in self._children:
            if child.program.shown:
                self._show(child)
            if child.process is not None and child.process.poll() is not None:
                self._mourn(child)
            if child.process is None and time.monotonic() >= child.due_at:
                self._start(child)

    def alive(self) -> list[str]:
        """Names of the programs that run just now."""
        return [c.program.name for c in self._children if c.process is not None and c.process.poll() is None]

    def stop(self) -> None:
        """Stop all, the last started first; a program that does not listen is killed after the grace time."""
        running = [c.process for c in reversed(self._children) if c.process is not None]
        for process in running:
            process.terminate()  # the leader alone: Celery and uvicorn end their own children in good order
        self._until = time.monotonic() + self._grace_s
        for process in running:
            while process.poll() is None and time.monotonic() < self._until:
                time.sleep(0.05)
            _signal_session(process, signal.SIGKILL)  # also for grandchildren that outlived their parent
            process.wait()
        for child in self._children:
            if child.log is not None:
                child.log.close()
        self._children.clear()

    def hurry(self) -> None:
        """End the grace of a `stop` under way: the person at the terminal has asked twice."""
        self._until = 0.0

    def _start(self, child: _Child) -> None:
        if child.log is None:
            child.log = _opened(self.log_of(child.program.name))
            child.seen_bytes = child.log.tell()
        child.started_at = time.monotonic()
        child.process = subprocess.Popen(
            child.program.command,
            stdin=subprocess.DEVNULL,
            stdout=child.log,
            stderr=child.log,
            env=self._env,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - a supervisor has one thread
        )

    def _show(self, child: _Child) -> None:
        """Repeat the whole new lines that contain what is to be shown."""
        with self.log_of(child.program.name).open("rb") as log:
            log.seek(child.seen_bytes)
            fresh, _, _ = log.read().rpartition(b"\n")
        if fresh:
            child.seen_bytes += len(fresh) + 1
            for line in fresh.decode(errors="replace").splitlines():
                if child.program.shown in line:
                    self._say(line)

    def _mourn(self, child: _Child) -> None:
        assert child.process is not None
        code, lived_s = child.process.returncode, time.monotonic() - child.started_at
        _signal_session(child.process, signal.SIGKILL)
        child.process = None
        child.pause_s = 1.0 if lived_s > HEALTHY_AFTER_S else min(child.pause_s * 2, LONGEST_PAUSE_S)
        child.due_at = time.monotonic() + child.pause_s
        name, log = child.program.name, self.log_of(child.program.name)
        self._say(
            f"{name} 意外退出（{code}），{child.pause_s:.0f} 秒后重启，日志 {log} / "
            f"{name} ended ({code}), again in {child.pause_s:.0f} s; see its log"
        )


def _signal_session(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    """Signal a child and all it started; the group bears the child's id because the child leads its session."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _die_with_parent() -> None:
    """Ask Linux to end this child when the supervisor is killed outright, so that nothing stays behind on its port."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _opened(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > KEEP_LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def python(*arguments: str) -> tuple[str, ...]:
    """A command of this very interpreter."""
    return (sys.executable, *arguments)
