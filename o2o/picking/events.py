"""What picking announces."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from o2o.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfTask(Event):
    name: ClassVar[str] = "picking.any_task"
    screens_only: ClassVar[bool] = True
    task_id: uuid.UUID
    order_id: uuid.UUID
    store_id: uuid.UUID

    def channels(self) -> tuple[str, ...]:
        """The store's screen and the customer's."""
        return (f"store:{self.store_id}", f"order:{self.order_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PickTaskChanged(_OfTask):
    """A task was opened, started, scanned into, released or ended."""

    name: ClassVar[str] = "picking.task_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstituteProposed(_OfTask):
    """The store offers something else for what it lacks; the customer has until `consent_by` (in the row) to answer."""

    name: ClassVar[str] = "picking.substitute_proposed"
    sku: str
    substitute_sku: str
