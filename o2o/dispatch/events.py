"""What dispatch announces."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from o2o.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfTrip(Event):
    name: ClassVar[str] = "dispatch.any_trip"
    screens_only: ClassVar[bool] = True
    trip_id: uuid.UUID
    rider_id: uuid.UUID
    area_id: uuid.UUID

    def channels(self) -> tuple[str, ...]:
        return (f"rider:{self.rider_id}", f"area:{self.area_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TripOffered(_OfTrip):
    """A trip waits for the rider's yes."""

    name: ClassVar[str] = "dispatch.trip_offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class TripChanged(_OfTrip):
    """Stops were added, removed or put in another order, or the trip was accepted, refused or ended."""

    name: ClassVar[str] = "dispatch.trip_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RiderChanged(Event):
    """A rider came online, went offline, or fell silent."""

    name: ClassVar[str] = "dispatch.rider_changed"
    screens_only: ClassVar[bool] = True
    rider_id: uuid.UUID
    area_id: uuid.UUID

    def channels(self) -> tuple[str, ...]:
        return (f"rider:{self.rider_id}", f"area:{self.area_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundPlanned(Event):
    """A round of an area was planned and applied."""

    name: ClassVar[str] = "dispatch.round_planned"
    screens_only: ClassVar[bool] = True
    round_id: uuid.UUID
    area_id: uuid.UUID

    def channels(self) -> tuple[str, ...]:
        return (f"area:{self.area_id}",)


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfDelivery(Event):
    name: ClassVar[str] = "dispatch.any_delivery"
    delivery_id: uuid.UUID
    order_id: uuid.UUID
    shipment_id: uuid.UUID
    store_id: uuid.UUID
    area_id: uuid.UUID
    at: datetime

    def channels(self) -> tuple[str, ...]:
        return (f"order:{self.order_id}", f"store:{self.store_id}", f"area:{self.area_id}")


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
