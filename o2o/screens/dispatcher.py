"""What a dispatcher's desk shows: stores, riders and trips on the map, every open delivery, and why one still waits."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from fastapi import APIRouter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.dispatch import riders as riding
from o2o.dispatch.carrying import tracking
from o2o.dispatch.models import Delivery, Incident, Rider, RoundRecord, Shift
from o2o.geo.lonlat import LonLat
from o2o.infra.http import Db, Dispatcher, NotAllowed, Now, ToolsDep
from o2o.infra.tools import Tools
from o2o.kit.wire import Wire
from o2o.screens import areas as own
from o2o.screens import money, open_deliveries, trips
from o2o.screens.areas import AreaOut
from o2o.stores.models import StoreRow

router = APIRouter(prefix="/api/screens", tags=["screens"])


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
    max_jobs: int
    shift_ends_at: datetime | None


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


class DispatcherScreen(Wire):
    """All a dispatcher's desk needs to draw itself."""

    area: AreaOut
    areas: list[AreaOut]
    stores: list[StoreOut]
    riders: list[RiderOut]
    trips: list[trips.TripOut]
    deliveries: list[open_deliveries.DeliveryOut]
    incidents: list[IncidentOut]
    troubles: list[money.TroubleOut]
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
    areas = own.of_caller(db, caller)
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
    last = db.scalar(
        select(RoundRecord)
        .where(RoundRecord.area_id == area.id)
        .order_by(RoundRecord.at.desc(), RoundRecord.id.desc())
        .limit(1)
    )
    ways = trips.live_trips(db, tools.roads, rider_ids=[r.id for r in people], places=places, now=now)
    shown = open_deliveries.of_area(db, rows=deliveries, ways=ways, last=last, now=now)
    shift_ends = _shift_ends(db, people)
    return DispatcherScreen(
        area=area,
        areas=areas,
        stores=_stores(db, area.id, deliveries),
        riders=[_rider(r, places.get(r.id), deliveries, shift_ends.get(r.id), now) for r in people],
        trips=ways,
        deliveries=shown,
        incidents=_incidents(db, area.id),
        troubles=money.of_area(db, area_id=area.id),
        numbers=_numbers(db, area.id, shown, people, now),
        last_round_at=last.at if last else None,
        server_at=now,
    )


def _shift_ends(db: Session, people: Sequence[Rider]) -> dict[uuid.UUID, datetime]:
    ends = select(Shift.rider_id, Shift.planned_end_at)
    return dict(db.execute(ends.where(Shift.ended_at.is_(None), Shift.rider_id.in_([r.id for r in people]))).all())


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


def _rider(
    rider: Rider, place: LonLat | None, deliveries: Sequence[Delivery], shift_ends_at: datetime | None, now: datetime
) -> RiderOut:
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
        max_jobs=rider.max_jobs,
        shift_ends_at=shift_ends_at,
    )


def _incidents(db: Session, area_id: uuid.UUID) -> list[IncidentOut]:
    rows = db.scalars(
        select(Incident).where(Incident.area_id == area_id, Incident.state == "open").order_by(Incident.reported_at)
    )
    return [IncidentOut.model_validate(row, from_attributes=True) for row in rows]


def _numbers(
    db: Session,
    area_id: uuid.UUID,
    shown: Sequence[open_deliveries.DeliveryOut],
    people: Sequence[Rider],
    now: datetime,
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
