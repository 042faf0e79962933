"""`o2o up` and `o2o demo`: the whole house in one terminal, from an empty folder to open doors, and back on Ctrl-C."""

import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from o2o.cli import ground
from o2o.cli.telling import Steps, Stopped, say
from o2o.infra import embedded, migrating
from o2o.infra.processes import Program, Supervisor, python
from o2o.infra.settings import Settings

START_WITHIN_S = 120
LOOK_AT_ENGINES_EVERY_S = 5
KEPT_BY_RESET = {"house.lock", "tests"}
SCREENS = {
    "customer": "顾客端 customer",
    "clerk": "门店端 clerk",
    "rider": "骑手端 rider",
    "dispatcher": "调度台 dispatcher",
    "hq": "总部 head office",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What makes a demo more than a house: how the database is filled, what else runs and is set unless somebody set it, what is told
    at the end."""

    fill: Callable[[Settings, Steps], None]
    programs: tuple[Program, ...]
    env: Mapping[str, str]
    tell: Callable[[Settings], None]


def run(chosen: Settings, plan: Plan | None = None) -> None:
    """Bring the house up and keep it up until Ctrl-C or SIGTERM; then stop all of it, engines last."""
    ground.check_port(chosen.host, chosen.port)
    steps = Steps(4)
    with (
        ground.alone(chosen.data_dir),
        _interruptible(),
        _compiler(chosen) as compiler,
        _engines(chosen, steps) as found,
    ):
        with steps.step("更新数据库结构", "database schema"):
            migrating.upgrade(str(found.database_url))
        if plan:
            plan.fill(found, steps)
        with steps.step("编译调度算法", "compiling the planner"):
            if compiler.wait():
                raise Stopped(f"编译失败，请看 {_compiler_log(chosen)} / it could not be compiled: see its log")
        supervisor = _supervisor(found, plan.env if plan else {})
        try:
            with steps.step("启动接口、后台任务与页面", "API, worker, beat and screens"):
                for program in house(found) + (plan.programs if plan else ()):
                    supervisor.add(program)
                _wait_until_ready(found, supervisor)
            _tell(found)
            if plan:
                plan.tell(found)
            say("按 Ctrl-C 停止 / Ctrl-C stops everything")
            _watch(found, supervisor, ours=chosen.database_url is None)
        except KeyboardInterrupt:
            say("\n正在停止… / stopping…")
        finally:
            _stop(supervisor)
    say("已停止 / stopped")


def house(chosen: Settings) -> tuple[Program, ...]:
    """The processes of the house: relay, worker, beat, API."""
    celery = ("-m", "celery", "--app", "o2o.worker", "--quiet")
    queues = ("--queues", "celery,duties,followers", "--concurrency", str(chosen.worker_processes))
    quiet = ("--loglevel", "WARNING")
    schedule = str(_fresh_folder(chosen, "beat") / "schedule")
    address = ("--host", chosen.host, "--port", str(chosen.port), "--workers", str(chosen.api_processes))
    manners = ("--timeout-graceful-shutdown", "3", "--no-access-log", "--log-level", "warning")
    return (
        Program("relay", python("-m", "o2o.cli", "relay")),
        Program("worker", python(*celery, "worker", *queues, *quiet, "--without-gossip", "--without-mingle")),
        Program("beat", python(*celery, "beat", "--schedule", schedule, "--pidfile", "", *quiet)),
        Program("api", python("-m", "uvicorn", "o2o.app:create_app", "--factory", *address, *manners), shown="[短信"),
    )


def base_url(chosen: Settings) -> str:
    """Where the house answers on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(chosen.host, chosen.host)
    return f"http://{host}:{chosen.port}"


@contextmanager
def _compiler(chosen: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """Compiles the planner beside the first steps. Left to the processes of the house, each would do it for itself where it was never
    done, all at once, and what they were asked meanwhile would run into its time limit."""
    log = _compiler_log(chosen)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            python("-m", "o2o.dispatch.planning.warm"),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _compiler_log(chosen: Settings) -> Path:
    return chosen.data_dir.absolute() / "logs" / "compiler.log"


@contextmanager
def _engines(chosen: Settings, steps: Steps) -> Iterator[Settings]:
    """Run the engines as a step: only their start is timed."""
    engines = ground.engines_for(chosen)
    with steps.step("启动 PostgreSQL 与 Valkey", "PostgreSQL and Valkey"):
        found = engines.__enter__()
    try:
        yield found
    finally:
        engines.__exit__(None, None, None)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Make a polite kill and a closed terminal the same as Ctrl-C."""
    names = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    before = {name: signal.signal(name, signal.default_int_handler) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _fresh_folder(chosen: Settings, name: str) -> Path:
    folder = chosen.data_dir.absolute() / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _supervisor(chosen: Settings, more: Mapping[str, str]) -> Supervisor:
    env = (
        dict(more) | ground.environment_of(chosen) | {"PROMETHEUS_MULTIPROC_DIR": str(_fresh_folder(chosen, "metrics"))}
    )
    env.setdefault("O2O_WEBHOOK_URL", base_url(chosen) + "/api/payments/webhooks/sandbox")
    env.setdefault("O2O_OWN_CORE", "true")
    return Supervisor(logs=chosen.data_dir.absolute() / "logs", env=env, say=say)


def _wait_until_ready(chosen: Settings, supervisor: Supervisor) -> None:
    until = time.monotonic() + START_WITHIN_S
    while time.monotonic() < until:
        supervisor.look()
        try:
            with urllib.request.urlopen(base_url(chosen) + "/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    log = supervisor.log_of("api")
    raise Stopped(f"接口在 {START_WITHIN_S} 秒内没有就绪，请看 {log} / the API did not become ready: see its log")


def _tell(chosen: Settings) -> None:
    say("")
    for screen, name in SCREENS.items():
        say(f"  {name:<22} {base_url(chosen)}/{screen}/")
    say(f"  {'接口文档 API':<20} {base_url(chosen)}/api/openapi.json")
    say(f"  {'日志 logs':<21} {chosen.data_dir.absolute() / 'logs'}\n")


def _watch(chosen: Settings, supervisor: Supervisor, *, ours: bool) -> None:
    """Until interrupted: restart what dies, engines too when they are ours."""
    looked_at = time.monotonic()
    while True:
        supervisor.look()
        if ours and time.monotonic() - looked_at > LOOK_AT_ENGINES_EVERY_S:
            looked_at = time.monotonic()
            if not embedded.running(chosen.data_dir):
                say("数据库或消息服务停了，正在重启 / an engine ended: starting it again")
                embedded.start(chosen.data_dir)
        time.sleep(0.3)


def _stop(supervisor: Supervisor) -> None:
    """Stop the children; asked a second time, without grace."""

    def hurry(_: int, __: FrameType | None) -> None:
        supervisor.hurry()

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, hurry)
    supervisor.stop()


def erase(chosen: Settings) -> None:
    """Delete the engines' files and everything else in the data folder."""
    embedded.erase(chosen.data_dir)
    for path in chosen.data_dir.iterdir():
        if path.name in KEPT_BY_RESET:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
