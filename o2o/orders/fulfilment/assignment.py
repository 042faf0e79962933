"""Giving a paid order's work to a store: its pick task and its ride; and to the next store when one cannot."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.catalogue.carriage import carriage
from o2o.dispatch.carrying import deliveries
from o2o.geo.lonlat import LonLat
from o2o.infra.roads import Roads
from o2o.inventory.lines import Line
from o2o.inventory.reserving import reservations
from o2o.kit import ids
from o2o.kit.ids import OrderId, ReservationId, Sku, StoreId
from o2o.orders import lifecycle, promise, records
from o2o.orders.fulfilment import moved
from o2o.orders.lifecycle import ShipmentState
from o2o.orders.models import Order, Shipment
from o2o.orders.promise import FulfilmentPlan
from o2o.orders.quoting import survey
from o2o.picking import pick_tasks
from o2o.picking.pick_tasks import Wanted
from o2o.stores import places


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whom a new search may ask besides: stores that rejected some of the order before, the store its customer said yes to."""

    forgiven: frozenset[uuid.UUID] = frozenset()
    pickup_at: uuid.UUID | None = None


AS_EVER = Allowed()


def open_work(db: Session, order: Order, shipment: Shipment, *, now: datetime) -> None:
    """The store's pick task for its part, and for a delivery the ride."""
    brings = dict(zip(shipment.skus, shipment.quantities, strict=True))
    lines = [line for line in records.lines_of(db, order.id) if line.sku in brings]
    weight_g = sum(line.piece_g * brings[line.sku] for line in lines)
    store = places.get(db, store_id=StoreId(shipment.store_id))
    plan = _plan_from(shipment, order, now)
    pick_tasks.open(
        db,
        task_id=shipment.task_id,
        order_id=order.id,
        shipment_id=shipment.id,
        order_no=order.order_no,
        store_id=shipment.store_id,
        lines=[Wanted(Sku(li.sku), li.name_zh, li.name_en, brings[li.sku], li.weighed, li.piece_g) for li in lines],
        due_at=plan.ready_at,
        preference=order.preference,
        work_s=promise.pick_work_s(len(lines), weight_g, line_s=store.pick_line_s),
        note=order.note,
        now=now,
    )
    if order.method == "delivery" and order.lon is not None and order.lat is not None:
        deliveries.request(
            db,
            delivery_id=ids.new_id(),
            order_id=order.id,
            shipment_id=shipment.id,
            order_no=order.order_no,
            store_id=shipment.store_id,
            area_id=shipment.area_id,
            pickup=store.location,
            dropoff=LonLat(order.lon, order.lat),
            address=" ".join(filter(None, (order.address.get("text"), order.address.get("detail")))),
            ready_at=plan.ready_at,
            due_from=plan.arrive_from,
            due_at=max(plan.arrive_by, order.promise_by or plan.arrive_by),
            weight_g=weight_g,
            load=load_of(db, {Sku(sku): quantity for sku, quantity in brings.items()}),
            booked=plan.agreed,
            now=now,
        )


def load_of(db: Session, quantities: Mapping[Sku, int]) -> deliveries.Load:
    """What these goods ask of their rider, by what the catalogue says of them now."""
    asked = carriage(db, quantities=quantities)
    return deliveries.Load(asked.volume_ml, asked.insulated, asked.age_checked)


def plan_of(shipment: Shipment) -> FulfilmentPlan:
    """What a shipment's store planned."""
    return FulfilmentPlan.from_json(shipment.plan)


def _plan_from(shipment: Shipment, order: Order, now: datetime) -> FulfilmentPlan:
    """The shipment's plan, later by what the payment took; a plan made after the payment stands as it is."""
    plan = plan_of(shipment)
    if order.paid_at is None or (shipment.attempt > 1 and "made_at" in shipment.plan):
        return plan
    return plan.shifted(round((order.paid_at - order.placed_at) / timedelta(seconds=1)))


