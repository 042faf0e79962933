"""Money that did not go its way (支付异常): noticed once, told to people, and closed with who did what.

A capture that was declined, a refund that did not arrive, goods that left and were never paid for. While the house still tries by
itself a trouble is `retrying`; `open` waits for a person, `asked` for the customer to pay another way.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.infra import outbox
from o2o.kit import ids
from o2o.kit.errors import NotFound
from o2o.payments.events import PaymentTroubled
from o2o.payments.models import Payment, PaymentOperation, PaymentTrouble, PaymentTroubleStep

HOUSE = "system"


class NoSuchTrouble(NotFound):
    """There is no such trouble with a payment, or it is over."""

    code = "payments.no_such_trouble"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done about it."""

    act: str
    actor: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """A trouble as people see it. `tries` and `try_at`: how often the provider was asked, and when next, if by the house itself."""

    id: uuid.UUID
    order_id: uuid.UUID
    kind: str
    amount_fen: int
    reason: str
    state: str
    outcome: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    tries: int
    try_at: datetime | None
    steps: tuple[Step, ...]


def noticed(
    db: Session,
    *,
    payment_id: uuid.UUID,
    operation_id: uuid.UUID | None,
    kind: str,
    amount_fen: int,
    reason: str,
    state: str,
    now: datetime,
) -> None:
    """Something about this payment went wrong, again or for the first time: one trouble an operation, or a payment nobody made."""
    trouble = _known(db, payment_id, operation_id)
    if trouble is None:
        trouble = PaymentTrouble(id=ids.new_id(), opened_at=now, order_id=_order_of(db, payment_id))
        db.add(trouble)
    trouble.payment_id, trouble.operation_id, trouble.kind = payment_id, operation_id, kind
    trouble.amount_fen, trouble.reason, trouble.state, trouble.due_at = amount_fen, reason, state, None
    db.flush()
    step(db, trouble, act="failed" if kind != "unpaid" else "not_paid", actor=HOUSE, note=reason, now=now)
    tell(db, trouble, now=now)


def done(db: Session, *, payment_id: uuid.UUID, operation_id: uuid.UUID, now: datetime) -> None:
    """What was asked of a provider is done after all: a trouble about it is over, and one about the money this brings."""
    trouble = _known(db, payment_id, operation_id)
    if trouble is not None:
        close(db, trouble, outcome="done", act="done", actor=HOUSE, now=now)


def close(
    db: Session, trouble: PaymentTrouble, *, outcome: str, act: str, actor: str, now: datetime, note: str = ""
) -> None:
    """End a trouble, and write down who did."""
    trouble.state, trouble.outcome, trouble.closed_at, trouble.due_at = "closed", outcome, now, None
    db.flush()
    step(db, trouble, act=act, actor=actor, note=note, now=now)
    tell(db, trouble, now=now)


def step(db: Session, trouble: PaymentTrouble, *, act: str, actor: str, now: datetime, note: str = "") -> None:
    """One line of its history."""
    db.add(PaymentTroubleStep(id=ids.new_id(), trouble_id=trouble.id, act=act, actor=actor, note=note, at=now))
    db.flush()


def last_act(db: Session, trouble: PaymentTrouble) -> Step:
    """What was done about it last, and by whom."""
    steps = select(PaymentTroubleStep).where(PaymentTroubleStep.trouble_id == trouble.id)
    last = db.scalars(steps.order_by(PaymentTroubleStep.at.desc(), PaymentTroubleStep.id.desc()).limit(1)).one()
    return Step(last.act, last.actor, last.note, last.at)


def tell(db: Session, trouble: PaymentTrouble, *, now: datetime) -> None:
    """Whoever shows it should read it again."""
    told = PaymentTroubled(order_id=trouble.order_id, payment_id=trouble.payment_id, amount_fen=trouble.amount_fen)
    outbox.emit(db, told, now=now)


