"""The store's part: begin, finish, hand over the counter, or reject; and what each means for the order, its stock and its money."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.dispatch.carrying import bags, deliveries
from o2o.infra.roads import Roads
from o2o.inventory.lines import Line, merged
from o2o.inventory.reserving import reservations
from o2o.inventory.shelf import rejections
from o2o.kit.errors import Conflict, Invalid
from o2o.kit.ids import OrderId, Sku, StoreId
from o2o.orders import records
from o2o.orders.fulfilment import assignment, cancellation, completion, parking
from o2o.orders.lifecycle import OrderState, ShipmentState
from o2o.orders.models import Order, Shipment
from o2o.picking import pick_tasks, shorts
from o2o.picking.pick_tasks import NoSuchTask, Picked


class NotForPickup(Conflict):
    """This order is not waiting at the counter of this store."""

    code = "orders.not_for_pickup"


class WrongCode(Conflict):
    """The code does not match this order."""

    code = "orders.wrong_code"


class NotInPart(Invalid):
    """What is missing was not wanted of this store, or not so many of it."""

    code = "orders.not_in_part"


@dataclass(frozen=True, slots=True)
class Finished:
    """How picking ended: the order's state, and what is charged; 0 while another store has its part still to pack."""

    order_id: OrderId
    state: OrderState
    charged_fen: int


def start_picking(
    db: Session, *, task_id: uuid.UUID, clerk_id: uuid.UUID, store_id: uuid.UUID, now: datetime
) -> OrderState:
    """A clerk begins.

    Raises:
        NoSuchTask, pick_tasks.NotOpen, pick_tasks.SomebodyElses
    """
    order, shipment = _of_task(db, task_id, store_id)
    pick_tasks.start(db, task_id=task_id, clerk_id=clerk_id, store_id=store_id, now=now)
    if shipment.state == ShipmentState.OPEN:
        records.move_shipment(db, shipment, ShipmentState.PICKING)
        records.follow_shipments(db, order, actor=f"clerk:{clerk_id}", now=now)
    return OrderState(order.state)


def release(db: Session, *, task_id: uuid.UUID, clerk_id: uuid.UUID, store_id: uuid.UUID, now: datetime) -> OrderState:
    """The picker leaves; somebody else may go on.

    Raises:
        NoSuchTask, pick_tasks.NotOpen
    """
    order, shipment = _of_task(db, task_id, store_id)
    pick_tasks.release(db, task_id=task_id, store_id=store_id, now=now)
    records.move_shipment(db, shipment, ShipmentState.OPEN)
    records.follow_shipments(db, order, actor=f"clerk:{clerk_id}", now=now, reason="picker_left")
    return OrderState(order.state)


def finish_picking(
    db: Session, *, task_id: uuid.UUID, clerk_id: uuid.UUID, store_id: uuid.UUID, now: datetime
) -> Finished:
    """Packed. The last part to be packed charges what was picked, at its real weight and never above what was agreed; with nothing
    picked anywhere all is given back.

    Raises:
        NoSuchTask, pick_tasks.NotOpen, pick_tasks.LinesOpen, pick_tasks.ConsentOpen
    """
    order, shipment = _of_task(db, task_id, store_id)
    lines = pick_tasks.finish(db, task_id=task_id, store_id=store_id, now=now)
    actor = f"clerk:{clerk_id}"
    if not any(line.picked or line.substitute_quantity for line in lines):
        _drop(db, order, shipment, actor=actor, now=now)
        _tell_stock(db, shipment, lines, now)
        return Finished(OrderId(order.id), OrderState(order.state), order.charged_fen or 0)
    records.move_shipment(db, shipment, ShipmentState.PACKED)
    records.stamp(shipment, "picked_at", now)
    _tell_bag(db, shipment, lines, now)
    deliveries.mark_ready(db, shipment_id=shipment.id, now=now)
    completion.carry_on(db, order, actor=actor, now=now)
    reservations.consume(
        db,
        order_id=OrderId(order.id),
        store_id=StoreId(store_id),
        picked=cancellation.taken(lines),
        cause=shipment.id,
        now=now,
    )
    _tell_stock(db, shipment, lines, now)
    return Finished(OrderId(order.id), OrderState(order.state), order.charged_fen or 0)


def _tell_bag(db: Session, shipment: Shipment, lines: Sequence[Picked], now: datetime) -> None:
    """What is not in the bag as it was ordered changes what its delivery weighs and asks."""
    if all(line.picked == line.wanted for line in lines):
        return
    bag: dict[Sku, int] = {}
    for line in cancellation.taken(lines):
        bag[Sku(line.sku)] = bag.get(Sku(line.sku), 0) + line.quantity
    grams = {Sku(line.sku): line.weight_g for line in lines if line.weight_g}
    known = goods.get_many(db, skus=list(bag))
    weight_g = sum(grams.get(sku) or known[sku].weight_g * n for sku, n in bag.items() if sku in known)
    bags.repack(db, shipment_id=shipment.id, weight_g=weight_g, load=assignment.load_of(db, bag), now=now)


