"""Writing an order down: the one insert, the lock, and the one way a state changes (with its history row and its event)."""

import uuid
from collections.abc import Sequence
from dataclasses import field
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, cast

import msgspec
from sqlalchemy import Table, delete, insert, select, text
from sqlalchemy.orm import Session

from o2o.infra import outbox
from o2o.kit.errors import NotFound
from o2o.kit.events import Event
from o2o.kit.ids import Sku
from o2o.kit.values import value
from o2o.orders import events, lifecycle
from o2o.orders.lifecycle import OrderState, ShipmentState
from o2o.orders.models import Order, OrderHistory, OrderLine, ParkedOrder, Shipment
from o2o.orders.pricing import Priced, PricedLine

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class NoSuchOrder(NotFound):
    """There is no such order of yours."""

    code = "orders.no_such_order"


@value(frozen=True, slots=True)
class Goods:
    """What a line keeps of its good: names as sold, whether weighed, grams a piece."""

    name_zh: str
    name_en: str
    weighed: bool
    piece_g: int


@value(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """Everything the insert writes about the order itself."""

    id: uuid.UUID
    member_id: uuid.UUID | None
    channel: str
    method: str
    state: OrderState
    store_id: uuid.UUID | None
    priced: Priced
    lon: float | None = None
    lat: float | None = None
    address: dict[str, Any] = field(default_factory=dict)
    preference: str = "ask"
    note: str = ""
    coupon_id: uuid.UUID | None = None
    promise_from: datetime | None = None
    promise_by: datetime | None = None
    pay_by: datetime | None = None
    delivered_at: datetime | None = None
    due_at: datetime | None = None
    actor: str = "customer"


@value(frozen=True, slots=True, kw_only=True)
class NewShipment:
    """A store's part, as it is first written."""

    id: uuid.UUID
    store_id: uuid.UUID
    area_id: uuid.UUID
    task_id: uuid.UUID
    reservation_id: uuid.UUID
    lines: tuple[tuple[str, int], ...]
    """(sku, quantity), sorted by SKU."""
    plan: dict[str, Any]
    leg: int = 1
    attempt: int = 1

    def values(self) -> dict[str, Any]:
        """As its row begins."""
        return {
            "id": self.id,
            "leg": self.leg,
            "attempt": self.attempt,
            "store_id": self.store_id,
            "area_id": self.area_id,
            "task_id": self.task_id,
            "reservation_id": self.reservation_id,
            "skus": [sku for sku, _ in self.lines],
            "quantities": [quantity for _, quantity in self.lines],
            "plan": self.plan,
            "happened": {},
        }


_WRITE = text("SELECT orders_write(CAST(:order AS jsonb), CAST(:lines AS jsonb), CAST(:actor AS text), :at, :now)")


@lru_cache(maxsize=256)
def order_no(order_id: uuid.UUID) -> str:
    """The short number people say, eight signs of the id's random end without 0, 1, I and O."""
    value, signs = order_id.int & (2**40 - 1), []
    for _ in range(8):
        value, nth = divmod(value, 32)
        signs.append(_ALPHABET[nth])
    return "".join(signs[:4]) + "-" + "".join(signs[4:])


def write(db: Session, order: NewOrder, goods: Sequence[Goods], *, at: datetime, now: datetime) -> str:
    """The order, its lines and its first history row in one round trip. Returns the order number.

    An order that begins in the customer's hands (the till's) is charged what it was priced.
    """
    row, lines = order_row(order), line_rows(order, goods)
    written = {
        "order": msgspec.json.encode(row).decode(),
        "lines": msgspec.json.encode(lines).decode(),
        "actor": order.actor,
    }
    db.execute(_WRITE, written | {"at": at, "now": now})
    return str(row["order_no"])


def order_row(order: NewOrder) -> dict[str, Any]:
    """The order's columns as the server-side functions take them."""
    priced = order.priced
    return dict(zip(_PLAIN, _plain(order), strict=True)) | {
        "order_no": order_no(order.id),
        "code": f"{(order.id.int >> 8) % 10_000:04d}",
        "goods_fen": priced.goods_fen,
        "coupon_fen": priced.coupon_fen,
        "points": priced.points,
        "points_fen": priced.points_fen,
        "fee_fen": priced.fee_fen,
        "total_fen": priced.total_fen,
        "charged_fen": priced.total_fen if order.state is OrderState.DELIVERED else None,
    }


def line_rows(order: NewOrder, goods: Sequence[Goods]) -> list[dict[str, Any]]:
    """Its lines' columns, numbered from 1."""
    sold = order.state is OrderState.DELIVERED
    return [
        {
            "no": no,
            "sku": line.sku,
            "name_zh": good.name_zh,
            "name_en": good.name_en,
            "quantity": line.quantity,
            "weighed": good.weighed,
            "piece_g": good.piece_g,
            "unit_price_fen": line.unit_price_fen,
            "gross_fen": line.gross_fen,
            "coupon_fen": line.coupon_fen,
            "points": line.points,
            "points_fen": line.points_fen,
            "due_fen": line.due_fen,
            "picked": line.quantity if sold else None,
            "picked_g": good.piece_g * line.quantity if sold else None,
            "charged_fen": line.due_fen if sold else None,
            "points_kept": line.points if sold else None,
        }
        for no, (line, good) in enumerate(zip(order.priced.lines, goods, strict=True), start=1)
    ]


_PLAIN = (
    "id", "member_id", "channel", "method", "state", "store_id", "lon", "lat", "address", "preference", "note", "coupon_id",
    "promise_from", "promise_by", "pay_by", "delivered_at", "due_at",
)  # fmt: skip
_plain = attrgetter(*_PLAIN)


_SHIPMENTS = insert(cast(Table, Shipment.__table__))


def add_shipments(
    db: Session, order_id: uuid.UUID, shipments: Sequence[NewShipment], *, state: ShipmentState, now: datetime
) -> None:
    """The stores' parts of an order, or another store's try at one of its legs."""
    shared = {"order_id": order_id, "state": state.value, "created_at": now}
    db.execute(_SHIPMENTS, [one.values() | shared for one in shipments])


def locked(db: Session, order_id: uuid.UUID, *, member_id: uuid.UUID | None = None) -> Order:
    """The order, its row locked; every change of an order takes this lock first.

    Raises:
        NoSuchOrder: unknown, or not this member's.
    """
    query = select(Order).where(Order.id == order_id)
    if member_id is not None:
        query = query.where(Order.member_id == member_id)
    order = db.scalar(query.with_for_update().execution_options(populate_existing=True))
    if order is None:
        raise NoSuchOrder(order_id=order_id)
    return order


def lines_of(db: Session, order_id: uuid.UUID) -> list[OrderLine]:
    """The lines in their order."""
    query = select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.no)
    return list(db.scalars(query.execution_options(populate_existing=True)))


