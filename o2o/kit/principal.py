"""Who is calling: a value the door makes from a token and hands inside."""

import uuid
from dataclasses import field
from enum import StrEnum

from o2o.kit.values import value


class Role(StrEnum):
    """What a caller may be. One account has one role."""

    CUSTOMER = "customer"
    CLERK = "clerk"
    RIDER = "rider"
    DISPATCHER = "dispatcher"
    HQ = "hq"


@value(frozen=True, slots=True)
class Principal:
    """A signed-in caller. `store_id` is set for clerks; `area_ids` for dispatchers; customers and riders are their account."""

    account_id: uuid.UUID
    role: Role
    store_id: uuid.UUID | None = None
    area_ids: frozenset[uuid.UUID] = field(default_factory=frozenset)

    @property
    def sees_areas(self) -> frozenset[uuid.UUID] | None:
        """The areas they may look into; None for all of them."""
        return None if self.role is Role.HQ else self.area_ids

    @property
    def scope(self) -> str:
        """What an idempotency key is scoped to."""
        return f"{self.role}:{self.account_id}"
