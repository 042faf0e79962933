"""The way out of a transaction."""

import threading
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pytest
from sqlalchemy import select

from o2o.infra import outbox
from o2o.infra.outbox import OutboxRow, Sent
from o2o.kit import ids
from o2o.kit.events import Event
from tests.conftest import Database
from tests.hands import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    """Something was said on a channel."""

    name: ClassVar[str] = "test.said"
    screens_only: ClassVar[bool] = True
    word: str
    order_id: uuid.UUID

    def channels(self) -> tuple[str, ...]:
        return (f"order:{self.order_id}",)


def say(database: Database, clock: Clock, *words: str) -> uuid.UUID:
    order_id = ids.new_id()
    with database.sessions() as db:
        outbox.emit_all(db, [Said(word=word, order_id=order_id) for word in words], now=clock())
    return order_id


def test_what_is_rolled_back_is_never_said(database: Database, clock: Clock) -> None:
    heard: list[Sent] = []

    def say_and_fall() -> None:
        with database.sessions() as db:
            outbox.emit(db, Said(word="no", order_id=ids.new_id()), now=clock())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        say_and_fall()
    say(database, clock, "yes")
    assert outbox.relay(database.engine, heard.append) == 1
    assert [sent.event.word for sent in heard] == ["yes"]


def test_events_are_numbered_without_gaps_and_told_in_order(database: Database, clock: Clock) -> None:
    heard: list[Sent] = []
    say(database, clock, "a", "b")
    say(database, clock, "c")
    assert outbox.relay(database.engine, heard.append, limit=2) == 2
    assert outbox.relay(database.engine, heard.append) == 1
    assert outbox.relay(database.engine, heard.append) == 0
    assert [(sent.seq, sent.event.word) for sent in heard] == [(1, "a"), (2, "b"), (3, "c")]


def test_a_hearer_who_fails_hears_it_again_under_the_same_number(database: Database, clock: Clock) -> None:
    say(database, clock, "a", "b", "c")
    heard: list[Sent] = []

    def trip_over_b(sent: Sent) -> None:
        if sent.event.word == "b":
            raise ConnectionError
        heard.append(sent)

    with pytest.raises(ConnectionError):
        outbox.relay(database.engine, trip_over_b)
    assert outbox.relay(database.engine, heard.append) == 2
    assert [(sent.seq, sent.event.word) for sent in heard] == [(1, "a"), (2, "b"), (3, "c")]


def test_of_two_relays_only_one_works_at_a_time(database: Database, clock: Clock) -> None:
    say(database, clock, *"abcdefgh")
    inside, go_on = threading.Event(), threading.Event()
    heard: list[str] = []

    def slowly(sent: Sent) -> None:
        inside.set()
        assert go_on.wait(60)
        heard.append(sent.event.word)

    first = threading.Thread(target=outbox.relay, args=(database.engine, slowly))
    first.start()
    assert inside.wait(60)
    assert outbox.relay(database.engine, slowly) == 0
    go_on.set()
    first.join()
    assert heard == list("abcdefgh")


def test_a_screen_that_lost_signal_gets_what_it_missed_on_its_channels(database: Database, clock: Clock) -> None:
    mine, other = say(database, clock, "a", "b"), say(database, clock, "x")
    outbox.relay(database.engine, lambda _: None)
    with database.sessions() as db:
        missed = outbox.since(db, after_seq=1, channels=[f"order:{mine}"])
        every = outbox.since(db, after_seq=0, channels=[f"order:{mine}", f"order:{other}"])
    assert [sent.event.word for sent in missed] == ["b"]
    assert [sent.event.word for sent in every] == ["a", "b", "x"]


def test_old_events_are_forgotten_but_the_count_goes_on(database: Database, clock: Clock) -> None:
    say(database, clock, "a", "b")
    outbox.relay(database.engine, lambda _: None)
    with database.sessions() as db:
        outbox.forget(db, now=clock() + timedelta(days=4))
        assert db.scalars(select(OutboxRow.seq)).all() == [2]
    say(database, clock, "c")
    heard: list[Sent] = []
    outbox.relay(database.engine, heard.append)
    assert heard[0].seq == 3


OWED = {"test.said": ["a.one", "a.other"]}


def owing(database: Database, clock: Clock) -> list[tuple[int, list[str]]]:
    with database.sessions() as db:
        return [(sent.seq, followers) for sent, followers in outbox.forgotten(db, now=clock())]


def test_a_follower_owes_an_event_until_its_own_work_commits(database: Database, clock: Clock) -> None:
    say(database, clock, "a", "b")
    outbox.relay(database.engine, lambda _: None, followers=OWED)
    with database.sessions() as db:
        outbox.followed(db, seq=1, follower="a.one")
        outbox.followed(db, seq=1, follower="a.one")

    def follow_and_fall() -> None:
        with database.sessions() as db:
            outbox.followed(db, seq=2, follower="a.one")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        follow_and_fall()
    clock.advance(60)
    assert owing(database, clock) == [(1, ["a.other"]), (2, ["a.one", "a.other"])]


def test_what_nobody_follows_is_owed_by_nobody(database: Database, clock: Clock) -> None:
    say(database, clock, "a")
    outbox.relay(database.engine, lambda _: None, followers={"another.event": ["a.one"]})
    clock.advance(3_600)
    assert owing(database, clock) == []


def test_an_event_that_somebody_owes_is_kept_however_old(database: Database, clock: Clock) -> None:
    say(database, clock, "a", "b", "c")
    outbox.relay(database.engine, lambda _: None, followers=OWED)
    with database.sessions() as db:
        for follower in OWED["test.said"]:
            outbox.followed(db, seq=2, follower=follower)
    with database.sessions() as db:
        outbox.forget(db, now=clock() + timedelta(days=4))
        assert db.scalars(select(OutboxRow.seq).order_by(OutboxRow.seq)).all() == [1, 3]


def test_forgotten_events_are_named_after_a_minute_and_again_when_twice_as_old(
    database: Database, clock: Clock
) -> None:
    say(database, clock, "a")
    clock.advance(300)
    assert owing(database, clock) == []  # nobody was told yet, so nobody has forgotten
    clock.advance(-300)
    outbox.relay(database.engine, lambda _: None, followers=OWED)
    named_at = []
    for second in range(0, 4 * 3_600, 20):
        if owing(database, clock):
            named_at.append(second)
        clock.advance(20)
    assert named_at == [60, 120, 240, 480, 960, 1_920, 3_840, 7_440, 11_040]