def another(
    db: Session,
    order: Order,
    instead_of: Shipment,
    *,
    store_id: uuid.UUID,
    area_id: uuid.UUID,
    reservation_id: uuid.UUID,
    plan: dict[str, Any],
    now: datetime,
) -> Shipment:
    """One more attempt at a leg, open at once."""
    attempts = [s.attempt for s in records.shipments_of(db, order.id) if s.leg == instead_of.leg]
    shipment = records.NewShipment(
        id=ids.new_id(),
        store_id=store_id,
        area_id=area_id,
        task_id=ids.new_id(),
        reservation_id=reservation_id,
        lines=tuple(zip(instead_of.skus, instead_of.quantities, strict=True)),
        plan=plan,
        leg=instead_of.leg,
        attempt=max(attempts) + 1,
    )
    records.add_shipments(db, order.id, [shipment], state=ShipmentState.OPEN, now=now)
    return next(s for s in records.live_shipments(db, order.id) if s.id == shipment.id)


def source_all_again(db: Session, order: Order, *, roads: Roads, now: datetime, allowed: Allowed = AS_EVER) -> bool:
    """Look once more for stores for every leg that stands rejected. True when one was found."""
    last = {shipment.leg: shipment for shipment in records.shipments_of(db, order.id)}
    rejected = [shipment for shipment in last.values() if shipment.state == ShipmentState.REJECTED]
    found = [source_again(db, order, one, roads=roads, now=now, allowed=allowed) for one in rejected]
    return any(found)


def survey_again(
    db: Session, order: Order, rejected: Shipment, *, roads: Roads, now: datetime, allowed: Allowed = AS_EVER
) -> survey.Found | None:
    """Who could do what one store rejected of a paid order. None where nobody may be asked.

    A pickup is never moved without asking, so it needs the store its customer said yes to. A store that rejected some of
    this order is not asked unless it is forgiven; one that brings another part of it is not asked at all.
    """
    wanted = {Sku(sku): quantity for sku, quantity in zip(rejected.skus, rejected.quantities, strict=True)}
    found = goods.get_many(db, skus=list(wanted))
    delivery = order.method == "delivery"
    point = LonLat(order.lon, order.lat) if order.lon is not None and order.lat is not None else None
    if len(found) < len(wanted) or (point is None if delivery else allowed.pickup_at is None):
        return None
    shipments = records.shipments_of(db, order.id)
    bringing = {s.store_id for s in shipments if s.state in lifecycle.LIVE_SHIPMENT}
    said_no = {s.store_id for s in shipments if s.state == ShipmentState.REJECTED} - allowed.forgiven
    wish = survey.Wish(
        found, wanted, order.goods_fen, delivery, point, StoreId(allowed.pickup_at) if allowed.pickup_at else None,
        excluded=frozenset(bringing | said_no), divisible=False,
    )  # fmt: skip
    try:
        return survey.rank(db, wish=wish, roads=roads, now=now)
    except survey.NoStore:
        return None


def source_again(
    db: Session, order: Order, rejected: Shipment, *, roads: Roads, now: datetime, allowed: Allowed = AS_EVER
) -> bool:
    """Find the next store for what one rejected of a paid order: hold there, commit, open the work. False when there is none.

    Who may be asked: see `survey_again`.
    """
    sourced = survey_again(db, order, rejected, roads=roads, now=now, allowed=allowed)
    if sourced is None:
        return False
    wanted = dict(zip(rejected.skus, rejected.quantities, strict=True))
    for way in sourced.ranking.ways:
        reservation_id, part = ids.new_id(), sourced.offer(way).parts[0]
        try:
            reservations.hold(
                db,
                reservation_id=ReservationId(reservation_id),
                order_id=OrderId(order.id),
                store_id=StoreId(part.store_id),
                lines=[Line(sku, quantity) for sku, quantity in wanted.items()],
                expires_at=now + timedelta(minutes=5),
                now=now,
            )
        except reservations.OutOfStock:
            continue
        reservations.commit(db, order_id=OrderId(order.id), now=now)
        plan = part.plan.as_json() | {"decision": sourced.kept(), "made_at": now.isoformat()}
        shipment = another(
            db, order, rejected, store_id=part.store_id, area_id=part.area_id, reservation_id=reservation_id, plan=plan,
            now=now,
        )  # fmt: skip
        records.stamp(shipment, "paid_at", order.paid_at or now)
        open_work(db, order, shipment, now=now)
        if order.method == "delivery" and shipment.store_id != rejected.store_id:
            moved.tell(db, order, was=rejected, now_at=shipment, plan=part.plan, now=now)
        return True
    return False
