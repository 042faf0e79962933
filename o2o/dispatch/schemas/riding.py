"""Wire shapes of dispatch."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from o2o.kit.wire import Lat, Lon, Moment, Note, Ref, Wire


class OnlineIn(Wire):
    """Where the rider starts."""

    lon: Lon
    lat: Lat


class PositionIn(Wire):
    """Where the phone was, and when."""

    lon: Lon
    lat: Lat
    at: Moment


class PositionOut(Wire):
    """Whether the position was newer than the known one. `near_stop_id`: the next stop, if the rider seems to be there."""

    taken: bool
    near_stop_id: uuid.UUID | None = None


class DeclineIn(Wire):
    """Why the trip is not taken."""

    reason: Literal["too_far", "vehicle", "break", "other"] = "other"


class ActIn(Wire):
    """Something done at a stop."""

    at: Moment


ProofId = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$")]


class CompleteIn(Wire):
    """The stop is done: with the customer's code, or with the id of a photo taken at the door or of a signature.

    The photo or signature is sent first; only an act told a minute or more after it happened may name one still to come.
    """

    at: Moment
    code: Annotated[str, StringConstraints(pattern=r"^([0-9]{4})?$")] = ""
    photo: ProofId = ""
    signature: ProofId = ""


class FailIn(Wire):
    """The goods could not be handed over."""

    at: Moment
    reason: Literal["no_contact", "refused", "wrong_address", "unsafe"]


class RiderOut(Wire):
    """The rider as he stands."""

    rider_id: uuid.UUID
    state: str


class TripOut(Wire):
    """A trip as it stands."""

    trip_id: uuid.UUID
    state: str


class StopOut(Wire):
    """A stop as it stands."""

    stop_id: uuid.UUID
    state: str


class IncidentIn(Wire):
    """Something went wrong on the way."""

    kind: Literal["accident", "vehicle", "weather", "customer", "store", "other"]
    note: Note = ""
    delivery_id: Ref | None = None


class IncidentOut(Wire):
    """An incident as it stands."""

    incident_id: uuid.UUID
    state: str


class DeferredOut(Wire):
    """A delivery a round left waiting, and why."""

    delivery_id: uuid.UUID
    reason: str
    zh: str
    en: str
    until: datetime | None


class RoundOut(Wire):
    """A past round in numbers."""

    round_id: uuid.UUID
    at: datetime
    jobs: int
    riders: int
    given: int
    dropped: int
    deferred: list[DeferredOut]
    breaches: list[str]
    took_ms: int
    digest: str


class RoundsOut(Wire):
    """Rounds, newest first."""

    rounds: list[RoundOut]


class ReplayOut(Wire):
    """A past round solved again from its stored problem."""

    round_id: uuid.UUID
    digest: str
    same: bool


class VerdictOut(Wire):
    """One rider weighed for a delivery."""

    rider_id: uuid.UUID
    rider: str
    reason: str
    zh: str
    en: str
    extra_cost: int
    terms: dict[str, int]


class WhyOut(Wire):
    """Why a delivery got its rider in a round, or none."""

    delivery_id: uuid.UUID
    chosen: uuid.UUID | None
    reason: str
    zh: str
    en: str
    margin: int
    verdicts: list[VerdictOut]
    would_fit: list[str]
    would_fit_zh: list[str]
