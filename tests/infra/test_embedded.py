"""Embedded engines outlive what happens on a real machine: killed servers, killed users, taken ports, full disks."""

import os
import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from o2o.infra import embedded
from o2o.infra.embedded import Addresses, EngineFailed
from o2o.infra.engines import children, home, postgres
from o2o.infra.engines.home import home_of

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A data folder of the test's own; whatever still runs in it is stopped and erased."""
    yield tmp_path / "data"
    embedded.erase(tmp_path / "data")


def sql(addresses: Addresses, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(addresses.database_url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def pids(data_dir: Path) -> tuple[int, int]:
    folder = home_of(data_dir).folder
    noted = (folder / "postgres" / "postmaster.pid").read_text().split()[0]
    return int(noted), int((folder / "valkey" / "valkey.pid").read_text())


def a_user_that_is_killed(data_dir: Path) -> None:
    code = (
        "import os, pathlib, sys; from o2o.infra import embedded\n"
        "with embedded.engines(pathlib.Path(sys.argv[1])): os._exit(9)"
    )
    died = subprocess.run([sys.executable, "-c", code, str(data_dir)], check=False, cwd=ROOT)
    assert died.returncode == 9


def test_what_is_written_is_there_after_a_restart_on_the_same_ports(data_dir: Path) -> None:
    with embedded.engines(data_dir) as first:
        sql(first, "create table kept as select 7 as n")
        with redis.Redis.from_url(first.broker_url) as client:
            client.set("kept", 7)
    assert not embedded.running(data_dir)
    with embedded.engines(data_dir) as second:
        assert second == first
        assert sql(second, "select n from kept") == [(7,)]
        with redis.Redis.from_url(second.broker_url) as client:
            assert client.get("kept") == b"7"


def test_the_servers_are_set_up_for_a_house(data_dir: Path) -> None:
    with embedded.engines(data_dir) as found:
        asked = "select current_setting('TimeZone'), current_setting('fsync'), lower('Ä'), '门店' < '顾客'"
        assert sql(found, asked) == [("UTC", "on", "ä", True)]
        assert str(sql(found, "show server_version")[0][0]).startswith("18")
        with redis.Redis.from_url(found.broker_url, decode_responses=True) as client:
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            assert client.config_get("appendonly") == {"appendonly": "yes"}


def test_nobody_gets_in_without_the_password(data_dir: Path) -> None:
    with embedded.engines(data_dir) as found:
        secret = home_of(data_dir).secret()
        with pytest.raises(psycopg.OperationalError):
            sql(Addresses(found.database_url.replace(secret, "guess"), ""), "select 1")
        with (
            redis.Redis.from_url(found.broker_url.replace(secret, "guess")) as client,
            pytest.raises(redis.AuthenticationError),
        ):
            client.ping()


def test_killed_servers_start_again_and_no_acknowledged_row_is_lost(data_dir: Path) -> None:
    with embedded.engines(data_dir) as found:
        sql(found, "create table kept as select generate_series(1, 1000)")
        for pid in pids(data_dir):
            os.kill(pid, signal.SIGKILL)
        again = embedded.start(data_dir)
        assert sql(again, "select count(*) from kept") == [(1000,)]
    assert not children.started(home_of(data_dir).folder / "postgres")


@pytest.mark.parametrize(
    ("system", "release", "at_once"),
    [("linux", "6.1.0-13-amd64", True), ("linux", "5.8", True), ("linux", "5.4.0", False), ("darwin", "23.1.0", False)],
)
def test_a_crash_is_recovered_from_by_one_sync_where_the_kernel_tells_of_its_errors(
    system: str, release: str, at_once: bool
) -> None:
    assert (postgres.after_a_crash(system, release) == {"recovery_init_sync_method": "syncfs"}) == at_once


def test_a_durable_server_recovers_in_the_way_this_machine_allows(data_dir: Path) -> None:
    wanted = postgres.after_a_crash(sys.platform, platform.release()).get("recovery_init_sync_method", "fsync")
    with embedded.engines(data_dir) as found:
        assert sql(found, "show recovery_init_sync_method") == [(wanted,)]


def test_servers_left_over_by_a_killed_user_are_adopted_and_stopped(data_dir: Path) -> None:
    a_user_that_is_killed(data_dir)
    left_over = pids(data_dir)
    with embedded.engines(data_dir):
        assert pids(data_dir) == left_over
    assert not embedded.running(data_dir)


def test_killed_servers_of_a_killed_user_do_not_block_the_next_start(data_dir: Path) -> None:
    """Where nobody reaps orphans they stay zombies, and PostgreSQL takes the zombie in its pid file for a live server."""
    a_user_that_is_killed(data_dir)
    for pid in pids(data_dir):
        os.kill(pid, signal.SIGKILL)
    with embedded.engines(data_dir) as found:
        assert sql(found, "select 1") == [(1,)]


def test_the_last_user_stops_the_engines_and_no_other(data_dir: Path) -> None:
    with embedded.engines(data_dir):
        with embedded.engines(data_dir):
            assert embedded.in_use(data_dir)
        assert embedded.running(data_dir)
    assert not embedded.running(data_dir)
    assert not embedded.in_use(data_dir)


def test_who_leaves_the_engines_to_others_leaves_in_silence(data_dir: Path) -> None:
    code = (
        "import pathlib, sys; from o2o.infra import embedded\n"
        "with embedded.engines(pathlib.Path(sys.argv[1])):\n"
        "    print('running', flush=True); input()"
    )
    first = subprocess.Popen(
        [sys.executable, "-W", "error::ResourceWarning", "-c", code, str(data_dir)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    with first:
        assert first.stdout is not None
        assert first.stdout.readline() == "running\n"
        with embedded.engines(data_dir):
            assert first.communicate("\n") == ("", "")
            assert embedded.running(data_dir)


def test_a_taken_port_is_exchanged_for_a_free_one(data_dir: Path) -> None:
    with embedded.engines(data_dir) as first:
        pass
    port = int(first.database_url.rpartition(":")[2].partition("/")[0])
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        with embedded.engines(data_dir) as second:
            assert second.broker_url == first.broker_url
            assert second.database_url != first.database_url
            assert sql(second, "select 1") == [(1,)]


def test_a_port_is_kept_where_no_outgoing_connection_sits_while_its_engine_is_away(data_dir: Path) -> None:
    here = home_of(data_dir)
    ports = [home.free_port(here, f"{n}.port") for n in range(50)]
    assert all(port in home.OUT_OF_THE_WAY for port in ports)
    assert [home.free_port(here, f"{n}.port") for n in range(50)] == ports


def test_an_interrupted_initialisation_leaves_nothing_in_the_way(data_dir: Path) -> None:
    half_made = home_of(data_dir).make("postgres.draft")
    (half_made / "PG_VERSION").write_text("18")
    with embedded.engines(data_dir) as found:
        assert sql(found, "select 1") == [(1,)]


def test_no_zombie_stays_when_the_engines_were_stopped(data_dir: Path) -> None:
    with embedded.engines(data_dir):
        ours = pids(data_dir)
    for pid in ours:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_full_disk_is_said_in_one_line(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "WANTED_FREE_BYTES", 2**62)
    with pytest.raises(EngineFailed, match=r"磁盘空间不足.*O2O_DATA_DIR") as failed:
        home_of(data_dir)
    assert "\n" not in str(failed.value)
    monkeypatch.undo()


def test_a_server_that_cannot_start_says_its_last_words(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(postgres._SETTINGS, "shared_buffers", "nonsense")
    here = home_of(data_dir)
    began = time.monotonic()
    with pytest.raises(EngineFailed, match=r"PostgreSQL 无法启动.*shared_buffers"):
        postgres.start(here, durable=True, timeout_s=1)
    assert time.monotonic() - began < 50  # not the minute that an engine is usually given


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must drop its rights")
def test_root_runs_no_engine_as_root(data_dir: Path) -> None:
    with embedded.engines(data_dir):
        assert {os.stat(f"/proc/{pid}").st_uid for pid in pids(data_dir)} == {home_of(data_dir).uid}
        assert home_of(data_dir).uid != 0
