"""Head office's first page: the day in numbers, hour by hour and store by store, and what waits for a person."""

import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from o2o.catalogue.models import ProductRow
from o2o.infra.http import Db, Hq, Now
from o2o.inventory.models import Discrepancy
from o2o.kit.wire import Wire
from o2o.orders.models import Order, Shipment
from o2o.payments.models import PaymentTrouble
from o2o.stores.models import AreaRow, StoreRow

router = APIRouter(prefix="/api/screens", tags=["screens"])

OPEN = ("paid", "picking", "packed")
DONE = ("delivered", "completed")
DEAD = ("cancelled", "expired")
LISTED = 50


class DayOut(Wire):
    """Today, by the stores' own midnight; app orders unless said. Shares in percent, None before the first delivery."""

    placed: int
    open: int
    late: int
    delivered: int
    cancelled: int
    parked: int
    till_sales: int
    sold_fen: int
    on_time_percent: int | None
    median_minutes: int | None
    promised_minutes: int | None
    discrepancies: int
    troubles: int
    """With money, not over yet."""


class HourOut(Wire):
    """One hour of today: orders placed, handed over in time, and handed over late."""

    at: datetime
    placed: int
    kept: int
    late: int


class StoreLineOut(Wire):
    """A store's day."""

    id: uuid.UUID
    code: str
    name_zh: str
    name_en: str
    area: str
    lon: float
    lat: float
    open: bool
    orders: int
    open_orders: int
    late: int
    on_time_percent: int | None
    discrepancies: int


class DiscrepancyLineOut(Wire):
    """More was promised or taken than the books had."""

    id: uuid.UUID
    store_id: uuid.UUID
    sku: str
    name_zh: str
    name_en: str
    kind: str
    missing: int
    opened_at: datetime


class HqScreen(Wire):
    """All that head office's first page shows."""

    since: datetime
    server_at: datetime
    day: DayOut
    hours: list[HourOut]
    stores: list[StoreLineOut]
    discrepancies: list[DiscrepancyLineOut]


@router.get("/hq", operation_id="hq_screen", response_model=HqScreen, summary="Head office's first page")
def hq_screen(_: Hq, db: Db, now: Now) -> HqScreen:
    """The whole chain; numbers are those of this moment."""
    since = _midnight(db, now)
    return HqScreen(
        since=since,
        server_at=now,
        day=_day(db, since, now),
        hours=_hours(db, since, now),
        stores=_stores(db, since, now),
        discrepancies=_discrepancies(db),
    )


def _midnight(db: Session, now: datetime) -> datetime:
    """The last midnight where most stores are."""
    most = select(StoreRow.timezone).group_by(StoreRow.timezone).order_by(func.count().desc(), StoreRow.timezone)
    zone = ZoneInfo(db.scalar(most.limit(1)) or "Asia/Shanghai")
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _first_id(at: datetime) -> uuid.UUID:
    """No order id made after `at` is below this: ids begin with their millisecond (RFC 9562), so the primary key finds a day."""
    return uuid.UUID(int=int(at.timestamp() * 1000) << 80)


