"""An order that another store brings than its customer was told: they hear of it, with what that does to the promise.

The order keeps the promise it was made, for by that it is judged; what may be expected now stands beside it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from o2o.infra import outbox
from o2o.orders.events import OrderMoved
from o2o.orders.models import Order, Shipment
from o2o.orders.promise import FulfilmentPlan


def tell(db: Session, order: Order, *, was: Shipment, now_at: Shipment, plan: FulfilmentPlan, now: datetime) -> None:
    """Write down, with the new store's try and its plan, that it took over from another, and tell the customer."""
    later = order.promise_by is not None and plan.arrive_by > order.promise_by
    told: dict[str, Any] = {"at": now.isoformat(), "from_store_id": str(was.store_id)}
    if later and order.promise_from is not None and order.promise_by is not None:
        told |= {"was_from": order.promise_from.isoformat(), "was_by": order.promise_by.isoformat()}
        told |= {"now_from": plan.arrive_from.isoformat(), "now_by": plan.arrive_by.isoformat()}
    now_at.happened = {**now_at.happened, "moved": told}
    db.flush()
    said = OrderMoved(
        order_id=order.id, store_id=now_at.store_id, member_id=order.member_id, order_no=order.order_no,
        from_store_id=was.store_id, later=later,
    )  # fmt: skip
    outbox.emit(db, said, now=now)
