"""What dispatch announces."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from o2o.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfRider(Event):
    name: ClassVar[str] = "dispatch.any_rider"
    screens_only: ClassVar[bool] = True
    rider_id: uuid.UUID
    area_id: uuid.UUID

    def channels(self) -> tuple[str, ...]:
        return (f"rider:{self.rider_id}", f"area:{self.area_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RiderChanged(_OfRider):
    """A rider came online, went offline, or fell silent."""

    name: ClassVar[str] = "dispatch.rider_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfTrip(_OfRider):
    name: ClassVar[str] = "dispatch.any_trip"
    trip_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TripOffered(_OfTrip):
    """A trip waits for the rider's yes."""

    name: ClassVar[str] = "dispatch.trip_offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class TripChanged(_OfTrip):
    """Stops were added, removed or put in another order, or the trip was accepted, refused or ended."""

    name: ClassVar[str] = "dispatch.trip_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfArea(Event):
    name: ClassVar[str] = "dispatch.any_area"
    screens_only: ClassVar[bool] = True
    area_id: uuid.UUID

    def channels(self) -> tuple[str, ...]:
        return (f"area:{self.area_id}",)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundPlanned(_OfArea):
    """A round of an area was planned and applied."""

    name: ClassVar[str] = "dispatch.round_planned"
    round_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ToursPlanned(_OfArea):
    """The tours of an area for booked windows were planned anew, or one of them set out."""

    name: ClassVar[str] = "dispatch.tours_planned"


@dataclass(frozen=True, slots=True, kw_only=True)
class _OnTheWay(Event):
    """Something carried for an order: `order_id`, `store_id` and the area hear of it."""

    name: ClassVar[str] = "dispatch.anything_on_the_way"
    delivery_id: uuid.UUID
    order_id: uuid.UUID
    store_id: uuid.UUID
    area_id: uuid.UUID
    at: datetime

    def channels(self) -> tuple[str, ...]:
        return (f"order:{self.order_id}", f"store:{self.store_id}", f"area:{self.area_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfDelivery(_OnTheWay):
    name: ClassVar[str] = "dispatch.any_delivery"
    shipment_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryChanged(_OfDelivery):
    """A delivery was requested, assigned, given back, or its rider arrived."""

    name: ClassVar[str] = "dispatch.delivery_changed"
    screens_only: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPickedUp(_OfDelivery):
    """The goods left the store with the rider."""

    name: ClassVar[str] = "dispatch.delivery_picked_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryCompleted(_OfDelivery):
    """The customer has the goods."""

    name: ClassVar[str] = "dispatch.delivery_completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed(_OfDelivery):
    """The goods could not be handed over; the rider brings them back."""

    name: ClassVar[str] = "dispatch.delivery_failed"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReturned(_OfDelivery):
    """Goods that could not be handed over are back at their store."""

    name: ClassVar[str] = "dispatch.delivery_returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRescheduled(_OfDelivery):
    """A delivery that failed is tried again in a new window."""

    name: ClassVar[str] = "dispatch.delivery_rescheduled"
    due_from: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfReturn(_OnTheWay):
    name: ClassVar[str] = "dispatch.any_return"
    return_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPickedUp(_OfReturn):
    """The rider has the goods a customer gives back."""

    name: ClassVar[str] = "dispatch.return_picked_up"
    screens_only: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnDelivered(_OfReturn):
    """Goods a customer gave back are at the store."""

    name: ClassVar[str] = "dispatch.return_delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnFailed(_OfReturn):
    """The customer did not hand over what he meant to give back; nothing is on its way."""

    name: ClassVar[str] = "dispatch.return_failed"
    screens_only: ClassVar[bool] = True
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfTransfer(Event):
    name: ClassVar[str] = "dispatch.any_transfer"
    delivery_id: uuid.UUID
    transfer_id: uuid.UUID
    from_store_id: uuid.UUID
    to_store_id: uuid.UUID
    area_id: uuid.UUID
    at: datetime

    def channels(self) -> tuple[str, ...]:
        return (f"store:{self.from_store_id}", f"store:{self.to_store_id}", f"area:{self.area_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferPickedUp(_OfTransfer):
    """Goods for another store left with the rider."""

    name: ClassVar[str] = "dispatch.transfer_picked_up"
    screens_only: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferDelivered(_OfTransfer):
    """Goods from another store are at the counter, to be counted in there."""

    name: ClassVar[str] = "dispatch.transfer_delivered"
    screens_only: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFailed(_OfTransfer):
    """The other store could not take the goods; the rider brings them back."""

    name: ClassVar[str] = "dispatch.transfer_failed"
    screens_only: ClassVar[bool] = True
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReturned(_OfTransfer):
    """Goods the other store could not take are back where they came from."""

    name: ClassVar[str] = "dispatch.transfer_returned"