def _drop(db: Session, order: Order, shipment: Shipment, *, actor: str, now: datetime) -> None:
    """Nothing of a part was found. The rest of the order goes on without it and without its price; with no rest it is given up."""
    reason = "nothing_picked"
    if not completion.others(db, shipment):
        cancellation.give_up(db, order, actor=actor, reason=reason, now=now)
        return
    deliveries.cancel(db, order_id=order.id, shipment_id=shipment.id, now=now)
    records.move_shipment(db, shipment, ShipmentState.CANCELLED)
    completion.carry_on(db, order, actor=actor, now=now, reason=reason)
    records.tell(db, order, now=now)
    reservations.release(db, order_id=OrderId(order.id), store_id=StoreId(shipment.store_id), reason=reason, now=now)


def _tell_stock(db: Session, shipment: Shipment, lines: Sequence[Picked], now: datetime) -> None:
    """What was short changes the store's stock by its reason, and is kept with the plan."""
    missing = {line.sku: line.wanted - line.picked for line in lines if line.picked < line.wanted}
    if not missing:
        return
    shipment.happened = {**shipment.happened, "short": missing}
    for line in sorted(lines, key=lambda one: one.sku):
        if line.sku in missing and line.short_reason is not None:
            _apply(db, shipment, Line(line.sku, missing[line.sku]), line.short_reason, now)


def _apply(db: Session, shipment: Shipment, line: Line, reason: str, now: datetime) -> None:
    rejections.apply(
        db,
        store_id=StoreId(shipment.store_id),
        sku=line.sku,
        reason=reason,
        quantity=line.quantity,
        cause_id=shipment.id,
        now=now,
    )


def reject(
    db: Session,
    *,
    task_id: uuid.UUID,
    clerk_id: uuid.UUID,
    store_id: uuid.UUID,
    reason: str,
    missing: Sequence[Line],
    roads: Roads,
    now: datetime,
) -> OrderState:
    """The store cannot do it: the reason changes its stock, the next store by ranking takes over, or the order joins the queue.

    Where other stores bring other parts, the order goes on without a part that no store can do, and without its price.
    `missing` names the lines that are the cause, for reasons that concern stock.

    Raises:
        NoSuchTask, pick_tasks.NotOpen, pick_tasks.BadReason, NotInPart
    """
    order, shipment = _of_task(db, task_id, store_id)
    missing = _of_part(shipment, missing)
    pick_tasks.reject(db, task_id=task_id, store_id=store_id, reason=reason, now=now)
    actor = f"clerk:{clerk_id}"
    deliveries.cancel(db, order_id=order.id, shipment_id=shipment.id, now=now)
    records.move_shipment(db, shipment, ShipmentState.REJECTED)
    assignment.source_again(db, order, shipment, roads=roads, now=now)
    completion.carry_on(db, order, actor=actor, now=now, reason=f"rejected:{reason}")
    if order.state != OrderState.UNFILLABLE:
        records.tell(db, order, now=now)
    db.flush()
    reservations.release(db, order_id=OrderId(order.id), store_id=StoreId(store_id), reason="rejected", now=now)
    if reason in shorts.SHORT_REASONS:
        for line in missing:
            _apply(db, shipment, line, reason, now)
    if order.state == OrderState.UNFILLABLE:
        parking.park(db, order, shipment, roads=roads, now=now)
    return OrderState(order.state)


def _of_part(shipment: Shipment, missing: Sequence[Line]) -> list[Line]:
    """The lines by SKU, each once; a reason changes no shelf the order has nothing to do with."""
    wanted = dict(zip(shipment.skus, shipment.quantities, strict=True))
    for nth, line in enumerate(missing):
        if line.sku not in wanted:
            raise NotInPart(field=f"missing.{nth}.sku", sku=line.sku)
    lines = merged(missing)
    for line in lines:
        if line.quantity > wanted[line.sku]:
            raise NotInPart(field="missing.quantity", sku=line.sku, wanted=wanted[line.sku])
    return lines


def hand_over(
    db: Session, *, order_id: OrderId, clerk_id: uuid.UUID, store_id: uuid.UUID, code: str, now: datetime
) -> OrderState:
    """The customer fetches their order at the counter and shows its code. Said twice it changes nothing.

    Raises:
        records.NoSuchOrder, NotForPickup, WrongCode
    """
    order = records.locked(db, order_id)
    if order.method != "pickup" or order.channel != "app" or order.store_id != store_id:
        raise records.NoSuchOrder(order_id=order_id)
    if order.state in (OrderState.DELIVERED, OrderState.COMPLETED):
        return OrderState(order.state)
    if order.state != OrderState.PACKED:
        raise NotForPickup(order_id=order_id, state=order.state)
    if code != order.code:
        raise WrongCode(field="code")
    (shipment,) = records.live_shipments(db, order.id)
    completion.delivered(db, order, shipment, at=now, actor=f"clerk:{clerk_id}", now=now)
    return OrderState(order.state)


def _of_task(db: Session, task_id: uuid.UUID, store_id: uuid.UUID) -> tuple[Order, Shipment]:
    """The order behind a task, locked first, for whoever changes an order takes that lock before any other."""
    query = select(Shipment.order_id).where(Shipment.task_id == task_id, Shipment.store_id == store_id)
    order_id = db.scalar(query)
    if order_id is None:
        raise NoSuchTask(task_id=task_id)
    order = records.locked(db, order_id)
    shipment = next(s for s in records.shipments_of(db, order_id) if s.task_id == task_id)
    return order, shipment
