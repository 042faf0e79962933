"""After the sale (售后): ask, decide, receive at any store, look at it, give the money back.

Reception is not acceptance: goods may come in and still be refused. Money follows what was charged, line by line, in pieces that sum
to the fen; points follow the money.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from o2o.inventory.lines import Line
from o2o.inventory.shelf import selling
from o2o.kit.errors import Conflict, Invalid, NotFound
from o2o.kit.ids import OrderId, StoreId
from o2o.orders import records
from o2o.orders.fulfilment import portions, settlement
from o2o.orders.fulfilment.portions import Key, Portion
from o2o.orders.lifecycle import OrderState
from o2o.orders.models import Order, ReturnRequest, Shipment

Kind = Literal["refund", "return"]
Outcome = Literal["restocked", "quarantined", "wasted", "rejected"]
_CONDITION: dict[str, selling.Condition] = {"restocked": "good", "quarantined": "inspect", "wasted": "damaged"}
MOVES = {
    "requested": {"approved", "rejected", "cancelled"},
    "approved": {"received", "refunded", "cancelled"},
    "received": {"refunded", "rejected"},
    "refunded": set[str](),
    "rejected": set[str](),
    "cancelled": set[str](),
}


class NoSuchReturn(NotFound):
    """There is no such request here."""

    code = "orders.no_such_return"


class NotReturnable(Conflict):
    """Goods can be brought back from delivery until the return window closes; `state` says where the order is."""

    code = "orders.not_returnable"


class MoreThanSold(Invalid):
    """More would come back than was sold and not returned yet."""

    code = "orders.more_than_sold"


class WrongStep(Conflict):
    """The request is not at this step; `state` says where it is."""

    code = "orders.wrong_return_step"


@dataclass(frozen=True, slots=True)
class Piece:
    """`quantity` pieces of a line, by its number; `sku` says which goods where something else was in the bag for some of them."""

    no: int
    quantity: int
    sku: str | None = None


def request(
    db: Session,
    *,
    return_id: uuid.UUID,
    order_id: OrderId,
    member_id: uuid.UUID | None,
    kind: Kind,
    lines: Sequence[Piece],
    reason: str,
    note: str,
    now: datetime,
    store_id: StoreId | None = None,
) -> str:
    """Ask for money back for pieces: with the goods (`return`) or without (`refund`, say for a broken egg).

    `member_id` is None when a clerk asks for a customer at the counter of `store_id`. The same id again changes nothing. Returns the state.

    Raises:
        records.NoSuchOrder, NotReturnable, MoreThanSold
        NoSuchReturn: the id belongs to a request for another order.
    """
    order = records.locked(db, order_id, member_id=member_id)
    known = db.get(ReturnRequest, return_id)
    if known is not None:
        if known.order_id != order_id:
            raise NoSuchReturn(field="return_id", return_id=return_id)
        return known.state
    if order.state != OrderState.DELIVERED:
        raise NotReturnable(order_id=order_id, state=order.state)
    wanted = _named(portions.of_order(db, order_id), lines)
    db.add(
        ReturnRequest(
            id=return_id,
            order_id=order_id,
            member_id=order.member_id,
            kind=kind,
            state="requested",
            reason=reason,
            note=note,
            nos=[no for no, _ in wanted],
            skus=[sku for _, sku in wanted],
            quantities=list(wanted.values()),
            store_id=store_id,
            refund_fen=0,
            requested_at=now,
        )
    )
    db.flush()
    records.tell(db, order, now=now)
    return "requested"


def decide(db: Session, *, return_id: uuid.UUID, store_id: StoreId, approve: bool, note: str, now: datetime) -> str:
    """Yes or no, by a store it concerns. Yes to a request without goods gives the money back at once. Returns the state.

    Raises:
        NoSuchReturn: unknown, or of other stores only.
        WrongStep
    """
    order, asked = _locked(db, return_id, concerns(store_id))
    _move(asked, "approved" if approve else "rejected", now)
    asked.decided_at = now
    asked.note = note or asked.note
    if asked.state == "approved" and asked.kind == "refund":
        _give_back(db, order, asked, now)
    db.flush()
    records.tell(db, order, now=now)
    return asked.state


def receive(db: Session, *, return_id: uuid.UUID, store_id: StoreId, now: datetime) -> str:
    """The goods are in a store, any store. Nothing is accepted yet. Returns the state."""
    order, asked = _locked(db, return_id)
    if asked.kind != "return":
        raise WrongStep(return_id=return_id, state=asked.state, kind=asked.kind)
    _move(asked, "received", now)
    asked.store_id, asked.received_at = store_id, now
    db.flush()
    records.tell(db, order, now=now)
    return asked.state


def inspect(db: Session, *, return_id: uuid.UUID, store_id: StoreId, outcome: Outcome, now: datetime) -> str:
    """The goods were looked at: back on this store's shelf, set apart, thrown away (all with the money), or refused. Returns the state."""
    order, asked = _locked(db, return_id)
    if asked.store_id != store_id:
        raise NoSuchReturn(return_id=return_id)
    if asked.state != "received":
        raise WrongStep(return_id=return_id, state=asked.state)
    asked.outcome = outcome
    if outcome == "rejected":
        _move(asked, "rejected", now)
    else:
        taken = _give_back(db, order, asked, now)
        selling.take_back(
            db, store_id=store_id, return_id=return_id, lines=taken, condition=_CONDITION[outcome], now=now
        )
    db.flush()
    records.tell(db, order, now=now)
    return asked.state


