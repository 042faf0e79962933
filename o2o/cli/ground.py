"""What a command stands on: the settings with real addresses in them, engines running as long as the command needs them."""

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url
from sqlalchemy.orm import Session

from o2o.cli.telling import Stopped
from o2o.infra import settings as environment
from o2o.infra.db import make_engine, transaction
from o2o.infra.embedded import engines
from o2o.infra.settings import Settings


@contextmanager
def engines_for(chosen: Settings) -> Iterator[Settings]:
    """The settings with both addresses set: as given, or of the embedded engines, which run while the block lasts."""
    given = (chosen.database_url is not None, chosen.broker_url is not None)
    if all(given):
        yield chosen
    elif any(given):
        raise Stopped("O2O_DATABASE_URL 与 O2O_BROKER_URL 要么都设置，要么都不设置 / set both addresses, or neither")
    else:
        with engines(chosen.data_dir) as found:
            yield chosen.model_copy(update={"database_url": found.database_url, "broker_url": found.broker_url})


def environment_of(chosen: Settings) -> dict[str, str]:
    """The environment of child processes: ours, and the addresses they need."""
    return os.environ | {
        "O2O_DATABASE_URL": str(chosen.database_url),
        "O2O_BROKER_URL": str(chosen.broker_url),
        "O2O_DATA_DIR": str(chosen.data_dir.absolute()),
        "PYTHONUNBUFFERED": "1",
    }


def adopt(chosen: Settings) -> None:
    """Make `settings()` of this process give the found addresses, for what reads them itself (Celery's application)."""
    os.environ.update(environment_of(chosen))
    environment.settings.cache_clear()


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """One house a data folder: a second one is told so instead of fighting over it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "house.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise Stopped(
                f"{data_dir} 已有一个 o2o 在运行，请先用 Ctrl-C 停止它 / another o2o runs on this data folder: stop it first"
            ) from busy
        yield


def check_port(host: str, port: int) -> None:
    """Raises Stopped with what to do when the front door's port cannot be had."""
    if not 0 < port < 65_536:
        raise Stopped("O2O_PORT 须在 1 到 65535 之间 / O2O_PORT lies between 1 and 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                why = f"端口 {port} 已被占用，请换一个：O2O_PORT={port + 1} / port {port} is taken, choose another"
            else:
                why = f"无法监听 {host}:{port}（{error.strerror}），请设置 O2O_HOST 与 O2O_PORT / cannot listen there"
            raise Stopped(why) from error


@contextmanager
def transaction_on(chosen: Settings) -> Iterator[Session]:
    """One transaction on the house's database, for a command that needs no more."""
    engine = make_engine(str(chosen.database_url), pool_size=1, statement_timeout_ms=0)
    try:
        with transaction(engine) as db:
            yield db
    finally:
        engine.dispose()


@contextmanager
def scratch_database(chosen: Settings, name: str) -> Iterator[str]:
    """The address of an empty database beside the house's own, dropped again at the end."""
    url = make_url(str(chosen.database_url))
    beside = url.set(database=f"{name}_{os.getpid()}")
    with psycopg.connect(_plain(url), autocommit=True) as admin:
        called = sql.Identifier(str(beside.database))
        admin.execute(sql.SQL("create database {}").format(called))
        admin.execute(sql.SQL("alter database {} set synchronous_commit = off").format(called))  # nothing in it is kept
        try:
            yield beside.render_as_string(hide_password=False)
        finally:
            admin.execute(sql.SQL("drop database {} with (force)").format(called))


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
