"""Orders for head office: found by number, store or state; one with the plan of each shipment beside what happened."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from o2o.infra.http import Db, Dispatcher, NotAllowed, Now
from o2o.inventory.models import Reservation
from o2o.kit.errors import NotFound
from o2o.kit.principal import Principal, Role
from o2o.kit.wire import Wire
from o2o.orders.models import Order, OrderHistory, OrderLine, Shipment

router = APIRouter(prefix="/api/screens", tags=["screens"])

DIGITS = 3
"""A door is shown to about a hundred metres: enough to see why a store was chosen."""


class NoSuchOrder(NotFound):
    """There is no such order, or it is not of your areas."""

    code = "screens.no_such_order"


class OrderLineOut(Wire):
    """An order in the list. `late_s`: how long after its promise it came or is still open; negative is early."""

    id: uuid.UUID
    order_no: str
    channel: str
    method: str
    state: str
    placed_at: datetime
    promise_by: datetime | None
    delivered_at: datetime | None
    late_s: int | None
    total_fen: int
    store_ids: list[uuid.UUID]
    moved: bool
    """Whether a store gave it back and another took over."""


class GoodsOut(Wire):
    """A line of goods, as ordered and as picked."""

    sku: str
    name_zh: str
    name_en: str
    quantity: int
    picked: int | None


class ShipmentOut(Wire):
    """One store's try: the plan it was given, with its reasons, and when each stage really came."""

    id: uuid.UUID
    leg: int
    attempt: int
    store_id: uuid.UUID
    state: str
    created_at: datetime
    plan: dict[str, Any]
    happened: dict[str, Any]
    because: str | None
    """Why its goods were given free, where it did not come to the end."""


class MoveOut(Wire):
    """One move of the order's life."""

    state: str
    reason: str
    at: datetime


class HqOrderOut(OrderLineOut):
    """An order without its owner's name, phone or door number; the place to about a hundred metres."""

    lon: float | None
    lat: float | None
    reason: str | None
    goods: list[GoodsOut]
    shipments: list[ShipmentOut]
    history: list[MoveOut]


@router.get("/hq/orders", operation_id="hq_orders", response_model=list[OrderLineOut], summary="Orders, newest first")
def hq_orders(
    caller: Dispatcher,
    db: Db,
    now: Now,
    q: Annotated[str | None, Query(max_length=20, pattern=r"^[A-Za-z0-9-]*$", examples=["K7Q2"])] = None,
    state: Annotated[str | None, Query(max_length=20, pattern=r"^[a-z_]*$")] = None,
    store_id: uuid.UUID | None = None,
    only: Literal["late", "moved", "split"] | None = None,
    before: uuid.UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 40,
) -> list[OrderLineOut]:
    """`q` is the beginning of an order number; `before` the last id of the page before. Dispatchers see their own areas."""
    wanted: list[ColumnElement[bool]] = [Order.channel == "app", *_own(caller)]
    if q:
        wanted.append(Order.order_no.startswith(q.upper(), autoescape=True))
    if state:
        wanted.append(Order.state == state)
    if store_id:
        wanted.append(_sent(Shipment.store_id == store_id))
    if before:
        wanted.append(Order.id < before)
    if only == "late":
        wanted.append(Order.promise_by < Order.delivered_at)
    elif only:
        wanted.append(_sent(Shipment.attempt > 1 if only == "moved" else Shipment.leg > 1))
    orders = db.scalars(select(Order).where(*wanted).order_by(Order.id.desc()).limit(limit)).all()
    shipments = _shipments(db, [order.id for order in orders])
    return [OrderLineOut(**_line(order, shipments[order.id], now)) for order in orders]


@router.get(
    "/hq/orders/{order_id}", operation_id="hq_order", response_model=HqOrderOut, summary="One order, and its plans"
)
def hq_order(caller: Dispatcher, db: Db, now: Now, order_id: uuid.UUID) -> HqOrderOut:
    """What was promised, by which store and why, and what came of it."""
    order = db.scalar(select(Order).where(Order.id == order_id, *_own(caller)))
    if order is None:
        raise NoSuchOrder(order_id=order_id)
    shipments = _shipments(db, [order.id])[order.id]
    lines = db.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.no))
    moves = db.scalars(select(OrderHistory).where(OrderHistory.order_id == order.id).order_by(OrderHistory.version))
    freed = {
        row.id: row.reason
        for row in db.execute(select(Reservation.id, Reservation.reason).where(Reservation.order_id == order.id))
    }
    return HqOrderOut(
        **_line(order, shipments, now),
        lon=None if order.lon is None else round(order.lon, DIGITS),
        lat=None if order.lat is None else round(order.lat, DIGITS),
        reason=order.reason,
        goods=[GoodsOut.model_validate(line) for line in lines],
        shipments=[_shipment(one, freed.get(one.reservation_id)) for one in shipments],
        history=[MoveOut.model_validate(move) for move in moves],
    )


def _shipment(row: Shipment, because: str | None) -> ShipmentOut:
    names = set(ShipmentOut.model_fields) - {"because"}
    return ShipmentOut(**{name: getattr(row, name) for name in names}, because=because)


def _own(caller: Principal) -> list[ColumnElement[bool]]:
    """A dispatcher looks at orders that some store of the own areas has, or had."""
    if caller.role is Role.HQ:
        return []
    if not caller.area_ids:
        raise NotAllowed(role=caller.role.value)
    return [_sent(Shipment.area_id.in_(caller.area_ids))]


def _sent(how: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Shipment.order_id == Order.id, how)


def _shipments(db: Session, order_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Shipment]]:
    found: dict[uuid.UUID, list[Shipment]] = defaultdict(list)
    rows = select(Shipment).where(Shipment.order_id.in_(order_ids)).order_by(Shipment.leg, Shipment.attempt)
    for row in db.scalars(rows):
        found[row.order_id].append(row)
    return found


def _line(order: Order, shipments: Sequence[Shipment], now: datetime) -> dict[str, Any]:
    late_s = None
    if order.promise_by is not None and order.state not in ("cancelled", "expired", "placed"):
        late_s = int(((order.delivered_at or now) - order.promise_by).total_seconds())
    live = [one for one in shipments if one.state not in ("rejected", "cancelled")]
    facts = ("id", "order_no", "channel", "method", "state", "placed_at", "promise_by", "delivered_at", "total_fen")
    return {fact: getattr(order, fact) for fact in facts} | {
        "late_s": late_s,
        "store_ids": list(dict.fromkeys(one.store_id for one in live or shipments)),
        "moved": any(one.attempt > 1 for one in shipments),
    }
