"""Orders whose goods a store no longer has: looked at again while nobody has begun with them.

A delivery moves to another store by itself. A pickup is never moved without asking, so its customer is asked: elsewhere, not at
all, or leave it. It stands where it is meanwhile; silence leaves it, and its picker will report what is short.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.dispatch.carrying import deliveries
from o2o.infra.roads import Roads
from o2o.inventory.ledger import discrepancies
from o2o.inventory.reserving import reservations
from o2o.kit.ids import OrderId, StoreId
from o2o.orders import records
from o2o.orders.fulfilment import assignment, parking
from o2o.orders.fulfilment.assignment import AS_EVER, Allowed
from o2o.orders.fulfilment.parking import Kind, Owner
from o2o.orders.lifecycle import OrderState, ShipmentState
from o2o.orders.models import Order, ParkedOrder, Shipment
from o2o.picking import pick_tasks


class _NowhereElse(Exception):
    """Undoes the try to move an order."""


def rescue(db: Session, *, order_id: OrderId, store_id: uuid.UUID, roads: Roads, now: datetime) -> bool:
    """What a store has left does not cover this order: move it, if nobody has begun with it and another store can do it, or ask
    whoever will fetch it. Else it stays, and its picker will report what is short. True when it moved.
    """
    order = records.locked(db, order_id)
    here = (s for s in records.live_shipments(db, order_id) if s.store_id == store_id)
    shipment = next(here, None)
    if shipment is None or shipment.state != ShipmentState.OPEN:
        return False
    if order.method == "pickup":
        _ask(db, order, shipment, roads, now)
        return False
    if not _elsewhere(db, order, shipment, roads, now, AS_EVER):
        return False
    records.tell(db, order, now=now)
    return True


def move(
    db: Session, *, order_id: OrderId, member_id: uuid.UUID, store_id: uuid.UUID, roads: Roads, now: datetime
) -> OrderState:
    """The customer will fetch it at another store that was offered: held there, its work opened, and called off here.

    Raises:
        records.NoSuchOrder, parking.NotParked, parking.NotOffered, parking.NoLonger
    """
    order, parked = _asked(db, order_id, member_id)
    parking.check_offered(parked, store_id)
    shipment = next((s for s in records.live_shipments(db, order_id) if s.state == ShipmentState.OPEN), None)
    if shipment is None or not _elsewhere(db, order, shipment, roads, now, Allowed(pickup_at=store_id)):
        raise parking.NoLonger(store_id=store_id)
    parking.fetch_at(db, order, store_id)
    return _answered(db, order, now)


def keep(db: Session, *, order_id: OrderId, member_id: uuid.UUID, now: datetime) -> OrderState:
    """The customer leaves it where it is: what is there will be packed.

    Raises:
        records.NoSuchOrder, parking.NotParked
    """
    order, _ = _asked(db, order_id, member_id)
    return _answered(db, order, now)


def forget(db: Session, *, now: datetime) -> list[OrderId]:
    """Questions nobody answered in time: the orders stand as they are. Returns whose."""
    gone = delete(ParkedOrder).where(ParkedOrder.kind == Kind.PICKUP_ENDANGERED.value, ParkedOrder.due_at <= now)
    return [OrderId(order_id) for order_id in db.scalars(gone.returning(ParkedOrder.order_id))]


def _elsewhere(db: Session, order: Order, shipment: Shipment, roads: Roads, now: datetime, allowed: Allowed) -> bool:
    """Take a part from its store and give it to another; all of it or nothing."""
    order_id, store_id = OrderId(order.id), StoreId(shipment.store_id)
    try:
        with db.begin_nested():
            deliveries.cancel(db, order_id=order_id, shipment_id=shipment.id, now=now)
            pick_tasks.cancel(db, order_id=order_id, shipment_id=shipment.id, now=now)
            records.move_shipment(db, shipment, ShipmentState.REJECTED)
            reservations.release(db, order_id=order_id, store_id=store_id, reason="stock_short", now=now)
            if not assignment.source_again(db, order, shipment, roads=roads, now=now, allowed=allowed):
                raise _NowhereElse
    except (_NowhereElse, deliveries.AlreadyPickedUp):
        return False
    return True


def _ask(db: Session, order: Order, shipment: Shipment, roads: Roads, now: datetime) -> None:
    """Put the question to whoever will fetch it; asked before, only what is short is said anew."""
    short = discrepancies.short_of(db, store_id=StoreId(shipment.store_id), skus=shipment.skus)
    if not short:
        return
    known = db.scalar(select(ParkedOrder).where(ParkedOrder.order_id == order.id))
    if known is None:
        _put(db, order, shipment, short, parking.elsewhere(db, order, shipment, roads=roads, now=now), now)
    else:
        known.skus = short
        db.flush()
    records.tell(db, order, now=now)


def _put(
    db: Session, order: Order, shipment: Shipment, short: list[str], stores: Sequence[dict[str, object]], now: datetime
) -> None:
    kind = Kind.PICKUP_ENDANGERED
    due_at = now + timedelta(seconds=parking.DEADLINE_S[kind])
    values = {
        "order_id": order.id, "kind": kind.value, "owner": Owner.CUSTOMER.value, "area_id": shipment.area_id,
        "store_id": shipment.store_id, "skus": short, "since": now, "due_at": due_at, "tries": 0, "asked": {"stores": stores},
    }  # fmt: skip
    db.execute(insert(ParkedOrder).values(values))


def _asked(db: Session, order_id: OrderId, member_id: uuid.UUID) -> tuple[Order, ParkedOrder]:
    order = records.locked(db, order_id, member_id=member_id)
    parked = db.get(ParkedOrder, order_id, populate_existing=True)
    if parked is None or parked.kind != Kind.PICKUP_ENDANGERED:
        raise parking.NotParked(order_id=order_id, state=order.state)
    return order, parked


def _answered(db: Session, order: Order, now: datetime) -> OrderState:
    db.execute(delete(ParkedOrder).where(ParkedOrder.order_id == order.id))
    records.tell(db, order, now=now)
    return OrderState(order.state)
