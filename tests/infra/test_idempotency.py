"""A write asked for twice is done once."""

import threading

import pytest
from sqlalchemy.orm import Session

from o2o.infra import idempotency
from o2o.infra.idempotency import Answer, KeyReused, StillRunning, Ticket
from tests.conftest import Database
from tests.hands import Clock


class Work:
    """Counts how often it was done."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self) -> Answer:
        self.done += 1
        return Answer(201, {"nth": self.done})


def ask(
    db: Session, work: Work, clock: Clock, *, caller: str = "customer:1", key: str = "k-1", body: bytes = b"{}"
) -> Answer:
    mark = idempotency.fingerprint("POST /api/orders", body)
    return idempotency.once(db, Ticket(caller, key, mark), now=clock(), work=work)


def test_the_second_time_gets_the_first_answer(database: Database, clock: Clock) -> None:
    work = Work()
    with database.sessions() as db:
        first = ask(db, work, clock)
    with database.sessions() as db:
        second = ask(db, work, clock)
    assert (first.body, second.body) == ({"nth": 1}, {"nth": 1})
    assert (first.replayed, second.replayed, second.status, work.done) == (False, True, 201, 1)


def test_keys_are_their_callers_own(database: Database, clock: Clock) -> None:
    work = Work()
    with database.sessions() as db:
        ask(db, work, clock, caller="customer:1")
        ask(db, work, clock, caller="customer:2")
    assert work.done == 2


def test_the_same_key_for_another_request_is_refused(database: Database, clock: Clock) -> None:
    work = Work()
    with database.sessions() as db:
        ask(db, work, clock)
    with pytest.raises(KeyReused) as refusal, database.sessions() as db:
        ask(db, work, clock, body=b'{"x": 1}')
    assert refusal.value.facts["field"] == "Idempotency-Key"
    assert work.done == 1


def test_work_that_fails_leaves_the_key_free(database: Database, clock: Clock) -> None:
    def fail() -> Answer:
        raise RuntimeError

    with pytest.raises(RuntimeError), database.sessions() as db:
        idempotency.once(db, Ticket("c", "k", "m"), now=clock(), work=fail)
    with database.sessions() as db:
        assert idempotency.once(db, Ticket("c", "k", "m"), now=clock(), work=Work()).body == {"nth": 1}


def test_a_request_still_running_says_so_at_once(database: Database, clock: Clock) -> None:
    begun, finish = threading.Event(), threading.Event()
    work = Work()

    def slow() -> Answer:
        begun.set()
        assert finish.wait(10)
        return work()

    def first() -> None:
        with database.sessions() as db:
            mark = idempotency.fingerprint("POST /api/orders", b"{}")
            idempotency.once(db, Ticket("customer:1", "k-1", mark), now=clock(), work=slow)

    thread = threading.Thread(target=first)
    thread.start()
    assert begun.wait(10)
    with pytest.raises(StillRunning), database.sessions() as db:
        ask(db, work, clock)
    finish.set()
    thread.join()
    with database.sessions() as db:
        assert ask(db, work, clock).replayed
    assert work.done == 1
