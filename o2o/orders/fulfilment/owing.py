"""Money of orders that did not go its way, for whoever sees to it: a dispatcher those of the own areas, head office all.

The acts are payments' (`remedies`); here it is known whose order it is, which stores had it, and who may look.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.infra import outbox
from o2o.kit.ids import OrderId, StoreId
from o2o.orders import records
from o2o.orders.events import MoneyTroubled
from o2o.orders.models import Order, Shipment
from o2o.payments import remedies, troubles
from o2o.payments.troubles import NoSuchTrouble, Trouble
from o2o.stores import places


@dataclass(frozen=True, slots=True)
class Owing:
    """A trouble with its order. `member`: whether there is somebody to ask."""

    trouble: Trouble
    order_no: str
    channel: str
    state: str
    total_fen: int
    store_id: uuid.UUID | None
    member: bool


def waiting(db: Session, *, area_ids: Collection[uuid.UUID] | None) -> list[Owing]:
    """What waits for somebody, of these areas (None: of all), the oldest first."""
    return _with_orders(db, troubles.waiting(db), area_ids)


def of_order(db: Session, *, order_id: uuid.UUID, area_ids: Collection[uuid.UUID] | None) -> list[Owing]:
    """All troubles an order's money ever had, in these areas."""
    return _with_orders(db, troubles.of_orders(db, order_ids=[order_id]), area_ids)


def try_again(
    db: Session, *, trouble_id: uuid.UUID, actor: str, area_ids: Collection[uuid.UUID] | None, now: datetime
) -> None:
    """Ask the provider at once. Raises: as `remedies.try_again`."""
    _check(db, trouble_id, area_ids)
    remedies.try_again(db, trouble_id=trouble_id, actor=actor, now=now)


def ask_customer(
    db: Session, *, trouble_id: uuid.UUID, actor: str, note: str, area_ids: Collection[uuid.UUID] | None, now: datetime
) -> int:
    """Let the customer pay another way; their order's screen asks them to. Returns how much. Raises: as `remedies.ask_customer`."""
    _check(db, trouble_id, area_ids)
    return remedies.ask_customer(db, trouble_id=trouble_id, actor=actor, note=note, now=now)


def stop_asking(
    db: Session, *, trouble_id: uuid.UUID, actor: str, area_ids: Collection[uuid.UUID] | None, now: datetime
) -> None:
    """Take the question to the customer back. Raises: as `remedies.stop_asking`."""
    _check(db, trouble_id, area_ids)
    remedies.stop_asking(db, trouble_id=trouble_id, actor=actor, now=now)


def end(db: Session, *, trouble_id: uuid.UUID, actor: str, note: str, now: datetime) -> None:
    """Settle it by hand. Raises: as `remedies.end`."""
    _check(db, trouble_id, None)
    remedies.end(db, trouble_id=trouble_id, actor=actor, note=note, now=now)


def tell(db: Session, *, order_id: OrderId, now: datetime) -> None:
    """The order's own screens and the desks of its areas read again.

    Raises:
        records.NoSuchOrder
    """
    order = records.locked(db, order_id)
    records.tell(db, order, now=now)
    areas = sorted(str(area_id) for area_id in _areas(db, [order])[order.id])
    outbox.emit(db, MoneyTroubled(order_id=order.id, area_ids=areas), now=now)


def _check(db: Session, trouble_id: uuid.UUID, area_ids: Collection[uuid.UUID] | None) -> None:
    """Lock the order first, as every change of an order does; refuse one of other areas as if there were none."""
    order = records.locked(db, OrderId(troubles.order_of(db, trouble_id=trouble_id)))
    if area_ids is not None and not _areas(db, [order])[order.id] & set(area_ids):
        raise NoSuchTrouble(trouble_id=trouble_id)


def _with_orders(db: Session, found: Sequence[Trouble], area_ids: Collection[uuid.UUID] | None) -> list[Owing]:
    orders = list(db.scalars(select(Order).where(Order.id.in_([one.order_id for one in found]))))
    areas = _areas(db, orders)
    shown = {order.id: order for order in orders if area_ids is None or areas[order.id] & set(area_ids)}
    return [_owing(one, shown[one.order_id]) for one in found if one.order_id in shown]


def _areas(db: Session, orders: Sequence[Order]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """The areas of the stores that had these orders, or where they were sold."""
    found: dict[uuid.UUID, set[uuid.UUID]] = {
        order.id: {places.get(db, store_id=StoreId(order.store_id)).area_id} if order.store_id else set()
        for order in orders
    }
    sent = select(Shipment.order_id, Shipment.area_id).where(Shipment.order_id.in_(list(found)))
    for order_id, area_id in db.execute(sent):
        found[order_id].add(area_id)
    return found


def _owing(trouble: Trouble, order: Order) -> Owing:
    return Owing(
        trouble,
        order.order_no,
        order.channel,
        order.state,
        order.total_fen,
        order.store_id,
        order.member_id is not None,
    )