def of_order(db: Session, *, order_id: OrderId) -> list[ReturnRequest]:
    """Requests of an order, the first first."""
    return list(db.scalars(select(ReturnRequest).where(ReturnRequest.order_id == order_id).order_by(ReturnRequest.id)))


def _named(known: Mapping[Key, Portion], lines: Sequence[Piece]) -> dict[Key, int]:
    """Which goods are meant. Of a line of which no SKU is named the substitutes come back first: they are the ones complained of."""
    wanted: dict[Key, int] = {}
    for line in lines:
        mine = [one for one in known.values() if one.no == line.no and line.sku in (None, one.sku)]
        left = line.quantity
        for one in mine:
            key = one.no, one.sku
            taken = min(left, one.left - wanted.get(key, 0))
            if taken > 0:
                wanted[key] = wanted.get(key, 0) + taken
                left -= taken
        if left or line.quantity < 1:
            raise MoreThanSold(field="lines", no=line.no, left=sum(one.left for one in mine))
    return wanted


def _check(known: Mapping[Key, Portion], wanted: Mapping[Key, int]) -> None:
    for key, quantity in wanted.items():
        left = known[key].left if key in known else 0
        if quantity > left:
            raise MoreThanSold(field="lines", no=key[0], left=left)


def concerns(store_id: uuid.UUID) -> ColumnElement[bool]:
    """Requests of a store: it sold or brought the goods, has them, or was asked at its counter."""
    brought = select(Shipment.order_id).where(Shipment.store_id == store_id, Shipment.state == "delivered")
    sold = select(Order.id).where(Order.store_id == store_id)
    return (ReturnRequest.store_id == store_id) | ReturnRequest.order_id.in_(brought) | ReturnRequest.order_id.in_(sold)


def _locked(db: Session, return_id: uuid.UUID, mine: ColumnElement[bool] | None = None) -> tuple[Order, ReturnRequest]:
    """The request, its order locked first; `mine` says whose it must be."""
    found = select(ReturnRequest.order_id).where(ReturnRequest.id == return_id)
    order_id = db.scalar(found if mine is None else found.where(mine))
    if order_id is None:
        raise NoSuchReturn(return_id=return_id)
    order = records.locked(db, order_id)
    return order, db.get_one(ReturnRequest, return_id, populate_existing=True)


def _move(asked: ReturnRequest, to: str, now: datetime) -> None:
    if to not in MOVES[asked.state]:
        raise WrongStep(return_id=asked.id, state=asked.state)
    asked.state = to
    if not MOVES[to]:
        asked.ended_at = now


def _give_back(db: Session, order: Order, asked: ReturnRequest, now: datetime) -> list[Line]:
    """Refund the asked pieces. Returns the goods they are."""
    wanted = dict(zip(zip(asked.nos, asked.skus, strict=True), asked.quantities, strict=True))
    _check(portions.of_order(db, order.id), wanted)
    _move(asked, "refunded", now)
    _, asked.refund_fen = settlement.give_back_pieces(db, order, wanted, reason=f"return:{asked.reason}", now=now)
    return [Line(sku, quantity) for (_, sku), quantity in wanted.items()]
