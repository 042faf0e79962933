"""A placed order, written down and its goods held in one round trip: what `plsql/20_place.sql` is handed, and what it answers."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from o2o.infra import idempotency, server_side
from o2o.infra.combining import Together
from o2o.infra.db import may_stand_alone
from o2o.infra.idempotency import Answer, Ticket
from o2o.kit.ids import OrderId, StoreId
from o2o.kit.values import value
from o2o.orders import records
from o2o.orders.events import OrderPlaced
from o2o.orders.lifecycle import OrderState
from o2o.orders.records import NewOrder, NewShipment

_PLACE = "SELECT orders_place($1::jsonb)"
_PLACE_MANY = "SELECT orders_place_many($1::jsonb)"


class Short(Exception):
    """No way of doing the order has all of its goods; `missing` names those of the best way."""

    def __init__(self, missing: list[dict[str, object]]) -> None:
        super().__init__()
        self.missing = missing


class Repriced(Exception):
    """Goods have other `prices` now, or are not sold any more."""

    def __init__(self, prices: list[dict[str, object]]) -> None:
        super().__init__()
        self.prices = prices


@value(frozen=True, slots=True)
class Placed:
    """An order that stands. `pay_ref` is the provider's reference, None when there is nothing to pay."""

    order_id: OrderId
    order_no: str
    state: OrderState
    store_id: StoreId
    total_fen: int
    pay_ref: str | None
    pay_by: datetime
    promise_from: datetime
    promise_by: datetime


@value(frozen=True, slots=True)
class Way:
    """One way of doing an order: a shipment of each store that brings a part, and what the customer is told."""

    shipments: Sequence[NewShipment]
    placed: Placed


def place(
    db: Session,
    *,
    order: NewOrder,
    goods: Sequence[records.Goods],
    ways: Sequence[Way],
    payment_id: uuid.UUID,
    now: datetime,
    ticket: Ticket | None = None,
) -> Placed | Answer:
    """Write the order, its payment, shipments and event, and hold its goods by the first way that has them all. One statement.

    With a `ticket`, what its key was answered before is the answer, and this answer is kept for it.

    Raises:
        Repriced, Short: nothing was written.
        idempotency.StillRunning, idempotency.KeyReused
    """
    document = _document(order, goods, ways, payment_id, now)
    if ticket is not None:
        document["once"] = {"caller": ticket.caller, "key": ticket.key, "mark": ticket.mark}
    found = _placed(db, msgspec.json.encode(document).decode(), shared=ticket is not None and may_stand_alone(db))
    match found["state"]:
        case "placed":
            db.info["said"] = True
            taken: Way = ways[found["way"]]
            return taken.placed
        case "repriced":
            raise Repriced(found["prices"])
        case "short":
            raise Short(found["short"])
        case _:
            return idempotency.told_before(found)


def _placed(db: Session, document: str, *, shared: bool) -> dict[str, Any]:
    """What the database says; where the statement may stand alone, it is shared with those who place at this very moment."""
    told = _TOGETHER(db, document) if shared else None
    return told or _place_one(db, document)


def _place_one(db: Session, document: str) -> dict[str, Any]:
    found: dict[str, Any] = server_side.call(db, _PLACE, document)
    return found


def _place_several(db: Session, documents: Sequence[str]) -> Sequence[dict[str, Any] | None]:
    if len(documents) == 1:
        return [_place_one(db, documents[0])]
    found: list[dict[str, Any] | None] = server_side.call(db, _PLACE_MANY, f"[{','.join(documents)}]")
    return found


_TOGETHER = Together(_place_several)


def _document(
    order: NewOrder, goods: Sequence[records.Goods], ways: Sequence[Way], payment_id: uuid.UUID, now: datetime
) -> dict[str, Any]:
    said = OrderPlaced(order_id=order.id, store_id=ways[0].placed.store_id, member_id=order.member_id)
    payment = {"id": payment_id, "ref": payment_id.hex, "provider": "sandbox"}
    return {
        "now": now,
        "actor": order.actor,
        "order": records.order_row(order),
        "lines": records.line_rows(order, goods),
        "event": {"name": said.name, "payload": said.payload(), "channels": said.channels()},
        "ways": [
            {"shipments": [one.values() for one in way.shipments], "holds": _holds(way.shipments), "answer": way.placed}
            for way in ways
        ],
    } | ({"payment": payment} if order.priced.total_fen else {})


def _holds(shipments: Sequence[NewShipment]) -> list[dict[str, Any]]:
    """One row a line, in the order in which rows of stock are locked everywhere: by store, then SKU."""
    return [
        {"id": one.reservation_id, "store_id": one.store_id, "sku": sku, "quantity": quantity}
        for one in sorted(shipments, key=lambda one: one.store_id)
        for sku, quantity in one.lines
    ]
