"""`o2o zones` from the command line: out, in, tried, refused, reported."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from o2o.cli.telling import Stopped
from o2o.cli.zones import zones
from tests.conftest import Clock, Database
from tests.stores import make


def run(*words: str | Path) -> Result:
    done = CliRunner().invoke(zones, [str(word) for word in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit | Stopped):
        raise done.exception
    return done


@pytest.fixture
def file(database: Database, clock: Clock, tmp_path: Path) -> Path:
    """Zones of two stores, written by the command."""
    with database.sessions() as db:
        make.a_store(db, "S001", now=clock.now)
        make.a_store(db, "S002", now=clock.now, east_m=2_000)
    path = tmp_path / "zones.geojson"
    assert "2 zones written" in run("export", path).output
    return path


def test_what_was_written_is_tried_and_taken(file: Path) -> None:
    tried = run("import", file, "--dry-run")
    assert (tried.exit_code, "S001" in tried.output, "nothing was changed" in tried.output) == (0, True, True)
    taken = run("import", file)
    assert (taken.exit_code, "imported" in taken.output) == (0, True)


def test_a_fault_is_told_by_its_feature_and_nothing_is_taken(file: Path) -> None:
    whole = json.loads(file.read_text())
    whole["features"][1]["geometry"]["coordinates"][0].pop()
    file.write_text(json.dumps(whole))
    refused = run("import", file)
    assert isinstance(refused.exception, Stopped)
    assert "geo.unclosed" in refused.output
    assert run("import", file, "--repair").exit_code == 0


def test_a_file_without_a_known_suffix_needs_its_format_said(file: Path) -> None:
    other = file.rename(file.with_suffix(".txt"))
    assert isinstance(run("import", other).exception, Stopped)
    assert run("import", other, "--format", "geojson", "--dry-run").exit_code == 0


def test_the_report_and_the_roads_answer_without_a_city(file: Path) -> None:
    assert "S002" in run("report", "--store", "S001").output
    assert isinstance(run("report", "--store", "S999").exception, Stopped)
    assert "zones of 0 stores changed" in run("recompute").output
