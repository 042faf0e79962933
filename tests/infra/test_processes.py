"""The supervisor keeps its children, restarts them, and takes all of them with it when it goes."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from o2o.infra.processes import Program, Supervisor, python

ROOT = Path(__file__).parent.parent.parent
PATIENT_S = 120


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    found = Supervisor(logs=tmp_path / "logs", env=os.environ, say=said.append, grace_s=2)
    yield found
    found.stop()


def until(true: Callable[[], bool]) -> None:
    """Wait for another process to do something; fails when it does not."""
    end = time.monotonic() + PATIENT_S
    while not true():
        assert time.monotonic() < end, "it did not happen"
        threading.Event().wait(0.02)


def gone(pid: int) -> bool:
    """Ended: no such process, or a zombie that its new parent has not collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def pid_in(log: Path) -> int | None:
    lines = log.read_text().split() if log.exists() else []
    return int(lines[-1]) if lines else None


def sleeper(name: str = "sleeper", *, deaf: bool = False) -> Program:
    ignore = "signal.signal(signal.SIGTERM, signal.SIG_IGN);" if deaf else ""
    code = f"import os, signal, time; {ignore} print(os.getpid(), flush=True); time.sleep(600)"
    return Program(name, python("-c", code))


def test_a_child_that_dies_is_started_again_and_its_death_is_said(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.add(sleeper())
    log = supervisor.log_of("sleeper")
    until(lambda: pid_in(log) is not None)
    first = pid_in(log)
    assert first is not None
    os.kill(first, signal.SIGKILL)

    def replaced() -> bool:
        supervisor.look()
        return pid_in(log) != first

    until(replaced)
    assert len(said) == 1
    assert "sleeper" in said[0]
    assert "-9" in said[0]


def test_pauses_grow_while_a_child_keeps_dying(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.add(Program("hasty", python("-c", "raise SystemExit(3)")))

    def three_deaths() -> bool:
        supervisor.look()
        return len(said) == 3

    until(three_deaths)
    assert [line.split("again in ")[1].split(" s")[0] for line in said] == ["1", "2", "4"]


def test_a_child_that_will_not_listen_is_killed_after_the_grace(supervisor: Supervisor) -> None:
    supervisor.add(sleeper(deaf=True))
    until(lambda: pid_in(supervisor.log_of("sleeper")) is not None)
    deaf = pid_in(supervisor.log_of("sleeper"))
    assert deaf is not None
    began = time.monotonic()
    supervisor.stop()
    assert gone(deaf)
    assert time.monotonic() - began > 1.5


def test_asked_twice_there_is_no_grace(tmp_path: Path) -> None:
    supervisor = Supervisor(logs=tmp_path, env=os.environ, say=print, grace_s=600)
    supervisor.add(sleeper(deaf=True))
    until(lambda: pid_in(supervisor.log_of("sleeper")) is not None)
    before = signal.signal(signal.SIGALRM, lambda *_: supervisor.hurry())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2, 0.2)  # again and again: the first may come before it stops
        began = time.monotonic()
        supervisor.stop()
        assert time.monotonic() - began < 300
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_lines_meant_for_people_are_shown_once_and_no_others(supervisor: Supervisor, said: list[str]) -> None:
    code = "import time; print('noise'); print('[news] one'); print('[news] two', flush=True); time.sleep(600)"
    supervisor.add(Program("talker", python("-c", code), shown="[news]"))

    def heard_both() -> bool:
        supervisor.look()
        return len(said) == 2

    until(heard_both)
    supervisor.look()
    assert said == ["[news] one", "[news] two"]


def test_grandchildren_go_too(supervisor: Supervisor, tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    inner = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    )
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    supervisor.add(Program("family", python("-c", code)))
    until(lambda: note.exists() and note.read_text() != "")
    supervisor.stop()
    until(lambda: gone(int(note.read_text())))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent was killed")
def test_nothing_stays_behind_when_the_supervisor_itself_is_killed(tmp_path: Path) -> None:
    code = f"""
import os, pathlib, time
from o2o.infra.processes import Program, Supervisor, python
supervisor = Supervisor(logs=pathlib.Path({str(tmp_path)!r}), env=os.environ, say=print)
supervisor.add(Program("left", python("-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)")))
time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    log = tmp_path / "left.log"
    until(lambda: pid_in(log) is not None)
    left = pid_in(log)
    assert left is not None
    parent.kill()
    parent.wait()
    until(lambda: gone(left))
