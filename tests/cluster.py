"""The test databases: one shared cluster, one migrated template a schema, one private copy a process."""

import contextlib
import fcntl
import hashlib
import importlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis
from sqlalchemy import create_engine, make_url

from o2o.infra import migrating
from o2o.infra.db import Base
from o2o.infra.embedded import Addresses, EngineFailed, engines, erase

ROOT = Path(__file__).parent.parent
DATA = ROOT / "var" / "tests"
"""Kept between runs for speed. Nothing in it is forced to disk; what a crashed machine leaves is thrown away."""


@contextmanager
def running() -> Iterator[Addresses]:
    """The shared engines: started by the first pytest process, stopped by the last."""
    if os.environ.get("O2O_TEST_DATABASE_URL") and os.environ.get("O2O_TEST_BROKER_URL"):
        yield Addresses(os.environ["O2O_TEST_DATABASE_URL"], os.environ["O2O_TEST_BROKER_URL"])
        return
    try:
        with engines(DATA, durable=False):
            pass
    except EngineFailed:
        erase(DATA)
    with engines(DATA, durable=False) as addresses:
        yield addresses


@contextmanager
def private_database(admin_url: str) -> Iterator[str]:
    """A database of this process's own, copied from the template; dropped at the end."""
    name = f"test_{os.getpid()}_{uuid.uuid4().hex[:6]}"
    with _admin(admin_url) as admin, _one_at_a_time():
        _drop_orphans(admin)
        admin.execute(f"create database {name} template {_template(admin, admin_url)} strategy file_copy")
    try:
        yield _with_name(admin_url, name)
    finally:
        with _admin(admin_url) as admin:
            admin.execute(f"drop database {name} with (force)")


@contextmanager
def private_broker(broker_url: str) -> Iterator[str]:
    """A numbered Valkey database of this process's own, emptied at the end."""
    with redis.Redis.from_url(broker_url) as shared:
        for number in range(1, 256):
            holder = int(shared.get(f"held:{number}") or 0)
            if holder and not _alive(holder):
                shared.delete(f"held:{number}")
            if shared.set(f"held:{number}", os.getpid(), nx=True):
                break
        url = broker_url.rpartition("/")[0] + f"/{number}"
        with redis.Redis.from_url(url) as own:
            own.flushdb()
            try:
                yield url
            finally:
                own.flushdb()
                shared.delete(f"held:{number}")


def _template(admin: "psycopg.Connection[tuple[object, ...]]", admin_url: str) -> str:
    """The name of the database that the real migrations made; made anew when a migration has changed."""
    mark = hashlib.sha256()
    for path in _schema_sources():
        mark.update(path.read_bytes())
    name = f"template_{mark.hexdigest()[:16]}"
    known = [str(row[0]) for row in admin.execute("select datname from pg_database where datname like 'template\\_%'")]
    if name not in known:
        for old in known:
            admin.execute(f"drop database {old} with (force)")
        draft = f"test_{os.getpid()}_draft"
        admin.execute(f"create database {draft}")
        _make_schema(_with_name(admin_url, draft))
        admin.execute(f"alter database {draft} rename to {name}")
    return name


def _schema_sources() -> list[Path]:
    versions = sorted(migrating.folder().rglob("*.py"))
    functions = sorted((ROOT / "o2o").glob("*/plsql/*.sql"))
    if len(versions) > 1:
        return versions + functions
    tables = [*(ROOT / "o2o").glob("*/models.py"), *(ROOT / "o2o").glob("*/models/*.py")]
    return sorted([*tables, *(ROOT / "o2o/infra").glob("*.py")]) + functions


def _make_schema(url: str) -> None:
    if not list(migrating.folder().glob("versions/*.py")):
        for path in _schema_sources():
            with contextlib.suppress(ImportError):
                importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        engine = create_engine(url)
        Base.metadata.create_all(engine)
        engine.dispose()
    else:
        migrating.upgrade(url)


def _drop_orphans(admin: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Databases of pytest processes that were killed."""
    for (name,) in admin.execute("select datname from pg_database where datname like 'test\\_%'").fetchall():
        if not _alive(int(str(name).split("_")[1])):
            admin.execute(f"drop database {name} with (force)")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _admin(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(_with_name(url, "postgres").replace("+psycopg", ""), autocommit=True)


def _with_name(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    DATA.mkdir(parents=True, exist_ok=True)
    with (DATA / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
