"""A customer comes to pay: whoever stands at the cashier is not told a minute later that the goods have gone to others."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from o2o.inventory.reserving import reservations
from o2o.kit.errors import Conflict
from o2o.kit.ids import MemberId, OrderId
from o2o.orders import records
from o2o.orders.lifecycle import OrderState
from o2o.orders.models import Order
from o2o.orders.quoting import slots
from o2o.payments import intents
from o2o.payments.intents import PaymentInfo

PAYING_S = 300
"""From the cashier's door a customer has this long, however late they came."""
LONGEST_S = 1_800
"""And so long after the order was placed at most, however often they come: what is held for one is kept from all others."""


class TooLate(Conflict):
    """This order is no longer waiting to be paid."""

    code = "payments.too_late"


def awaited(db: Session, *, order_id: OrderId, member_id: MemberId, now: datetime) -> PaymentInfo:
    """What this member's order waits for. Nothing is locked, so that a provider can be asked next, however slow it is.

    Raises:
        intents.NoPayment
        TooLate: paid, given up, or its time is over.
    """
    payment = intents.of_order(db, order_id=order_id, member_id=member_id)
    if payment.state not in (intents.PENDING, intents.FAILED) or payment.expires_at <= now:
        raise TooLate(order_id=order_id, state=payment.state)
    return payment


def begin(db: Session, *, order_id: OrderId, member_id: MemberId, now: datetime) -> None:
    """What is held for this member's order is held while they pay.

    Raises:
        records.NoSuchOrder, and as `awaited`.
    """
    order = records.locked(db, order_id, member_id=member_id)
    awaited(db, order_id=order_id, member_id=member_id, now=now)
    if order.state == OrderState.PLACED:
        _hold_longer(db, order, now)


def _hold_longer(db: Session, order: Order, now: datetime) -> None:
    """Goods, window and payment end together, as they began."""
    until = min(now + timedelta(seconds=PAYING_S), order.placed_at + timedelta(seconds=LONGEST_S))
    if order.pay_by is None or until <= order.pay_by:
        return
    intents.await_longer(db, order_id=order.id, until=until)
    slots.hold_longer(db, order_id=order.id, until=until)
    order.pay_by = order.due_at = until
    records.tell(db, order, now=now)
    try:
        reservations.extend(db, order_id=order.id, until=until, now=now)
    except reservations.Expired:
        raise TooLate(order_id=order.id, state=order.state) from None
