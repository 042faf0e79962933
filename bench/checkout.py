"""Checkout as customers do it: quote, place, pay over real HTTP on a real, durable PostgreSQL, beside what PostgreSQL alone does.

    python -m bench.checkout --clients 8 --seconds 20
    python -m bench.checkout --clients 1 8 32 256 --seconds 20
    python -m bench.checkout --clients 8 32 --floor-dir path/with/run_pgbench.sh
    python -m bench.checkout --clients 8 --serving 20 --lines 10 --quotes-only                      # a dense district
    python -m bench.checkout --clients 8 --serving 20 --lines 10 --quotes-only --city-stores 2000   # the same in a large city

Two API processes (uvloop, httptools), a load process of its own, everything on loopback and in a folder that is deleted
afterwards. A flow is a quote of two lines (`--lines`), its acceptance and the provider's signed notice `authorised`. One JSON document on
stdout; `ratio` is flows a second to the floor at the same number of clients, the mean of the floors right before and after.
Compare ratios within one run only: the machine's other work slows both.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.checkout_floor import Floor
from bench.checkout_house import House, house
from bench.watchman import ROOT

TICKS = os.sysconf("SC_CLK_TCK")
IDLE_S = 0.1
"""Processor seconds a second that idle processes may use."""


def main() -> None:
    """Reads the arguments, measures, says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, nargs="+", default=[8])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--warm-seconds", type=float, default=3)
    parser.add_argument("--apis", type=int, default=2)
    parser.add_argument("--lines", type=int, default=2)
    parser.add_argument(
        "--serving", type=int, default=0, help="stores that serve every door; otherwise one to three of 20"
    )
    parser.add_argument("--city-stores", type=int, default=0, help="stores of the whole city, the others far off")
    parser.add_argument("--quotes-only", action="store_true", help="a flow is the quote alone")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--floor-seconds", type=int, default=5)
    parser.add_argument("--floor-dir", type=Path, default=None)
    asked = parser.parse_args()
    print(json.dumps(run(asked), indent=1), flush=True)


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """The whole measurement as one value."""
    serving = {"stores": asked.serving, "dense": True} if asked.serving else {}
    with house(apis=asked.apis, city_stores=asked.city_stores, **serving) as found:
        floor = Floor(found.addresses.database_url, asked.floor_seconds, asked.floor_dir)
        runs = []
        warmed(found)
        for clients in asked.clients:
            before = floor.measure("spread", [clients])
            seen = drive(found, clients, asked)
            after = floor.measure("spread", [clients])
            mean = (before[clients] + after[clients]) / 2
            seen |= {"floor_before_tps": before[clients], "floor_after_tps": after[clients]}
            seen["ratio"] = round(seen["flows_per_s"] / mean, 4)
            runs.append(seen)
        return {
            "benchmark": "checkout",
            "command": " ".join(["python -m bench.checkout", *sys.argv[1:]]),
            "machine": machine(),
            "runs": runs,
        }


def drive(found: House, clients: int, asked: argparse.Namespace) -> dict[str, Any]:
    """One load at so many clients: what it saw, and what the processes used."""
    load, seconds, warm_s = os.getloadavg()[0], asked.seconds, asked.warm_seconds
    city = found.city.as_json() | {"lines": asked.lines, "quotes_only": asked.quotes_only}
    told = {
        "ports": [api.port for api in found.apis], "city": city, "clients": clients, "seconds": seconds, "warm_s": warm_s,
        "seed": asked.seed,
    }  # fmt: skip
    before, memory = cpu_s(found), memory_mb(found)
    done = subprocess.run(
        [sys.executable, "-m", "bench.checkout_load"], input=json.dumps(told) + "\n", stdout=subprocess.PIPE, text=True,
        check=True, cwd=ROOT, env=found.env,
    )  # fmt: skip
    seen: dict[str, Any] = {"clients": clients, **json.loads(done.stdout)}
    flows = max(1.0, seen["flows"] * (1 + warm_s / seconds))
    used = {name: round(1_000 * (now - before[name]) / flows, 2) for name, now in cpu_s(found).items()}
    return seen | {
        "cpu_ms_per_flow": used | {"load": round(1_000 * seen.pop("load_cpu_s") / max(1, seen["flows"]), 2)},
        "memory_mb_before": memory, "memory_mb_after": memory_mb(found), "load_average_before": round(load, 2),
    }  # fmt: skip


def warmed(found: House, *, timeout_s: float = 60) -> None:
    """Return when the API processes have nothing to do any more: after their start they warm up beside their first calls."""
    until, before = time.monotonic() + timeout_s, -1.0
    while time.monotonic() < until and (now := cpu_s(found)["api"]) - before > IDLE_S:
        before = now
        time.sleep(1)


def cpu_s(found: House) -> dict[str, float]:
    """Processor seconds used so far by our API processes and by our PostgreSQL."""
    postmaster = found.postmaster()
    backends = [
        pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _stat(pid)[:1] == [str(postmaster)]
    ]
    apis = [api.process.pid for api in found.apis if api.process is not None]
    # Children that ended are counted in their parent's cutime and cstime.
    return {"api": sum(map(_used_s, apis)), "postgres": sum(map(_used_s, [postmaster, *backends]))}


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the parent's id on; empty when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1:]
    except OSError:
        return []


def _used_s(pid: int) -> float:
    return sum(map(int, _stat(pid)[10:14])) / TICKS


def memory_mb(found: House) -> list[int]:
    """Resident memory of each API process."""
    return [_resident_mb(api.process.pid) for api in found.apis if api.process is not None]


def _resident_mb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1_024


def machine() -> dict[str, Any]:
    """What a reader must know of where this ran."""
    model = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 1_048_576
    return {
        "cpu": model[0].partition(": ")[2] if model else platform.machine(), "cores": os.cpu_count(), "memory_gb": memory,
        "system": platform.platform(), "python": platform.python_version(), "load_average": [round(n, 2) for n in os.getloadavg()],
    }  # fmt: skip


if __name__ == "__main__":
    main()
