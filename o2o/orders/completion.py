"""The end of the way: under way, in the customer's hands, not at home, the return window over; and orders nobody paid for."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kit.ids import MemberId, OrderId, StoreId
from o2o.membership import coupons, points
from o2o.orders import cancellation, records, settlement
from o2o.orders.lifecycle import OrderState, ShipmentState
from o2o.orders.models import Order, Shipment
from o2o.payments import intents

RETURN_WINDOW_S = 3 * 86_400
"""How long goods may be brought back; points of an order are spendable after it."""
REVIVABLE_S = 86_400
"""How long an expired order may still be revived by a late payment."""


def handed_to_rider(db: Session, *, order_id: OrderId, shipment_id: uuid.UUID, at: datetime, now: datetime) -> None:
    """The rider has the goods. Heard late or twice it changes nothing."""
    order, shipment = _of_shipment(db, order_id, shipment_id)
    if shipment is not None and shipment.state == ShipmentState.PACKED:
        records.move_shipment(db, shipment, ShipmentState.HANDED_OVER)
        records.stamp(shipment, "picked_up_at", at)
        records.tell(db, order, now=now)


def complete_delivery(db: Session, *, order_id: OrderId, shipment_id: uuid.UUID, at: datetime, now: datetime) -> None:
    """The customer has the goods. Heard before the pick-up, late or twice it comes to the same."""
    order, shipment = _of_shipment(db, order_id, shipment_id)
    if shipment is not None and shipment.state in (ShipmentState.PACKED, ShipmentState.HANDED_OVER):
        delivered(db, order, shipment, at=at, actor="rider", now=now)


def delivered(db: Session, order: Order, shipment: Shipment, *, at: datetime, actor: str, now: datetime) -> None:
    """A shipment is in the customer's hands; with the last one the order is, and its points are earned, pending."""
    records.move_shipment(db, shipment, ShipmentState.DELIVERED)
    records.stamp(shipment, "delivered_at", at)
    records.follow_shipments(db, order, actor=actor, now=now, at=at)
    if order.state == OrderState.DELIVERED:
        order.delivered_at = at
        order.due_at = at + timedelta(seconds=RETURN_WINDOW_S)
        db.flush()
        earn(db, order, now=now)


def earn(db: Session, order: Order, *, now: datetime) -> None:
    """Points for what was charged for goods, spendable after the return window; once an order."""
    base_fen = settlement.goods_fen_charged(order)
    if order.member_id is not None and base_fen and order.due_at is not None:
        points.accrue(
            db, member_id=MemberId(order.member_id), order_id=OrderId(order.id), base_fen=base_fen, active_from=order.due_at, now=now
        )  # fmt: skip


def settle_return(db: Session, *, order_id: OrderId, shipment_id: uuid.UUID, now: datetime) -> None:
    """Goods that could not be handed over are back at their store: looked at there, and everything paid goes back."""
    order, shipment = _of_shipment(db, order_id, shipment_id)
    if shipment is None or shipment.state not in (ShipmentState.HANDED_OVER, ShipmentState.PACKED):
        return
    records.move_shipment(db, shipment, ShipmentState.RETURNED)
    records.stamp(shipment, "returned_at", now)
    reason = str(shipment.happened.get("failed", "delivery_failed"))
    settlement.give_back_all(db, order, reason=reason, now=now)
    records.follow_shipments(db, order, actor="rider", now=now, reason=reason)
    cancellation.put_back(db, order, StoreId(shipment.store_id), condition="inspect", now=now)


def note_failure(
    db: Session, *, order_id: OrderId, shipment_id: uuid.UUID, reason: str, at: datetime, now: datetime
) -> None:
    """The rider could not hand the goods over and brings them back; the customer is told, money waits for the goods."""
    order, shipment = _of_shipment(db, order_id, shipment_id)
    if shipment is None or "failed" in shipment.happened:
        return
    if shipment.state == ShipmentState.PACKED:
        records.move_shipment(db, shipment, ShipmentState.HANDED_OVER)
    shipment.happened = {**shipment.happened, "failed": f"delivery_failed:{reason}", "failed_at": at.isoformat()}
    db.flush()
    records.tell(db, order, now=now)


def expire(db: Session, *, order_id: OrderId, now: datetime) -> None:
    """Not paid in time: points and coupon go back; a late payment may still revive it for a day."""
    order = records.locked(db, order_id)
    if order.state != OrderState.PLACED:
        return
    for shipment in records.shipments_of(db, order.id):
        if shipment.state == ShipmentState.HELD:
            records.move_shipment(db, shipment, ShipmentState.CANCELLED)
    points.release(db, order_id=order_id, now=now)
    coupons.give_back(db, order_id=order_id, now=now)
    records.move(db, order, OrderState.EXPIRED, actor="system", now=now, reason="not_paid_in_time")
    order.due_at = now + timedelta(seconds=REVIVABLE_S)
    db.flush()


def close_due(db: Session, *, order_id: OrderId, now: datetime) -> None:
    """What is due by time alone: delivered orders are completed, expired ones closed for good."""
    order = records.locked(db, order_id)
    if order.due_at is None or order.due_at > now:
        return
    if order.state == OrderState.DELIVERED:
        records.move(db, order, OrderState.COMPLETED, actor="system", now=now)
    elif order.state == OrderState.EXPIRED:
        intents.cancel(db, order_id=order.id, now=now)
        records.move(db, order, OrderState.CANCELLED, actor="system", now=now, reason="never_paid")


def due(db: Session, *, states: tuple[OrderState, ...], now: datetime, limit: int = 200) -> list[OrderId]:
    """Orders of these states whose time has come, the longest overdue first."""
    query = select(Order.id).where(Order.state.in_([s.value for s in states]), Order.due_at <= now)
    return [OrderId(found) for found in db.scalars(query.order_by(Order.due_at, Order.id).limit(limit))]


def _of_shipment(db: Session, order_id: OrderId, shipment_id: uuid.UUID) -> tuple[Order, Shipment | None]:
    order = records.locked(db, order_id)
    return order, next((s for s in records.shipments_of(db, order_id) if s.id == shipment_id), None)
