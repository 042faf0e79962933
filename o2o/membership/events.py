"""What membership announces: only that a member's own screen should look again."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from o2o.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsChanged(Event):
    """A member's points or tier changed."""

    name: ClassVar[str] = "membership.PointsChanged"
    screens_only: ClassVar[bool] = True

    member_id: uuid.UUID

    def channels(self) -> tuple[str, ...]:
        """The member's own."""
        return (f"member:{self.member_id}",)


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponsChanged(Event):
    """A member's coupons changed."""

    name: ClassVar[str] = "membership.CouponsChanged"
    screens_only: ClassVar[bool] = True

    member_id: uuid.UUID

    def channels(self) -> tuple[str, ...]:
        """The member's own."""
        return (f"member:{self.member_id}",)
