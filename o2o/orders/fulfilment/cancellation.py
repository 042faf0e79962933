"""Giving an order up: everything it took is given back, in one place."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from o2o.dispatch.carrying import deliveries
from o2o.inventory.lines import Line
from o2o.inventory.shelf import selling
from o2o.kit import ids
from o2o.kit.errors import Conflict
from o2o.kit.ids import OrderId, StoreId
from o2o.orders import lifecycle, records
from o2o.orders.fulfilment import settlement
from o2o.orders.lifecycle import OrderState, ShipmentState
from o2o.orders.models import Order, Shipment
from o2o.picking import pick_tasks
from o2o.picking.pick_tasks import Picked


class TooLate(Conflict):
    """The order has gone too far to be cancelled; `state` says where it is."""

    code = "orders.too_late_to_cancel"


def cancel_order(
    db: Session, *, order_id: OrderId, member_id: uuid.UUID | None, actor: str, reason: str, now: datetime
) -> OrderState:
    """The customer changed their mind. A cancelled order cancelled again stays as it is.

    Raises:
        records.NoSuchOrder: not this member's.
        TooLate: delivered, expired or completed.
        deliveries.AlreadyPickedUp: the rider has it.
    """
    order = records.locked(db, order_id, member_id=member_id)
    state = OrderState(order.state)
    if state is OrderState.CANCELLED:
        return state
    if state not in lifecycle.CANCELLABLE or order.channel != "app":
        raise TooLate(order_id=order_id, state=state.value)
    give_up(db, order, actor=actor, reason=reason, now=now)
    return OrderState(order.state)


def give_up(db: Session, order: Order, *, actor: str, reason: str, now: datetime) -> None:
    """Call off the ride and the picking, put packed goods back, return money, points and coupon, and end the order.

    Raises:
        deliveries.AlreadyPickedUp: the rider has it; nothing was changed.
    """
    deliveries.cancel(db, order_id=order.id, now=now)
    pick_tasks.cancel(db, order_id=order.id, now=now)
    packed = []
    for shipment in records.shipments_of(db, order.id):
        state = ShipmentState(shipment.state)
        if state not in lifecycle.LIVE_SHIPMENT:
            continue
        if state is ShipmentState.PACKED:
            packed.append(shipment)
        records.move_shipment(db, shipment, ShipmentState.CANCELLED)
    settlement.give_back_all(db, order, reason=reason, now=now)
    records.move(db, order, OrderState.CANCELLED, actor=actor, now=now, reason=reason)
    for shipment in sorted(packed, key=lambda one: one.store_id):
        put_back(db, shipment, condition="good", now=now)


def put_back(db: Session, shipment: Shipment, *, condition: selling.Condition, now: datetime) -> None:
    """Goods that were packed return to their store's stock."""
    lines = taken(pick_tasks.picked_of(db, task_ids=[shipment.task_id])[shipment.task_id])
    if lines:
        store_id = StoreId(shipment.store_id)
        selling.take_back(db, store_id=store_id, return_id=ids.new_id(), lines=lines, condition=condition, now=now)


def taken(lines: Sequence[Picked]) -> list[Line]:
    """What left the shelf: the found pieces and the substitutes."""
    own = [Line(line.sku, line.picked) for line in lines if line.picked]
    return own + [Line(line.substitute_sku, line.substitute_quantity) for line in lines if line.substitute_sku]
