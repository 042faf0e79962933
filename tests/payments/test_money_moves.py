"""Capture, void and refund, against the sandbox provider with its own books."""

import uuid

import pytest
from sqlalchemy import func, select

from o2o.infra.tools import Tools
from o2o.kit import ids
from o2o.payments import intents, ledger_check, refunds, sandbox
from o2o.payments.models import PaymentEntry, SandboxNotice
from tests.conftest import Database
from tests.hands import Clock, Worker
from tests.payments.make import an_awaited_payment


@pytest.fixture
def order_id(database: Database, clock: Clock, worker: Worker, tools: Tools) -> uuid.UUID:
    """An order paid at the sandbox's cashier: 45.80 yuan are held."""
    with database.sessions() as db:
        order = an_awaited_payment(db, now=clock())
        ref = intents.of_order(db, order_id=order).ref
    sandbox.Sandbox(tools.engine).prepare(ref=ref, amount_fen=4_580, now=clock())
    with database.sessions() as db:
        sandbox.decide(db, ref=ref, paid=True, now=clock())
    clock.advance(2)
    worker.do("payments.send_notices")
    return order


def money(database: Database, order_id: uuid.UUID) -> tuple[str, int, int, int]:
    with database.sessions() as db:
        info = intents.of_order(db, order_id=order_id)
        assert ledger_check.differences(db) == []
    return info.state, info.authorised_fen, info.captured_fen, info.refunded_fen


def test_what_was_picked_is_taken_and_the_rest_let_go(
    database: Database, order_id: uuid.UUID, clock: Clock, worker: Worker
) -> None:
    for _ in range(2):
        with database.sessions() as db:
            intents.capture(db, order_id=order_id, amount_fen=4_000, now=clock())
    worker.drain(times=2)
    clock.advance(2)
    worker.do("payments.send_notices")
    assert money(database, order_id) == ("captured", 4_580, 4_000, 0)


def test_a_capture_of_nothing_lets_everything_go(
    database: Database, order_id: uuid.UUID, clock: Clock, worker: Worker
) -> None:
    with database.sessions() as db:
        intents.capture(db, order_id=order_id, amount_fen=0, now=clock())
    worker.drain()
    assert money(database, order_id) == ("voided", 4_580, 0, 0)


def test_more_than_is_held_is_never_taken(database: Database, order_id: uuid.UUID, clock: Clock) -> None:
    with pytest.raises(intents.NotAuthorised), database.sessions() as db:
        intents.capture(db, order_id=order_id, amount_fen=4_581, now=clock())
    assert money(database, order_id) == ("authorised", 4_580, 0, 0)


def test_refunds_wait_for_their_capture_and_never_pass_what_was_taken(
    database: Database, order_id: uuid.UUID, clock: Clock, worker: Worker
) -> None:
    first, second = ids.new_id(), ids.new_id()
    with database.sessions() as db:
        intents.capture(db, order_id=order_id, amount_fen=4_000, now=clock())
        for refund_id in (first, first, second):
            refunds.ask(db, order_id=order_id, refund_id=refund_id, amount_fen=1_500, reason="short", now=clock())
    with pytest.raises(refunds.TooMuch) as refusal, database.sessions() as db:
        refunds.ask(db, order_id=order_id, refund_id=ids.new_id(), amount_fen=1_001, reason="short", now=clock())
    assert refusal.value.facts["left_fen"] == 1_000
    worker.drain(times=2)
    assert money(database, order_id) == ("captured", 4_580, 4_000, 3_000)
    with database.sessions() as db:
        sides = db.execute(
            select(PaymentEntry.account, func.sum(PaymentEntry.amount_fen)).group_by(PaymentEntry.account)
        )
        assert {account: int(fen) for account, fen in sides} == {"provider": 1_000, "sales": -1_000}


def test_notices_sent_twice_late_and_out_of_order_end_in_the_same_books(
    database: Database, order_id: uuid.UUID, clock: Clock, worker: Worker
) -> None:
    with database.sessions() as db:
        intents.capture(db, order_id=order_id, amount_fen=4_580, now=clock())
        refunds.ask(db, order_id=order_id, refund_id=ids.new_id(), amount_fen=580, reason="late", now=clock())
    worker.drain()
    for _ in range(3):
        clock.advance(6)
        worker.do("payments.send_notices")
    with database.sessions() as db:
        assert db.scalar(select(func.count()).where(SandboxNotice.sends_left > 0)) == 0
        assert db.scalar(select(func.count()).select_from(SandboxNotice)) == 3
    assert money(database, order_id) == ("captured", 4_580, 4_580, 580)


def test_cash_is_taken_and_given_back_at_the_counter(database: Database, clock: Clock) -> None:
    order_id = ids.new_id()
    with database.sessions() as db:
        intents.take_cash(db, payment_id=ids.new_id(), order_id=order_id, member_id=None, amount_fen=990, now=clock())
        refunds.ask(db, order_id=order_id, refund_id=ids.new_id(), amount_fen=990, reason="return", now=clock())
    assert money(database, order_id) == ("captured", 990, 990, 990)
    with database.sessions() as db:
        accounts = set(db.scalars(select(PaymentEntry.account)))
    assert accounts == {"cash", "sales"}
