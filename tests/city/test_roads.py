"""What OSRM says is told as what it is."""

import shutil
from pathlib import Path

import pytest

from o2o.city import roads
from o2o.infra import citydata
from tests.city import make


def an_osrm(folder: Path, *lines: str, status: int) -> Path:
    """A wheel whose osrm-extract says these lines and ends so."""
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "osrm-extract"
    program.write_text(
        "#!/bin/sh\n" + "".join(f"echo '[2026-03-02T02:00:00] {line}'\n" for line in lines) + f"exit {status}\n"
    )
    program.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("[info] Processed 610 edges", 137),  # killed for want of memory
        ("[info] Number of edges: 4711", 139),
        ("[error] Problem opening file: /srv/There are no roads/city.osrm.timestamp", 4),
    ],
)
def test_a_failure_of_osrm_is_not_told_as_a_map_without_roads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, status: int
) -> None:
    monkeypatch.setattr(roads, "WHEEL", an_osrm(tmp_path / "wheel", "[info] Threads: 2", said, status=status))
    with pytest.raises(roads.RoadsFailed) as failed:
        roads.prepare(tmp_path / "city.osm.pbf", citydata.fresh(tmp_path))
    assert failed.value.facts["program"] == "osrm-extract"


def test_a_folder_that_cannot_be_written_is_a_failure_of_osrm(tmp_path: Path) -> None:
    extract = make.district(tmp_path / "ok.osm.pbf")
    files = citydata.fresh(tmp_path)
    files.roads.parent.mkdir(parents=True, exist_ok=True)
    (files.roads.parent / (files.roads.name + ".timestamp")).mkdir()
    with pytest.raises(roads.RoadsFailed):
        roads.prepare(extract, files)
    shutil.rmtree(files.roads.parent)
