"""What a dispatcher's desk shows: stores, riders and trips on the map, every open delivery, and why one still waits."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.dispatch import riders as riding
from o2o.dispatch import tracking
from o2o.dispatch.models import Delivery, Incident, Rider, RoundRecord, Stop
from o2o.dispatch.planning.reasons import Reason, text
from o2o.geo.lonlat import LonLat
from o2o.infra.http import Db, Dispatcher, NotAllowed, Now, ToolsDep
from o2o.infra.tools import Tools
from o2o.kit.principal import Principal, Role
from o2o.kit.wire import Wire
from o2o.screens import trips
from o2o.stores.models import AreaRow, StoreRow

router = APIRouter(prefix="/api/screens", tags=["screens"])

TIGHT_S = 300
"""Less slack than this before the promise is shown as tight."""
AWAY_S = 30
"""A rider not heard from for this long is drawn pale."""


class StoreOut(Wire):
    """A store on the map."""

    id: uuid.UUID
    name_zh: str
    name_en: str
    lon: float
    lat: float
    open: bool
    open_deliveries: int


class RiderOut(Wire):
    """A rider on the map. `heard_s`: seconds since the phone last spoke."""

    id: uuid.UUID
    name: str
    state: str
    break_wanted: bool
    vehicle: str
    lon: float | None
    lat: float | None
    heard_s: int | None
    open_deliveries: int


class WaitingOut(Wire):
    """Why a delivery has no rider yet."""

    code: str
    zh: str
    en: str
    until: datetime | None
    round_id: uuid.UUID


class DeliveryOut(Wire):
    """An open delivery. `risk`: ok, tight or late against the promise."""

    id: uuid.UUID
    order_id: uuid.UUID
    order_no: str
    store_id: uuid.UUID
    rider_id: uuid.UUID | None
    state: str
    address: str
    lon: float
    lat: float
    requested_at: datetime
    ready_at: datetime
    goods_ready: bool
    due_at: datetime
    eta_at: datetime | None
    risk: str
    weight_g: int
    hold_until: datetime | None
    only_for: uuid.UUID | None
    again_at: datetime | None
    waiting: WaitingOut | None


class IncidentOut(Wire):
    """Trouble somebody should look at."""

    id: uuid.UUID
    rider_id: uuid.UUID
    delivery_id: uuid.UUID | None
    kind: str
    note: str
    reported_at: datetime


class NumbersOut(Wire):
    """The area in numbers; shares in percent over the last 24 hours, None before the first delivery."""

    open: int
    unassigned: int
    late: int
    riders_on: int
    riders_free: int
    delivered: int
    on_time_percent: int | None
    mean_minutes: int | None


class AreaOut(Wire):
    """An area the caller may look at."""

    id: uuid.UUID
    name: str


class DispatcherScreen(Wire):
    """All a dispatcher's desk needs to draw itself."""

    area: AreaOut
    areas: list[AreaOut]
    stores: list[StoreOut]
    riders: list[RiderOut]
    trips: list[trips.TripOut]
    deliveries: list[DeliveryOut]
    incidents: list[IncidentOut]
    numbers: NumbersOut
    last_round_at: datetime | None
    server_at: datetime


@router.get(
    "/dispatcher", operation_id="dispatcher_screen", response_model=DispatcherScreen, summary="The dispatcher's desk"
)
def dispatcher_screen(
    caller: Dispatcher, db: Db, now: Now, tools: ToolsDep, area_id: uuid.UUID | None = None
) -> DispatcherScreen:
    """One area, the caller's first one when none is named."""
    areas = _areas(db, caller)
    chosen = next((a for a in areas if area_id in (None, a.id)), None)
    if chosen is None:
        raise NotAllowed(area_id=area_id)
    return _screen(db, tools, chosen, areas, now)


def _screen(db: Session, tools: Tools, area: AreaOut, areas: list[AreaOut], now: datetime) -> DispatcherScreen:
    deliveries = db.scalars(
        select(Delivery)
        .where(Delivery.area_id == area.id, Delivery.ended_at.is_(None))
        .order_by(Delivery.due_at, Delivery.id)
    ).all()
    on_shift = (
        select(Rider).where(Rider.area_id == area.id, Rider.state != riding.OFF_SHIFT).order_by(Rider.name, Rider.id)
    )
    people = db.scalars(on_shift).all()
    live = tracking.positions(tools.valkey, [r.id for r in people])
    stored = {r.id: LonLat(r.lon, r.lat) for r in people if r.lon is not None and r.lat is not None}
    places = stored | {rider_id: p.place for rider_id, p in live.items()}
    last = db.scalar(select(RoundRecord).where(RoundRecord.area_id == area.id).order_by(RoundRecord.at.desc()).limit(1))
    shown = _deliveries(db, deliveries, last, now)
    return DispatcherScreen(
        area=area,
        areas=areas,
        stores=_stores(db, area.id, deliveries),
        riders=[_rider(r, places.get(r.id), deliveries, now) for r in people],
        trips=trips.live_trips(db, tools.roads, rider_ids=[r.id for r in people], places=places, now=now),
        deliveries=shown,
        incidents=_incidents(db, area.id),
        numbers=_numbers(db, area.id, shown, people, now),
        last_round_at=last.at if last else None,
        server_at=now,
    )


