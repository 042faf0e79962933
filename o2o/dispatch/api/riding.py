"""HTTP of dispatch: what riders do, and what dispatchers may ask of a round."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from o2o.dispatch import queries
from o2o.dispatch.carrying import arrivals, silence, stops, tracking, trips
from o2o.dispatch.rounds import why
from o2o.dispatch.schemas.riding import (
    ActIn,
    CompleteIn,
    DeclineIn,
    FailIn,
    IncidentIn,
    IncidentOut,
    OnlineIn,
    PositionIn,
    PositionOut,
    ReplayOut,
    RiderOut,
    RoundsOut,
    StopOut,
    TripOut,
    WhyOut,
)
from o2o.dispatch.working import incidents, shifts
from o2o.geo.lonlat import LonLat
from o2o.infra.db import transaction
from o2o.infra.http import Db, Dispatcher, Now, Once, Rider, ToolsDep, check_area

router = APIRouter(prefix="/api", tags=["dispatch"])


@router.post("/rider/online", operation_id="rider_online", response_model=RiderOut, summary="Start a shift")
def online(body: OnlineIn, caller: Rider, db: Db, now: Now) -> RiderOut:
    """Online already is fine."""
    shifts.go_online(db, rider_id=caller.account_id, position=LonLat(body.lon, body.lat), now=now)
    return RiderOut(rider_id=caller.account_id, state="online")


@router.post("/rider/offline", operation_id="rider_offline", response_model=RiderOut, summary="End the shift")
def offline(caller: Rider, db: Db, now: Now) -> RiderOut:
    """Refused while a trip is under way."""
    shifts.go_offline(db, rider_id=caller.account_id, now=now)
    return RiderOut(rider_id=caller.account_id, state="off_shift")


@router.post("/rider/position", operation_id="rider_position", response_model=PositionOut, summary="Where the rider is")
def position(body: PositionIn, caller: Rider, db: Db, now: Now, tools: ToolsDep) -> PositionOut:
    """A position older than the known one is not taken."""
    place = LonLat(body.lon, body.lat)
    taken = tracking.record_position(db, tools.valkey, rider_id=caller.account_id, place=place, at=body.at, now=now)
    near = arrivals.near(db, rider_id=caller.account_id, place=place) if taken else None
    if near is not None:
        arrivals.remember(tools.valkey, stop_id=near, at=min(body.at, now))
    return PositionOut(taken=taken, near_stop_id=near)


@router.post("/trips/{trip_id}/accept", operation_id="accept_trip", response_model=TripOut, summary="Take a trip")
def accept(trip_id: uuid.UUID, caller: Rider, db: Db, now: Now) -> TripOut:
    """Saying so twice is fine."""
    trips.accept(db, trip_id=trip_id, rider_id=caller.account_id, now=now)
    return TripOut(trip_id=trip_id, state=trips.ACCEPTED)


@router.post("/trips/{trip_id}/decline", operation_id="decline_trip", response_model=TripOut, summary="Decline a trip")
def decline(trip_id: uuid.UUID, body: DeclineIn, caller: Rider, db: Db, now: Now) -> TripOut:
    """Its deliveries go to somebody else."""
    trips.decline(db, trip_id=trip_id, rider_id=caller.account_id, reason=body.reason, now=now)
    return TripOut(trip_id=trip_id, state=trips.DECLINED)


@router.post("/stops/{stop_id}/arrive", operation_id="arrive_at_stop", response_model=StopOut, summary="At the door")
def arrive(stop_id: uuid.UUID, body: ActIn, caller: Rider, db: Db, now: Now) -> StopOut:
    """Saying so twice is fine."""
    stops.arrive(db, stop_id=stop_id, rider_id=caller.account_id, at=body.at, now=now)
    return StopOut(stop_id=stop_id, state="arrived")


@router.post("/stops/{stop_id}/complete", operation_id="complete_stop", response_model=StopOut, summary="Done here")
def complete(stop_id: uuid.UUID, body: CompleteIn, caller: Rider, db: Db, now: Now, tools: ToolsDep) -> StopOut:
    """Goods taken, handed over, or brought back. Saying so twice is fine; a wrong code is refused and counted."""
    rider_id = caller.account_id
    try:
        near_at = arrivals.since(tools.valkey, stop_id=stop_id)
        told = {"code": body.code, "photo": body.photo, "signature": body.signature}
        stops.complete(db, stop_id=stop_id, rider_id=rider_id, at=body.at, now=now, near_at=near_at, **told)
    except stops.WrongCode:
        db.rollback()
        with transaction(tools.engine) as apart:
            stops.note_wrong_code(apart, stop_id=stop_id, rider_id=rider_id, now=now)
        raise
    except stops.StopOver:
        db.rollback()
        with transaction(tools.engine) as apart:
            silence.note_conflict(apart, stop_id=stop_id, rider_id=rider_id, at=body.at, now=now)
        raise
    return StopOut(stop_id=stop_id, state="done")


@router.post("/stops/{stop_id}/fail", operation_id="fail_stop", response_model=StopOut, summary="Cannot hand over")
def fail(stop_id: uuid.UUID, body: FailIn, caller: Rider, db: Db, now: Now) -> StopOut:
    """The goods ride back to the store."""
    stops.fail(db, stop_id=stop_id, rider_id=caller.account_id, reason=body.reason, at=body.at, now=now)
    return StopOut(stop_id=stop_id, state="failed")


@router.post(
    "/rider/incidents", operation_id="report_incident", response_model=IncidentOut, status_code=201, summary="Trouble"
)
def report(body: IncidentIn, caller: Rider, db: Db, now: Now, once: Once) -> Response:
    """Tells the dispatchers; the trip goes on as it was. Told again with the same key it is one incident."""

    def work() -> IncidentOut:
        incident_id = incidents.report(
            db, rider_id=caller.account_id, kind=body.kind, note=body.note, delivery_id=body.delivery_id, now=now
        )
        return IncidentOut(incident_id=incident_id, state="open")

    return once(caller, work, status=201)


@router.post(
    "/incidents/{incident_id}/resolve", operation_id="resolve_incident", response_model=IncidentOut, summary="Settled"
)
def resolve(incident_id: uuid.UUID, caller: Dispatcher, db: Db, now: Now) -> IncidentOut:
    """Closes an incident of the caller's areas."""
    incidents.resolve(db, incident_id=incident_id, area_ids=caller.sees_areas, now=now)
    return IncidentOut(incident_id=incident_id, state="resolved")


