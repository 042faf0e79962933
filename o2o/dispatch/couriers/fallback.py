"""Deliveries no rider of ours can bring in time go to a courier of another house, and are followed until they are there.

The courier is never called inside a transaction: a job is written down as asked, then he is called, then his answer is
written down. What is lost in between is asked again under the same reference.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.dispatch.carrying.deliveries import COURIER, DELIVERED, DELIVERY, RETURNED, WAITING, facts
from o2o.dispatch.couriers.port import Booking, Courier, CourierRefused, CourierUnreachable, Progress
from o2o.dispatch.events import (
    DeliveryChanged,
    DeliveryCompleted,
    DeliveryFailed,
    DeliveryPickedUp,
    DeliveryReturned,
)
from o2o.dispatch.models import CourierJob, Delivery, RoundRecord
from o2o.dispatch.planning.reasons import Reason
from o2o.dispatch.rounds.snapshot import AT_DOOR_S, AT_STORE_S
from o2o.geo.lonlat import LonLat, distance_m
from o2o.geo.travel import EBIKE
from o2o.infra import outbox
from o2o.infra.db import transaction
from o2o.infra.tools import Tools
from o2o.kit import ids

LEAD = timedelta(minutes=15)
"""A courier needs about this long to be at the store; asked later, the promise is broken anyway."""
MUCH_TOO_LATE = timedelta(minutes=5)
"""A rider of ours who would be later than this after the promise is as good as none."""
OLD = timedelta(minutes=2)
"""A round older than this says nothing about now."""
OUR_OWN_WISH = {Reason.HELD_ON_PURPOSE, Reason.RESERVED, Reason.WORK_LIMIT}
"""Reasons to wait that do not mean that riders are wanting."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Job:
    """A courier's open job, as a value to call him with."""

    job_id: uuid.UUID
    state: str
    ref: str
    pickup: LonLat
    dropoff: LonLat
    weight_g: int


def run(tools: Tools, courier: Courier, *, area_id: uuid.UUID, now: datetime) -> int:
    """Hand over what would be late, follow what is under way; returns how many were handed over."""
    with transaction(tools.engine) as db:
        needs = in_need(db, area_id=area_id, now=now)
        asked = sum(_ask(db, delivery_id, reason, courier.name, now) for delivery_id, reason in needs.items())
    with transaction(tools.engine) as db:
        jobs = open_jobs(db, area_id=area_id, courier=courier.name)
    for job in jobs:
        try:
            _call(tools, courier, job, now)
        except CourierUnreachable as error:
            _log.warning("courier.unreachable", job=str(job.job_id), error=str(error))
    return asked


