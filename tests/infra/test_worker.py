"""The worker: a killed one's messages come back soon, none is taken from a living one too early, and a lost one is queued again."""

from datetime import timedelta
from typing import Any

import pytest
import redis
from sqlalchemy import select

from o2o import worker
from o2o.infra import outbox
from o2o.infra.outbox import OutboxRow
from o2o.infra.tools import Tools
from o2o.kit import ids
from o2o.kit.clock import utc_now
from o2o.payments.events import PaymentAuthorised
from tests.conftest import Database

CONFIRM = "o2o.orders.tasks.confirm_payment"


def test_a_follower_is_done_with_its_message_before_it_would_come_back() -> None:
    options = worker.app.conf.broker_transport_options
    held_s = worker.follow.retry_backoff_max + worker.follow.time_limit
    assert held_s < options["visibility_timeout"] <= 60
    assert options["unacked_mutex_expire"] <= options["visibility_timeout"]
    assert options["unacked_restore_interval"] * options["unacked_restore_throttle"] <= 5
    assert worker.app.conf.task_acks_late


def test_nobody_is_reminded_of_a_message_before_that_would_come_back_by_itself() -> None:
    options = worker.app.conf.broker_transport_options
    back_after_s = options["visibility_timeout"] + options["unacked_restore_interval"]
    assert outbox.OVERDUE.total_seconds() > back_after_s


@pytest.fixture
def queued(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is handed to a broker that loses everything; relay and worker use the test's own tools."""
    handed: list[dict[str, Any]] = []
    monkeypatch.setattr(worker, "tools", lambda: tools)
    monkeypatch.setattr(worker.follow, "apply_async", lambda *, kwargs: handed.append(kwargs))
    return handed


def authorised_ago(database: Database, seconds: int) -> None:
    event = PaymentAuthorised(payment_id=ids.new_id(), order_id=ids.new_id(), amount_fen=100)
    with database.sessions() as db:
        outbox.emit(db, event, now=utc_now() - timedelta(seconds=seconds))
    outbox.relay(database.engine, worker.queue_and_publish, followers=worker.FOLLOWERS)


def owed(database: Database) -> list[list[str]]:
    with database.sessions() as db:
        return list(db.scalars(select(OutboxRow.owed)))


def test_a_payment_whose_message_was_lost_is_queued_again_until_it_is_followed(
    database: Database, queued: list[dict[str, Any]]
) -> None:
    authorised_ago(database, 70)
    assert [told["follower"] for told in queued] == [CONFIRM]
    assert worker.remind() == 1
    assert worker.remind() == 0
    assert queued[1] == queued[0]
    worker.follow(**queued[1])
    assert owed(database) == [[]]


def test_a_payment_just_made_is_not_queued_twice(database: Database, queued: list[dict[str, Any]]) -> None:
    authorised_ago(database, 30)
    assert worker.remind() == 0
    assert len(queued) == 1
    assert owed(database) == [[CONFIRM]]


def test_who_waits_in_a_long_queue_is_not_queued_again(
    database: Database, queued: list[dict[str, Any]], valkey: "redis.Redis"
) -> None:
    authorised_ago(database, 70)
    valkey.rpush(worker.FOLLOWERS_QUEUE, *range(worker.SHORT_QUEUE + 1))
    assert worker.remind() == 0
    valkey.lpop(worker.FOLLOWERS_QUEUE)
    assert worker.remind() == 1


def test_a_message_of_an_older_house_is_followed_all_the_same(database: Database, queued: list[dict[str, Any]]) -> None:
    authorised_ago(database, 0)
    told = {name: value for name, value in queued[0].items() if name != "seq"}
    worker.follow(**told)
    assert owed(database) == [[CONFIRM]]
