"""Money that does not go its way is tried again, told to people, and ended by them, without ever moving twice."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from o2o.infra.tools import Tools
from o2o.kit import ids
from o2o.payments import claims, intents, ledger_check, refunds, remedies, sandbox, troubles
from o2o.payments.models import Payment, PaymentOperation, SandboxCharge
from o2o.payments.troubles import Trouble
from tests.conftest import Database
from tests.hands import Clock, Worker
from tests.payments.make import an_awaited_payment

HQ = "hq:0192f0c0-0000-7000-8000-000000000001"


@pytest.fixture
def order_id(database: Database, clock: Clock, worker: Worker, tools: Tools) -> uuid.UUID:
    """An order whose 45.80 yuan are held, 40 of them asked for; the provider will not give them."""
    with database.sessions() as db:
        order = an_awaited_payment(db, now=clock())
    _pays(database, order, clock, worker, tools)
    _holds(database, False)
    with database.sessions() as db:
        intents.capture(db, order_id=order, amount_fen=4_000, now=clock())
    worker.drain()
    return order


def _pays(database: Database, order_id: uuid.UUID, clock: Clock, worker: Worker, tools: Tools) -> None:
    with database.sessions() as db:
        payment = intents.of_order(db, order_id=order_id)
    sandbox.Sandbox(tools.engine).prepare(ref=payment.ref, amount_fen=payment.amount_fen, now=clock())
    with database.sessions() as db:
        sandbox.decide(db, ref=payment.ref, paid=True, now=clock())
    clock.advance(2)
    worker.do("payments.send_notices")


def _holds(database: Database, yes: bool) -> None:
    """Whether the provider holds what it said it does: it declines a capture of what it does not."""
    was, becomes = ("lapsed", "held") if yes else ("held", "lapsed")
    with database.sessions() as db:
        db.execute(update(SandboxCharge).where(SandboxCharge.state == was).values(state=becomes))


def _in_vain(clock: Clock, worker: Worker) -> None:
    """All tries the house makes by itself."""
    for seconds in (61, 301, 1_801, 7_201):
        clock.advance(seconds)
        worker.do("payments.sweep")


def _trouble(database: Database, order_id: uuid.UUID) -> Trouble:
    with database.sessions() as db:
        (found,) = troubles.of_orders(db, order_ids=[order_id])
        return found


def _money(database: Database, order_id: uuid.UUID) -> tuple[str, int, int]:
    with database.sessions() as db:
        info = intents.of_order(db, order_id=order_id)
        assert ledger_check.differences(db) == []
    return info.state, info.captured_fen, info.refunded_fen


def test_a_declined_capture_is_told_at_once_and_tried_again_by_itself(
    database: Database, order_id: uuid.UUID, clock: Clock, worker: Worker
) -> None:
    told = _trouble(database, order_id)
    assert (told.kind, told.state, told.reason, told.amount_fen) == ("capture", "retrying", "payments.declined", 4_000)
    assert (told.tries, told.try_at) == (1, clock() + timedelta(seconds=60))
    worker.do("payments.sweep")
    assert _trouble(database, order_id).tries == 1, "not before its pause is over"
    _holds(database, True)
    clock.advance(61)
    worker.do("payments.sweep")
    assert _money(database, order_id) == ("captured", 4_000, 0)
    done = _trouble(database, order_id)
    assert (done.state, done.outcome, [one.act for one in done.steps]) == ("closed", "done", ["failed", "done"])


def test_after_five_tries_the_house_stops_and_waits_for_a_person(
    database: Database, order_id: uuid.UUID, clock: Clock, worker: Worker
) -> None:
    _in_vain(clock, worker)
    clock.advance(90_000)
    worker.do("payments.sweep")
    told = _trouble(database, order_id)
    assert (told.state, told.tries, told.try_at) == ("open", 5, None)
    _holds(database, True)
    with database.sessions() as db:
        remedies.try_again(db, trouble_id=told.id, actor=HQ, now=clock())
    worker.drain()
    assert _money(database, order_id) == ("captured", 4_000, 0)
    assert [(one.act, one.actor) for one in _trouble(database, order_id).steps][-2:] == [
        ("retried", HQ),
        ("done", "system"),
    ]


def test_a_person_who_tries_again_in_vain_is_told_so(
    database: Database, order_id: uuid.UUID, clock: Clock, worker: Worker
) -> None:
    _in_vain(clock, worker)
    with database.sessions() as db:
        remedies.try_again(db, trouble_id=_trouble(database, order_id).id, actor=HQ, now=clock())
    worker.drain()
    assert (_trouble(database, order_id).state, _trouble(database, order_id).tries) == ("open", 6)


def test_a_customer_who_pays_another_way_ends_it_and_the_old_hold_is_let_go(
    database: Database, order_id: uuid.UUID, clock: Clock, worker: Worker, tools: Tools
) -> None:
    told = _trouble(database, order_id)
    with pytest.raises(remedies.NotToAsk), database.sessions() as db:
        remedies.ask_customer(db, trouble_id=told.id, actor=HQ, note="", now=clock())
    _in_vain(clock, worker)
    _holds(database, True)
    with database.sessions() as db:
        assert remedies.ask_customer(db, trouble_id=told.id, actor=HQ, note="已致电", now=clock()) == 4_000
    worker.drain()
    assert _trouble(database, order_id).state == "asked"
    _pays(database, order_id, clock, worker, tools)
    with database.sessions() as db:
        intents.capture_owed(db, order_id=order_id, now=clock())
    worker.drain()
    assert _money(database, order_id) == ("captured", 4_000, 0)
    assert [one.act for one in _trouble(database, order_id).steps][-2:] == ["asked", "done"]
    with database.sessions() as db:
        old = db.scalars(select(Payment).where(Payment.replaced_at.is_not(None))).one()
        assert (old.state, old.captured_fen) == ("voided", 0)


def test_a_claim_nobody_pays_comes_back_to_people(
    database: Database, order_id: uuid.UUID, clock: Clock, worker: Worker
) -> None:
    _in_vain(clock, worker)
    with database.sessions() as db:
        remedies.ask_customer(db, trouble_id=_trouble(database, order_id).id, actor=HQ, note="", now=clock())
    clock.advance(remedies.CLAIM_S + 1)
    for _ in range(2):
        worker.do("payments.sweep")
    told = _trouble(database, order_id)
    assert (told.kind, told.state, told.reason) == ("unpaid", "open", "payments.not_paid_in_time")
    assert [one.act for one in told.steps][-2:] == ["asked", "not_paid"]
    with database.sessions() as db:
        remedies.end(db, trouble_id=told.id, actor=HQ, note="联系不上", now=clock())
    worker.do("payments.sweep")
    ended = _trouble(database, order_id)
    assert (ended.state, ended.outcome, ended.steps[-1].note) == ("closed", "written_off", "联系不上")
    assert _money(database, order_id) == ("voided", 0, 0)


def test_a_question_to_the_customer_is_taken_back_and_can_be_put_again(
    database: Database, order_id: uuid.UUID, clock: Clock, worker: Worker, tools: Tools
) -> None:
    _in_vain(clock, worker)
    trouble_id = _trouble(database, order_id).id

    def unask() -> None:
        with database.sessions() as db:
            remedies.stop_asking(db, trouble_id=trouble_id, actor=HQ, now=clock())

    with pytest.raises(remedies.NotAsked):
        unask()
    with database.sessions() as db:
        remedies.ask_customer(db, trouble_id=trouble_id, actor=HQ, note="", now=clock())
    unask()
    worker.drain()
    told = _trouble(database, order_id)
    assert (told.kind, told.state, told.due_at, told.amount_fen) == ("unpaid", "open", None, 4_000)
    assert [(one.act, one.actor) for one in told.steps][-2:] == [("asked", HQ), ("unasked", HQ)]
    with database.sessions() as db:
        assert claims.standing(db, order_id=order_id).expires_at <= clock()
    worker.do("payments.sweep")
    assert len(_trouble(database, order_id).steps) == len(told.steps), "people know already"
    with database.sessions() as db:
        assert remedies.ask_customer(db, trouble_id=trouble_id, actor=HQ, note="", now=clock()) == 4_000
    _pays(database, order_id, clock, worker, tools)
    with pytest.raises(remedies.NotAsked):
        unask()
    with database.sessions() as db:
        intents.capture_owed(db, order_id=order_id, now=clock())
    worker.drain()
    assert _money(database, order_id) == ("captured", 4_000, 0)
    assert _trouble(database, order_id).state == "closed"


def test_goods_that_come_back_unpaid_lower_what_is_owed_and_all_of_them_end_it(
    database: Database, order_id: uuid.UUID, clock: Clock, worker: Worker
) -> None:
    _in_vain(clock, worker)
    with database.sessions() as db:
        refunds.ask(db, order_id=order_id, refund_id=ids.new_id(), amount_fen=1_500, reason="return", now=clock())
    with database.sessions() as db:
        assert claims.unpaid_fen(db, claims.standing(db, order_id=order_id)) == 2_500
        remedies.ask_customer(db, trouble_id=_trouble(database, order_id).id, actor=HQ, note="", now=clock())
    again = ids.new_id()
    for _ in range(2):
        with database.sessions() as db:
            refunds.ask(db, order_id=order_id, refund_id=again, amount_fen=500, reason="return", now=clock())
            assert intents.of_order(db, order_id=order_id).amount_fen == 2_000
    with database.sessions() as db:
        refunds.ask(db, order_id=order_id, refund_id=ids.new_id(), amount_fen=2_000, reason="return", now=clock())
    worker.drain()
    assert _money(database, order_id)[1:] == (0, 0)
    assert _trouble(database, order_id).outcome == "given_back"
    with database.sessions() as db:
        refunds.ask(db, order_id=order_id, refund_id=ids.new_id(), amount_fen=100, reason="late", now=clock())
    worker.drain()
    assert _money(database, order_id)[1:] == (0, 0)


def test_money_taken_after_all_for_what_nobody_wanted_any_more_goes_back(
    database: Database, order_id: uuid.UUID, clock: Clock, worker: Worker, tools: Tools
) -> None:
    with database.sessions() as db:
        operation_id, ref = db.execute(
            select(PaymentOperation.id, Payment.ref).join(Payment, Payment.id == PaymentOperation.payment_id)
        ).one()
    _in_vain(clock, worker)
    with database.sessions() as db:
        remedies.end(db, trouble_id=_trouble(database, order_id).id, actor=HQ, note="小额", now=clock())
    _holds(database, True)
    sandbox.Sandbox(tools.engine).capture(operation_id=operation_id, ref=ref, amount_fen=4_000, now=clock())
    clock.advance(2)
    worker.do("payments.send_notices")
    worker.drain(times=2)
    assert _money(database, order_id) == ("captured", 4_000, 4_000)


def test_a_refund_the_provider_will_not_make_can_be_given_another_way(
    database: Database, order_id: uuid.UUID, clock: Clock, worker: Worker
) -> None:
    _holds(database, True)
    clock.advance(61)
    worker.do("payments.sweep")
    with database.sessions() as db:
        db.execute(update(SandboxCharge).values(state="frozen"))
        refunds.ask(db, order_id=order_id, refund_id=ids.new_id(), amount_fen=1_000, reason="return", now=clock())
    worker.drain()
    with database.sessions() as db:
        told = troubles.waiting(db)[0]
    assert (told.kind, told.state) == ("refund", "retrying")
    with pytest.raises(remedies.StillTrying), database.sessions() as db:
        remedies.end(db, trouble_id=told.id, actor=HQ, note="", now=clock())
    _in_vain(clock, worker)
    with pytest.raises(remedies.NotToAsk), database.sessions() as db:
        remedies.ask_customer(db, trouble_id=told.id, actor=HQ, note="", now=clock())
    with database.sessions() as db:
        remedies.end(db, trouble_id=told.id, actor=HQ, note="银行转账", now=clock())
    assert _money(database, order_id) == ("captured", 4_000, 1_000)
    with database.sessions() as db:
        query = text("SELECT account, sum(amount_fen)::int FROM payment_entries GROUP BY 1 ORDER BY 1")
        assert db.execute(query).all() == [("outside", -1_000), ("provider", 4_000), ("sales", -3_000)]
    with pytest.raises(troubles.NoSuchTrouble), database.sessions() as db:
        remedies.try_again(db, trouble_id=told.id, actor=HQ, now=clock())
