"""Lessons of the promise: every order that came is kept beside its plan, and what that teaches is read by the next plan.

An outcome is noted when an order has come (delivered, or ready for pickup). One duty folds outcomes into the paces of their store
and of the city, one after the other in the order in which they came.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from o2o.dispatch.carrying import stages as carrying
from o2o.kit.ids import StoreId
from o2o.orders.models import Order, PromiseOutcome, Shipment, StorePace
from o2o.orders.promise import STANDARD, FulfilmentPlan, Paces, Stage, crowd_of, crowding, scale_s
from o2o.orders.promise.paces import Known, Margin, Pace, Seen, learn
from o2o.picking import stages as picking

CITY = uuid.UUID(int=0)
"""The place of what is known of the whole city."""
AT_ONCE = 500
Took = dict[Stage, float]


def note(db: Session, *, shipment_id: uuid.UUID, now: datetime) -> None:
    """Keep a shipment that has come beside its plan. Noted again, or not there yet, it changes nothing."""
    row = db.execute(
        select(Shipment, Order).join(Order, Order.id == Shipment.order_id).where(Shipment.id == shipment_id)
    ).first()
    if row is None:
        return
    shipment, order = row
    picked = picking.of_shipment(db, shipment_id=shipment_id)
    carried = carrying.of_shipment(db, shipment_id=shipment_id)
    came_at = _came_at(order, picked, carried)
    if came_at is None or order.promise_by is None or order.paid_at is None:
        return
    plan = _as_paid(FulfilmentPlan.from_json(shipment.plan), shipment, order)
    again = carried is not None and carried.failed
    values = {
        "shipment_id": shipment_id,
        "order_id": order.id,
        "store_id": shipment.store_id,
        "method": order.method,
        "attempt": shipment.attempt,
        "promised_s": round((order.promise_by - order.paid_at).total_seconds()),
        "took_s": round((came_at - order.paid_at).total_seconds()),
        "late_s": round((came_at - order.promise_by).total_seconds()),
        "over_s": None if plan.planned_at is None or again else round((came_at - plan.expected_at).total_seconds()),
        "spread_s": plan.spread_s,
        "crowd": crowd_of(crowding(plan.load)) if plan.load else 0,
        "stages": _stages(plan, _took(plan, picked, carried, came_at)),
        "came_at": came_at,
        "noted_at": now,
    }
    db.execute(insert(PromiseOutcome).values(values).on_conflict_do_nothing())


def _came_at(order: Order, picked: picking.Stages | None, carried: carrying.Stages | None) -> datetime | None:
    if order.method == "pickup":
        return picked.ended_at if picked else None
    return carried.delivered_at if carried else None


def note_ready(db: Session, *, order_id: uuid.UUID, now: datetime) -> None:
    """Keep a packed order that its customer fetches beside its plan; a delivery is noted when it was delivered."""
    query = select(Shipment.id).join(Order, Order.id == Shipment.order_id)
    for shipment_id in db.scalars(query.where(Order.id == order_id, Order.method == "pickup", Order.channel == "app")):
        note(db, shipment_id=shipment_id, now=now)


def _as_paid(plan: FulfilmentPlan, shipment: Shipment, order: Order) -> FulfilmentPlan:
    """The clock of a plan made at the basket starts when the order is paid; one made later stands as it is."""
    if "made_at" in shipment.plan or order.paid_at is None:
        return plan
    return plan.shifted(round((order.paid_at - order.placed_at).total_seconds()))


def _took(
    plan: FulfilmentPlan, picked: picking.Stages | None, carried: carrying.Stages | None, came_at: datetime
) -> Took:
    """Seconds each stage took; stages nobody timed are left out."""
    ends: list[tuple[Stage, datetime | None]] = [
        (Stage.QUEUE, picked.started_at if picked else None),
        (Stage.PICK, picked.ended_at if picked else None),
        (Stage.RIDER, carried.picked_up_at if carried else None),
        (Stage.RIDE, carried.at_door_at if carried else None),
        (Stage.DOOR, came_at if carried else None),
    ]
    took, begun_at = {}, plan.planned_at
    for stage, end_at in ends:
        if begun_at is not None and end_at is not None:
            took[stage] = max(0.0, (end_at - begun_at) / timedelta(seconds=1))
        begun_at = end_at
    return took


def _stages(plan: FulfilmentPlan, took: Took) -> dict[str, Any]:
    expected, planned = plan.expected or {}, plan.planned or {}
    return {
        stage.value: {"took_s": round(seconds, 1), "expected_s": expected[stage], "planned_s": planned[stage]}
        for stage, seconds in took.items()
        if stage in expected and stage in planned
    }


def learn_new(db: Session, *, now: datetime) -> int:
    """Fold every outcome not learned yet, in the order in which they came; returns how many. One at a time, by the rows' locks."""
    waiting = select(PromiseOutcome).where(PromiseOutcome.learned_at.is_(None))
    rows = db.scalars(
        waiting.order_by(PromiseOutcome.came_at, PromiseOutcome.shipment_id).limit(AT_ONCE).with_for_update()
    ).all()
    for method in sorted({row.method for row in rows}):
        mine = [row for row in rows if row.method == method]
        known = _read(db, sorted({row.store_id for row in mine}), method)
        for row in mine:
            learned = learn(Paces(known.get(row.store_id, Known()), known.get(CITY, Known())), _seen(row))
            known[row.store_id], known[CITY] = learned.store, learned.city
            row.learned_at = now
        _write(db, known, method, now)
    db.flush()
    return len(rows)


