"""Whatever is killed in mid-work, no acknowledged order is lost or doubled, nothing is oversold, and the house goes on.

    O2O_KILLS=60 O2O_KILLS_PEOPLE=12 O2O_KILLS_PATIENCE=1 .venv/bin/pytest tests/kills -s      # the full run, with the real limits

The short run in `make test` kills each kind of process once. `O2O_KILLS_PEOPLE` are the customers who order at a time,
`O2O_KILLS_PATIENCE` stretches the time until the next acknowledgement, for a machine that does other work as well;
`O2O_KILLS_SEED` draws other moments and victims.
"""

import json
import os
import random
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from statistics import median
from typing import Any

import pytest
from sqlalchemy import Engine, text

from bench.checkout import machine
from bench.checkout_house import House, house
from o2o.analytics import reconcile
from o2o.dispatch.planning import warm as planner
from o2o.infra.db import make_engine, transaction
from tests.kills.crowd import Crowd
from tests.kills.victims import Victims

KILLS = int(os.environ.get("O2O_KILLS", "6"))
PATIENCE = float(os.environ.get("O2O_KILLS_PATIENCE", "4"))
PEOPLE = int(os.environ.get("O2O_KILLS_PEOPLE", "8"))
SEED = int(os.environ.get("O2O_KILLS_SEED", "1"))
BACK_WITHIN_S = {"postmaster": 10.0}
USUALLY_BACK_WITHIN_S = 5.0
GIVEN_UP_AFTER_S = 60.0
FOLLOWS_WITHIN_S = 60.0
"""In this time the relay and the worker, which are alive and at it, act on one more payment at least."""

pytestmark = pytest.mark.slow
Back = list[tuple[str, float]]
"""Who was killed, and after how many seconds an order was acknowledged that was asked for after the death."""


@pytest.fixture
def running() -> Iterator[House]:
    """A durable house of its own. Some shelves run empty during the run, so that overselling would show; most never do, and no
    queue is too long, so that after each kill there is something to order, though nobody picks."""
    planner.warm()  # compiled once and kept: a fresh API process would else be at it for half a minute, as often as it is killed
    with house(apis=2, stores=4, goods_count=30, people=20, scarce=KILLS // 2, patient=True) as found:
        yield found


@pytest.fixture
def engine(running: House) -> Iterator[Engine]:
    """A look at the house's database from outside."""
    found = make_engine(running.addresses.database_url, pool_size=1, statement_timeout_ms=0)
    yield found
    found.dispose()


def schedule(dice: random.Random, kinds: list[str]) -> list[tuple[float, str]]:
    """After how many seconds whom: every kind in each round, in a shuffled order."""
    rounds = [dice.sample(kinds, len(kinds)) for _ in range(-(-KILLS // len(kinds)))]
    return [(dice.uniform(0.3, 2.0), kind) for one in rounds for kind in one][:KILLS]


def test_no_acknowledged_order_is_lost_doubled_or_oversold_whatever_is_killed(running: House, engine: Engine) -> None:
    dice = random.Random(SEED)
    began = time.monotonic()
    with Victims(running, dice) as victims:
        with Crowd(running.city, [api.port for api in running.apis], people=PEOPLE, seed=SEED) as crowd:
            assert crowd.next_order(time.monotonic(), GIVEN_UP_AFTER_S), "nothing was ordered before the first kill"
            back = killed_one_after_the_other(victims, crowd, dice)
        under_load_s = time.monotonic() - began
        waiting = paid_but_not_followed(engine, crowd.paid)
    acknowledged = [one.order_id for one in crowd.placed]
    oversold = oversold_in(engine)
    with transaction(engine) as db:
        differences = reconcile.differences(db)
    print(json.dumps({
        "benchmark": "kills", "kills": len(back), "people": PEOPLE, "seed": SEED, "machine": machine(), "back_s": by_kind(back),
        "valkey_emptied": victims.emptied,
        "acknowledged": len(acknowledged), "paid": len(crowd.paid), "refused": crowd.refused, "strange": crowd.strange,
        "oversold": oversold, "paid_not_followed": len(waiting), "differences": differences,
        "under_load_s": round(under_load_s, 1), "seconds": round(time.monotonic() - began, 1),
    }))  # fmt: skip
    assert crowd.strange == []
    assert len(set(acknowledged)) == len(acknowledged)
    assert orders_in(engine) == sorted(acknowledged), "an order is missing, or one was made that nobody was told of"
    assert oversold == []
    assert waiting == []
    assert differences == []
    assert [(kind, s) for kind, s in back if s > PATIENCE * BACK_WITHIN_S.get(kind, USUALLY_BACK_WITHIN_S)] == []


def killed_one_after_the_other(victims: Victims, crowd: Crowd, dice: random.Random) -> Back:
    """All kills of the schedule; after each the house works again before the next."""
    back: Back = []
    for pause_s, kind in schedule(dice, list(victims.ways)):
        threading.Event().wait(pause_s)
        killed_at = victims.ways[kind]()
        answered_at = crowd.next_order(time.monotonic(), GIVEN_UP_AFTER_S)
        if answered_at is None:
            pytest.fail(f"no order after {kind}, kill {len(back) + 1}: {crowd.refused}, {crowd.strange[-3:]}, {back}")
        back.append((kind, answered_at - killed_at))
        print(f"{len(back)} {kind} {back[-1][1]:.2f} s", file=sys.stderr, flush=True)
    return back


def by_kind(back: Back) -> dict[str, dict[str, Any]]:
    """How often each was killed, and the seconds until the next acknowledgement."""
    found = defaultdict(list)
    for kind, seconds in back:
        found[kind].append(seconds)
    return {
        kind: {"kills": len(some), "median": round(median(some), 2), "worst": round(max(some), 2)}
        for kind, some in sorted(found.items())
    }


def orders_in(engine: Engine) -> list[str]:
    """Ids of all orders there are."""
    with transaction(engine) as db:
        return sorted(str(row[0]) for row in db.execute(text("SELECT id FROM orders")))


def oversold_in(engine: Engine) -> list[tuple[object, ...]]:
    """Items of which more is promised than is there."""
    query = (
        "SELECT store_id, sku, on_hand, reserved FROM stock_items WHERE reserved + damaged + quality_control > on_hand"
    )
    with transaction(engine) as db:
        return [tuple(row) for row in db.execute(text(query))]


def paid_but_not_followed(engine: Engine, paid: list[str]) -> list[str]:
    """Paid orders whose payment the house does not act on; it is waited for as long as there are fewer of them by and by."""
    query = text("SELECT id FROM orders WHERE id = ANY (CAST(:paid AS uuid[])) AND state = 'placed'")
    before, until = len(paid) + 1, 0.0
    while True:
        with transaction(engine) as db:
            left = [str(row[0]) for row in db.execute(query, {"paid": paid})]
        if len(left) < before:
            before, until = len(left), time.monotonic() + FOLLOWS_WITHIN_S * PATIENCE
        if not left or time.monotonic() > until:
            return left
        threading.Event().wait(0.5)