def _areas(db: Session, caller: Principal) -> list[AreaOut]:
    every = select(AreaRow.id, AreaRow.name).order_by(AreaRow.name)
    mine = every if caller.role is Role.HQ else every.where(AreaRow.id.in_(caller.area_ids))
    return [AreaOut(id=area_id, name=name) for area_id, name in db.execute(mine)]


def _stores(db: Session, area_id: uuid.UUID, deliveries: Sequence[Delivery]) -> list[StoreOut]:
    rows = db.scalars(select(StoreRow).where(StoreRow.area_id == area_id).order_by(StoreRow.code))
    return [
        StoreOut(
            id=s.id,
            name_zh=s.name_zh,
            name_en=s.name_en,
            lon=s.lon,
            lat=s.lat,
            open=s.open,
            open_deliveries=sum(1 for d in deliveries if d.store_id == s.id),
        )
        for s in rows
    ]


def _rider(rider: Rider, place: LonLat | None, deliveries: Sequence[Delivery], now: datetime) -> RiderOut:
    return RiderOut(
        id=rider.id,
        name=rider.name,
        state=rider.state,
        break_wanted=rider.break_wanted,
        vehicle=rider.vehicle,
        lon=place.lon if place else None,
        lat=place.lat if place else None,
        heard_s=max(0, int((now - rider.seen_at).total_seconds())) if rider.seen_at else None,
        open_deliveries=sum(1 for d in deliveries if d.rider_id == rider.id),
    )


def _deliveries(db: Session, rows: Sequence[Delivery], last: RoundRecord | None, now: datetime) -> list[DeliveryOut]:
    ends = select(Stop.delivery_id, Stop.eta_at).where(
        Stop.delivery_id.in_([d.id for d in rows]), Stop.kind != "pickup", Stop.state.in_(("pending", "arrived"))
    )
    etas = dict(db.execute(ends).all())
    why = {uuid.UUID(d["delivery_id"]): _waiting(d, last) for d in last.deferred} if last else {}
    return [_delivery(d, etas.get(d.id), why.get(d.id) if d.state == "waiting" else None, now) for d in rows]


def _waiting(deferred: dict[str, object], last: RoundRecord) -> WaitingOut:
    reason, until_s = Reason(str(deferred["reason"])), int(str(deferred["until_s"]))
    return WaitingOut(
        code=reason.value,
        zh=text(reason, "zh"),
        en=text(reason, "en"),
        until=datetime.fromtimestamp(until_s, UTC) if until_s else None,
        round_id=last.id,
    )


def _delivery(d: Delivery, eta_at: datetime | None, waiting: WaitingOut | None, now: datetime) -> DeliveryOut:
    end = eta_at or max(now, d.ready_at)
    slack_s = (d.due_at - max(end, now)).total_seconds()
    return DeliveryOut(
        id=d.id,
        order_id=d.order_id,
        order_no=d.order_no,
        store_id=d.store_id,
        rider_id=d.rider_id,
        state=d.state,
        address=d.address,
        lon=d.dropoff_lon,
        lat=d.dropoff_lat,
        requested_at=d.requested_at,
        ready_at=d.ready_at,
        goods_ready=d.goods_ready_at is not None,
        due_at=d.due_at,
        eta_at=eta_at,
        risk="late" if slack_s < 0 else "tight" if slack_s < TIGHT_S else "ok",
        weight_g=d.weight_g,
        hold_until=d.hold_until,
        only_for=d.only_for,
        again_at=d.again_at,
        waiting=waiting,
    )


def _incidents(db: Session, area_id: uuid.UUID) -> list[IncidentOut]:
    rows = db.scalars(
        select(Incident).where(Incident.area_id == area_id, Incident.state == "open").order_by(Incident.reported_at)
    )
    return [IncidentOut.model_validate(row, from_attributes=True) for row in rows]


def _numbers(
    db: Session, area_id: uuid.UUID, shown: Sequence[DeliveryOut], people: Sequence[Rider], now: datetime
) -> NumbersOut:
    on_time = func.count().filter(Delivery.ended_at <= Delivery.due_at)
    took = func.avg(func.extract("epoch", Delivery.ended_at - Delivery.requested_at))
    done, kept, mean_s = db.execute(
        select(func.count(), on_time, took).where(
            Delivery.area_id == area_id, Delivery.state == "delivered", Delivery.ended_at >= now - timedelta(hours=24)
        )
    ).one()
    return NumbersOut(
        open=len(shown),
        unassigned=sum(1 for d in shown if d.state == "waiting"),
        late=sum(1 for d in shown if d.risk == "late"),
        riders_on=len(people),
        riders_free=sum(1 for r in people if r.state == riding.AVAILABLE),
        delivered=done,
        on_time_percent=round(100 * kept / done) if done else None,
        mean_minutes=round(float(mean_s) / 60) if mean_s is not None else None,
    )
