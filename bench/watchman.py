"""Ends what belongs to a run whose owner is gone, however it went: no process and no file outlives a killed test or benchmark.

A process in a session of its own, so that neither Ctrl-C nor a time limit reaches it. It reads a pipe whose other end the owner
holds; the kernel closes that with the owner, kill -9 or not. What belongs to the run is known by its folder, which is its alone.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from o2o.infra import embedded
from o2o.infra.engines.home import home_of

ROOT = Path(__file__).parent.parent


@contextmanager
def own_folder(prefix: str) -> Iterator[Path]:
    """A new data folder for a run. When the block ends, or this process does, its programs, its engines and the folder itself go."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    watchman = subprocess.Popen(
        [sys.executable, "-m", "bench.watchman", str(folder)], stdin=subprocess.PIPE, cwd=ROOT, start_new_session=True
    )
    try:
        yield folder
    finally:
        watchman.communicate()


def programs_of(folder: Path, engines: Path) -> list[int]:
    """The processes started for a data folder: their environment names it, or they are its engines and work where these live."""
    places, mark = {engines, engines / "postgres", engines / "valkey"}, f"O2O_DATA_DIR={folder}".encode()
    return [int(process.name) for process in Path("/proc").glob("[0-9]*") if _belongs(process, mark, places)]


def _belongs(process: Path, mark: bytes, places: set[Path]) -> bool:
    with suppress(OSError):  # it has ended meanwhile, or is somebody else's
        return (process / "cwd").readlink() in places or mark in (process / "environ").read_bytes().split(b"\0")
    return False


def sweep(folder: Path) -> None:
    """End what was started for a data folder, the engines in good order where they can, and delete it."""
    embedded.stop(folder)
    engines = home_of(folder).folder
    while left := programs_of(folder, engines):
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    shutil.rmtree(engines)
    shutil.rmtree(folder)


def main() -> None:
    """Waits for the owner's end, then sweeps."""
    sys.stdin.buffer.read()
    sweep(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
