"""A core for a process to keep to.

The interpreter runs one thread of a process at a time. Left alone, the scheduler spreads the threads of an API process over all
cores, and each time the interpreter's lock changes hands the work goes on elsewhere, with cold caches, after a signal between cores.
On one core a flow costs a fifth less (`bench/results/checkout.md`); whatever else runs is moved to where there is room.

There a thread that wakes must not drive away the one that runs (`SCHED_BATCH`): what it woke for needs the interpreter's lock, which the
other holds, so each such turn would be two for nothing.
"""

import fcntl
import os
import sys
from pathlib import Path
from typing import IO

_CLAIMS: list[IO[bytes]] = []
"""Locked files, one a core this process has taken; the system lets go of them with the process, however it ends."""


def keep_to_one(folder: Path) -> int | None:
    """Keep this process, with all its threads, to a core that no other one has taken by a file in `folder`; its number. None, and
    all is as it was, where every core is taken, there is but one, or the system knows nothing of the kind."""
    if sys.platform != "linux":
        return None
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) == 1:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    core = next((core for core in cores if _taken(folder / str(core))), None)
    if core is not None:
        for thread in os.listdir("/proc/self/task"):
            os.sched_setaffinity(int(thread), {core})
            os.sched_setscheduler(int(thread), os.SCHED_BATCH, os.sched_param(0))
    return core


def _taken(path: Path) -> bool:
    claim = path.open("wb")
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        claim.close()
        return False
    _CLAIMS.append(claim)
    return True
