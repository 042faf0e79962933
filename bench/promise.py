"""Are promises kept, and do they grow with demand? Simulated days of the demo district at several demands, the same seeds for all.

    python -m bench.promise FOLDER --learn 101:1,102:2 --judge 21:1,22:1.5,23:2 [--from-hour 11] [--hours 3] [--fixed-min 30]
    python -m bench.promise FOLDER --judge ...            # goes on: runs that FOLDER has already are not made again
    python -m bench.promise FOLDER --only-report

A run is `seed:demand`. Learning runs teach one after the other; each judged run begins with what they taught and a shelf, a crew
and a demand of its own, and goes on learning while it lasts. With `--fixed-min` every order is promised so many minutes instead.
Prints JSON: shares kept with Wilson's intervals (95 %), medians, calibration by store, errors by stage.
"""

import argparse
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from math import sqrt
from pathlib import Path
from statistics import fmean, median
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url, text

from o2o.cli import district, ground
from o2o.infra import migrating
from o2o.infra.db import transaction
from o2o.infra.embedded import engines
from o2o.infra.settings import Settings
from o2o.infra.tools import Tools, open_tools
from o2o.orders import promise
from o2o.simulation import run

HOUSE_SEED = 7
ORDERS_A_DAY = 2_000
WINDING_DOWN_S = 3_600
_OUTCOMES = """
select st.code as store, o.placed_at, p.promised_s, p.took_s, p.late_s, p.over_s, p.spread_s, p.crowd, p.stages
from promise_outcomes p join orders o on o.id = p.order_id join stores st on st.id = p.store_id
where p.method = 'delivery' order by p.came_at, p.shipment_id
"""
_PACES = "select place, method, paces, margin, crowds, orders, learned_at from store_paces order by place, method"
_PUT = """
insert into store_paces (place, method, paces, margin, crowds, orders, learned_at)
values (:place, :method, cast(:paces as jsonb), :margin, cast(:crowds as jsonb), :orders, :learned_at)
"""


def main() -> None:
    """Make the runs that are missing, then report."""
    asked = argparse.ArgumentParser()
    asked.add_argument("folder", type=Path)
    asked.add_argument("--learn", default="")
    asked.add_argument("--judge", default="")
    asked.add_argument("--from-hour", type=float, default=11)
    asked.add_argument("--hours", type=float, default=3)
    asked.add_argument("--fixed-min", type=int, default=0)
    asked.add_argument("--only-report", action="store_true")
    chosen = asked.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    if not chosen.only_report:
        for nth, one in enumerate(filter(None, chosen.learn.split(","))):
            _make(chosen, one, f"learn-{nth}", teaches=True)
        for one in filter(None, chosen.judge.split(",")):
            _make(chosen, one, "fixed" if chosen.fixed_min else "judge", teaches=False)
    print(json.dumps(report(chosen.folder), indent=1))


def _make(chosen: argparse.Namespace, one: str, kind: str, *, teaches: bool) -> None:
    seed, demand = one.split(":")
    to = chosen.folder / f"{kind}-{seed}-{demand}.json"
    if to.exists():
        return
    taught = chosen.folder / "paces.json"
    with _house(chosen.folder) as tools:
        with transaction(tools.engine) as db:
            for row in json.loads(taught.read_text()) if taught.exists() else []:
                db.execute(text(_PUT), row | {name: json.dumps(row[name]) for name in ("paces", "crowds")})
        if chosen.fixed_min:
            _promise_always(chosen.fixed_min)
        begins = district.SIMULATED_DAY + timedelta(hours=chosen.from_hour)
        day = run.day(
            tools,
            seed=int(seed),
            begins=begins,
            hours=chosen.hours,
            orders_a_day=round(ORDERS_A_DAY * float(demand)),
            winding_down_s=WINDING_DOWN_S,
        )
        with transaction(tools.engine) as db:
            outcomes = [dict(row) for row in db.execute(text(_OUTCOMES)).mappings()]
            paces = [dict(row) for row in db.execute(text(_PACES)).mappings()]
    if teaches:
        taught.write_text(json.dumps(paces, default=str))
    made = {
        "seed": int(seed),
        "demand": float(demand),
        "kind": kind,
        "hours": [chosen.from_hour, chosen.hours],
        "day": day,
    }
    to.write_text(json.dumps(made | {"outcomes": outcomes}, default=str))


def _promise_always(minutes: int) -> None:
    """Whatever the load: so many minutes from the look. The plan behind it stays what it is."""
    made = promise.plan_delivery

    def fixed(**asked: Any) -> promise.FulfilmentPlan:
        plan = made(**asked)
        by = asked["now"] + timedelta(minutes=minutes)
        return replace(plan, arrive_from=by - timedelta(seconds=promise.STANDARD.window_s), arrive_by=by)

    promise.plan_delivery = fixed


