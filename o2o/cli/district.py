"""`o2o demo` and `o2o simulate`: a district filled from a seed, alive by the wall's clock or a day of it in one go."""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import redis
from sqlalchemy.orm import Session

from o2o.city import importing
from o2o.city.demo import buying, seeding
from o2o.city.importing import Progress
from o2o.cli import ground
from o2o.cli.running import Plan
from o2o.cli.telling import Steps, Stopped, say
from o2o.identity import accounts
from o2o.infra import citydata, log, migrating
from o2o.infra.processes import Program, python
from o2o.infra.settings import Settings
from o2o.infra.tools import Tools, open_tools
from o2o.kit import ids
from o2o.kit.clock import utc_now
from o2o.simulation import run
from o2o.stores import places

ROLES = {"customer": "顾客", "clerk": "店员", "rider": "骑手", "dispatcher": "调度员", "hq": "总部"}
FIRST_CLERK = "clerk01"
SIMULATED_DAY = datetime(2026, 3, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
"""An ordinary Monday."""
DEMO_RIDERS = 60
"""Half of them are on shift at any time (`simulation.rota`)."""
BROKER_NUMBER = 15
BROKER_MARK = "o2o:simulation"


def demo(seed: int) -> Plan:
    """The plan of a demo: a city and its people when there are none, players beside the house, accounts told at the end."""
    play = Program("simulation", python("-m", "o2o.cli", "simulate", "--seed", str(seed), "--speed", "live"))
    return Plan(
        fill=lambda chosen, steps: _fill_once(chosen, steps, seed),
        programs=(play,),
        env={"O2O_COURIER": "sandbox"},
        tell=_tell_accounts,
    )


def live(chosen: Settings, *, seed: int) -> None:
    """Play everybody but the accounts left to people, in the house that runs, until a signal."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    log.configure(as_json=chosen.log_json)
    people = seeding.people(chosen.data_dir)
    if people is None:
        raise Stopped("还没有演示数据，请先运行 o2o demo / no demo data here: run `o2o demo` first")
    with ground.transaction_on(chosen) as db:
        clerk = accounts.named(db, username=FIRST_CLERK)
    kept = {people.demo_rider_id, people.demo_customer_id} | ({clerk.id} if clerk else set())
    run.live(open_tools(chosen), seed=seed, stop=stop, kept=kept)


def simulate(chosen: Settings, *, seed: int, hours: float, orders_a_day: int, from_hour: float = 0) -> dict[str, Any]:
    """A day from `seed` in a house of its own (database, broker number, city), and its report; nothing else is touched."""
    begins = SIMULATED_DAY + timedelta(hours=from_hour)
    steps = Steps(2 + importing.STEPS + seeding.STEPS)
    folder = chosen.data_dir / "simulation"
    with ground.scratch_database(chosen, "o2o_simulation") as url, _scratch_broker(chosen) as broker_url:
        own = chosen.model_copy(update={"database_url": url, "broker_url": broker_url, "data_dir": folder})
        with steps.step("准备数据库", "a database of its own"):
            migrating.upgrade(url)
        with ground.transaction_on(own) as db:
            fill(db, own, steps.step, seed, now=begins - timedelta(hours=1))
        tools = open_tools(own)
        try:
            with steps.step(f"模拟 {hours:g} 小时", f"{hours:g} simulated hours"):
                return run.day(tools, seed=seed, begins=begins, hours=hours, orders_a_day=orders_a_day)
        finally:
            _close(tools)


def _close(tools: Tools) -> None:
    tools.engine.dispose()
    tools.valkey.close()


def _fill_once(chosen: Settings, steps: Steps, seed: int) -> None:
    """Fill an empty house; one that has its city and its people is left as it is."""
    with ground.transaction_on(chosen) as db:
        if seeding.people(chosen.data_dir) is None or not places.all_open(db):
            steps.more(importing.STEPS + seeding.STEPS + 1)
            now = utc_now()
            fill(db, chosen, steps.step, seed, now=now, riders=DEMO_RIDERS)
            with steps.step("过去八周的进货与销售", "eight weeks of buying and selling"):
                buying.seed_buying(db, seed=seed, now=now)


def fill(
    db: Session, chosen: Settings, progress: Progress, seed: int, *, now: datetime, riders: int = seeding.RIDERS
) -> None:
    """Import the district and put goods and people in it: all of it or none. The same seed and time give the same rows."""
    with ids.use(ids.seeded(seed + 1, lambda: now)):
        importing.import_city(db, importing.demo_extract(), data_dir=chosen.data_dir, now=now, progress=progress)
    seeding.seed_demo(db, data_dir=chosen.data_dir, seed=seed, now=now, progress=progress, riders_wanted=riders)


def _tell_accounts(chosen: Settings) -> None:
    clerks = 0
    for account in citydata.facts(chosen.data_dir).get("accounts", []):
        clerks += account["role"] == "clerk"
        if account["role"] == "clerk" and clerks > 1:
            continue
        role = f"{ROLES[account['role']]} {account['role']}"
        if account["phone"]:
            say(f"  {role:<18} {account['phone']}（验证码会显示在这里 / the code is shown here）")
        else:
            say(f"  {role:<18} {account['username']} / {account['password']}")
    say(f"  另有 {clerks - 1} 位店员，用户名 clerk02 起，密码相同 / {clerks - 1} more clerks, clerk02 and on\n")


@contextmanager
def _scratch_broker(chosen: Settings) -> Iterator[str]:
    """A numbered broker database of the simulation's own, empty before and after; a stranger's is never emptied."""
    url = str(chosen.broker_url).rpartition("/")[0] + f"/{BROKER_NUMBER}"
    with redis.Redis.from_url(url) as broker:
        if broker.dbsize() and not broker.exists(BROKER_MARK):
            raise Stopped(
                f"Valkey 的 {BROKER_NUMBER} 号库不是空的 / Valkey's database {BROKER_NUMBER} is in use by somebody"
            )
        broker.flushdb()
        broker.set(BROKER_MARK, 1)
        try:
            yield url
        finally:
            broker.flushdb()


def written(report: dict[str, Any]) -> str:
    """The report as text; the same day gives the same bytes."""
    return json.dumps(report, ensure_ascii=False, indent=2, sort_keys=True)
