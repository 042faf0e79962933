"""Paid orders that no store can do now: each stands in a queue with a kind, an owner and a deadline, and is tried again.

`unfillable` waits for any store, `waiting_for_stock` for goods, `pickup_rejected` for the customer's word: a pickup is never moved
without asking. At its deadline an order is given up, and everything it took goes back.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.geo.lonlat import distance_m
from o2o.infra.roads import Roads
from o2o.kit.errors import Conflict, Invalid
from o2o.kit.ids import OrderId, StoreId
from o2o.orders import records
from o2o.orders.fulfilment import assignment, cancellation
from o2o.orders.fulfilment.assignment import Allowed
from o2o.orders.lifecycle import OrderState, ShipmentState
from o2o.orders.models import Order, ParkedOrder, Shipment
from o2o.orders.sourcing.verdicts import Verdict
from o2o.stores import places


class Kind(StrEnum):
    """Why an order stands here."""

    UNFILLABLE = "unfillable"
    WAITING_FOR_STOCK = "waiting_for_stock"
    PICKUP_REJECTED = "pickup_rejected"
    PICKUP_ENDANGERED = "pickup_endangered"
    """Not parked yet: it stands at its store while its customer is asked (`endangered`)."""


class Owner(StrEnum):
    """Who sees to it."""

    DISPATCHER = "dispatcher"
    STORE = "store"
    CUSTOMER = "customer"


DEADLINE_S: Mapping[Kind, int] = {
    Kind.UNFILLABLE: 600, Kind.WAITING_FOR_STOCK: 3_600, Kind.PICKUP_REJECTED: 1_800, Kind.PICKUP_ENDANGERED: 1_800,
}  # fmt: skip
"""How long an order may stand before its money goes back; an endangered pickup just stays."""
WILLING_TO_WAIT_S = 4 * 3_600
"""How long a customer who said so waits for goods at the store they named."""
OFFERED, FARTHEST_M = 3, 10_000
"""Other stores a rejected pickup is offered, at most so far from the first."""
FOR_GOODS = {Verdict.NO_STOCK, Verdict.NOT_SOLD_HERE, Verdict.REJECTED_BEFORE}


class NotParked(Conflict):
    """This order waits for nobody's word; `state` says where it is."""

    code = "orders.not_parked"


class NotOffered(Invalid):
    """This store was not offered for the pickup; `stores` names those that were."""

    code = "orders.store_not_offered"