def today(since: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Orders placed since then. A till that was offline may tell its sales a day late, under ids of their own hour."""
    return Order.id >= _first_id(since - timedelta(days=1)), Order.placed_at >= since


def _late(now: datetime) -> ColumnElement[bool]:
    """Promised by a time that is past, and not handed over by then."""
    return (Order.promise_by < func.coalesce(Order.delivered_at, now)) & Order.state.in_((*OPEN, *DONE))


def _percent(kept: int, late: int) -> int | None:
    return round(100 * kept / (kept + late)) if kept + late else None


def _minutes(seconds: Any) -> int | None:
    return None if seconds is None else round(float(seconds) / 60)


def _day(db: Session, since: datetime, now: datetime) -> DayOut:
    app, done, late = Order.channel == "app", Order.state.in_(DONE), _late(now)
    took = func.extract("epoch", Order.delivered_at - Order.placed_at)
    promised = func.extract("epoch", Order.promise_by - Order.placed_at)
    median = func.percentile_cont(0.5)
    row = db.execute(
        select(
            func.count().filter(app, Order.state != "placed", Order.state.not_in(DEAD)),
            func.count().filter(app, Order.state.in_(OPEN)),
            func.count().filter(app, Order.state.in_(OPEN), late),
            func.count().filter(app, done),
            func.count().filter(app, Order.state == "cancelled"),
            func.count().filter(Order.channel == "till"),
            func.coalesce(
                func.sum(func.coalesce(Order.charged_fen, Order.total_fen) - Order.refunded_fen).filter(
                    Order.paid_at.is_not(None), Order.state.not_in(DEAD)
                ),
                0,
            ),
            func.count().filter(app, done, late),
            median.within_group(took).filter(app, done),
            median.within_group(promised).filter(app, Order.method == "delivery", Order.paid_at.is_not(None)),
        ).where(*today(since))
    ).one()
    placed, opened, open_late, delivered, cancelled, till, sold, came_late, took_s, promised_s = row
    return DayOut(
        placed=placed,
        open=opened,
        late=open_late,
        delivered=delivered,
        cancelled=cancelled,
        till_sales=till,
        parked=db.scalar(select(func.count()).where(Order.state == "unfillable")) or 0,
        sold_fen=int(sold),
        on_time_percent=_percent(delivered - came_late, came_late),
        median_minutes=_minutes(took_s),
        promised_minutes=_minutes(promised_s),
        discrepancies=db.scalar(select(func.count()).where(Discrepancy.closed_at.is_(None))) or 0,
        troubles=db.scalar(select(func.count()).where(PaymentTrouble.closed_at.is_(None))) or 0,
    )


def _hours(db: Session, since: datetime, now: datetime) -> list[HourOut]:
    """Every hour since midnight, empty ones too."""

    def by_hour(time: ColumnElement[Any], *also: ColumnElement[bool]) -> Select[Any]:
        hour = func.floor(func.extract("epoch", time - since) / 3600)
        late = func.count().filter(Order.promise_by < Order.delivered_at)
        return select(hour, func.count(), late).where(*today(since), Order.channel == "app", *also).group_by(hour)

    paid = Order.state != "placed", Order.state.not_in(DEAD)
    placed = {int(hour): count for hour, count, _ in db.execute(by_hour(Order.placed_at.expression, *paid))}
    came = by_hour(Order.delivered_at.expression, Order.delivered_at.is_not(None))
    handed = {int(hour): (count - late, late) for hour, count, late in db.execute(came)}
    last = int((now - since).total_seconds() // 3600)
    return [
        HourOut(
            at=since + timedelta(hours=hour),
            placed=placed.get(hour, 0),
            kept=handed.get(hour, (0, 0))[0],
            late=handed.get(hour, (0, 0))[1],
        )
        for hour in range(last + 1)
    ]


def _stores(db: Session, since: datetime, now: datetime) -> list[StoreLineOut]:
    """By code. An order that went to two stores counts at both."""
    done, late = Order.state.in_(DONE), _late(now)
    live = Shipment.state.not_in(("rejected", "cancelled"))
    pairs = (
        select(Shipment.store_id, Order.id, Order.state, Order.promise_by, Order.delivered_at)
        .join(Order, Order.id == Shipment.order_id)
        .where(*today(since), Order.channel == "app", Order.state.not_in((*DEAD, "placed")), live)
    )
    counts = {
        store_id: rest
        for store_id, *rest in db.execute(
            pairs.with_only_columns(
                Shipment.store_id,
                func.count(),
                func.count().filter(Order.state.in_(OPEN)),
                func.count().filter(Order.state.in_(OPEN), late),
                func.count().filter(done, ~late),
                func.count().filter(done, late),
            ).group_by(Shipment.store_id)
        )
    }
    open_discrepancies = (
        select(Discrepancy.store_id, func.count()).where(Discrepancy.closed_at.is_(None)).group_by(Discrepancy.store_id)
    )
    wrong: dict[uuid.UUID, int] = dict(db.execute(open_discrepancies).all())
    rows = db.execute(
        select(StoreRow, AreaRow.name).join(AreaRow, AreaRow.id == StoreRow.area_id).order_by(StoreRow.code)
    )
    shown = []
    for store, area in rows:
        orders, opened, open_late, kept, came_late = counts.get(store.id, (0, 0, 0, 0, 0))
        shown.append(
            StoreLineOut(
                id=store.id,
                code=store.code,
                name_zh=store.name_zh,
                name_en=store.name_en,
                area=area,
                lon=store.lon,
                lat=store.lat,
                open=store.open,
                orders=orders,
                open_orders=opened,
                late=open_late,
                on_time_percent=_percent(kept, came_late),
                discrepancies=wrong.get(store.id, 0),
            )
        )
    return shown


def _discrepancies(db: Session) -> list[DiscrepancyLineOut]:
    """The newest of those that are open."""
    found = db.scalars(
        select(Discrepancy).where(Discrepancy.closed_at.is_(None)).order_by(Discrepancy.opened_at.desc()).limit(LISTED)
    ).all()
    wanted = select(ProductRow.sku, ProductRow.name_zh, ProductRow.name_en).where(
        ProductRow.sku.in_([one.sku for one in found])
    )
    names = {sku: (zh, en) for sku, zh, en in db.execute(wanted)}
    return [
        DiscrepancyLineOut(
            id=one.id,
            store_id=one.store_id,
            sku=one.sku,
            kind=one.kind,
            missing=one.missing,
            opened_at=one.opened_at,
            name_zh=names.get(one.sku, (one.sku, ""))[0],
            name_en=names.get(one.sku, (one.sku, ""))[1],
        )
        for one in found
    ]
