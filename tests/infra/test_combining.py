"""Calls made at the same moment go together, and each gets its own answer."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from o2o.infra import combining
from o2o.infra.combining import Together
from o2o.infra.db import counted

PATIENT_S = 120


@pytest.fixture
def engine() -> Engine:
    """One that is never used: it only says which line to stand in."""
    return create_engine("postgresql+psycopg://nobody@nowhere/nothing")


@pytest.fixture
def db(engine: Engine) -> Session:
    return Session(engine)


class Database:
    """What `Together` calls: notes who came together, and stands still while the gate is shut."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = threading.Event()
        self.inside = threading.Semaphore(0)
        self.gate.set()

    def do(self, db: Session, asked: Sequence[int]) -> list[int | None]:
        self.batches.append(list(asked))
        self.inside.release()
        assert self.gate.wait(PATIENT_S)
        return [None if n == 13 else 10 * n for n in asked]


def test_one_alone_goes_at_once_and_alone(db: Session) -> None:
    database = Database()
    together = Together(database.do)
    assert [together(db, 1), together(db, 2)] == [10, 20]
    assert database.batches == [[1], [2]]


def test_who_comes_meanwhile_goes_together_and_each_gets_its_own_answer(db: Session) -> None:
    database = Database()
    together = Together(database.do)
    database.gate.clear()
    with ThreadPoolExecutor(8) as hands, pytest.MonkeyPatch.context() as patch:
        patch.setattr(combining, "PATIENCE_S", 60)
        first = hands.submit(together, db, 1)
        assert database.inside.acquire(timeout=PATIENT_S)
        rest = [hands.submit(together, db, n) for n in (2, 3, 13, 4)]
        while _waiting(together, db) < 4:
            threading.Event().wait(0.001)
        database.gate.set()
        assert first.result(PATIENT_S) == 10
        assert [one.result(PATIENT_S) for one in rest] == [20, 30, None, 40]
    assert [sorted(batch) for batch in database.batches] == [[1], [2, 3, 4, 13]]


def test_who_comes_waits_for_the_others_in_hand_and_the_last_takes_all_along(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(combining, "COMPANY_S", 60)
    monkeypatch.setattr(combining, "PATIENCE_S", 60)
    database, busy = Database(), counted(engine, lambda: 3)
    together = Together(database.do)
    with ThreadPoolExecutor(3) as hands:
        first = [hands.submit(together, busy, n) for n in (1, 2)]
        while engine not in together._lines or _waiting(together, busy) < 2:
            threading.Event().wait(0.001)
        assert database.batches == []
        assert together(busy, 3) == 30
        assert [one.result(PATIENT_S) for one in first] == [10, 20]
    assert [sorted(batch) for batch in database.batches] == [[1, 2, 3]]


def test_others_in_hand_who_go_elsewhere_are_not_waited_for_in_vain(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(combining, "PATIENCE_S", 60)
    database = Database()
    assert Together(database.do)(counted(engine, lambda: 3), 1) == 10
    assert database.batches == [[1]]


def test_who_came_last_while_others_were_under_way_has_company_as_well(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(combining, "COMPANY_S", 60)
    monkeypatch.setattr(combining, "PATIENCE_S", 60)
    database, in_hand = Database(), 1
    busy = counted(engine, lambda: in_hand)
    together = Together(database.do)
    database.gate.clear()
    with ThreadPoolExecutor(3) as hands:
        one = hands.submit(together, busy, 1)
        assert database.inside.acquire(timeout=PATIENT_S)
        in_hand = 2
        two = hands.submit(together, busy, 2)
        while _waiting(together, busy) < 1:
            threading.Event().wait(0.001)
        database.gate.set()
        assert one.result(PATIENT_S) == 10
        assert together(busy, 3) == 30
        assert two.result(PATIENT_S) == 20
    assert [sorted(batch) for batch in database.batches] == [[1], [2, 3]]


def test_no_more_than_so_many_go_together_and_nobody_is_left_behind(db: Session) -> None:
    database = Database()
    together = Together(database.do, most=3)
    with ThreadPoolExecutor(12) as hands:
        answers = list(hands.map(lambda n: together(db, n), range(20, 420)))
    assert answers == [10 * n for n in range(20, 420)]
    assert max(len(batch) for batch in database.batches) <= 3
    assert sorted(n for batch in database.batches for n in batch) == list(range(20, 420))


def test_who_waits_too_long_does_not_wait_for_what_is_stuck(db: Session) -> None:
    database = Database()
    together = Together(database.do)
    database.gate.clear()
    with ThreadPoolExecutor(2) as hands:
        stuck = hands.submit(together, db, 1)
        assert database.inside.acquire(timeout=PATIENT_S)
        second = hands.submit(together, db, 2)
        assert database.inside.acquire(timeout=PATIENT_S), "the second waited for the first"
        database.gate.set()
        assert (stuck.result(PATIENT_S), second.result(PATIENT_S)) == (10, 20)


class _Sql(Exception):
    sqlstate = "22P05"


def _raises(state: str | None, *, gone: bool = False) -> DBAPIError:
    orig = _Sql()
    orig.sqlstate = cast(str, state)
    return DBAPIError("select", None, orig, connection_invalidated=gone)


@pytest.mark.parametrize(
    ("error", "told"),
    [(_raises("57P01"), "all"), (_raises("23505", gone=True), "all"), (_raises("22P05"), "none"), (KeyError(), "all")],
)
def test_a_lost_connection_is_everybodys_a_refusal_nobodys(db: Session, error: Exception, told: str) -> None:
    gate, inside = threading.Event(), threading.Semaphore(0)

    def do(_: Session, asked: Sequence[int]) -> list[int | None]:
        inside.release()
        assert gate.wait(PATIENT_S)
        if len(asked) > 1:
            raise error
        return list(asked)

    together = Together(do)
    with ThreadPoolExecutor(3) as hands, pytest.MonkeyPatch.context() as patch:
        patch.setattr(combining, "PATIENCE_S", 60)
        first = hands.submit(together, db, 1)
        assert inside.acquire(timeout=PATIENT_S)
        rest = [hands.submit(together, db, n) for n in (2, 3)]
        while _waiting(together, db) < 2:
            threading.Event().wait(0.001)
        gate.set()
        assert first.result(PATIENT_S) == 1
        came = [one.exception(PATIENT_S) or one.result() for one in rest]
    assert came == ([error, error] if told == "all" else [None, None])


def test_who_goes_alone_is_told_the_truth(db: Session) -> None:
    def do(_: Session, __: Sequence[int]) -> list[int | None]:
        raise _raises("22P05")

    with pytest.raises(DBAPIError):
        Together(do)(db, 1)


def _waiting(together: "Together[int, int]", db: Session) -> int:
    return len(together._lines[cast(Engine, db.get_bind())].waiting)