def _seen(row: PromiseOutcome) -> Seen:
    stages = {
        Stage(name): (one["took_s"], one["expected_s"], one["planned_s"], scale_s(one["planned_s"]))
        for name, one in sorted(row.stages.items())
    }
    return Seen(stages, None if row.over_s is None else row.over_s - STANDARD.step_s / 2, row.spread_s, row.crowd)


_PACES = cast(Table, StorePace.__table__)
_READ = select(_PACES.c.place, _PACES.c.paces, _PACES.c.margin, _PACES.c.crowds, _PACES.c.orders).where(
    _PACES.c.place == any_(bindparam("places", type_=ARRAY(Uuid()))), _PACES.c.method == bindparam("method")
)
"""Made once: every quote asks it."""


def of_stores(db: Session, *, store_ids: Sequence[StoreId], delivery: bool) -> Mapping[StoreId, Paces]:
    """What is known of these stores, in one statement; a store nobody ordered from leans on its city."""
    known = _read(db, store_ids, "delivery" if delivery else "pickup")
    city = known.get(CITY, Known())
    return {store_id: Paces(known.get(store_id, Known()), city) for store_id in store_ids}


def _read(db: Session, store_ids: Sequence[uuid.UUID], method: str) -> dict[uuid.UUID, Known]:
    rows = db.execute(_READ, {"places": [CITY, *store_ids], "method": method})
    return {
        place: Known(
            {Stage(name): Pace(*sums) for name, sums in paces.items()},
            Margin(spreads=margin, count=orders),
            {int(crowd): Margin(*known) for crowd, known in crowds.items()},
        )
        for place, paces, margin, crowds, orders in rows
    }


def _write(db: Session, known: Mapping[uuid.UUID, Known], method: str, now: datetime) -> None:
    rows = [
        {
            "place": place,
            "method": method,
            "paces": {
                stage.value: [p.count, p.taken_s, p.expected_s, p.error2, p.scale2] for stage, p in one.paces.items()
            },
            "margin": one.margin.spreads,
            "crowds": {str(crowd): [m.spreads, m.count] for crowd, m in sorted(one.crowds.items())},
            "orders": one.margin.count,
            "learned_at": now,
        }
        for place, one in sorted(known.items())
    ]
    new = insert(StorePace)
    values = {name: new.excluded[name] for name in ("paces", "margin", "crowds", "orders", "learned_at")}
    db.execute(new.on_conflict_do_update(index_elements=["place", "method"], set_=values), rows)
