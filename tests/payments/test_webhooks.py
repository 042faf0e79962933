"""Notices from providers."""

import json
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.infra.outbox import OutboxRow
from o2o.payments import intents, sandbox, webhooks
from o2o.payments.models import PaymentOperation
from tests.hands import Clock
from tests.payments.make import a_notice, an_awaited_payment

SECRET = "a provider's secret"


def events(db: Session, name: str) -> int:
    return db.scalar(select(func.count()).where(OutboxRow.name == name)) or 0


def signed(body: bytes, now: datetime) -> dict[str, str]:
    at = int(now.timestamp())
    return {"timestamp": str(at), "signature": sandbox.sign(SECRET, timestamp=at, body=body)}


def test_an_authorisation_sent_three_times_counts_once(db: Session, clock: Clock) -> None:
    order_id = an_awaited_payment(db, now=clock())
    ref = intents.of_order(db, order_id=order_id).ref
    first, second = a_notice(ref), a_notice(ref)
    outcomes = [webhooks.receive(db, body=body, now=clock()) for body in (first, first, second)]
    assert outcomes == ["applied", "known", "no_change"]
    assert intents.of_order(db, order_id=order_id).authorised_fen == 4_580
    assert events(db, "payments.authorised") == 1


def test_a_decline_that_arrives_after_the_authorisation_changes_nothing(db: Session, clock: Clock) -> None:
    order_id = an_awaited_payment(db, now=clock())
    ref = intents.of_order(db, order_id=order_id).ref
    webhooks.receive(db, body=a_notice(ref), now=clock())
    assert webhooks.receive(db, body=a_notice(ref, "failed"), now=clock()) == "no_change"
    assert intents.of_order(db, order_id=order_id).state == "authorised"


def test_a_second_card_may_pay_after_the_first_was_declined(db: Session, clock: Clock) -> None:
    order_id = an_awaited_payment(db, now=clock())
    ref = intents.of_order(db, order_id=order_id).ref
    webhooks.receive(db, body=a_notice(ref, "failed"), now=clock())
    assert intents.of_order(db, order_id=order_id).state == "failed"
    webhooks.receive(db, body=a_notice(ref), now=clock())
    assert intents.of_order(db, order_id=order_id).state == "authorised"


def test_money_held_for_an_order_already_given_up_is_let_go(db: Session, clock: Clock) -> None:
    order_id = an_awaited_payment(db, now=clock())
    ref = intents.of_order(db, order_id=order_id).ref
    intents.cancel(db, order_id=order_id, now=clock())
    webhooks.receive(db, body=a_notice(ref), now=clock())
    assert events(db, "payments.authorised") == 0
    asked = db.execute(select(PaymentOperation.kind, PaymentOperation.amount_fen)).one()
    assert tuple(asked) == ("void", 4_580)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"merchant": "someone-else"}, "merchant"),
        ({"amount_fen": 4_579}, "amount_fen"),
        ({"amount_fen": True}, "amount_fen"),
        ({"amount_fen": -1}, "amount_fen"),
        ({"currency": "USD"}, "currency"),
        ({"ref": "f" * 32}, "ref"),
        ({"kind": "gift"}, "kind"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_notice_that_does_not_match_is_refused_by_field(
    db: Session, clock: Clock, change: dict[str, object], field: str
) -> None:
    order_id = an_awaited_payment(db, now=clock())
    ref = intents.of_order(db, order_id=order_id).ref
    body = json.dumps(json.loads(a_notice(ref)) | change).encode()
    with pytest.raises(webhooks.BadNotice) as refusal:
        webhooks.receive(db, body=body, now=clock())
    assert refusal.value.facts["field"] == field
    assert intents.of_order(db, order_id=order_id).state == "pending"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount_fen": 3_999}, "amount_fen"),
        ({"amount_fen": 4_580}, "amount_fen"),
        ({"kind": "refunded"}, "kind"),
        ({"kind": "voided"}, "kind"),
        ({"ref": "other"}, "operation_id"),
        ({"operation_id": "capture"}, "operation_id"),
        ({"operation_id": None}, "operation_id"),
    ],
)
def test_what_a_provider_did_counts_only_as_it_was_asked(
    db: Session, clock: Clock, change: dict[str, object], field: str
) -> None:
    """Four thousand of the 4,580 held are to be taken; another order's payment is held, too."""
    order_id, other = (an_awaited_payment(db, now=clock()) for _ in range(2))
    refs = {name: intents.of_order(db, order_id=one).ref for name, one in (("this", order_id), ("other", other))}
    for ref in refs.values():
        webhooks.receive(db, body=a_notice(ref), now=clock())
    intents.capture(db, order_id=order_id, amount_fen=4_000, now=clock())
    operation = db.scalars(select(PaymentOperation.id)).one()
    told = {"kind": "captured", "ref": "this", "amount_fen": 4_000, "operation_id": str(operation)} | change
    body = json.dumps(json.loads(a_notice("")) | told | {"ref": refs[str(told["ref"])]}).encode()
    with pytest.raises(webhooks.BadNotice) as refusal:
        webhooks.receive(db, body=body, now=clock())
    assert refusal.value.facts["field"] == field
    assert [intents.of_order(db, order_id=one).captured_fen for one in (order_id, other)] == [0, 0]
    good = a_notice(refs["this"], "captured", 4_000, operation_id=str(operation))
    assert webhooks.receive(db, body=good, now=clock()) == "applied"
    assert intents.of_order(db, order_id=order_id).captured_fen == 4_000


def test_a_signature_counts_only_for_its_body_its_secret_and_five_minutes(clock: Clock) -> None:
    body = b'{"id": "1"}'
    good = signed(body, clock())
    webhooks.verify(SECRET, body=body, now=clock(), **good)
    with pytest.raises(webhooks.BadSignature):
        webhooks.verify(SECRET, body=body + b" ", now=clock(), **good)
    with pytest.raises(webhooks.BadSignature):
        webhooks.verify("another", body=body, now=clock(), **good)
    with pytest.raises(webhooks.BadSignature):
        webhooks.verify(SECRET, body=body, now=clock.advance(301), **good)
    with pytest.raises(webhooks.BadSignature):
        webhooks.verify(SECRET, body=body, now=clock(), timestamp="１２３", signature=good["signature"])
