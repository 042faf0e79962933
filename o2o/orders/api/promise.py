"""HTTP of the promise: what an address may be told, windows to choose, who picks when, and which promises were kept."""

import uuid
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from o2o.geo.lonlat import LonLat
from o2o.infra.http import Anyone, Clerk, Db, Edge, Hq, Now, Once, Public, ToolsDep, store_of
from o2o.kit.ids import StoreId
from o2o.kit.wire import Lat, Lon, PlannedAt
from o2o.orders import promise
from o2o.orders.lessons import kept
from o2o.orders.quoting import promptness, slots
from o2o.orders.schemas.promise import (
    AvailabilityOut,
    PromiseReportOut,
    ShiftIn,
    ShiftOut,
    SlotOut,
)
from o2o.picking import rota
from o2o.picking.rota import Planned
from o2o.stores import places
from o2o.stores.coverage import serving

router = APIRouter(prefix="/api", tags=["promises"], route_class=Edge)
STORES_OFFERED = 3
"""Windows are shown of so many of the stores that deliver to an address."""


@router.get(
    "/availability",
    operation_id="availability",
    summary="How soon an address can have it",
    response_model=AvailabilityOut,
    dependencies=[Public],
)
def availability(
    db: Db, now: Now, tools: ToolsDep, lon: Annotated[Lon, Query()], lat: Annotated[Lat, Query()], answer: Response
) -> AvailabilityOut:
    """Minutes, the time from which, or the nearest store to fetch it at. May be 20 seconds old."""
    found = promptness.at(db, point=LonLat(lon, lat), roads=tools.roads, now=now)
    answer.headers["Cache-Control"] = f"max-age={int(promptness.REMEMBERED.total_seconds())}"
    store = found.store
    return AvailabilityOut(
        kind=found.kind,  # type: ignore[arg-type]
        minutes=found.minutes,
        from_at=found.from_at,
        store_id=store.id if store else None,
        store_zh=store.name_zh if store else None,
        store_en=store.name_en if store else None,
        distance_m=found.distance_m,
        text_zh=found.text_zh,
        text_en=found.text_en,
    )


@router.get("/slots", operation_id="listSlots", summary="Windows to choose", response_model=list[SlotOut])
def list_slots(
    caller: Anyone,
    db: Db,
    now: Now,
    store_id: uuid.UUID | None = None,
    lon: Annotated[Lon | None, Query()] = None,
    lat: Annotated[Lat | None, Query()] = None,
) -> list[SlotOut]:
    """Of a store, or of the nearest stores that deliver to a point; the next first, full ones too."""
    if store_id is None and lon is not None and lat is not None:
        options = serving.stores_serving(db, point=LonLat(lon, lat), now=now)[:STORES_OFFERED]
        store_ids = [option.store.id for option in options]
    elif store_id is not None:
        store_ids = [places.get(db, store_id=StoreId(store_id)).id]
    else:
        raise slots.NoSlot(field="store_id")
    return [_slot_out(db, slot, room) for slot, room in slots.offered(db, store_ids=store_ids, now=now)]


def _slot_out(db: Db, slot: slots.Slot, room: slots.Room) -> SlotOut:
    store = places.get(db, store_id=slot.store_id)
    work_s = promise.pick_work_s(promptness.LINES, promptness.WEIGHT_G, line_s=store.pick_line_s)
    left = min(room.left_s / max(room.work_s, 1), room.left_rides / max(room.rides, 1))
    return SlotOut(
        slot_id=slot.id,
        store_id=slot.store_id,
        store_zh=store.name_zh,
        store_en=store.name_en,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        free=room.takes(work_s, 1),
        room=round(left, 2),
    )


@router.get("/picker-shifts", operation_id="listPickerShifts", summary="Who picks when", response_model=list[ShiftOut])
def list_picker_shifts(caller: Clerk, db: Db, now: Now, days: Annotated[int, Query(ge=1, le=31)] = 7) -> list[Planned]:
    """The caller's store, from now on."""
    store_id = store_of(caller)
    return rota.of_store(db, store_id=store_id, from_at=now, until_at=now + timedelta(days=days))


@router.post(
    "/picker-shifts",
    operation_id="planPickerShift",
    summary="Plan hands for a while",
    response_model=ShiftOut,
    status_code=201,
)
def plan_picker_shift(caller: Clerk, db: Db, now: Now, once: Once, body: ShiftIn) -> Response:
    """Shifts at one time add up; windows and promises of that time reckon with them at once."""
    store_id = store_of(caller)

    def work() -> ShiftOut:
        shift_id = rota.plan(db, store_id=store_id, by=caller.account_id, now=now, **body.model_dump())
        return ShiftOut(id=shift_id, **body.model_dump())

    return once(caller, work, status=201)


@router.delete(
    "/picker-shifts/{shift_id}",
    operation_id="cancelPickerShift",
    summary="Take hands off the rota",
    status_code=204,
)
def cancel_picker_shift(caller: Clerk, db: Db, now: Now, shift_id: uuid.UUID) -> Response:
    """Off it already is fine."""
    rota.cancel(db, shift_id=shift_id, store_id=store_of(caller), now=now)
    return Response(status_code=204)


@router.get(
    "/promises/report",
    operation_id="promiseReport",
    summary="Which promises were kept",
    response_model=PromiseReportOut,
)
def promise_report_of(
    caller: Hq,
    db: Db,
    now: Now,
    since: Annotated[PlannedAt | None, Query()] = None,
    until: Annotated[PlannedAt | None, Query()] = None,
) -> PromiseReportOut:
    """Of the deliveries that came in a span of time, the last 24 hours when none is named; by stage, by store, by length."""
    until_at = until or now
    since_at = since or until_at - timedelta(days=1)
    found = kept.read(db, since=since_at, until=until_at)
    return PromiseReportOut.model_validate(
        {
            "since": since_at,
            "until": until_at,
            "aim": promise.STANDARD.percentile,
            "all": found.all,
            "lies_most": found.lies_most,
            "stages": found.stages,
            "stores": found.stores,
            "calibration": found.calibration,
        }
    )
