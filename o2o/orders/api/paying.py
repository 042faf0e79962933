"""HTTP of the cashier's door: where an order is paid, and until when it is kept."""

import uuid

from fastapi import APIRouter

from o2o.infra.http import Customer, Db, Edge, Now, ToolsDep
from o2o.kit.ids import MemberId, OrderId
from o2o.orders.checkout import paying
from o2o.payments import cashier
from o2o.payments.schemas import CashierOut

router = APIRouter(prefix="/api", tags=["payments"], route_class=Edge)


@router.post(
    "/payments/{order_id}/cashier",
    operation_id="open_cashier",
    response_model=CashierOut,
    summary="Where to pay an order",
)
def open_cashier(order_id: uuid.UUID, caller: Customer, db: Db, now: Now, tools: ToolsDep) -> CashierOut:
    """Prepares the payment with its provider; calling again gives the same place. What is held for the order is held for at least
    five minutes from now, though not beyond half an hour after it was placed.
    """
    order, member = OrderId(order_id), MemberId(caller.account_id)
    found = paying.awaited(db, order_id=order, member_id=member, now=now)
    url = cashier.prepare(tools.engine, ref=found.ref, amount_fen=found.amount_fen, now=now)
    paying.begin(db, order_id=order, member_id=member, now=now)
    return CashierOut(pay_url=url, ref=found.ref, amount_fen=found.amount_fen)
