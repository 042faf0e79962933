"""An open delivery on a dispatcher's desk: where it is, when it will be there, and why it still waits."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.dispatch.models import CourierJob, Delivery, RoundRecord
from o2o.dispatch.planning.reasons import Reason, text
from o2o.dispatch.working import pool
from o2o.kit.wire import Wire
from o2o.screens import past, trips

TIGHT_S = 300
"""Less slack than this before the promise is shown as tight."""


class WaitingOut(Wire):
    """Why a delivery has no rider yet."""

    code: str
    zh: str
    en: str
    until: datetime | None
    round_id: uuid.UUID


class IntendedOut(Wire):
    """For whom the last round means a delivery that waits; decided when the rider would have to leave, and again each round."""

    rider_id: uuid.UUID
    pickup_at: datetime
    door_at: datetime
    late_s: int


class DeliveryOut(Wire):
    """An open delivery. `risk`: ok, tight or late against the promise; `eta_at` is the plan's, `live_*` from where the rider is.

    `round_id`: the round that gave it to its rider, or left it waiting. `pooled`: riders may take it themselves.
    """

    id: uuid.UUID
    kind: str
    order_id: uuid.UUID
    order_no: str
    store_id: uuid.UUID
    to_store_id: uuid.UUID | None
    rider_id: uuid.UUID | None
    trip_id: uuid.UUID | None
    round_id: uuid.UUID | None
    state: str
    reason: str
    address: str
    pickup_lon: float
    pickup_lat: float
    lon: float
    lat: float
    requested_at: datetime
    ready_at: datetime
    goods_ready: bool
    due_from: datetime
    due_at: datetime
    eta_at: datetime | None
    live_at: datetime | None
    live_from_at: datetime | None
    live_until_at: datetime | None
    risk: str
    weight_g: int
    booked: bool
    pooled: bool
    courier: past.CourierJobOut | None
    hold_until: datetime | None
    only_for: uuid.UUID | None
    again_at: datetime | None
    tour_id: uuid.UUID | None
    cost_fen: int
    waiting: WaitingOut | None
    intended: IntendedOut | None


def of_area(
    db: Session, *, rows: Sequence[Delivery], ways: Sequence[trips.TripOut], last: RoundRecord | None, now: datetime
) -> list[DeliveryOut]:
    """Open deliveries of an area as its desk shows them; `ways` are its live trips, `last` its last round."""
    ends = {s.delivery_id: s for way in ways for s in way.stops if s.kind != "pickup" and s.done_at is None}
    couriers = {
        job.delivery_id: past.courier_job(job)
        for job in db.scalars(
            select(CourierJob).where(CourierJob.delivery_id.in_([d.id for d in rows]), CourierJob.ended_at.is_(None))
        )
    }
    why = {uuid.UUID(d["delivery_id"]): _waiting(d, last) for d in last.deferred} if last else {}
    meant = {one["delivery_id"]: one for one in last.intended} if last else {}
    return [
        _delivery(
            d,
            ends.get(d.id),
            couriers.get(d.id),
            why.get(d.id) if d.state == "waiting" else None,
            _intended(d, meant.get(str(d.id)), now),
            last.id if last else None,
            now,
        )
        for d in rows
    ]


def _waiting(deferred: dict[str, object], last: RoundRecord) -> WaitingOut:
    reason, until_s = Reason(str(deferred["reason"])), int(str(deferred["until_s"]))
    return WaitingOut(
        code=reason.value,
        zh=text(reason, "zh"),
        en=text(reason, "en"),
        until=datetime.fromtimestamp(until_s, UTC) if until_s else None,
        round_id=last.id,
    )


def _delivery(
    d: Delivery,
    end: trips.StopOut | None,
    courier: past.CourierJobOut | None,
    waiting: WaitingOut | None,
    intended: IntendedOut | None,
    last_id: uuid.UUID | None,
    now: datetime,
) -> DeliveryOut:
    expected_at = (end.live_at or end.eta_at) if end else courier.deliver_at if courier else None
    expected_at = expected_at or (intended.door_at if intended else None)
    slack_s = (d.due_at - max(expected_at or d.ready_at, now)).total_seconds()
    return DeliveryOut(
        id=d.id,
        kind=d.kind,
        order_id=d.order_id,
        order_no=d.order_no,
        store_id=d.store_id,
        to_store_id=d.to_store_id,
        rider_id=d.rider_id,
        trip_id=d.trip_id,
        round_id=last_id if waiting or intended else d.round_id,
        state=d.state,
        reason=d.reason,
        address=d.address,
        pickup_lon=d.pickup_lon,
        pickup_lat=d.pickup_lat,
        lon=d.dropoff_lon,
        lat=d.dropoff_lat,
        requested_at=d.requested_at,
        ready_at=d.ready_at,
        goods_ready=d.goods_ready_at is not None,
        due_from=d.due_from,
        due_at=d.due_at,
        eta_at=end.eta_at if end else None,
        live_at=end.live_at if end else None,
        live_from_at=end.live_from_at if end else None,
        live_until_at=end.live_until_at if end else None,
        risk="late" if slack_s < 0 else "tight" if slack_s < TIGHT_S else "ok",
        weight_g=d.weight_g,
        booked=d.booked,
        pooled=_pooled(d, now),
        courier=courier,
        hold_until=d.hold_until,
        only_for=d.only_for,
        again_at=d.again_at,
        tour_id=d.tour_id,
        cost_fen=d.cost_fen,
        waiting=waiting,
        intended=intended,
    )


def _intended(d: Delivery, meant: dict[str, Any] | None, now: datetime) -> IntendedOut | None:
    if meant is None or d.state != "waiting":
        return None
    door_at = max(datetime.fromtimestamp(meant["door_s"], UTC), now)
    return IntendedOut(
        rider_id=uuid.UUID(meant["rider_id"]),
        pickup_at=datetime.fromtimestamp(meant["pickup_s"], UTC),
        door_at=door_at,
        late_s=max(0, int((door_at - d.due_at).total_seconds())),
    )


def _pooled(d: Delivery, now: datetime) -> bool:
    packed_s = (now - d.goods_ready_at).total_seconds() if d.goods_ready_at else 0
    return (
        d.state == "waiting"
        and d.tour_id is None
        and packed_s >= pool.OPEN_AFTER_S
        and not (d.hold_until and d.hold_until > now)
    )
