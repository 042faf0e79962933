"""What the hall does when a wing has spoken, and when time has passed."""

import uuid
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from o2o.dispatch.events import (
    DeliveryCompleted,
    DeliveryFailed,
    DeliveryPickedUp,
    DeliveryRescheduled,
    DeliveryReturned,
    ReturnDelivered,
    TransferReturned,
)
from o2o.infra.db import transaction
from o2o.infra.tools import Tools
from o2o.inventory.events import HoldExpired, StockArrived, StockShort
from o2o.inventory.ledger import discrepancies
from o2o.inventory.supply import transfers
from o2o.kit.ids import OrderId, StoreId
from o2o.orders import aftersales, records
from o2o.orders.choices import lost
from o2o.orders.events import OrderPacked
from o2o.orders.fulfilment import completion, endangered, owing, parking, settlement
from o2o.orders.lessons import outcomes
from o2o.orders.lifecycle import OrderState
from o2o.orders.quoting import slots
from o2o.payments.events import PaymentAuthorised, PaymentTroubled

_log = structlog.get_logger(__name__)


def confirm_payment(db: Session, *, event: PaymentAuthorised, now: datetime, tools: Tools) -> None:
    """The money is held: let the store begin. Money for an order that is not ours stays held, and is reported.

    What the till took while the customer was paying endangers the order only now: it moves before anybody begins with it.
    """
    order_id = OrderId(event.order_id)
    try:
        settlement.confirm_payment(db, order_id=order_id, now=now)
    except records.NoSuchOrder:
        _log.error("payment.of_no_order", order_id=str(event.order_id), payment_id=str(event.payment_id))
        return
    for store_id in discrepancies.endangering(db, order_id=order_id):
        endangered.rescue(db, order_id=order_id, store_id=store_id, roads=tools.roads, now=now)


def tell_trouble(db: Session, *, event: PaymentTroubled, now: datetime, tools: Tools) -> None:
    """Money did not go its way: the desks of its areas hear of it, and its customer's screen reads again."""
    try:
        owing.tell(db, order_id=OrderId(event.order_id), now=now)
    except records.NoSuchOrder:
        _log.error("payment.of_no_order", order_id=str(event.order_id), payment_id=str(event.payment_id))


def expire_order(db: Session, *, event: HoldExpired, now: datetime, tools: Tools) -> None:
    """The hold is over: so is the order. A hold that was nobody's order has nothing more to end."""
    try:
        completion.expire(db, order_id=OrderId(event.order_id), now=now)
    except records.NoSuchOrder:
        _log.warning("hold.of_no_order", order_id=str(event.order_id))


def hand_to_rider(db: Session, *, event: DeliveryPickedUp, now: datetime, tools: Tools) -> None:
    """The goods are under way."""
    completion.handed_to_rider(
        db, order_id=OrderId(event.order_id), shipment_id=event.shipment_id, at=event.at, now=now
    )


def complete_delivery(db: Session, *, event: DeliveryCompleted, now: datetime, tools: Tools) -> None:
    """The customer has the goods."""
    completion.complete_delivery(
        db, order_id=OrderId(event.order_id), shipment_id=event.shipment_id, at=event.at, now=now
    )


def note_promise(db: Session, *, event: DeliveryCompleted, now: datetime, tools: Tools) -> None:
    """What was delivered is kept beside its plan."""
    outcomes.note(db, shipment_id=event.shipment_id, now=now)


def note_ready(db: Session, *, event: OrderPacked, now: datetime, tools: Tools) -> None:
    """What the customer fetches came when it was ready at the counter."""
    outcomes.note_ready(db, order_id=event.order_id, now=now)


def open_slots(tools: Tools, *, now: datetime, key: str) -> None:
    """Duty: tell stores and riders of the orders whose window is near, each in a transaction of its own."""
    with transaction(tools.engine) as db:
        found = slots.to_open(db, now=now)
    for order_id in found:
        with transaction(tools.engine) as db:
            settlement.open_agreed(db, order_id=OrderId(order_id), now=now)


