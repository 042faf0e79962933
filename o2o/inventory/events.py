"""What stock says upwards. What an order does to stock is told by the order's own event on the store's channel."""

from dataclasses import dataclass
from typing import ClassVar

from o2o.kit.events import Event
from o2o.kit.ids import OrderId, StoreId


@dataclass(frozen=True, slots=True, kw_only=True)
class StockChanged(Event):
    """Shelves of a store changed by anything but an order: one event a transaction and store."""

    name: ClassVar[str] = "inventory.stock_changed"
    screens_only: ClassVar[bool] = True

    store_id: StoreId
    skus: list[str]

    def channels(self) -> tuple[str, ...]:
        """The store's screens."""
        return (f"store:{self.store_id}",)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockArrived(Event):
    """More of these goods may be promised at a store than before: received, brought back, found, or set free again."""

    name: ClassVar[str] = "inventory.stock_arrived"

    store_id: StoreId
    skus: list[str]

    def channels(self) -> tuple[str, ...]:
        """None: screens hear of it as of every other change."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldExpired(Event):
    """An order was not paid in time; what was kept for it is free again."""

    name: ClassVar[str] = "inventory.hold_expired"

    order_id: OrderId

    def channels(self) -> tuple[str, ...]:
        """The order's screens."""
        return (f"order:{self.order_id}",)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscrepancyOpened(Event):
    """More was promised or taken at a store than its books had; somebody should look at the shelf."""

    name: ClassVar[str] = "inventory.discrepancy_opened"
    screens_only: ClassVar[bool] = True

    store_id: StoreId
    sku: str
    missing: int

    def channels(self) -> tuple[str, ...]:
        """The store's screens."""
        return (f"store:{self.store_id}",)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockShort(Event):
    """What is left of a SKU does not cover what is promised: these orders, the youngest promises, are endangered."""

    name: ClassVar[str] = "inventory.stock_short"

    store_id: StoreId
    sku: str
    order_ids: list[str]

    def channels(self) -> tuple[str, ...]:
        """The store's screens."""
        return (f"store:{self.store_id}",)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRequested(Event):
    """A shelf should be counted."""

    name: ClassVar[str] = "inventory.count_requested"
    screens_only: ClassVar[bool] = True

    store_id: StoreId
    skus: list[str]

    def channels(self) -> tuple[str, ...]:
        """The store's screens."""
        return (f"store:{self.store_id}",)