@contextmanager
def _house(folder: Path) -> Iterator[Tools]:
    """A filled house of its own for one run: a copy of one that is filled once a folder."""
    with engines(folder / "house", durable=False) as found:
        base = Settings(
            profile="test", data_dir=folder / "house", database_url=found.database_url, broker_url=found.broker_url
        )
        url = make_url(found.database_url)
        with _admin(url) as db:
            filled = db.execute("select 1 from pg_database where datname = 'filled'").fetchone()
            if not filled:
                _fill(db, base, url)
            db.execute(sql.SQL("drop database if exists copy with (force)"))
            db.execute(sql.SQL("create database copy template filled"))
        tools = open_tools(base.model_copy(update={"database_url": _called(url, "copy")}))
        tools.valkey.flushdb()
        try:
            yield tools
        finally:
            tools.engine.dispose()
            tools.valkey.close()


def _fill(db: "psycopg.Connection[Any]", base: Settings, url: URL) -> None:
    db.execute(sql.SQL("drop database if exists filling"))
    db.execute(sql.SQL("create database filling"))
    migrating.upgrade(_called(url, "filling"))
    own = base.model_copy(update={"database_url": _called(url, "filling")})
    with ground.transaction_on(own) as session:
        now = district.SIMULATED_DAY - timedelta(hours=1)
        district.fill(session, own, lambda *_: nullcontext(), HOUSE_SEED, now=now)
    db.execute(sql.SQL("alter database filling rename to filled"))


def _called(url: URL, name: str) -> str:
    return url.set(database=name).render_as_string(hide_password=False)


@contextmanager
def _admin(url: URL) -> Iterator["psycopg.Connection[Any]"]:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as db:
        yield db


def report(folder: Path) -> dict[str, Any]:
    """What the runs of a folder come to."""
    runs = [json.loads(path.read_text()) for path in sorted(folder.glob("*-*-*.json"))]
    judged = [one for one in runs if one["kind"] == "judge"]
    fixed = {(one["seed"], one["demand"]): one for one in runs if one["kind"] == "fixed"}
    outcomes = [row for one in judged for row in one["outcomes"]]
    return {
        "learned on": [f"{one['seed']}:{one['demand']:g}" for one in runs if one["kind"].startswith("learn")],
        "runs": [_run(one, fixed.get((one["seed"], one["demand"]))) for one in judged],
        "by demand": {
            f"{demand:g}": share_kept([r for one in judged if one["demand"] == demand for r in one["outcomes"]])
            for demand in sorted({one["demand"] for one in judged})
        },
        "all judged": share_kept(outcomes),
        "by store": {store: share_kept(rows) for store, rows in sorted(_by(outcomes, "store").items())},
        "by promise": _calibration(outcomes),
        "by stage": _stages(outcomes),
    }


def _run(one: dict[str, Any], fixed: dict[str, Any] | None) -> dict[str, Any]:
    rows, day = one["outcomes"], one["day"]
    said = sorted(row["promised_s"] for row in rows)
    found = {
        "seed": one["seed"],
        "demand": one["demand"],
        "hours": one["hours"],
        "orders": day["orders"],
        **share_kept(rows),
        "promised min p50, p90": [round(said[len(said) // 2] / 60, 1), round(said[len(said) * 9 // 10] / 60, 1)],
        "took min p50": round(median(row["took_s"] for row in rows) / 60, 1),
        "late of the same rides if 30 min had been promised %": _percent(row["took_s"] > 1_800 for row in rows),
    }
    if fixed is not None:
        found["late in a day of fixed promises %"] = _percent(row["late_s"] > 0 for row in fixed["outcomes"])
    return found


def share_kept(rows: list[dict[str, Any]]) -> dict[str, Any]:
    kept, n = sum(row["late_s"] <= 0 for row in rows), len(rows)
    low, high = _wilson(kept, n)
    return {
        "delivered": n,
        "kept %": round(100 * kept / n, 1) if n else None,
        "interval %": [round(100 * low, 1), round(100 * high, 1)],
        "late %": round(100 - 100 * kept / n, 1) if n else None,
    }


def _wilson(kept: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """E. B. Wilson's score interval of a share (JASA 22, 1927)."""
    if not n:
        return (0.0, 1.0)
    share, wide = kept / n, z * z / n
    middle = (share + wide / 2) / (1 + wide)
    reach = z * sqrt(share * (1 - share) / n + wide / (4 * n)) / (1 + wide)
    return (middle - reach, middle + reach)


def _percent(flags: Iterator[bool]) -> float:
    found = list(flags)
    return round(100 * fmean(found), 1) if found else 0.0


def _by(rows: list[dict[str, Any]], name: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row[name]].append(row)
    return found


def _calibration(rows: list[dict[str, Any]], groups: int = 8) -> list[dict[str, Any]]:
    """By how long the promise was, the shortest first."""
    ranked = sorted(rows, key=lambda row: (row["promised_s"], row["placed_at"]))
    size = max(1, -(-len(ranked) // groups))
    parts = [ranked[at : at + size] for at in range(0, len(ranked), size)]
    return [{"promised min": round(part[-1]["promised_s"] / 60, 1), **share_kept(part)} for part in parts]


def _stages(rows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    for row in rows:
        for stage, one in row["stages"].items():
            found[stage].append(one)
    return {
        stage: {
            "planned s": round(fmean(one["planned_s"] for one in seen)),
            "took s": round(fmean(one["took_s"] for one in seen)),
            "mean error s": round(fmean(abs(one["took_s"] - one["planned_s"]) for one in seen)),
        }
        for stage, seen in found.items()
    }


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
