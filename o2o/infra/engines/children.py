"""The engine processes this process started: every one is reaped, for a zombie blocks the next start."""

import atexit
import os
import subprocess
import warnings
from pathlib import Path
from typing import Any

from o2o.infra.engines.home import Home

_KEEP_MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(16 << 20), "MALLOC_TOP_PAD_": str(1 << 20)}
"""For glibc: an engine's process keeps the memory of one statement for the next, and does not ask the kernel for it ten times a
statement. Other libraries of C ignore it."""
_started: dict[Path, subprocess.Popen[bytes]] = {}


def as_account(home: Home) -> dict[str, Any]:
    """The arguments of `subprocess` that run a program as the engine's account, in a plain UTF-8 and UTC world."""
    world = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(home.folder), **_KEEP_MEMORY}
    who: dict[str, Any] = {} if home.uid is None else {"user": home.uid, "group": home.gid, "extra_groups": []}
    return {"env": world, "cwd": home.folder, "stdin": subprocess.DEVNULL, **who}


def spawn(home: Home, folder: Path, command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start an engine in a session of its own, so that Ctrl-C reaches only us and we stop it in order."""
    with log.open("ab") as out:
        home.give(log)
        child = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True, **as_account(home))
    _started[folder] = child
    return child


def started(folder: Path) -> bool:
    """Whether an engine of this folder was started by us and has not ended."""
    child = _started.get(folder)
    return child is not None and child.poll() is None


def reap(folder: Path, timeout_s: float = 0) -> None:
    """Collect the engine of this folder if it was ours and has ended; with a timeout wait, then kill it."""
    child = _started.get(folder)
    if child is None:
        return
    try:
        child.wait(timeout_s)
    except subprocess.TimeoutExpired:
        if not timeout_s:
            return
        child.kill()
        child.wait()
    _started.pop(folder, None)


@atexit.register
def _leave() -> None:
    """At our end, engines that others still use are left to them. That is meant: no warning of a child that still runs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        _started.clear()


def works_in(process: Path, folder: Path) -> bool:
    """Whether a process, given as its folder in /proc, is alive and has `folder` as its working folder."""
    try:
        return (process / "cwd").readlink() == folder
    except OSError:
        return False
