"""What the hall announces."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from o2o.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfOrder(Event):
    name: ClassVar[str] = "orders.any"
    screens_only: ClassVar[bool] = True
    order_id: uuid.UUID
    store_id: uuid.UUID | None = None
    member_id: uuid.UUID | None = None

    def channels(self) -> tuple[str, ...]:
        store = (f"store:{self.store_id}",) if self.store_id else ()
        member = (f"member:{self.member_id}",) if self.member_id else ()
        return (f"order:{self.order_id}", *store, *member)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(_OfOrder):
    """Stock is held at the store; the payment is awaited."""

    name: ClassVar[str] = "orders.placed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaid(_OfOrder):
    """The store has a new pick task."""

    name: ClassVar[str] = "orders.paid"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPacked(_OfOrder):
    """Packed and waiting for the rider or the customer."""

    name: ClassVar[str] = "orders.packed"
    screens_only: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChanged(_OfOrder):
    """Anything else that its screens should read again."""

    name: ClassVar[str] = "orders.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMoved(_OfOrder):
    """Another store brings it than its customer was told; `later`: than they were promised."""

    name: ClassVar[str] = "orders.moved"
    order_no: str
    from_store_id: uuid.UUID
    later: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(_OfOrder):
    """Given up, with everything given back."""

    name: ClassVar[str] = "orders.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderExpired(_OfOrder):
    """Not paid in time."""

    name: ClassVar[str] = "orders.expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderUnfillable(_OfOrder):
    """Paid, and no store can do it now; it stands in the queue."""

    name: ClassVar[str] = "orders.unfillable"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDelivered(_OfOrder):
    """The customer has it; the return window runs."""

    name: ClassVar[str] = "orders.delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCompleted(_OfOrder):
    """The return window is over."""

    name: ClassVar[str] = "orders.completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyTroubled(Event):
    """Money of an order did not go its way, or something was done about that: whoever sees to it reads again."""

    name: ClassVar[str] = "orders.money_troubled"
    screens_only: ClassVar[bool] = True
    order_id: uuid.UUID
    area_ids: list[str]

    def channels(self) -> tuple[str, ...]:
        """The desks of the areas its stores are in."""
        return tuple(f"area:{area_id}" for area_id in self.area_ids)
