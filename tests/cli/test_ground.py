"""A command stands on firm ground, or says in one line what to do."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from pydantic import BaseModel, ValidationError

from o2o.cli import commands, ground, running
from o2o.cli.telling import Stopped
from o2o.infra.embedded import Addresses
from o2o.infra.settings import Settings

ROOT = Path(__file__).parent.parent.parent


def o2o(*arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run the command as a person would."""
    command = [sys.executable, "-m", "o2o.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | env, capture_output=True, text=True, check=False)


@pytest.fixture
def chosen(addresses: Addresses, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, database_url=addresses.database_url, broker_url=addresses.broker_url)


def test_a_taken_port_is_said_with_the_next_one() -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        with pytest.raises(Stopped, match=f"端口 {port} 已被占用，请换一个：O2O_PORT={port + 1}"):
            ground.check_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Stopped, match="O2O_HOST"):
        ground.check_port("192.0.2.1", 8_000)


@pytest.mark.parametrize("port", [0, -1, 70_000])
def test_a_port_that_cannot_be_is_refused_in_one_line(port: int) -> None:
    with pytest.raises(Stopped, match="O2O_PORT"):
        ground.check_port("127.0.0.1", port)


def test_a_database_out_of_reach_is_told_in_one_line() -> None:
    nowhere = "postgresql+psycopg://o2o:secret@127.0.0.1:1/o2o"
    ran = o2o("promises", "report", O2O_DATABASE_URL=nowhere, O2O_BROKER_URL="redis://127.0.0.1:1/0")
    assert (ran.returncode, ran.stdout) == (1, "")
    [line] = ran.stderr.splitlines()
    assert "O2O_DATABASE_URL" in line
    assert "secret" not in line


def test_a_value_that_is_no_setting_is_a_bug_and_shows_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    class Price(BaseModel):
        fen: int

    monkeypatch.setattr(commands, "app", lambda: Price.model_validate({"fen": "x"}))
    monkeypatch.setattr(commands.signal, "signal", lambda *_: None)
    with pytest.raises(ValidationError):
        commands.main()


def test_a_second_house_on_the_same_data_is_told_so(tmp_path: Path) -> None:
    with ground.alone(tmp_path), pytest.raises(Stopped, match="已有一个 o2o 在运行"), ground.alone(tmp_path):
        pass
    with ground.alone(tmp_path):
        pass


def test_given_addresses_start_nothing(chosen: Settings) -> None:
    with ground.engines_for(chosen) as found:
        assert found == chosen
    assert not (chosen.data_dir / "engines").exists()


def test_one_address_without_the_other_is_refused(chosen: Settings) -> None:
    half = chosen.model_copy(update={"broker_url": None})
    with pytest.raises(Stopped, match="O2O_BROKER_URL"), ground.engines_for(half):
        pass


def test_a_scratch_database_is_gone_afterwards(chosen: Settings) -> None:
    with ground.scratch_database(chosen, "scratch") as url:
        address = url.replace("+psycopg", "")
        with psycopg.connect(address) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(address)


def test_children_learn_the_addresses(chosen: Settings) -> None:
    env = ground.environment_of(chosen)
    assert (env["O2O_DATABASE_URL"], env["O2O_BROKER_URL"]) == (chosen.database_url, chosen.broker_url)
    assert Path(env["O2O_DATA_DIR"]).is_absolute()


def test_the_house_is_four_processes(chosen: Settings) -> None:
    assert [program.name for program in running.house(chosen)] == ["relay", "worker", "beat", "api"]


def test_reset_deletes_what_is_local_and_keeps_the_lock(chosen: Settings) -> None:
    (chosen.data_dir / "city").mkdir()
    (chosen.data_dir / "note").write_text("x")
    with ground.alone(chosen.data_dir):
        running.erase(chosen)
    assert [path.name for path in chosen.data_dir.iterdir()] == ["house.lock"]


def test_a_wrong_setting_is_one_line(tmp_path: Path) -> None:
    ended = o2o("reconcile", O2O_PORT="eight", O2O_DATA_DIR=str(tmp_path))
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "O2O_PORT" in ended.stderr


def test_production_refuses_demo_secrets(tmp_path: Path) -> None:
    ended = o2o("up", O2O_PROFILE="production", O2O_DATA_DIR=str(tmp_path))
    assert ended.returncode == 1
    assert "O2O_TOKEN_SECRET" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_api_document_on_file_is_the_one_the_house_speaks(tmp_path: Path) -> None:
    ended = o2o("openapi", "--to", str(tmp_path / "openapi.json"))
    assert ended.returncode == 0, ended.stderr
    spoken = json.loads((tmp_path / "openapi.json").read_text())
    assert spoken == json.loads((ROOT / "docs" / "openapi.json").read_text())
