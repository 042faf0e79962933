"""What rides besides orders: goods a customer gives back, fetched at the door, and goods from one store to another."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.dispatch.carrying import deliveries
from o2o.geo.lonlat import LonLat
from o2o.inventory.supply import transfers
from o2o.kit import ids
from o2o.kit.errors import Conflict, Invalid
from o2o.kit.ids import OrderId, Sku, StoreId
from o2o.orders import records
from o2o.orders.aftersales import NoSuchReturn, WrongStep
from o2o.orders.fulfilment.assignment import load_of
from o2o.orders.models import ReturnRequest
from o2o.stores import places

AHEAD = timedelta(days=7)
SHORTEST = timedelta(minutes=30)
PACK = timedelta(minutes=10)
"""A store needs about this long to put a transfer into bags."""
TRANSFER_WITHIN = timedelta(hours=2)


class NoDoor(Conflict):
    """This order was not brought to a door, so there is none to fetch it from."""

    code = "orders.no_door"


class BadWindow(Invalid):
    """Goods are fetched within seven days, in a window of at least half an hour."""

    code = "orders.bad_window"


def fetch_return(
    db: Session,
    *,
    return_id: uuid.UUID,
    member_id: uuid.UUID | None,
    due_from: datetime,
    due_at: datetime,
    now: datetime,
) -> str:
    """Send a rider for goods whose return was agreed to, to bring them to the store they came from; asking twice is fine.

    `member_id` is None when a clerk asks. Returns the order's number.

    Raises:
        NoSuchReturn, WrongStep, NoDoor, BadWindow.
    """
    if not now < due_at <= now + AHEAD or due_at - max(due_from, now) < SHORTEST:
        raise BadWindow(field="due_at", due_at=due_at)
    asked = db.get(ReturnRequest, return_id)
    if asked is None or (member_id is not None and asked.member_id != member_id):
        raise NoSuchReturn(return_id=return_id)
    if asked.kind != "return" or asked.state != "approved":
        raise WrongStep(return_id=return_id, state=asked.state, kind=asked.kind)
    order = records.locked(db, OrderId(asked.order_id))
    shipments = records.shipments_of(db, order.id)
    if order.lon is None or order.lat is None or not shipments:
        raise NoDoor(order_id=order.id)
    store = places.get(db, store_id=StoreId(shipments[-1].store_id))
    wanted: dict[Sku, int] = {}
    for sku, quantity in zip(asked.skus, asked.quantities, strict=True):
        wanted[Sku(sku)] = wanted.get(Sku(sku), 0) + quantity
    known = goods.get_many(db, skus=list(wanted))
    deliveries.request_return(
        db,
        delivery_id=ids.new_id(),
        return_id=return_id,
        order_id=order.id,
        order_no=order.order_no,
        store_id=store.id,
        area_id=store.area_id,
        door=LonLat(order.lon, order.lat),
        store=store.location,
        address=" ".join(filter(None, (order.address.get("text"), order.address.get("detail")))),
        due_from=due_from,
        due_at=due_at,
        weight_g=sum(known[sku].weight_g * quantity for sku, quantity in wanted.items() if sku in known),
        load=load_of(db, wanted),
        now=now,
    )
    return order.order_no


def send_transfer(
    db: Session, *, transfer_id: uuid.UUID, store_id: StoreId, due_at: datetime | None, now: datetime
) -> str:
    """Take a transfer off the shelf of `store_id` and send a rider for it; asking twice is fine. Returns the transfer's state.

    Raises:
        transfers.NoSuchTransfer, transfers.TransferElsewhere, moves.NotThatMany, BadWindow.
    """
    due_at = due_at or now + TRANSFER_WITHIN
    if not now + SHORTEST <= due_at <= now + AHEAD:
        raise BadWindow(field="due_at", due_at=due_at)
    found = transfers.info(db, transfer_id=transfer_id, from_store_id=store_id)
    if found.state == "draft":
        transfers.send(db, transfer_id=transfer_id, store_id=store_id, now=now)
    elif found.state != "in_transit":
        raise transfers.TransferElsewhere(state=found.state)
    sender, getter = (places.get(db, store_id=StoreId(one)) for one in (found.from_store_id, found.to_store_id))
    known = goods.get_many(db, skus=[Sku(line.sku) for line in found.lines])
    deliveries.request_transfer(
        db,
        delivery_id=ids.new_id(),
        transfer_id=transfer_id,
        from_store_id=sender.id,
        to_store_id=getter.id,
        area_id=sender.area_id,
        pickup=sender.location,
        dropoff=getter.location,
        ready_at=now + PACK,
        due_at=due_at,
        weight_g=sum(known[Sku(line.sku)].weight_g * line.quantity for line in found.lines if Sku(line.sku) in known),
        load=load_of(db, {Sku(line.sku): line.quantity for line in found.lines}),
        now=now,
    )
    return "in_transit"
