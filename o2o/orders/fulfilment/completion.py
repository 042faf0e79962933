"""The end of the way: under way, in the customer's hands, not at home, the return window over; and orders nobody paid for."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kit import ids
from o2o.kit.ids import MemberId, OrderId
from o2o.membership import coupons, points
from o2o.orders import lifecycle, records
from o2o.orders.fulfilment import cancellation, portions, settlement
from o2o.orders.lifecycle import OrderState, ShipmentState
from o2o.orders.models import Order, Shipment
from o2o.orders.quoting import slots
from o2o.payments import intents
from o2o.picking import pick_tasks

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
    carry_on(db, order, actor=actor, at=at, now=now)


def carry_on(
    db: Session, order: Order, *, actor: str, now: datetime, at: datetime | None = None, reason: str = ""
) -> None:
    """A part went on or fell away: charge once all that is left is packed, take the order where its parts are, and with the last
    part in the customer's hands let its points be earned.
    """
    settlement.charge_packed(db, order, now=now)
    records.follow_shipments(db, order, actor=actor, now=now, reason=reason, at=at)
    if order.state == OrderState.DELIVERED and order.delivered_at is None:
        order.delivered_at = at or now
        order.due_at = order.delivered_at + timedelta(seconds=RETURN_WINDOW_S)
        db.flush()
        earn(db, order, now=now)


def earn(db: Session, order: Order, *, now: datetime) -> None:
    """Points for what was charged for goods and not given back since, spendable after the return window; once an order."""
    base_fen = settlement.goods_fen_charged(order)
    if order.member_id is None or not base_fen or order.due_at is None:
        return
    order_id = OrderId(order.id)
    points.accrue(
        db, member_id=MemberId(order.member_id), order_id=order_id, base_fen=base_fen, active_from=order.due_at, now=now
    )
    if order.refunded_fen:
        points.reverse(
            db, order_id=order_id, refund_id=ids.new_id(), refunded_fen=order.refunded_fen, base_fen=base_fen,
            restore_points=0, now=now,
        )  # fmt: skip


def settle_return(db: Session, *, order_id: OrderId, shipment_id: uuid.UUID, now: datetime) -> None:
    """Goods that could not be handed over are back at their store: looked at there, and what was paid for them goes back.

    With the last part everything goes back, the fee too.
    """
    order, shipment = _of_shipment(db, order_id, shipment_id)
    if shipment is None or shipment.state not in (ShipmentState.HANDED_OVER, ShipmentState.PACKED):
        return
    records.move_shipment(db, shipment, ShipmentState.RETURNED)
    records.stamp(shipment, "returned_at", now)
    reason = str(shipment.happened.get("failed", "delivery_failed"))
    if not others(db, shipment):
        settlement.give_back_all(db, order, reason=reason, now=now)
    elif order.charged_fen is not None:
        settlement.give_back_pieces(db, order, _brought(db, shipment), reason=reason, now=now)
    carry_on(db, order, actor="rider", now=now, reason=reason)
    cancellation.put_back(db, shipment, condition="inspect", now=now)


def others(db: Session, shipment: Shipment) -> bool:
    """Whether another part of its order is still on its way, or has arrived."""
    going = lifecycle.LIVE_SHIPMENT | {ShipmentState.DELIVERED}
    return any(s.state in going for s in records.shipments_of(db, shipment.order_id) if s.id != shipment.id)


def _brought(db: Session, shipment: Shipment) -> dict[portions.Key, int]:
    picked = pick_tasks.picked_of(db, task_ids=[shipment.task_id])[shipment.task_id]
    return portions.of_part(picked, records.lines_of(db, shipment.order_id))


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


def move_promise(db: Session, *, order_id: OrderId, due_from: datetime, due_at: datetime, now: datetime) -> None:
    """A second try was agreed on: the order is promised for then, and the customer's screen says so."""
    order = records.locked(db, order_id)
    if (order.promise_from, order.promise_by) != (due_from, due_at):
        order.promise_from, order.promise_by = due_from, due_at
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
    slots.release(db, order_id=order.id, now=now)
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
