"""HTTP of riders' working life: breaks and the open pool for riders, shifts and capacity for those who plan them."""

import uuid
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import Response

from o2o.dispatch import queries
from o2o.dispatch.carrying import rescheduling
from o2o.dispatch.models import PlannedShift
from o2o.dispatch.paces import carried
from o2o.dispatch.schemas.riding import RiderOut, TripOut
from o2o.dispatch.schemas.work import (
    AgainIn,
    CapacityOut,
    DeliveryStateOut,
    HalfHourOut,
    PacesOut,
    PooledOut,
    PoolOut,
    ShiftIn,
    ShiftOut,
    ShiftsOut,
    ShiftStateOut,
    ToldOut,
    ToursOut,
    WantedIn,
)
from o2o.dispatch.working import breaks, planned_shifts, pool
from o2o.infra.http import Db, Dispatcher, Now, Once, Rider, ToolsDep, check_area
from o2o.kit.wire import PlannedAt

router = APIRouter(prefix="/api", tags=["dispatch"])
Slots = Annotated[int, Query(ge=1, le=96)]


@router.post("/rider/break", operation_id="take_break", response_model=RiderOut, summary="A break, please")
def take_break(caller: Rider, db: Db, now: Now) -> RiderOut:
    """Now, or after the trip under way."""
    return RiderOut(rider_id=caller.account_id, state=breaks.ask(db, rider_id=caller.account_id, now=now))


@router.post("/rider/back", operation_id="end_break", response_model=RiderOut, summary="Back from the break")
def end_break(caller: Rider, db: Db, now: Now) -> RiderOut:
    """Also for a break that has not begun."""
    return RiderOut(rider_id=caller.account_id, state=breaks.come_back(db, rider_id=caller.account_id, now=now))


@router.get("/rider/pool", operation_id="open_pool", response_model=PoolOut, summary="Deliveries nobody has")
def open_pool(caller: Rider, db: Db, now: Now) -> PoolOut:
    """What the caller may take himself."""
    found = pool.listed(db, rider_id=caller.account_id, now=now)
    return PoolOut(deliveries=[PooledOut.model_validate(one, strict=False) for one in found])


@router.post(
    "/rider/pool/{delivery_id}/take", operation_id="take_from_pool", response_model=TripOut, summary="I take this one"
)
def take(delivery_id: uuid.UUID, caller: Rider, db: Db, now: Now, tools: ToolsDep) -> TripOut:
    """Taking twice is fine; who comes second is told so."""
    trip = pool.take(db, tools.valkey, delivery_id=delivery_id, rider_id=caller.account_id, roads=tools.roads, now=now)
    return TripOut(trip_id=trip.id, state=trip.state)


@router.get("/rider/shifts", operation_id="my_shifts", response_model=ShiftsOut, summary="My planned shifts")
def my_shifts(caller: Rider, db: Db, now: Now) -> ShiftsOut:
    """Those that are not over, the next first."""
    return ShiftsOut(
        shifts=[_shift(row, "") for row in planned_shifts.of_rider(db, rider_id=caller.account_id, now=now)]
    )


@router.post(
    "/areas/{area_id}/shifts",
    operation_id="plan_shift",
    response_model=ShiftOut,
    status_code=201,
    summary="Plan a shift",
)
def plan_shift(area_id: uuid.UUID, body: ShiftIn, caller: Dispatcher, db: Db, now: Now, once: Once) -> Response:
    """For a rider of the area, not over another of his shifts."""
    check_area(caller, area_id)

    def work() -> ShiftOut:
        span = {"starts_at": body.starts_at, "ends_at": body.ends_at}
        shift_id = planned_shifts.plan(
            db, rider_id=body.rider_id, area_id=area_id, by=caller.account_id, now=now, **span
        )
        return ShiftOut(shift_id=shift_id, rider_id=body.rider_id, rider="", **span)

    return once(caller, work, status=201)


@router.post(
    "/shifts/{shift_id}/cancel", operation_id="cancel_shift", response_model=ShiftStateOut, summary="Off the plan"
)
def cancel_shift(shift_id: uuid.UUID, caller: Dispatcher, db: Db, now: Now, once: Once) -> Response:
    """Cancelling twice is fine."""

    def work() -> ShiftStateOut:
        planned_shifts.cancel(db, shift_id=shift_id, area_ids=caller.sees_areas, now=now)
        return ShiftStateOut(shift_id=shift_id, state="cancelled")

    return once(caller, work)