def in_need(db: Session, *, area_id: uuid.UUID, now: datetime) -> dict[uuid.UUID, Reason]:
    """Packed deliveries whose promise breaks unless somebody is called now, and why: the last round found no rider for them, or
    means them for one who would come much too late."""
    last = select(RoundRecord.deferred, RoundRecord.intended).where(RoundRecord.area_id == area_id)
    row = db.execute(
        last.where(RoundRecord.at > now - OLD).order_by(RoundRecord.at.desc(), RoundRecord.id.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return {}
    reasons = {uuid.UUID(d["delivery_id"]): Reason(d["reason"]) for d in row.deferred}
    door_at = {uuid.UUID(d["delivery_id"]): datetime.fromtimestamp(d["door_s"], UTC) for d in row.intended}
    wanting = [delivery_id for delivery_id, reason in reasons.items() if reason not in OUR_OWN_WISH]
    rows = db.scalars(
        select(Delivery)
        .where(Delivery.id.in_([*wanting, *door_at]), Delivery.kind == DELIVERY)
        .where(Delivery.state == WAITING, Delivery.goods_ready_at.is_not(None))
        .order_by(Delivery.due_at, Delivery.id)
    )
    return {
        one.id: reasons.get(one.id, Reason.WINDOW_MISSED)
        for one in rows
        if now + LEAD + _ride(one) >= one.due_at
        and not _kept(one, now)
        and (one.id not in door_at or door_at[one.id] > one.due_at + MUCH_TOO_LATE)
    }


def open_jobs(db: Session, *, area_id: uuid.UUID, courier: str) -> list[Job]:
    """The courier's jobs that have not ended, the oldest first."""
    rows = db.execute(
        select(CourierJob, Delivery)
        .join(Delivery, Delivery.id == CourierJob.delivery_id)
        .where(CourierJob.area_id == area_id, CourierJob.courier == courier, CourierJob.ended_at.is_(None))
        .order_by(CourierJob.id)
    )
    return [
        Job(
            j.id,
            j.state,
            j.ref,
            LonLat(d.pickup_lon, d.pickup_lat),
            LonLat(d.dropoff_lon, d.dropoff_lat),
            d.weight_g,
        )
        for j, d in rows
    ]


def _ride(row: Delivery) -> timedelta:
    straight_m = distance_m(LonLat(row.pickup_lon, row.pickup_lat), LonLat(row.dropoff_lon, row.dropoff_lat))
    return timedelta(seconds=AT_STORE_S + AT_DOOR_S + straight_m * EBIKE.detour / EBIKE.speed_mps)


def _kept(row: Delivery, now: datetime) -> bool:
    return row.only_for is not None or (row.hold_until is not None and row.hold_until > now)


def _ask(db: Session, delivery_id: uuid.UUID, reason: Reason, courier: str, now: datetime) -> int:
    query = select(Delivery).where(Delivery.id == delivery_id, Delivery.state == WAITING).with_for_update()
    delivery = db.scalar(query.execution_options(populate_existing=True))
    if delivery is None:
        return 0
    delivery.state, delivery.version = COURIER, delivery.version + 1
    db.add(
        CourierJob(
            id=ids.new_id(),
            delivery_id=delivery.id,
            area_id=delivery.area_id,
            courier=courier,
            reason=reason.value,
            ref="",
            state="asked",
            fee_fen=0,
            asked_at=now,
        )
    )
    db.flush()
    outbox.emit(db, DeliveryChanged(**facts(delivery, now)), now=now)
    return 1


def _call(tools: Tools, courier: Courier, job: Job, now: datetime) -> None:
    answer: Booking | Progress | bool | None
    if not job.ref:
        try:
            answer = courier.book(
                reference=job.job_id, pickup=job.pickup, dropoff=job.dropoff, weight_g=job.weight_g, now=now
            )
        except CourierRefused:
            answer = None
    elif job.state == "cancel_asked":
        answer = courier.cancel(ref=job.ref, now=now)
    else:
        answer = courier.progress(ref=job.ref, now=now)
    with transaction(tools.engine) as db:
        _write_down(db, job.job_id, answer, now)


def _write_down(db: Session, job_id: uuid.UUID, answer: Booking | Progress | bool | None, now: datetime) -> None:
    """The delivery's row is locked first: a customer who cancels meanwhile locks it too."""
    found = select(CourierJob.delivery_id).where(CourierJob.id == job_id).scalar_subquery()
    fresh = {"populate_existing": True}
    delivery = db.scalars(select(Delivery).where(Delivery.id == found).with_for_update(), execution_options=fresh).one()
    job = db.scalars(select(CourierJob).where(CourierJob.id == job_id).with_for_update(), execution_options=fresh).one()
    if isinstance(answer, Booking):
        job.ref, job.fee_fen = answer.ref, answer.fee_fen
        job.pickup_at, job.deliver_at = answer.pickup_at, answer.deliver_at
        job.state = "booked" if job.state == "asked" else job.state
        delivery.cost_fen = answer.fee_fen
    elif isinstance(answer, Progress):
        _follow(db, job, delivery, answer, now)
    else:
        refused = answer is None and job.state == "asked"
        job.state, job.ended_at = ("refused" if refused else "cancelled" if answer else "kept"), now
        if answer is True:
            delivery.cost_fen = 0
        if refused:
            delivery.state, delivery.cost_fen, delivery.version = WAITING, 0, delivery.version + 1
            outbox.emit(db, DeliveryChanged(**facts(delivery, now)), now=now)


def _follow(db: Session, job: CourierJob, delivery: Delivery, progress: Progress, now: datetime) -> None:
    with_goods = ("picked_up", "delivered", "failed", "returned")
    if progress.state in with_goods and delivery.state == COURIER and delivery.picked_up_at is None:
        picked_up_at = min(progress.at, job.pickup_at or progress.at)
        delivery.picked_up_at, delivery.version, job.state = picked_up_at, delivery.version + 1, "picked_up"
        outbox.emit(db, DeliveryPickedUp(**facts(delivery, picked_up_at)), now=now)
    if progress.state == "delivered" and delivery.state == COURIER:
        delivery.state, delivery.ended_at, delivery.version = DELIVERED, progress.at, delivery.version + 1
        job.state, job.ended_at = "delivered", now
        outbox.emit(db, DeliveryCompleted(**facts(delivery, progress.at)), now=now)
    if progress.state in ("failed", "returned") and delivery.state == COURIER and not delivery.reason:
        delivery.reason, delivery.version, job.state = "courier_failed", delivery.version + 1, "failed"
        outbox.emit(db, DeliveryFailed(**facts(delivery, progress.at), reason=delivery.reason), now=now)
    if progress.state == "returned" and delivery.state == COURIER:
        delivery.state, delivery.ended_at, delivery.version = RETURNED, progress.at, delivery.version + 1
        job.state, job.ended_at = "returned", now
        outbox.emit(db, DeliveryReturned(**facts(delivery, progress.at)), now=now)
    if progress.state == "cancelled" and delivery.state == COURIER and delivery.picked_up_at is None:
        delivery.state, delivery.cost_fen, delivery.version = WAITING, 0, delivery.version + 1
        job.state, job.ended_at = "cancelled", now
        outbox.emit(db, DeliveryChanged(**facts(delivery, now)), now=now)
