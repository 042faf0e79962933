"""`o2o promises report`: which promises were kept, and which stage lies."""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer

from o2o.cli import ground
from o2o.cli.telling import say
from o2o.infra.settings import settings
from o2o.kit.clock import utc_now
from o2o.orders.lessons import kept

app = typer.Typer(no_args_is_help=True, help="承诺 / promises")


@app.callback()
def _group() -> None:
    """承诺送达时间 / What customers were promised."""


@app.command()
def report(
    *, days: Annotated[float, typer.Option(help="最近多少天 / of how many days", min=0.01, max=366)] = 1
) -> None:
    """承诺兑现率、各环节误差 / Kept promises, and the error by stage."""
    now = utc_now()
    with ground.engines_for(settings()) as chosen, ground.transaction_on(chosen) as db:
        found = kept.read(db, since=now - timedelta(days=days), until=now)
    say(json.dumps({**asdict(found), "lies_most": found.lies_most}, ensure_ascii=False, indent=1, default=str))
