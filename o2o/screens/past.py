"""Deliveries that are over, found again at the desk; and one delivery's whole life: stops, proofs, couriers."""

import uuid
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from o2o.dispatch.carrying import proofs
from o2o.dispatch.models import CourierJob, Delivery, Rider, Stop, Trip
from o2o.dispatch.planning.reasons import Reason, text
from o2o.infra.http import Db, Dispatcher, Now, check_area
from o2o.kit.errors import NotFound
from o2o.kit.wire import Wire
from o2o.stores.models import StoreRow

router = APIRouter(prefix="/api/screens", tags=["screens"])

LATELY = timedelta(days=2)
"""Without words to search for, what ended so long ago is listed; with words, as long as proofs are kept."""
Words = Annotated[str, Query(max_length=60, description="Part of an order's number, an address or a rider's name.")]


class NoDeliveryHere(NotFound):
    """There is no such delivery in your areas."""

    code = "screens.no_delivery"


class PastOut(Wire):
    """A delivery that has ended; `state` says how, `reason` why it failed if it did."""

    id: uuid.UUID
    kind: str
    order_id: uuid.UUID
    order_no: str
    state: str
    reason: str
    address: str
    store_id: uuid.UUID
    to_store_id: uuid.UUID | None
    rider: str
    courier: str
    requested_at: datetime
    due_at: datetime
    ended_at: datetime | None


class PastScreen(Wire):
    """What ended, the last first."""

    deliveries: list[PastOut]


class PastStopOut(Wire):
    """A halt made for it, on whichever trip. `proven`: a hand-over to a customer, whose proofs can be asked for."""

    id: uuid.UUID
    kind: str
    state: str
    rider: str
    arrived_at: datetime | None
    done_at: datetime | None
    proven: bool


class CourierJobOut(Wire):
    """A courier of another house who was called, and why: the code and words of the last round's reason."""

    name: str
    state: str
    code: str
    zh: str
    en: str
    fee_fen: int
    asked_at: datetime
    pickup_at: datetime | None
    deliver_at: datetime | None
    ended_at: datetime | None


class DeliveryStory(PastOut):
    """One delivery, open or over, with all that happened to it."""

    store_zh: str
    store_en: str
    to_store_zh: str
    to_store_en: str
    weight_g: int
    cost_fen: int
    ready_at: datetime
    picked_up_at: datetime | None
    stops: list[PastStopOut]
    couriers: list[CourierJobOut]


@router.get(
    "/dispatcher/past", operation_id="past_deliveries", response_model=PastScreen, summary="Deliveries that are over"
)
def past_deliveries(
    caller: Dispatcher,
    db: Db,
    now: Now,
    area_id: uuid.UUID,
    words: Words = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> PastScreen:
    """By part of a number, an address or a rider's name, as long as proofs are kept; without words those of two days."""
    check_area(caller, area_id)
    since = now - (proofs.KEPT if words.strip() else LATELY)
    over = _rows().where(Delivery.area_id == area_id, Delivery.requested_at >= since, Delivery.ended_at.is_not(None))
    if words.strip():
        like = "%" + words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        over = over.where(or_(Delivery.order_no.ilike(like), Delivery.address.ilike(like), Rider.name.ilike(like)))
    rows = db.execute(over.order_by(Delivery.ended_at.desc(), Delivery.id).limit(limit)).all()
    return PastScreen(deliveries=[PastOut(**_past(*row[:3])) for row in rows])


@router.get(
    "/deliveries/{delivery_id}", operation_id="delivery_story", response_model=DeliveryStory, summary="One delivery"
)
def delivery_story(delivery_id: uuid.UUID, caller: Dispatcher, db: Db) -> DeliveryStory:
    """Of the caller's areas, open or over."""
    row = db.execute(_rows().where(Delivery.id == delivery_id)).one_or_none()
    mine = caller.sees_areas
    if row is None or (mine is not None and row[0].area_id not in mine):
        raise NoDeliveryHere(delivery_id=delivery_id)
    delivery, rider, courier, store, to_store = row
    return DeliveryStory(
        **_past(delivery, rider, courier),
        store_zh=store.name_zh if store else "",
        store_en=store.name_en if store else "",
        to_store_zh=to_store.name_zh if to_store else "",
        to_store_en=to_store.name_en if to_store else "",
        weight_g=delivery.weight_g,
        cost_fen=delivery.cost_fen,
        ready_at=delivery.goods_ready_at or delivery.ready_at,
        picked_up_at=delivery.picked_up_at,
        stops=_stops(db, delivery),
        couriers=_couriers(db, delivery.id),
    )


def _rows() -> Select[Any]:
    """Deliveries with the rider's name, the courier who has or had the goods, and the stores' rows."""
    to_store, job = aliased(StoreRow), CourierJob
    carried = select(job.courier).where(job.delivery_id == Delivery.id, job.state.not_in(("refused", "cancelled")))
    last = carried.order_by(job.id.desc()).limit(1).correlate(Delivery).scalar_subquery()
    return (
        select(Delivery, Rider.name, last, StoreRow, to_store)
        .outerjoin(Rider, Rider.id == Delivery.rider_id)
        .outerjoin(StoreRow, StoreRow.id == Delivery.store_id)
        .outerjoin(to_store, to_store.id == Delivery.to_store_id)
    )


def _past(delivery: Delivery, rider: str | None, courier: str | None) -> dict[str, Any]:
    names = [name for name in PastOut.model_fields if name not in ("rider", "courier")]
    return {name: getattr(delivery, name) for name in names} | {"rider": rider or "", "courier": courier or ""}


def _stops(db: Session, delivery: Delivery) -> list[PastStopOut]:
    rows = db.execute(
        select(Stop, Rider.name)
        .join(Trip, Trip.id == Stop.trip_id)
        .join(Rider, Rider.id == Trip.rider_id)
        .where(Stop.delivery_id == delivery.id, Stop.state != "skipped")
        .order_by(Trip.offered_at, Stop.position)
    )
    return [
        PastStopOut(
            id=stop.id,
            kind=stop.kind,
            state=stop.state,
            rider=rider,
            arrived_at=stop.arrived_at,
            done_at=stop.done_at,
            proven=delivery.kind == "delivery" and stop.kind == "dropoff" and stop.state == "done",
        )
        for stop, rider in rows
    ]


def _couriers(db: Session, delivery_id: uuid.UUID) -> list[CourierJobOut]:
    jobs = db.scalars(select(CourierJob).where(CourierJob.delivery_id == delivery_id).order_by(CourierJob.id))
    return [courier_job(job) for job in jobs]


def courier_job(job: CourierJob) -> CourierJobOut:
    """A courier's job in words of both languages."""
    reason = Reason(job.reason) if job.reason else None
    return CourierJobOut(
        name=job.courier,
        state=job.state,
        code=job.reason,
        zh=text(reason, "zh") if reason else "",
        en=text(reason, "en") if reason else "",
        fee_fen=job.fee_fen,
        asked_at=job.asked_at,
        pickup_at=job.pickup_at,
        deliver_at=job.deliver_at,
        ended_at=job.ended_at,
    )
