"""The service door: Celery runs the followers of events and the duties of the timetable; `relay_forever` feeds it.

Crash settings: a task is acknowledged after its work and given back when its worker is lost, so every task may run twice. A message
can be lost all the same: a worker that dies between taking it and noting that it has it, a broker that falls. The outbox knows who
has not followed an event, and the relay queues that again.
"""

import time
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from threading import Event as Flag
from typing import Any

import redis
import structlog
from celery import Celery
from celery.signals import worker_init, worker_process_init
from kombu.exceptions import KombuError
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from o2o import subscriptions
from o2o.dispatch.planning.warm import warm
from o2o.infra import live, log, outbox
from o2o.infra.db import transaction
from o2o.infra.settings import settings
from o2o.infra.tools import Tools, open_tools
from o2o.kit.clock import utc_now
from o2o.kit.events import KNOWN

LONGEST_TASK_S = 60
LONGEST_FOLLOW_S = 20
REMIND_EVERY_S, SHORT_QUEUE = 5, 100
"""A follower whose message waits in a long queue is late, not forgotten."""
LONGEST_PAUSE_S = 20
"""Between two tries of a follower; its message stays with the worker meanwhile."""
BACK_AFTER_S = 45
"""A killed worker's messages come back after this. A follower never holds one as long; a duty may, and then the second copy finds
the advisory lock taken and ends."""
FOLLOWERS_QUEUE = "followers"
_log = structlog.get_logger()

app = Celery("o2o", broker=settings().broker_url or "redis://127.0.0.1:1/0")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_time_limit=LONGEST_TASK_S,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    # With Kombu's defaults messages are looked over every 100 s, and not at all for five minutes when a worker is killed just then.
    broker_transport_options={
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": 10,
        "visibility_timeout": BACK_AFTER_S,
    },
    task_routes={"o2o.duty": {"queue": "duties"}, "o2o.follow": {"queue": FOLLOWERS_QUEUE}},
    beat_schedule={
        duty.name: {
            "task": "o2o.fan_out",
            "schedule": duty.every_s,
            "kwargs": {"name": duty.name},
            "options": {"queue": "duties", "expires": max(duty.every_s, 5)},
        }
        for duty in subscriptions.TIMETABLE
    },
)
FOLLOWERS = {
    event.name: [f"{follower.__module__}.{follower.__name__}" for follower in some]
    for event, some in subscriptions.SUBSCRIPTIONS.items()
}
DUTIES = {duty.name: duty for duty in subscriptions.TIMETABLE}


@lru_cache(maxsize=1)
def tools() -> Tools:
    """This process's sockets, opened at first use (after the fork)."""
    return open_tools(settings())


@worker_init.connect
def _before_the_first_task(**_: object) -> None:
    # Where the planner was never compiled that takes long, and a task beside it would run into its time limit. What is forked has it.
    warm()


@worker_process_init.connect
def _begin(**_: object) -> None:
    log.configure(as_json=settings().log_json)


@app.task(
    name="o2o.follow",
    autoretry_for=(OperationalError,),
    retry_backoff=1,
    retry_backoff_max=LONGEST_PAUSE_S,
    max_retries=30,
    time_limit=LONGEST_FOLLOW_S,
)
def follow(*, follower: str, event: str, payload: dict[str, Any], seq: int | None = None) -> None:
    """Run one follower of one event in a transaction of its own, which notes that it has; `seq` is missing in messages of older houses."""
    module, _, name = follower.rpartition(".")
    run = getattr(import_module(module), name)
    with transaction(tools().engine) as db:
        run(db, event=KNOWN[event].from_payload(payload), now=utc_now(), tools=tools())
        if seq is not None:
            outbox.followed(db, seq=seq, follower=follower)


@app.task(name="o2o.fan_out")
def fan_out(*, name: str) -> None:
    """Split a duty into its pieces and queue each; a piece not begun before the next turn is dropped."""
    duty_now = DUTIES[name]
    for key in duty_now.keys(tools()):
        duty.apply_async(kwargs={"name": name, "key": key}, expires=max(duty_now.every_s, 5))


@app.task(name="o2o.duty")
def duty(*, name: str, key: str) -> None:
    """Do one piece of a duty unless another process is at it (an advisory lock a piece)."""
    with tools().engine.connect() as guard:
        lock = func.hashtextextended(f"duty:{name}:{key}", 0)
        if not guard.execute(select(func.pg_try_advisory_lock(lock))).scalar_one():
            return
        try:
            DUTIES[name].run(tools(), now=utc_now(), key=key)
        finally:
            guard.execute(select(func.pg_advisory_unlock(lock)))
            guard.rollback()


def queue_and_publish(sent: outbox.Sent) -> None:
    """What the relay does with an event: queue its followers, then tell the screens."""
    queue(sent, FOLLOWERS.get(sent.event.name, ()))
    live.publish(tools().valkey, sent)


def queue(sent: outbox.Sent, followers: Sequence[str]) -> None:
    """Queue followers of an event."""
    told = {"event": sent.event.name, "payload": sent.event.payload(), "seq": sent.seq}
    for follower in followers:
        follow.apply_async(kwargs={"follower": follower, **told})


def remind() -> int:
    """Queue again what should long have been followed, unless the queue is still full of what it may be; returns how many events."""
    if tools().valkey.llen(FOLLOWERS_QUEUE) > SHORT_QUEUE:
        return 0
    with transaction(tools().engine) as db:
        found = outbox.forgotten(db, now=utc_now())
        for sent, followers in found:
            queue(sent, followers)
            _log.warning("follower.reminded", event_name=sent.event.name, seq=sent.seq, followers=followers)
    return len(found)


def relay_forever(stop: Flag, *, idle_s: float = 0.1) -> None:
    """Relay what commits until `stop` is set; a lost database or broker is waited for."""
    remind_at = time.monotonic() + REMIND_EVERY_S
    while not stop.is_set():
        try:
            if not outbox.relay(tools().engine, queue_and_publish, followers=FOLLOWERS):
                stop.wait(idle_s)
            if time.monotonic() >= remind_at:
                remind_at = time.monotonic() + REMIND_EVERY_S
                remind()
        except (OperationalError, redis.ConnectionError, KombuError, OSError) as error:
            _log.warning("relay.waits", error=type(error).__name__)
            stop.wait(1)