class NoLonger(Conflict):
    """That store can no longer do it; look again."""

    code = "orders.store_no_longer"


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked order. `asked` holds, for a rejected pickup, the stores it could be moved to with the time it would be ready."""

    order_id: uuid.UUID
    order_no: str
    method: str
    kind: str
    owner: str
    area_id: uuid.UUID
    store_id: uuid.UUID
    skus: list[str]
    since: datetime
    due_at: datetime
    tries: int
    asked: dict[str, Any]
    total_fen: int
    promise_by: datetime | None


def unfillable(db: Session, *, limit: int = 200) -> list[OrderId]:
    """The queue of paid orders that no store can do, the longest waiting first."""
    query = select(Order.id).where(Order.state == OrderState.UNFILLABLE.value).order_by(Order.due_at, Order.id)
    return [OrderId(found) for found in db.scalars(query.limit(limit))]


def park(db: Session, order: Order, rejected: Shipment, *, roads: Roads, now: datetime) -> None:
    """Put an order that has just become unfillable in its queue."""
    asked: dict[str, Any] = {}
    skus: list[str] = []
    if order.method == "pickup":
        kind, owner = Kind.PICKUP_REJECTED, Owner.CUSTOMER
        asked = {"stores": elsewhere(db, order, rejected, roads=roads, now=now)}
    else:
        skus = _missing(db, order, rejected, roads, now)
        kind, owner = (Kind.WAITING_FOR_STOCK, Owner.STORE) if skus else (Kind.UNFILLABLE, Owner.DISPATCHER)
    order.due_at = now + timedelta(seconds=DEADLINE_S[kind])
    values = {
        "order_id": order.id, "kind": kind.value, "owner": owner.value, "area_id": rejected.area_id,
        "store_id": rejected.store_id, "skus": skus, "since": now, "due_at": order.due_at, "tries": 0, "asked": asked,
    }  # fmt: skip
    statement = insert(ParkedOrder).values(values)
    db.execute(statement.on_conflict_do_update(index_elements=[ParkedOrder.order_id], set_=values))
    db.flush()


def try_again(
    db: Session, *, order_id: OrderId, roads: Roads, now: datetime, forgiven: Collection[uuid.UUID] = ()
) -> OrderState:
    """Look for a store once more; past its deadline give everything back. `forgiven` stores may be asked though they rejected it.

    A rejected pickup whose customer has not answered is not tried: it waits for their word.
    """
    order = records.locked(db, order_id)
    if order.state != OrderState.UNFILLABLE:
        return OrderState(order.state)
    parked = db.get(ParkedOrder, order_id, populate_existing=True)
    due_at = order.due_at
    at = (
        parked.store_id
        if parked is not None and order.method == "pickup" and parked.kind != Kind.PICKUP_REJECTED
        else None
    )
    allowed = Allowed(frozenset(forgiven) | ({at} if at is not None else set()), pickup_at=at)
    if assignment.source_all_again(db, order, roads=roads, now=now, allowed=allowed):
        records.follow_shipments(db, order, actor="system", now=now, reason="store_found")
    elif due_at is not None and now >= due_at:
        cancellation.give_up(db, order, actor="system", reason="no_store", now=now)
    elif parked is not None:
        db.execute(update(ParkedOrder).where(ParkedOrder.order_id == order_id).values(tries=ParkedOrder.tries + 1))
    return OrderState(order.state)


def waiting_for(db: Session, *, skus: Collection[str], limit: int = 200) -> list[OrderId]:
    """Parked orders that wait for any of these goods, those whose deadline is nearest first."""
    query = select(ParkedOrder.order_id).where(
        ParkedOrder.kind == Kind.WAITING_FOR_STOCK.value, ParkedOrder.skus.overlap(list(skus))
    )
    return [
        OrderId(found) for found in db.scalars(query.order_by(ParkedOrder.due_at, ParkedOrder.order_id).limit(limit))
    ]


def every(
    db: Session, *, area_ids: Collection[uuid.UUID] | None, store_id: uuid.UUID | None = None, limit: int = 200
) -> list[Parked]:
    """Parked orders of these areas (None: of all) and of a store, those whose deadline is nearest first."""
    query = select(ParkedOrder, Order).join(Order, Order.id == ParkedOrder.order_id)
    if area_ids is not None:
        query = query.where(ParkedOrder.area_id.in_(area_ids))
    if store_id is not None:
        query = query.where(ParkedOrder.store_id == store_id)
    return [_told(*row) for row in db.execute(query.order_by(ParkedOrder.due_at, ParkedOrder.order_id).limit(limit))]


def of_order(db: Session, *, order_id: uuid.UUID, member_id: uuid.UUID | None = None) -> Parked:
    """One parked order; a member's own, where one asks.

    Raises:
        records.NoSuchOrder, NotParked
    """
    order = db.get(Order, order_id)
    if order is None or (member_id is not None and order.member_id != member_id):
        raise records.NoSuchOrder(order_id=order_id)
    parked = db.get(ParkedOrder, order_id)
    if parked is None:
        raise NotParked(order_id=order_id, state=order.state)
    return _told(parked, order)


def move(
    db: Session, *, order_id: OrderId, member_id: uuid.UUID, store_id: uuid.UUID, roads: Roads, now: datetime
) -> OrderState:
    """The customer will fetch a rejected pickup at another store that was offered: held there, and its work opened.

    Raises:
        records.NoSuchOrder, NotParked
        NotOffered: not one of the stores that were named.
        NoLonger: it cannot do it any more; the question stands with the stores that can now.
    """
    order, parked = _asked(db, order_id, member_id)
    check_offered(parked, store_id)
    if not assignment.source_all_again(db, order, roads=roads, now=now, allowed=Allowed(pickup_at=store_id)):
        raise NoLonger(store_id=store_id)
    fetch_at(db, order, store_id)
    records.follow_shipments(db, order, actor=f"customer:{member_id}", now=now, reason="moved_by_customer")
    return OrderState(order.state)


def check_offered(parked: ParkedOrder, store_id: uuid.UUID) -> None:
    """Raises NotOffered for a store that the customer was not offered."""
    offered = [str(one["store_id"]) for one in parked.asked.get("stores", ())]
    if str(store_id) not in offered:
        raise NotOffered(field="store_id", stores=offered)


def fetch_at(db: Session, order: Order, store_id: uuid.UUID) -> None:
    """A pickup's customer agreed to another store, and so to when it is ready there."""
    (shipment,) = records.live_shipments(db, order.id)
    plan = assignment.plan_of(shipment)
    order.store_id, order.promise_from, order.promise_by = store_id, plan.arrive_from, plan.arrive_by
    db.flush()


