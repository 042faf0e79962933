"""What stores say upwards."""

from dataclasses import dataclass
from typing import ClassVar

from o2o.kit.events import Event
from o2o.kit.ids import AreaId, StoreId


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreChanged(Event):
    """A store was opened, closed, put in rush mode or out of it, or delivers elsewhere than before."""

    name: ClassVar[str] = "stores.store_changed"
    screens_only: ClassVar[bool] = True

    store_id: StoreId
    area_id: AreaId

    def channels(self) -> tuple[str, ...]:
        """The store's screens and its area's."""
        return (f"store:{self.store_id}", f"area:{self.area_id}")