def agreed(line: OrderLine) -> PricedLine:
    """A line's part of the total, as it was agreed on when the order was placed."""
    return PricedLine(
        Sku(line.sku), line.quantity, line.unit_price_fen, line.gross_fen, line.coupon_fen, line.points, line.points_fen,
        line.due_fen,
    )  # fmt: skip


def shipments_of(db: Session, order_id: uuid.UUID) -> list[Shipment]:
    """All attempts at all legs, leg by leg, the first try first."""
    query = select(Shipment).where(Shipment.order_id == order_id).order_by(Shipment.leg, Shipment.attempt)
    return list(db.scalars(query.execution_options(populate_existing=True)))


def live_shipments(db: Session, order_id: uuid.UUID) -> list[Shipment]:
    """The stores that answer for the order's parts now."""
    return [s for s in shipments_of(db, order_id) if ShipmentState(s.state) in lifecycle.LIVE_SHIPMENT]


def move(
    db: Session,
    order: Order,
    to: OrderState,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
    at: datetime | None = None,
) -> None:
    """Take the order to another state, with its history row and its event.

    Raises:
        lifecycle.IllegalMove
    """
    was = OrderState(order.state)
    lifecycle.check_move(was, to)
    order.state, order.version, order.due_at = to.value, order.version + 1, None
    if reason:
        order.reason = reason
    db.add(
        OrderHistory(
            order_id=order.id,
            version=order.version,
            state=to.value,
            was=was.value,
            actor=actor,
            reason=reason,
            at=at or now,
            recorded_at=now,
        )
    )
    db.flush()
    if was in (OrderState.UNFILLABLE, OrderState.PAID):  # parked, or asked about while it might be moved
        db.execute(delete(ParkedOrder).where(ParkedOrder.order_id == order.id))
    outbox.emit(db, _event(db, order, to), now=now)


def move_shipment(db: Session, shipment: Shipment, to: ShipmentState) -> None:
    """Take a shipment to another state.

    Raises:
        lifecycle.IllegalMove
    """
    lifecycle.check_shipment_move(ShipmentState(shipment.state), to)
    shipment.state = to.value
    db.flush()


def follow_shipments(
    db: Session, order: Order, *, actor: str, now: datetime, reason: str = "", at: datetime | None = None
) -> None:
    """Take the order where its shipments say it is, if it is not there yet."""
    to = lifecycle.derive(ShipmentState(s.state) for s in shipments_of(db, order.id))
    if to.value != order.state:
        move(db, order, to, actor=actor, now=now, reason=reason, at=at)


def stamp(shipment: Shipment, stage: str, at: datetime) -> None:
    """Note when a stage of the plan really came."""
    shipment.happened = {**shipment.happened, stage: at.isoformat()}


def tell(db: Session, order: Order, *, now: datetime) -> None:
    """Something about the order changed that is not its state."""
    outbox.emit(db, events.OrderChanged(**_facts(db, order)), now=now)


_EVENTS: dict[OrderState, type[Event]] = {
    OrderState.PAID: events.OrderPaid,
    OrderState.PICKING: events.OrderChanged,
    OrderState.PACKED: events.OrderPacked,
    OrderState.DELIVERED: events.OrderDelivered,
    OrderState.COMPLETED: events.OrderCompleted,
    OrderState.CANCELLED: events.OrderCancelled,
    OrderState.EXPIRED: events.OrderExpired,
    OrderState.UNFILLABLE: events.OrderUnfillable,
}


def _event(db: Session, order: Order, to: OrderState) -> Event:
    return _EVENTS[to](**_facts(db, order))


def _facts(db: Session, order: Order) -> dict[str, Any]:
    newest = select(Shipment.store_id).where(Shipment.order_id == order.id)
    newest = newest.order_by(Shipment.attempt.desc(), Shipment.leg).limit(1)
    return {
        "order_id": order.id,
        "store_id": db.scalar(newest) or order.store_id,
        "member_id": order.member_id,
    }
