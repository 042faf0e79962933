"""What is said when something carried changes hands: by kind, for a return or a transfer is followed by others than a delivery."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from o2o.dispatch.carrying.deliveries import DELIVERY, RETURN, TRANSFER, facts
from o2o.dispatch.events import (
    DeliveryCompleted,
    DeliveryFailed,
    DeliveryPickedUp,
    DeliveryReturned,
    ReturnDelivered,
    ReturnFailed,
    ReturnPickedUp,
    TransferDelivered,
    TransferFailed,
    TransferPickedUp,
    TransferReturned,
)
from o2o.dispatch.models import Delivery
from o2o.kit.events import Event

_PICKED_UP: dict[str, Callable[..., Event]] = {
    DELIVERY: DeliveryPickedUp,
    RETURN: ReturnPickedUp,
    TRANSFER: TransferPickedUp,
}
_COMPLETED: dict[str, Callable[..., Event]] = {
    DELIVERY: DeliveryCompleted,
    RETURN: ReturnDelivered,
    TRANSFER: TransferDelivered,
}
_FAILED: dict[str, Callable[..., Event]] = {DELIVERY: DeliveryFailed, RETURN: ReturnFailed, TRANSFER: TransferFailed}


def picked_up(delivery: Delivery, at: datetime) -> Event:
    """The goods are with the rider."""
    return _PICKED_UP[delivery.kind](**_facts(delivery, at))


def completed(delivery: Delivery, at: datetime) -> Event:
    """The goods are where they were meant to go."""
    return _COMPLETED[delivery.kind](**_facts(delivery, at))


def failed(delivery: Delivery, at: datetime) -> Event:
    """The goods did not change hands; `delivery.reason` says why."""
    return _FAILED[delivery.kind](**_facts(delivery, at), reason=delivery.reason)


def returned(delivery: Delivery, at: datetime) -> Event:
    """The goods are back where they were picked up."""
    return (TransferReturned if delivery.kind == TRANSFER else DeliveryReturned)(**_facts(delivery, at))


def _facts(delivery: Delivery, at: datetime) -> dict[str, Any]:
    whole = facts(delivery, at)
    if delivery.kind == DELIVERY:
        return whole
    cause_id = whole.pop("shipment_id")
    if delivery.kind == RETURN:
        return {**whole, "return_id": cause_id}
    whole.pop("order_id")
    stores = {"from_store_id": whole.pop("store_id"), "to_store_id": delivery.to_store_id}
    return {**whole, **stores, "transfer_id": cause_id}
