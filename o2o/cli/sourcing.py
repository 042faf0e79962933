"""`o2o sourcing replay`: a past day of choices made again, to prove that each came from what was known and the rules of then."""

from datetime import date, datetime, timedelta
from typing import Annotated

import typer

from o2o.cli import ground
from o2o.cli.telling import Stopped, say
from o2o.infra.settings import settings
from o2o.kit.clock import utc_now
from o2o.orders.choices import days, replay

app = typer.Typer(no_args_is_help=True, help="寻源：重放 / sourcing: choices made again")


@app.callback()
def sourcing() -> None:
    """寻源 / Sourcing."""


@app.command("replay")
def replay_day(
    *,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="哪一天，默认昨天 / the day, yesterday unless given")
    ] = None,
) -> None:
    """重放一天的选择，逐字比对 / Make a day's choices again and compare to the letter; fails when one differs."""
    with ground.engines_for(settings()) as chosen, ground.transaction_on(chosen) as db:
        asked: date = day.date() if day else days.today(db, now=utc_now()) - timedelta(days=1)
        done = replay.replay(db, day=asked)
    other, lost = len(done.differing), len(done.strange)
    say(
        f"{done.day}：{done.decisions} 个选择，{done.reproduced} 个完全重现，{other} 个不同，{lost} 个无法读取 / "
        f"{done.decisions} choices, {done.reproduced} reproduced, {other} differ, {lost} unreadable"
    )
    if done.reproduced < done.decisions:
        raise Stopped("；".join(str(one["order_no"]) for one in [*done.differing, *done.strange]))
