"""Wire shapes of the dispatcher's hand."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from o2o.dispatch.hand import acts
from o2o.dispatch.hand.acts import Act
from o2o.dispatch.riders import Outfit
from o2o.kit.wire import PlannedAt, Ref, Wire


class AssignIn(Wire):
    """Give a delivery to a rider; what may be taken only later on is kept for him until then."""

    act: Literal["assign"]
    delivery_id: Ref
    rider_id: Ref

    def meant(self) -> Act:
        """The act itself."""
        return acts.Assign(self.delivery_id, self.rider_id)


class TakeBackIn(Wire):
    """Take a delivery from its rider."""

    act: Literal["take_back"]
    delivery_id: Ref

    def meant(self) -> Act:
        """The act itself."""
        return acts.TakeBack(self.delivery_id)


class ReserveIn(Wire):
    """Keep a delivery for one rider."""

    act: Literal["reserve"]
    delivery_id: Ref
    rider_id: Ref

    def meant(self) -> Act:
        """The act itself."""
        return acts.Reserve(self.delivery_id, self.rider_id)


class HoldIn(Wire):
    """No pick-up before a time."""

    act: Literal["hold"]
    delivery_id: Ref
    until: PlannedAt

    def meant(self) -> Act:
        """The act itself."""
        return acts.Hold(self.delivery_id, self.until)


class ReleaseIn(Wire):
    """End a hold and a reservation."""

    act: Literal["release"]
    delivery_id: Ref

    def meant(self) -> Act:
        """The act itself."""
        return acts.Release(self.delivery_id)


class LockIn(Wire):
    """Keep a trip as it is, or let rounds change it again."""

    act: Literal["lock", "unlock"]
    trip_id: Ref

    def meant(self) -> Act:
        """The act itself."""
        return acts.Lock(self.trip_id, self.act == "lock")


class SplitIn(Wire):
    """Take some deliveries off a trip."""

    act: Literal["split"]
    trip_id: Ref
    delivery_ids: Annotated[list[Ref], Field(min_length=1, max_length=40)]
    rider_id: Ref | None = None

    def meant(self) -> Act:
        """The act itself."""
        return acts.Split(self.trip_id, tuple(dict.fromkeys(self.delivery_ids)), self.rider_id)


class MoveStopIn(Wire):
    """Put a stop at another place among those still to do."""

    act: Literal["move_stop"]
    stop_id: Ref
    position: Annotated[int, Field(ge=0, le=200)]

    def meant(self) -> Act:
        """The act itself."""
        return acts.MoveStop(self.stop_id, self.position)


ActIn = Annotated[
    AssignIn | TakeBackIn | ReserveIn | HoldIn | ReleaseIn | LockIn | SplitIn | MoveStopIn,
    Field(
        discriminator="act",
        examples=[{"act": "release", "delivery_id": "019a9d2e-0000-7000-8000-000000000001"}],
    ),
]


class HandIn(Wire):
    """Acts in order; all of them happen, or none."""

    acts: Annotated[list[ActIn], Field(min_length=1, max_length=50)]

    def meant(self) -> list[Act]:
        """The acts themselves."""
        return [one.meant() for one in self.acts]


Vehicle = Literal["ebike", "bicycle", "on_foot", "motorcycle", "cargo_trike"]


class OutfitIn(Wire):
    """What changes; what is left out stays. Another `vehicle` brings its usual load. `zone` null: the rider may ride anywhere."""

    vehicle: Vehicle | None = None
    capacity_g: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    capacity_ml: Annotated[int, Field(ge=0, le=2_000_000)] | None = None
    insulated_boxes: Annotated[int, Field(ge=0, le=50)] | None = None
    max_jobs: Annotated[int, Field(ge=1, le=50)] | None = None
    skills: Annotated[tuple[Literal["age_check"], ...], Field(max_length=10, strict=False)] | None = None
    zone: dict[str, Any] | None = None

    def meant(self) -> Outfit:
        """The change itself."""
        return Outfit(**self.model_dump(), new_zone="zone" in self.model_fields_set)


class OutfitOut(Wire):
    """What a rider carries with. `insulated_boxes`: deliveries with something cold at once. `zone`: GeoJSON, null for anywhere."""

    id: uuid.UUID
    name: str
    vehicle: str
    capacity_g: int
    capacity_ml: int
    insulated_boxes: int
    max_jobs: int
    skills: list[str]
    zone: dict[str, Any] | None


class EffectOut(Wire):
    """What it does to one promise. `kept_for`: given to nobody yet, and kept for this rider, from `kept_from` on."""

    delivery_id: uuid.UUID
    order_no: str
    due_at: datetime
    rider_before: uuid.UUID | None
    rider_after: uuid.UUID | None
    kept_for: uuid.UUID | None
    kept_from: datetime | None
    eta_before: datetime | None
    eta_after: datetime | None
    late_before_s: int
    late_after_s: int


class FailureOut(Wire):
    """An act that cannot be done, by its place in the list."""

    index: int
    code: str
    message: str
    facts: dict[str, str]


class PreviewOut(Wire):
    """What would happen; with failures, nothing would."""

    effects: list[EffectOut]
    failures: list[FailureOut]


class DoneOut(Wire):
    """What happened, and until when it can be undone."""

    action_id: uuid.UUID
    undo_until: datetime
    effects: list[EffectOut]


class UndoneOut(Wire):
    """An action taken back."""

    action_id: uuid.UUID
    state: Literal["undone"]


class ActionOut(Wire):
    """Something done by hand: who, when, what."""

    id: uuid.UUID
    actor_id: uuid.UUID
    at: datetime
    acts: list[dict[str, Any]]
    undone_at: datetime | None
    undone_by: uuid.UUID | None


class ActionsOut(Wire):
    """What was done by hand, newest first."""

    actions: list[ActionOut]
