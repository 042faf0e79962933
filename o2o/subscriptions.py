"""When X, then Y; and every N seconds, Z. The only place where either is written.

Followers get their own transaction and must be idempotent by nature: an event comes at least once.
Duties open their own transactions; `keys` splits one into independent pieces of work, such as one an area.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from o2o.dispatch import events as dispatch_events
from o2o.dispatch import tasks as dispatch_tasks
from o2o.identity import events as identity_events
from o2o.identity import tasks as identity_tasks
from o2o.infra import housekeeping
from o2o.infra.tools import Tools
from o2o.inventory import events as inventory_events
from o2o.inventory import tasks as inventory_tasks
from o2o.kit.events import Event
from o2o.membership import tasks as membership_tasks
from o2o.orders import events as orders_events
from o2o.orders import tasks as orders_tasks
from o2o.payments import events as payments_events
from o2o.payments import tasks as payments_tasks


class Follower(Protocol):
    """Does what follows from an event."""

    __name__: str
    __module__: str

    def __call__(self, db: Session, *, event: Any, now: datetime, tools: Tools) -> None: ...


class Run(Protocol):
    """Does one piece of a duty."""

    def __call__(self, tools: Tools, *, now: datetime, key: str) -> None: ...


def one_piece(_: Tools) -> Sequence[str]:
    """A duty that is not split."""
    return ("",)


@dataclass(frozen=True, slots=True)
class Duty:
    """Something done every `every_s` seconds for each of `keys`."""

    name: str
    every_s: float
    run: Run
    keys: Callable[[Tools], Sequence[str]] = one_piece


SUBSCRIPTIONS: dict[type[Event], list[Follower]] = {
    identity_events.CustomerRegistered: [membership_tasks.open_member],
    payments_events.OperationAsked: [payments_tasks.carry_out],
    payments_events.PaymentAuthorised: [orders_tasks.confirm_payment],
    payments_events.PaymentTroubled: [orders_tasks.tell_trouble],
    inventory_events.HoldExpired: [orders_tasks.expire_order],
    inventory_events.StockShort: [orders_tasks.rescue_endangered],
    inventory_events.StockArrived: [orders_tasks.serve_waiting],
    dispatch_events.DeliveryPickedUp: [orders_tasks.hand_to_rider],
    dispatch_events.DeliveryCompleted: [orders_tasks.complete_delivery, orders_tasks.note_promise],
    dispatch_events.DeliveryFailed: [orders_tasks.note_failure],
    orders_events.OrderPacked: [orders_tasks.note_ready],
    dispatch_events.DeliveryReturned: [orders_tasks.settle_return],
    dispatch_events.DeliveryRescheduled: [orders_tasks.move_promise],
    dispatch_events.ReturnDelivered: [orders_tasks.receive_return],
    dispatch_events.TransferReturned: [orders_tasks.take_transfer_back],
}

TIMETABLE: list[Duty] = [
    Duty("infra.forget", 3_600, housekeeping.forget),
    Duty("identity.forget", 3_600, identity_tasks.forget),
    Duty("membership.settle_points", 600, membership_tasks.settle_points),
    Duty("membership.review_tiers", 86_400, membership_tasks.review_tiers),
    Duty("dispatch.round", 15, dispatch_tasks.run_round, dispatch_tasks.areas_with_work),
    Duty("dispatch.couriers", 30, dispatch_tasks.call_couriers, dispatch_tasks.areas_with_couriers),
    Duty("dispatch.tours", 60, dispatch_tasks.plan_tours, dispatch_tasks.areas_with_booked),
    Duty("dispatch.learn", 3_600, dispatch_tasks.learn, dispatch_tasks.areas_with_riders),
    Duty("dispatch.forget", 3_600, dispatch_tasks.forget),
    Duty("inventory.expire_holds", 5, inventory_tasks.expire_holds),
    Duty("inventory.look_over", 900, inventory_tasks.look_over, inventory_tasks.every_store),
    Duty("inventory.propose_orders", 21_600, inventory_tasks.propose_orders, inventory_tasks.every_store),
    Duty("payments.send_notices", 1, payments_tasks.send_notices),
    Duty("payments.sweep", 30, payments_tasks.sweep),
    Duty("orders.close_due", 60, orders_tasks.close_due),
    Duty("orders.open_slots", 30, orders_tasks.open_slots),
    Duty("orders.learn_promises", 30, orders_tasks.learn_promises),
    Duty("orders.keep_lost", 60, orders_tasks.keep_lost),
    Duty("orders.retry_unfillable", 20, orders_tasks.retry_unfillable),
]