def locked(db: Session, *, trouble_id: uuid.UUID) -> PaymentTrouble:
    """An open trouble, its payment and itself locked in that order.

    Raises:
        NoSuchTrouble
    """
    payment = select(PaymentTrouble.payment_id).where(PaymentTrouble.id == trouble_id).scalar_subquery()
    db.execute(select(Payment.id).where(Payment.id == payment).with_for_update())
    query = select(PaymentTrouble).where(PaymentTrouble.id == trouble_id, PaymentTrouble.closed_at.is_(None))
    trouble = db.scalar(query.with_for_update().execution_options(populate_existing=True))
    if trouble is None:
        raise NoSuchTrouble(trouble_id=trouble_id)
    return trouble


def order_of(db: Session, *, trouble_id: uuid.UUID) -> uuid.UUID:
    """Whose order it concerns.

    Raises:
        NoSuchTrouble
    """
    found = db.scalar(select(PaymentTrouble.order_id).where(PaymentTrouble.id == trouble_id))
    if found is None:
        raise NoSuchTrouble(trouble_id=trouble_id)
    return found


def waiting(db: Session, *, limit: int = 200) -> list[Trouble]:
    """Those not over yet, the oldest first."""
    query = select(PaymentTrouble).where(PaymentTrouble.closed_at.is_(None))
    return _told(db, db.scalars(query.order_by(PaymentTrouble.opened_at, PaymentTrouble.id).limit(limit)).all())


def of_orders(db: Session, *, order_ids: Collection[uuid.UUID]) -> list[Trouble]:
    """All troubles these orders' money ever had, the oldest first."""
    query = select(PaymentTrouble).where(PaymentTrouble.order_id.in_(order_ids))
    return _told(db, db.scalars(query.order_by(PaymentTrouble.opened_at, PaymentTrouble.id)).all())


def _known(db: Session, payment_id: uuid.UUID, operation_id: uuid.UUID | None) -> PaymentTrouble | None:
    """The open one of this operation, or of this payment where none has been asked of its provider before."""
    mine = PaymentTrouble.operation_id.is_(None) & (PaymentTrouble.payment_id == payment_id)
    if operation_id is not None:
        mine |= PaymentTrouble.operation_id == operation_id
    return db.scalar(select(PaymentTrouble).where(PaymentTrouble.closed_at.is_(None), mine).with_for_update())


def _order_of(db: Session, payment_id: uuid.UUID) -> uuid.UUID:
    return db.scalars(select(Payment.order_id).where(Payment.id == payment_id)).one()


def _told(db: Session, rows: Sequence[PaymentTrouble]) -> list[Trouble]:
    mine = [row.id for row in rows]
    steps = select(PaymentTroubleStep).where(PaymentTroubleStep.trouble_id.in_(mine))
    done_about: dict[uuid.UUID, list[Step]] = {row_id: [] for row_id in mine}
    for one in db.scalars(steps.order_by(PaymentTroubleStep.at, PaymentTroubleStep.id)):
        done_about[one.trouble_id].append(Step(one.act, one.actor, one.note, one.at))
    asked = select(PaymentOperation).where(PaymentOperation.id.in_([row.operation_id for row in rows]))
    operations = {one.id: one for one in db.scalars(asked)}
    return [_info(row, operations.get(row.operation_id or row.id), tuple(done_about[row.id])) for row in rows]


def _info(row: PaymentTrouble, asked: PaymentOperation | None, steps: tuple[Step, ...]) -> Trouble:
    return Trouble(
        id=row.id,
        order_id=row.order_id,
        kind=row.kind,
        amount_fen=row.amount_fen,
        reason=row.reason,
        state=row.state,
        outcome=row.outcome,
        opened_at=row.opened_at,
        due_at=row.due_at,
        closed_at=row.closed_at,
        tries=asked.tries if asked else 0,
        try_at=asked.try_at if asked and row.state == "retrying" else None,
        steps=steps,
    )