@router.get("/areas/{area_id}/rounds", operation_id="list_rounds", response_model=RoundsOut, summary="Past rounds")
def rounds(
    area_id: uuid.UUID, caller: Dispatcher, db: Db, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> RoundsOut:
    """Newest first, with what each left waiting and why."""
    check_area(caller, area_id)
    return RoundsOut(rounds=queries.past_rounds(db, area_id=area_id, limit=limit))


@router.get("/rounds/{round_id}/replay", operation_id="replay_round", response_model=ReplayOut, summary="Play it again")
def replay(round_id: uuid.UUID, caller: Dispatcher, db: Db) -> ReplayOut:
    """Solves the stored problem again and compares the plans."""
    queries.check_round(db, round_id=round_id, area_ids=caller.sees_areas)
    return queries.replay(db, round_id=round_id)


@router.get(
    "/rounds/{round_id}/deliveries/{delivery_id}/why",
    operation_id="why_delivery",
    response_model=WhyOut,
    summary="Why this rider, or none",
)
def why_delivery(round_id: uuid.UUID, delivery_id: uuid.UUID, caller: Dispatcher, db: Db) -> WhyOut:
    """Every rider considered, and for a waiting delivery the smallest change that would have fitted it."""
    queries.check_round(db, round_id=round_id, area_ids=caller.sees_areas)
    return why.why(db, round_id=round_id, delivery_id=delivery_id)
