"""Wire shapes of riders' working life: breaks, the open pool, planned shifts, capacity, second tries."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import Field

from o2o.kit.wire import PlannedAt, PointIn, Ref, Wire


class PooledOut(Wire):
    """A delivery a rider may take; distance in a straight line from store to door."""

    delivery_id: uuid.UUID
    order_no: str
    store_id: uuid.UUID
    pickup: PointIn
    dropoff: PointIn
    weight_g: int
    packed_at: datetime
    due_at: datetime
    distance_m: int
    earnings_fen: int


class PoolOut(Wire):
    """The open pool as this rider sees it, the earliest promise first."""

    deliveries: list[PooledOut]


class ShiftIn(Wire):
    """A shift to plan."""

    rider_id: Ref
    starts_at: PlannedAt
    ends_at: PlannedAt


class ShiftOut(Wire):
    """A planned shift."""

    shift_id: uuid.UUID
    rider_id: uuid.UUID
    rider: str
    starts_at: datetime
    ends_at: datetime


class ShiftsOut(Wire):
    """Planned shifts, the earliest first."""

    shifts: list[ShiftOut]


class ShiftStateOut(Wire):
    """A planned shift as it stands."""

    shift_id: uuid.UUID
    state: str


class WantedIn(Wire):
    """How many riders a half hour should have."""

    starts_at: PlannedAt
    riders: Annotated[int, Field(ge=0, le=999, examples=[12])]


class HalfHourOut(Wire):
    """A half hour: riders wanted (None: nobody said) and planned, deliveries they can bring and those promised for it."""

    starts_at: datetime
    wanted: int | None
    planned: int
    can_carry: int
    promised: int


class CapacityOut(Wire):
    """Half hours in order. `carried_each`: deliveries one rider brings in a half hour, as riders of the area did lately."""

    carried_each: float
    half_hours: list[HalfHourOut]


class TourStopOut(Wire):
    """One stop of a tour, and when the goods should change hands."""

    delivery_id: uuid.UUID
    order_no: str
    kind: str
    at: datetime
    lon: float
    lat: float
    address: str
    due_from: datetime
    due_at: datetime


class TourOut(Wire):
    """A tour planned ahead; `rider_id` is None where whoever is free then will ride it."""

    tour_id: uuid.UUID
    rider_id: uuid.UUID | None
    rider: str
    state: str
    trip_id: uuid.UUID | None
    depart_at: datetime
    ends_at: datetime
    distance_m: int
    weight_g: int
    stops: list[TourStopOut]


class ToursOut(Wire):
    """The tours of an area that have not ended, the earliest first."""

    tours: list[TourOut]


class PaceOut(Wire):
    """How long one thing takes, as learned: a store's counter, a building's door (`key` is its point), or packed goods of a
    store until a rider comes, of those that had to wait for one."""

    key: str
    mean_s: int
    spread_s: int
    count: int


class PacesOut(Wire):
    """What an area has learned. `usual_*` hold where nothing was seen; `slowdown[h]` multiplies rides on free roads at hour h."""

    usual_counter_s: int
    usual_door_s: int
    usual_wait_s: int
    counters: list[PaceOut]
    doors: list[PaceOut]
    waits: list[PaceOut]
    slowdown: list[float]
    ride_spread: float
    rides: int


class ToldOut(Wire):
    """What the customer of an open delivery is told: expected at `at`, between the two others. None: nothing can be told.

    `wait_s`: how long packed goods at this store stand until a rider comes, where that is what the time is made of: nobody has it,
    and the promise cannot be kept. `wait_seen`: how often that was seen there (0: it is the usual time).
    """

    at: datetime | None = None
    from_at: datetime | None = None
    by_at: datetime | None = None
    wait_s: int | None = None
    wait_seen: int = 0


class AgainIn(Wire):
    """A new window for a failed delivery."""

    due_from: PlannedAt
    due_at: PlannedAt


class DeliveryStateOut(Wire):
    """A delivery as it stands; `again_at` is the end of the window agreed on."""

    delivery_id: uuid.UUID
    state: str
    again_at: datetime
