"""What a customer follows: the stages of an order, and the rider on the way with the line still to ride."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import redis
from fastapi import APIRouter, Path
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.catalogue.models import ProductRow
from o2o.dispatch.carrying import deliveries, eta, tracking
from o2o.dispatch.models import Delivery, Rider, Stop
from o2o.geo.lonlat import LonLat
from o2o.infra.http import Customer, Db, Now, ToolsDep
from o2o.infra.tools import Tools
from o2o.kit.errors import NotFound
from o2o.kit.wire import Wire
from o2o.orders import pricing, records
from o2o.orders.models import Order, OrderLine, ParkedOrder, Shipment
from o2o.payments.intents import NoPayment
from o2o.payments.models import Payment
from o2o.picking.models import PickLine, PickTask
from o2o.screens import trips
from o2o.stores.models import StoreRow

router = APIRouter(prefix="/api/screens", tags=["screens"])


class NoSuchOrder(NotFound):
    """You have no such order."""

    code = "screens.no_such_order"


class StageOut(Wire):
    """One stage of an order: when it came, or None while it is still to come."""

    name: str
    at: datetime | None


class StoreOut(Wire):
    """The store that does the order."""

    id: uuid.UUID
    name_zh: str
    name_en: str
    lon: float
    lat: float
    phone: str


class RiderOut(Wire):
    """Who brings it. The place is told only while the goods are on the way."""

    name: str
    lon: float | None
    lat: float | None


class DeliveryOut(Wire):
    """The way to the door. `code` is what the customer tells the rider; `stops_before` are others' stops that come first.

    `eta_at`: when the goods should be handed over as things are now, four times of five between `eta_from` and `eta_by`; None when over.
    """

    state: str
    code: str
    eta_at: datetime | None
    eta_from: datetime | None
    eta_by: datetime | None
    due_at: datetime
    stops_before: int
    failed: str | None = None
    """Why it could not be handed over, while the goods ride back; `again_from`, `again_by`: when it is tried again, where agreed."""
    again_from: datetime | None = None
    again_by: datetime | None = None
    rider: RiderOut | None
    geometry: dict[str, Any] | None


class MovedOut(Wire):
    """Another store took it over. `was_*` and `now_*`: promised then and to be expected now, where that is later."""

    at: datetime
    from_zh: str
    from_en: str
    was_from: datetime | None = None
    was_by: datetime | None = None
    now_from: datetime | None = None
    now_by: datetime | None = None


class OwedOut(Wire):
    """What the customer is asked to pay another way, for goods they have or will have: until then."""

    amount_fen: int
    until: datetime


class PayeeOut(Wire):
    """Who asks for money by a code: the order, and the store where it was sold; no name where several stores may bring it."""

    order_no: str
    channel: str
    store_zh: str
    store_en: str


class PartOut(Wire):
    """What one store brings: SKUs with their quantities, how far it is, and its way to the door."""

    store: StoreOut
    moved: MovedOut | None
    state: str
    skus: list[str]
    quantities: list[int]
    packed_at: datetime | None
    delivery: DeliveryOut | None


class QuestionOut(Wire):
    """Something else for pieces the store lacks: what it will be charged, never more than those pieces would have cost. Silence until
    `until` counts as the stored preference."""

    task_id: uuid.UUID
    sku: str
    name_zh: str
    name_en: str
    missing: int
    was_fen: int
    substitute_sku: str
    substitute_zh: str
    substitute_en: str
    substitute_picture: str
    quantity: int
    instead_fen: int
    until: datetime | None


class CustomerOrderScreen(Wire):
    """All a customer needs to follow an order."""

    order_id: uuid.UUID
    order_no: str
    state: str
    method: str
    store: StoreOut | None
    """Of the part that is still to come, like `delivery`; all parts are in `parts`."""
    stages: list[StageOut]
    delivery: DeliveryOut | None
    parts: list[PartOut]
    questions: list[QuestionOut]
    parked: bool
    """Whether a question about the whole order, or a wait, can be read under its parked path."""
    owed: OwedOut | None
    server_at: datetime


@router.get("/customer/charges/{ref}", operation_id="payee", summary="Who asks for this money", response_model=PayeeOut)
def payee(ref: Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")], caller: Customer, db: Db) -> PayeeOut:
    """Of a payment of the caller's, or one that a till asks of whoever stands before it."""
    whose = (Payment.ref == ref) & ((Payment.member_id == caller.account_id) | Payment.member_id.is_(None))
    named = select(Order.order_no, Order.channel, StoreRow.name_zh, StoreRow.name_en)
    joined = named.join(Payment, Payment.order_id == Order.id).outerjoin(StoreRow, StoreRow.id == Order.store_id)
    found = db.execute(joined.where(whose)).one_or_none()
    if found is None:
        raise NoPayment(ref=ref)
    return PayeeOut(order_no=found[0], channel=found[1], store_zh=found[2] or "", store_en=found[3] or "")


