import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bench.watchman import ROOT, own_folder, programs_of
from o2o.infra.engines.home import home_of

LONGEST_S = 60
RUN = """
import os, signal, subprocess, sys
from bench.watchman import own_folder
from o2o.infra import embedded
signal.signal(signal.SIGINT, signal.default_int_handler)  # who is started in the background is born deaf to it
with own_folder("o2o-watched-") as folder, embedded.engines(folder, durable=False):
    for alone in (False, True):
        subprocess.Popen(
            [sys.executable, "-c", "import signal; signal.pause()"], start_new_session=alone,
            env=os.environ | {"O2O_DATA_DIR": str(folder)},
        )
    print(folder, flush=True)
    signal.pause()
"""
"""Two engines and two programs, one of them in a session of its own; then it waits for its end."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_and_no_file_of_a_run_outlives_it_however_it_ends(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", RUN], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    ) as run:
        assert run.stdout is not None
        folder = Path(run.stdout.readline().strip())
        engines = home_of(folder).folder
        try:
            assert len(programs_of(folder, engines)) >= 4
            run.send_signal(number)
            run.wait(LONGEST_S)
        finally:
            run.kill()
    until = time.monotonic() + LONGEST_S
    while folder.exists() and time.monotonic() < until:
        threading.Event().wait(0.05)
    assert not folder.exists()
    assert programs_of(folder, engines) == []


def test_a_program_of_another_folder_is_none_of_its() -> None:
    with own_folder("o2o-watched-") as one, own_folder("o2o-watched-") as other:
        env = os.environ | {"O2O_DATA_DIR": str(other)}
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env=env) as program:
            assert programs_of(one, one) == []
            assert programs_of(other, other) == [program.pid]
            program.communicate()