def wait(db: Session, *, order_id: OrderId, member_id: uuid.UUID, now: datetime) -> OrderState:
    """The customer waits for the goods at the store they named.

    Raises:
        records.NoSuchOrder, NotParked
    """
    order, parked = _asked(db, order_id, member_id)
    last = records.shipments_of(db, order.id)[-1]
    order.due_at = now + timedelta(seconds=WILLING_TO_WAIT_S)
    parked.kind, parked.owner, parked.due_at = Kind.WAITING_FOR_STOCK.value, Owner.STORE.value, order.due_at
    parked.skus, parked.asked = list(last.skus), {**parked.asked, "answer": "wait"}
    db.flush()
    records.tell(db, order, now=now)
    return OrderState(order.state)


def give_up(
    db: Session, *, order_id: OrderId, actor: str, reason: str, area_ids: Collection[uuid.UUID] | None, now: datetime
) -> OrderState:
    """End a parked order by hand; everything it took goes back.

    Raises:
        records.NoSuchOrder: unknown, or parked in another area.
        NotParked
    """
    order = records.locked(db, order_id)
    check_area(db, order_id=order_id, area_ids=area_ids)
    if order.state != OrderState.UNFILLABLE:
        raise NotParked(order_id=order_id, state=order.state)
    cancellation.give_up(db, order, actor=actor, reason=reason, now=now)
    return OrderState(order.state)


def check_area(db: Session, *, order_id: uuid.UUID, area_ids: Collection[uuid.UUID] | None) -> None:
    """Refuse an order none of whose stores is in these areas (None: any will do).

    Raises:
        records.NoSuchOrder
    """
    query = select(Shipment.id).where(Shipment.order_id == order_id).limit(1)
    if area_ids is not None:
        query = query.where(Shipment.area_id.in_(area_ids))
    if db.scalar(query) is None:
        raise records.NoSuchOrder(order_id=order_id)


def elsewhere(db: Session, order: Order, rejected: Shipment, *, roads: Roads, now: datetime) -> list[dict[str, Any]]:
    """Open stores near the one of a pickup which have all of it, the nearest first; none that rejected it."""
    first = places.get(db, store_id=StoreId(rejected.store_id))
    said_no = {s.store_id for s in records.shipments_of(db, order.id) if s.state == ShipmentState.REJECTED}
    near = sorted(
        (distance_m(first.location, store.location), str(store.id), store)
        for store in places.all_open(db)
        if store.id not in said_no and store.area_id == first.area_id
    )
    found: list[dict[str, Any]] = []
    for metres, _, store in near[: 4 * OFFERED]:
        if metres > FARTHEST_M or len(found) == OFFERED:
            break
        allowed = Allowed(pickup_at=store.id)
        sourced = assignment.survey_again(db, order, rejected, roads=roads, now=now, allowed=allowed)
        if sourced is not None and sourced.ranking.choice is not None:
            plan = sourced.offers()[0].last.plan
            found.append(
                {
                    "store_id": str(store.id), "name_zh": store.name_zh, "name_en": store.name_en, "distance_m": metres,
                    "ready_by": plan.arrive_by.isoformat(),
                }
            )  # fmt: skip
    return found


def _asked(db: Session, order_id: OrderId, member_id: uuid.UUID) -> tuple[Order, ParkedOrder]:
    order = records.locked(db, order_id, member_id=member_id)
    parked = db.get(ParkedOrder, order_id, populate_existing=True)
    if parked is None or parked.kind != Kind.PICKUP_REJECTED:
        raise NotParked(order_id=order_id, state=order.state)
    return order, parked


def _missing(db: Session, order: Order, rejected: Shipment, roads: Roads, now: datetime) -> list[str]:
    """What those stores lack which could else do it; nothing where goods would not help."""
    sourced = assignment.survey_again(db, order, rejected, roads=roads, now=now)
    if sourced is None:
        return []
    waiting = [one.candidate for one in sourced.ranking.refused if one.verdict in FOR_GOODS]
    return sorted(
        {
            line.sku
            for candidate in waiting
            for line, left in zip(sourced.ask.lines, candidate.left, strict=True)
            if left < line.quantity
        }
    )


def _told(parked: ParkedOrder, order: Order) -> Parked:
    return Parked(
        parked.order_id, order.order_no, order.method, parked.kind, parked.owner, parked.area_id, parked.store_id,
        list(parked.skus), parked.since, parked.due_at, parked.tries, parked.asked, order.total_fen, order.promise_by,
    )  # fmt: skip
