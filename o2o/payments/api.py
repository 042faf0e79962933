"""HTTP of payments: what is owed, the sandbox's cashier, and the providers' notices."""

import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Path
from sqlalchemy.orm import Session

from o2o.infra.db import stands_alone
from o2o.infra.http import Customer, Db, Now, Once, Public, Raw, ToolsDep
from o2o.infra.lanes import Lane
from o2o.kit.principal import Principal
from o2o.payments import queries, sandbox, webhooks
from o2o.payments.models import Payment
from o2o.payments.schemas import ChargeOut, DecidedOut, NoticeOut, PaymentOut

router = APIRouter(prefix="/api", tags=["payments"], route_class=Lane)

Ref = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


@router.get("/payments/{order_id}", operation_id="get_payment", response_model=PaymentOut, summary="An order's money")
def get_payment(order_id: uuid.UUID, caller: Customer, db: Db) -> Payment:
    """The caller's own order only."""
    return queries.payment_of(db, order_id=order_id, member_id=caller.account_id)


@router.get("/charges/{ref}", operation_id="get_charge", response_model=ChargeOut, summary="What a code asks for")
def get_charge(ref: Ref, caller: Customer, db: Db) -> Payment:
    """The caller's own, or one that a till asks of whoever stands before it."""
    return queries.charge(db, ref=ref, member_id=caller.account_id)


@router.post(
    "/sandbox/charges/{ref}/confirm", operation_id="sandbox_confirm", response_model=DecidedOut, summary="Pay (sandbox)"
)
def confirm(ref: Ref, caller: Customer, db: Db, now: Now, once: Once) -> object:
    """The customer pays at the sandbox's cashier; a signed notice follows."""
    return once(caller, lambda: _decide(db, caller, ref, True, now))


@router.post(
    "/sandbox/charges/{ref}/decline",
    operation_id="sandbox_decline",
    response_model=DecidedOut,
    summary="Decline (sandbox)",
)
def decline(ref: Ref, caller: Customer, db: Db, now: Now, once: Once) -> object:
    """The customer's card says no; another try stays open."""
    return once(caller, lambda: _decide(db, caller, ref, False, now))


@router.post(
    "/sandbox/charges/{ref}/lapse",
    operation_id="sandbox_lapse",
    response_model=DecidedOut,
    summary="Pay with money that will not come (sandbox)",
)
def lapse(ref: Ref, caller: Customer, db: Db, now: Now, once: Once) -> object:
    """The customer pays, and what is held lapses before it is taken: the way to see what then happens."""
    return once(caller, lambda: _decide(db, caller, ref, True, now, lapses=True))


def _decide(db: Session, caller: Principal, ref: str, paid: bool, now: datetime, *, lapses: bool = False) -> DecidedOut:
    charge = queries.charge(db, ref=ref, member_id=caller.account_id)
    sandbox.decide(db, ref=charge.ref, paid=paid, now=now, lapses=lapses)
    return DecidedOut(ref=charge.ref, paid=paid)


@router.post(
    "/payments/webhooks/sandbox",
    operation_id="sandbox_webhook",
    response_model=NoticeOut,
    summary="A provider's signed notice",
    dependencies=[Public],  # the signature says who calls
)
def webhook(
    raw: Raw,
    db: Db,
    now: Now,
    tools: ToolsDep,
    x_timestamp: Annotated[str, Header()] = "",
    x_signature: Annotated[str, Header()] = "",
) -> NoticeOut:
    """Counts once; a notice known already, or behind what we know, is answered 200 and changes nothing."""
    secret = tools.settings.payment_secret.get_secret_value()
    webhooks.verify(secret, timestamp=x_timestamp, signature=x_signature, body=raw, now=now)
    notice = webhooks.read(raw)
    if notice.kind == "authorised":
        stands_alone(db)
    return NoticeOut(outcome=webhooks.book(db, notice, now=now))
