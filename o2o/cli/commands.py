"""The commands of `o2o`."""

import errno
import json
import signal
import threading
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from alembic.util.exc import CommandError
from psycopg import OperationalError as Unreachable
from psycopg.errors import UndefinedTable
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError, ProgrammingError

from o2o.cli import ground, imports, promises, running, sourcing, zones
from o2o.cli.telling import Stopped, say
from o2o.infra import embedded, log, migrating
from o2o.infra.engines.home import EngineFailed
from o2o.infra.settings import Settings, settings
from o2o.kit.errors import DomainError

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="O2O 新零售 / O2O new retail"
)

app.add_typer(imports.city, name="city")
app.add_typer(imports.catalogue, name="catalogue")
app.add_typer(promises.app, name="promises")
app.add_typer(zones.zones, name="zones")
app.add_typer(sourcing.app, name="sourcing")


def main() -> None:
    """Run a command; what a person can put right is told in one line, anything else is a bug and shows its trace."""
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # asked to end, a command leaves nothing running behind it
    try:
        app()
    except (Stopped, EngineFailed) as stopped:
        _give_up(str(stopped))
    except DomainError as refused:
        facts = ", ".join(f"{name}={value}" for name, value in refused.facts.items())
        _give_up(" ".join(f"{refused.message} ({facts}) [{refused.code}]".split()))
    except ValidationError as invalid:
        if invalid.title != Settings.__name__:
            raise
        _give_up("; ".join(f"O2O_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in invalid.errors()))
    except CommandError as other:
        _give_up(
            f"数据库来自另一个版本，请用 o2o reset 清空，或换回那个版本 / the database is of another version: {other}"
        )
    except ProgrammingError as error:
        if not isinstance(error.orig, UndefinedTable):
            raise
        _give_up("数据库还没有表，请先运行 o2o migrate / the database is empty: run `o2o migrate` first")
    except (OperationalError, Unreachable) as error:
        _give_up(_unreachable(error))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise
        _give_up(
            f"无法写入 {error.filename or '磁盘'}：{error.strerror}。请检查磁盘空间与权限 / check disk space and permissions"
        )


def _unreachable(error: OperationalError | Unreachable) -> str:
    """What to do when the database does not answer; anything else that went wrong in it is raised again."""
    said = error.orig if isinstance(error, OperationalError) else error
    if not isinstance(said, Unreachable) or said.sqlstate is not None:
        raise error
    return (
        f"连不上数据库，请检查 O2O_DATABASE_URL / the database cannot be reached: {str(said).strip().splitlines()[0]}"
    )


def _give_up(line: str) -> None:
    typer.echo(line, err=True)
    raise SystemExit(1)


@app.command()
def up() -> None:
    """启动整个系统（不含模拟） / Start the whole house, nothing simulated."""
    running.run(settings())


@app.command()
def demo(*, seed: Annotated[int, typer.Option(help="随机种子 / seed of the district")] = 7) -> None:
    """启动演示：一座活着的城区 / Start the house with a living district in it."""
    from o2o.cli import district

    if settings().profile == "production":
        raise Stopped("生产环境不能运行演示 / the demo does not run where O2O_PROFILE=production")
    running.run(settings(), district.demo(seed))


class Speed(StrEnum):
    """How fast simulated time goes: by leaps, or by the wall's clock in the house that runs."""

    MAX = "max"
    LIVE = "live"


@app.command()
def simulate(
    *,
    seed: Annotated[int, typer.Option(help="随机种子 / seed")] = 7,
    hours: Annotated[float, typer.Option(help="模拟多少小时 / how long", min=0.1, max=24)] = 24,
    speed: Annotated[Speed, typer.Option(help="max：尽快；live：按真实时间 / by leaps, or by the clock")] = Speed.MAX,
    orders: Annotated[int, typer.Option(help="一天多少单 / orders a day", min=1)] = 2_000,
    demand: Annotated[float, typer.Option(help="需求倍数 / how many times as many", min=0.1, max=10)] = 1.0,
    from_hour: Annotated[float, typer.Option(help="从几点开始 / from which hour of the day", min=0, max=23)] = 0,
    to: Annotated[Path | None, typer.Option(help="报告写到 / write the report to", dir_okay=False)] = None,
) -> None:
    """模拟一天并核对账目 / A day in the city from a seed, its books checked as it goes."""
    from o2o.cli import district

    if to is not None:  # found out before a day is simulated, not after
        to.parent.mkdir(parents=True, exist_ok=True)
        to.touch()
    with ground.engines_for(settings()) as chosen:
        if speed is Speed.LIVE:
            district.live(chosen, seed=seed)
            return
        found = district.simulate(
            chosen, seed=seed, hours=hours, orders_a_day=round(orders * demand), from_hour=from_hour
        )
        text = district.written(found)
    say(text)
    if to is not None:
        to.write_text(text + "\n")


@app.command()
def reset(*, yes: Annotated[bool, typer.Option("--yes", help="不再询问 / do not ask")] = False) -> None:
    """删除内置数据库与所有本地数据 / Delete the embedded database and all local data."""
    chosen = settings()
    with ground.alone(chosen.data_dir):
        if embedded.in_use(chosen.data_dir):
            raise Stopped("数据正在使用中，请先停止 o2o / the data is in use: stop o2o first")
        if not yes:
            typer.confirm(f"删除 {chosen.data_dir.absolute()} 中的全部数据？/ Delete everything there?", abort=True)
        running.erase(chosen)
    say("已重置 / reset")


@app.command()
def migrate(
    *,
    to: Annotated[str, typer.Option(help="目标版本 / revision")] = "head",
    check: Annotated[bool, typer.Option("--check", help="模型与迁移是否一致 / do models and migrations agree")] = False,
    new: Annotated[str, typer.Option(help="生成新的迁移 / draft the next migration")] = "",
) -> None:
    """更新数据库结构 / Bring the schema to the newest."""
    with ground.engines_for(settings()) as chosen:
        if check or new:
            with ground.scratch_database(chosen, "o2o_drift") as url:
                migrating.upgrade(url)
                _compare(url, new)
        elif to.startswith("-") or to == "base":
            migrating.downgrade(str(chosen.database_url), to=to)
        else:
            migrating.upgrade(str(chosen.database_url), to=to)


def _compare(url: str, new: str) -> None:
    if new:
        say("已生成 / drafted" if migrating.draft(url, new) else "没有变化 / nothing differs")
        return
    differences = migrating.drift(url)
    for line in differences:
        say(line)
    if differences:
        raise Stopped(f"模型与迁移有 {len(differences)} 处不一致 / models and migrations differ")
    say("模型与迁移一致 / models and migrations agree")


@app.command()
def reconcile() -> None:
    """核对每个汇总数与其流水 / Compare every derived number with its ledger."""
    from o2o.analytics import reconcile as books

    with ground.engines_for(settings()) as chosen, ground.transaction_on(chosen) as db:
        differences = books.differences(db)
    for line in differences:
        say(line)
    if differences:
        raise Stopped(f"有 {len(differences)} 处不一致 / {len(differences)} things do not add up")
    say("全部一致 / everything adds up")


@app.command()
def relay() -> None:
    """投递已提交的事件 / Send out what has committed (one process)."""
    with ground.engines_for(settings()) as chosen:
        ground.adopt(chosen)
        from o2o import worker

        log.configure(as_json=chosen.log_json)
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        worker.relay_forever(stop)


@app.command()
def events() -> None:
    """谁发出什么事件、谁来处理 / Who says what, and what follows."""
    from o2o import app as _doors
    from o2o import subscriptions
    from o2o.kit.events import KNOWN

    assert _doors
    for name, kind in sorted(KNOWN.items()):
        followers = subscriptions.SUBSCRIPTIONS.get(kind, [])
        then = ", ".join(f"{f.__module__.removeprefix('o2o.').removesuffix('.tasks')}.{f.__name__}" for f in followers)
        say(f"{name:<36} {then or ('screens only' if kind.screens_only else '-')}")


@app.command()
def openapi(
    *,
    to: Annotated[Path, typer.Option(help="写到 / write to")] = Path("docs/openapi.json"),
    check: Annotated[bool, typer.Option("--check", help="只比较 / only compare")] = False,
) -> None:
    """生成接口文档 / Write the OpenAPI document."""
    from o2o.app import create_app

    text = json.dumps(create_app().openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if check:
        if not to.exists() or to.read_text() != text:
            raise Stopped(f"{to} 已过期，请运行 o2o openapi / {to} is out of date: run `o2o openapi`")
        say("接口文档是最新的 / up to date")
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(text)
    say(f"{to}")