@router.get("/areas/{area_id}/shifts", operation_id="list_shifts", response_model=ShiftsOut, summary="Planned shifts")
def list_shifts(
    area_id: uuid.UUID, caller: Dispatcher, db: Db, from_at: Annotated[PlannedAt, Query()], half_hours: Slots = 48
) -> ShiftsOut:
    """Those that touch the half hours asked for."""
    check_area(caller, area_id)
    until_at = from_at + timedelta(minutes=30 * half_hours)
    found = planned_shifts.of_area(db, area_id=area_id, from_at=from_at, until_at=until_at)
    return ShiftsOut(shifts=[_shift(row, name) for row, name in found])


@router.put(
    "/areas/{area_id}/capacity", operation_id="want_riders", response_model=CapacityOut, summary="Riders wanted"
)
def want_riders(area_id: uuid.UUID, body: WantedIn, caller: Dispatcher, db: Db, now: Now) -> CapacityOut:
    """Sets one half hour; saying so twice is fine."""
    check_area(caller, area_id)
    planned_shifts.want(db, area_id=area_id, starts_at=body.starts_at, count=body.riders)
    return _capacity(db, area_id, body.starts_at, 1, now)


@router.get("/areas/{area_id}/capacity", operation_id="list_capacity", response_model=CapacityOut, summary="Capacity")
def list_capacity(
    area_id: uuid.UUID,
    caller: Dispatcher,
    db: Db,
    now: Now,
    from_at: Annotated[PlannedAt, Query()],
    half_hours: Slots = 48,
) -> CapacityOut:
    """Riders wanted and planned, deliveries they can bring and those promised, by half hour."""
    check_area(caller, area_id)
    return _capacity(db, area_id, from_at, half_hours, now)


@router.get("/areas/{area_id}/tours", operation_id="list_tours", response_model=ToursOut, summary="Tours planned ahead")
def list_tours(area_id: uuid.UUID, caller: Dispatcher, db: Db) -> ToursOut:
    """For booked windows; each is offered to a rider a quarter of an hour before its first pick-up."""
    check_area(caller, area_id)
    return ToursOut(tours=queries.planned_tours(db, area_id=area_id))


@router.get("/areas/{area_id}/paces", operation_id="list_paces", response_model=PacesOut, summary="What was learned")
def list_paces(area_id: uuid.UUID, caller: Dispatcher, db: Db) -> PacesOut:
    """Times at counters, at doors and on the road, from the last four weeks."""
    check_area(caller, area_id)
    return queries.paces(db, area_id=area_id)


@router.get(
    "/deliveries/{delivery_id}/told",
    operation_id="told_of_delivery",
    response_model=ToldOut,
    summary="What its customer is told",
)
def told(delivery_id: uuid.UUID, caller: Dispatcher, db: Db, now: Now, tools: ToolsDep) -> ToldOut:
    """The time on the order's page, and what it rests on while nobody has the delivery."""
    areas = caller.sees_areas
    return queries.told(db, tools.valkey, delivery_id=delivery_id, area_ids=areas, roads=tools.roads, now=now)


@router.post(
    "/deliveries/{delivery_id}/reschedule",
    operation_id="reschedule_delivery",
    response_model=DeliveryStateOut,
    summary="Try again later",
)
def reschedule(delivery_id: uuid.UUID, body: AgainIn, caller: Dispatcher, db: Db, now: Now, once: Once) -> Response:
    """A failed delivery waits again in a new window once its goods are back at the store; a return, which took nothing, at once."""

    def work() -> DeliveryStateOut:
        window = {"due_from": body.due_from, "due_at": body.due_at}
        areas = caller.sees_areas
        state = rescheduling.again(db, delivery_id=delivery_id, area_ids=areas, now=now, **window)
        return DeliveryStateOut(delivery_id=delivery_id, state=state, again_at=body.due_at)

    return once(caller, work)


def _capacity(db: Session, area_id: uuid.UUID, from_at: datetime, slots: int, now: datetime) -> CapacityOut:
    each = carried.each_half_hour(db, area_id=area_id, now=now)
    found = planned_shifts.capacity(db, area_id=area_id, from_at=from_at, slots=slots, carried_each=each)
    return CapacityOut(carried_each=each, half_hours=[HalfHourOut.model_validate(one) for one in found])


def _shift(row: PlannedShift, name: str) -> ShiftOut:
    return ShiftOut(shift_id=row.id, rider_id=row.rider_id, rider=name, starts_at=row.starts_at, ends_at=row.ends_at)