@router.get(
    "/customer/orders/{order_id}",
    operation_id="customer_order_screen",
    response_model=CustomerOrderScreen,
    summary="Follow an order",
)
def customer_order(order_id: uuid.UUID, caller: Customer, db: Db, now: Now, tools: ToolsDep) -> CustomerOrderScreen:
    """The caller's own order only."""
    order = db.scalar(select(Order).where(Order.id == order_id, Order.member_id == caller.account_id))
    if order is None:
        raise NoSuchOrder(order_id=order_id)
    shipments = _newest(db, order.id)
    rides = {
        d.shipment_id: d
        for d in db.scalars(select(Delivery).where(Delivery.order_id == order.id, Delivery.kind == "delivery"))
    }
    parts = [_part(db, tools, shipment, rides.get(shipment.id), now) for shipment in shipments]
    coming = next((part for part in parts if part.state not in _ENDED), parts[-1] if parts else None)
    return CustomerOrderScreen(
        order_id=order.id,
        order_no=order.order_no,
        state=order.state,
        method=order.method,
        store=coming.store if coming else None,
        stages=_stages(order, parts, list(rides.values())),
        delivery=coming.delivery if coming else None,
        parts=parts,
        questions=_questions(db, order.id, now) if order.state in ("paid", "picking") else [],
        parked=order.state in ("paid", "unfillable") and db.get(ParkedOrder, order.id) is not None,
        owed=_owed(db, order.id, now),
        server_at=now,
    )


_ENDED = ("delivered", "rejected", "returned", "cancelled")


def _questions(db: Session, order_id: uuid.UUID, now: datetime) -> list[QuestionOut]:
    """What the stores ask at this moment, so that a screen opened late asks it too."""
    asked = db.execute(
        select(PickLine, OrderLine, ProductRow)
        .join(PickTask, PickTask.id == PickLine.task_id)
        .join(OrderLine, (OrderLine.order_id == PickTask.order_id) & (OrderLine.sku == PickLine.sku))
        .join(ProductRow, ProductRow.sku == PickLine.substitute_sku)
        .where(PickTask.order_id == order_id, PickTask.state == "picking", PickLine.consent == "waiting")
        .where(PickLine.consent_by.is_(None) | (PickLine.consent_by > now))
        .order_by(PickLine.consent_by, PickLine.sku)
    )
    return [_question(line, wanted, instead) for line, wanted, instead in asked]


def _question(line: PickLine, wanted: OrderLine, instead: ProductRow) -> QuestionOut:
    was_fen, instead_fen = pricing.instead(records.agreed(wanted), missing=line.short, fen=line.substitute_fen)
    return QuestionOut(
        task_id=line.task_id,
        sku=line.sku,
        name_zh=line.name_zh,
        name_en=line.name_en,
        missing=line.short,
        was_fen=was_fen,
        substitute_sku=instead.sku,
        substitute_zh=instead.name_zh,
        substitute_en=instead.name_en,
        substitute_picture=instead.picture,
        quantity=line.substitute_quantity,
        instead_fen=instead_fen,
        until=line.consent_by,
    )


def _owed(db: Session, order_id: uuid.UUID, now: datetime) -> OwedOut | None:
    asked = select(Payment).where(Payment.order_id == order_id, Payment.replaced_at.is_(None), Payment.owed)
    payment = db.scalar(asked.where(Payment.state.in_(("pending", "failed")), Payment.expires_at > now))
    return OwedOut(amount_fen=payment.amount_fen, until=payment.expires_at) if payment else None


def _newest(db: Session, order_id: uuid.UUID) -> list[Shipment]:
    """The last try at each leg."""
    query = select(Shipment).where(Shipment.order_id == order_id).order_by(Shipment.leg, Shipment.attempt)
    return list({shipment.leg: shipment for shipment in db.scalars(query)}.values())