def learn_promises(tools: Tools, *, now: datetime, key: str) -> None:
    """Duty: what came since the last time teaches the next promises."""
    with transaction(tools.engine) as db:
        outcomes.learn_new(db, now=now)


def keep_lost(tools: Tools, *, now: datetime, key: str) -> None:
    """Duty: baskets that found no store go to their table, where the oldest are forgotten."""
    with transaction(tools.engine) as db:
        lost.keep(db, tools.valkey, now=now)


def note_failure(db: Session, *, event: DeliveryFailed, now: datetime, tools: Tools) -> None:
    """Nobody home."""
    completion.note_failure(
        db, order_id=OrderId(event.order_id), shipment_id=event.shipment_id, reason=event.reason, at=event.at, now=now
    )


def settle_return(db: Session, *, event: DeliveryReturned, now: datetime, tools: Tools) -> None:
    """The goods are back at the store."""
    completion.settle_return(db, order_id=OrderId(event.order_id), shipment_id=event.shipment_id, now=now)


def move_promise(db: Session, *, event: DeliveryRescheduled, now: datetime, tools: Tools) -> None:
    """Nobody was home; another time was agreed on."""
    completion.move_promise(db, order_id=OrderId(event.order_id), due_from=event.due_from, due_at=event.due_at, now=now)


def receive_return(db: Session, *, event: ReturnDelivered, now: datetime, tools: Tools) -> None:
    """A rider has brought what a customer gave back: it is in, and waits to be looked at. In already is fine."""
    try:
        aftersales.receive(db, return_id=event.return_id, store_id=StoreId(event.store_id), now=now)
    except aftersales.WrongStep:
        _log.info("return.in_already", return_id=str(event.return_id))
    except aftersales.NoSuchReturn:
        _log.error("return.of_no_order", return_id=str(event.return_id))


def take_transfer_back(db: Session, *, event: TransferReturned, now: datetime, tools: Tools) -> None:
    """A rider has brought back what another store could not take: the store that sent it has it to count in."""
    try:
        transfers.bring_back(db, transfer_id=event.transfer_id, now=now)
    except transfers.TransferElsewhere as elsewhere:
        _log.info("transfer.in_already", transfer_id=str(event.transfer_id), **elsewhere.facts)
    except transfers.NoSuchTransfer:
        _log.error("transfer.unknown", transfer_id=str(event.transfer_id))


def rescue_endangered(db: Session, *, event: StockShort, now: datetime, tools: Tools) -> None:
    """What is left does not cover what is promised: move the endangered orders, or ask about them, while nobody has begun."""
    for order_id in sorted(event.order_ids):
        try:
            endangered.rescue(
                db, order_id=OrderId(uuid.UUID(order_id)), store_id=event.store_id, roads=tools.roads, now=now
            )
        except records.NoSuchOrder:
            _log.warning("hold.of_no_order", order_id=order_id)


def serve_waiting(db: Session, *, event: StockArrived, now: datetime, tools: Tools) -> None:
    """Goods have come that parked orders wait for: the store they came to is asked again, though it may have said no before."""
    for order_id in parking.waiting_for(db, skus=event.skus):
        parking.try_again(db, order_id=order_id, roads=tools.roads, now=now, forgiven=[event.store_id])


def close_due(tools: Tools, *, now: datetime, key: str) -> None:
    """Complete what was delivered long enough ago, close what was never paid: each order in a transaction of its own."""
    with transaction(tools.engine) as db:
        found = completion.due(db, states=(OrderState.DELIVERED, OrderState.EXPIRED), now=now)
    for order_id in found:
        with transaction(tools.engine) as db:
            completion.close_due(db, order_id=order_id, now=now)


def retry_unfillable(tools: Tools, *, now: datetime, key: str) -> None:
    """Look for a store again for every order that has none; past its deadline the money goes back. Questions end by theirs."""
    with transaction(tools.engine) as db:
        endangered.forget(db, now=now)
        found = parking.unfillable(db)
    for order_id in found:
        with transaction(tools.engine) as db:
            parking.try_again(db, order_id=order_id, roads=tools.roads, now=now)
