"""Processes that keep to a core of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
two_cores = pytest.mark.skipif(len(CORES) < 2, reason="needs two cores on Linux")

CLAIM = """
import os, sys, threading
from pathlib import Path
from o2o.infra import cores
os.sched_setaffinity(0, {int(core) for core in sys.argv[2].split(",")})
done = threading.Event()
before = threading.Thread(target=done.wait)
before.start()
core = cores.keep_to_one(Path(sys.argv[1]))
turns = {os.sched_getscheduler(0), os.sched_getscheduler(before.native_id)}
assert turns == {os.SCHED_OTHER if core is None else os.SCHED_BATCH}, turns
print(core, *os.sched_getaffinity(0), *os.sched_getaffinity(before.native_id), flush=True)
sys.stdin.read()
done.set()
"""


@contextmanager
def claiming(folder: Path, cores: list[int]) -> Iterator[list[str]]:
    """A process that may run on `cores` and claims one: what it got, and where two of its threads may run then."""
    command = [sys.executable, "-c", CLAIM, str(folder), ",".join(map(str, cores))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()
        assert process.stdin is not None
        process.stdin.close()


@two_cores
def test_each_takes_another_core_with_all_its_threads_and_who_comes_too_late_keeps_all(tmp_path: Path) -> None:
    first, second = CORES[:2]
    with ExitStack() as running:
        got = [running.enter_context(claiming(tmp_path, [first, second])) for _ in range(3)]
    one, other, both = str(first), str(second), [str(first), str(second)]
    assert got == [[one, one, one], [other, other, other], ["None", *both, *both]]


@two_cores
def test_a_core_is_free_again_when_its_process_has_ended(tmp_path: Path) -> None:
    first, second = CORES[:2]
    for _ in range(2):
        with claiming(tmp_path, [first, second]) as got:
            assert got == [str(first)] * 3


@pytest.mark.skipif(not CORES, reason="needs Linux")
def test_there_is_nothing_to_choose_from_one_core(tmp_path: Path) -> None:
    with claiming(tmp_path, CORES[:1]) as got:
        assert got == ["None", str(CORES[0]), str(CORES[0])]
    assert list(tmp_path.iterdir()) == []