def _part(db: Session, tools: Tools, shipment: Shipment, ride: Delivery | None, now: datetime) -> PartOut:
    packed = shipment.happened.get("picked_at")
    return PartOut(
        store=_store(db, shipment.store_id),
        moved=_moved(db, shipment),
        state=shipment.state,
        skus=shipment.skus,
        quantities=shipment.quantities,
        packed_at=datetime.fromisoformat(packed) if packed else None,
        delivery=_delivery(db, tools, ride, now) if ride else None,
    )


def _moved(db: Session, shipment: Shipment) -> MovedOut | None:
    told = dict(shipment.happened.get("moved", ()))
    if not told:
        return None
    was = _store(db, uuid.UUID(told.pop("from_store_id")))
    times = {name: datetime.fromisoformat(at) for name, at in told.items()}
    return MovedOut(from_zh=was.name_zh, from_en=was.name_en, **times)


def _store(db: Session, store_id: uuid.UUID) -> StoreOut:
    store = db.get_one(StoreRow, store_id)
    return StoreOut(
        id=store.id, name_zh=store.name_zh, name_en=store.name_en, lon=store.lon, lat=store.lat, phone=store.phone
    )


def _stages(order: Order, parts: list[PartOut], rides: list[Delivery]) -> list[StageOut]:
    """Placed, paid, packed, picked up, delivered; of several parts the last to come. Each fact read from the room that owns it."""
    going = [part for part in parts if part.state not in ("rejected", "cancelled")]
    stages = [("placed", order.placed_at), ("paid", order.paid_at), ("packed", _last(p.packed_at for p in going))]
    if order.method == "delivery":
        stages.append(("picked_up", _last(ride.picked_up_at for ride in rides if ride.state != "cancelled")))
    stages.append(("delivered", order.delivered_at))
    return [StageOut(name=name, at=at) for name, at in stages]


def _last(times: Iterable[datetime | None]) -> datetime | None:
    """The last of some moments; none where one is still to come."""
    known = list(times)
    return max((at for at in known if at), default=None) if all(known) else None


def _delivery(db: Session, tools: Tools, delivery: Delivery, now: datetime) -> DeliveryOut:
    mine = db.scalar(
        select(Stop).where(
            Stop.delivery_id == delivery.id, Stop.kind == "dropoff", Stop.state.in_(("pending", "arrived"))
        )
    )
    rider, place = _rider(db, tools.valkey, delivery)
    before = 0
    if mine is not None:
        ahead = select(func.count()).where(
            Stop.trip_id == mine.trip_id,
            Stop.position < mine.position,
            Stop.state.in_(("pending", "arrived")),
            Stop.delivery_id != delivery.id,  # its own pick-up keeps nobody waiting for others
        )
        before = db.scalar(ahead) or 0
    told = eta.of_delivery(db, tools.valkey, delivery_id=delivery.id, roads=tools.roads, now=now)
    failed = delivery.state == deliveries.FAILED
    door = LonLat(delivery.dropoff_lon, delivery.dropoff_lat)
    return DeliveryOut(
        state=delivery.state,
        code=delivery.code if delivery.ended_at is None and not failed else "",
        eta_at=told.at if told else None,
        eta_from=told.from_at if told else None,
        eta_by=told.by_at if told else None,
        due_at=delivery.due_at,
        stops_before=before,
        failed=delivery.reason if failed else None,
        again_from=delivery.again_from if failed else None,
        again_by=delivery.again_at if failed else None,
        rider=rider,
        geometry=trips.line(tools.roads, (place, door)) if place and delivery.state == "picked_up" else None,
    )


def _rider(db: Session, valkey: "redis.Redis", delivery: Delivery) -> tuple[RiderOut | None, LonLat | None]:
    rider = db.get(Rider, delivery.rider_id) if delivery.rider_id else None
    if rider is None:
        return None, None
    if delivery.state != "picked_up":
        return RiderOut(name=rider.name, lon=None, lat=None), None
    live = tracking.positions(valkey, [rider.id]).get(rider.id)
    place = (
        live.place
        if live
        else LonLat(rider.lon, rider.lat)
        if rider.lon is not None and rider.lat is not None
        else None
    )
    shown = RiderOut(name=rider.name, lon=place.lon if place else None, lat=place.lat if place else None)
    return shown, place
