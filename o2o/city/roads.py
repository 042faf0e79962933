"""Prepares the road network of an extract for OSRM: extract with the e-bike profile, then contraction hierarchies."""

import os
import subprocess
from pathlib import Path

import osrm
import structlog

from o2o.infra.citydata import CityFiles
from o2o.kit.errors import Conflict, Invalid

log = structlog.get_logger(__name__)

PROFILE = Path(__file__).with_name("ebike.lua")
WHEEL = Path(osrm.__file__).parent
LONGEST_S = 3_600
NOTHING_TO_RIDE = ("There are no edges remaining", "There are no snappable edges")
"""The words of osrm-extract for it; its exit status is the same for much else."""


class NoRoads(Invalid):
    """The extract has no road an e-bike may ride. 该地图文件没有可骑行的道路。"""

    code = "city.no_roads"


class RoadsFailed(Conflict):
    """OSRM could not prepare the road network; `said` is its last word. 路网预处理失败。"""

    code = "city.roads_failed"


def prepare(extract: Path, files: CityFiles, *, threads: int = 2) -> None:
    """Fills `files.roads` from the extract.

    Raises:
        NoRoads: OSRM found nothing to ride on.
        RoadsFailed: one of its programs ended badly or took longer than an hour.
    """
    files.roads.parent.mkdir(parents=True, exist_ok=True)
    said = _run("osrm-extract", str(extract), "-p", str(PROFILE), "-o", str(files.roads), "-t", str(threads))
    if said is not None:
        if any(words in said for words in NOTHING_TO_RIDE):
            raise NoRoads(field="file", said=said)
        raise RoadsFailed(program="osrm-extract", said=said)
    said = _run("osrm-contract", str(files.roads), "-t", str(threads))
    if said is not None:
        raise RoadsFailed(program="osrm-contract", said=said)


def _run(program: str, *arguments: str) -> str | None:
    """None when it went well, else its last lines."""
    profiles = WHEEL / "share" / "profiles"
    environment = {**os.environ, "LUA_PATH": f"{profiles}/?.lua;;"}
    try:
        done = subprocess.run(
            [WHEEL / "bin" / program, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"not done after {LONGEST_S} s"
    if done.returncode == 0:
        return None
    lines = (done.stdout + done.stderr).strip().splitlines()
    said = " / ".join(line.split("] ")[-1] for line in lines[-3:])
    log.warning("city.osrm", program=program, status=done.returncode, said=said)
    return said or f"exit status {done.returncode}"
