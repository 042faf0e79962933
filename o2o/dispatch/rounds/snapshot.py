"""What one area knows at one moment, as the planner's problem: rows and positions in, frozen values out."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import redis
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from o2o.dispatch import riders
from o2o.dispatch.carrying import eta, tracking, trips
from o2o.dispatch.carrying.allowed import Zones, doors
from o2o.dispatch.models import Delivery, Refusal, Rider, Shift, Stop, Trip
from o2o.dispatch.paces.service_times import USUAL_COUNTER, USUAL_DOOR, ServiceTimes
from o2o.dispatch.planning import problem as planning
from o2o.dispatch.rounds import nearest
from o2o.dispatch.working import fairness
from o2o.geo.lonlat import LonLat
from o2o.geo.travel import EBIKE, VEHICLES
from o2o.infra.roads import Roads

AT_STORE_S, AT_DOOR_S = USUAL_COUNTER.mean_s, USUAL_DOOR.mean_s
"""Over the counter, and from the kerb to the door and back, before anything was learned of a place."""
LAST_PICKUP_S = 15 * 60
"""No new pick-up this close to the end of a shift."""
MOST_ADDED = 1_000
JOBS_MOST, RIDERS_MOST = 300, 300
"""Bounds of one round on what waits, the earliest promise first, and on riders without a trip, the nearest to it first."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Loaded rows as values: what `build` needs to make the problem with the roads, with no transaction open."""

    area_id: uuid.UUID
    now: datetime
    deliveries: tuple[Delivery, ...]
    riders: tuple[Rider, ...]
    trips: Mapping[uuid.UUID, Trip]
    stops: Mapping[uuid.UUID, tuple[Stop, ...]]
    shift_ends: Mapping[uuid.UUID, datetime]
    refusals: Mapping[uuid.UUID, tuple[str, ...]]
    places: Mapping[uuid.UUID, LonLat]
    handicaps: Mapping[uuid.UUID, int]
    times: ServiceTimes
    """What was learned of these counters, doors and roads."""
    demand: tuple[tuple[LonLat, int], ...]
    """Where the next orders will start, with how many did lately."""

    @property
    def vehicles(self) -> list[str]:
        """Kinds of vehicle on the street, the e-bike first: each has travel times of its own."""
        return [EBIKE.name, *sorted({r.vehicle for r in self.riders} - {EBIKE.name})]

    @property
    def versions(self) -> dict[str, int]:
        """The version each delivery was seen at; a plan is applied only to what has not moved since."""
        return {str(d.id): d.version for d in self.deliveries}


def load(db: Session, valkey: "redis.Redis", *, area_id: uuid.UUID, now: datetime) -> Snapshot:
    """Read an area: deliveries not ended, riders on shift and heard from, their live trips. Locks nothing."""
    open_now = select(Delivery).where(Delivery.area_id == area_id, Delivery.ended_at.is_(None))
    # What riders hold is always planned with; the bound falls on what waits.
    held = db.scalars(open_now.where(Delivery.trip_id.is_not(None)).order_by(Delivery.id)).all()
    # What a tour was planned for waits until it sets out.
    free = open_now.where(Delivery.state == "waiting", Delivery.tour_id.is_(None))
    waiting = free.order_by(Delivery.due_at, Delivery.id).limit(JOBS_MOST)
    open_jobs = tuple(db.scalars(waiting))
    rows = (*held, *open_jobs)
    live = {t.rider_id: t for t in db.scalars(select(Trip).where(Trip.area_id == area_id, Trip.state.in_(trips.LIVE)))}
    people, places = _who(db, valkey, area_id=area_id, busy=set(live), jobs=open_jobs, now=now)
    stops: dict[uuid.UUID, list[Stop]] = defaultdict(list)
    pending = select(Stop).where(Stop.trip_id.in_([t.id for t in live.values()]), Stop.state.in_(trips.OPEN_STOP))
    for stop in db.scalars(pending.order_by(Stop.trip_id, Stop.position)):
        stops[stop.trip_id].append(stop)
    refusals: dict[uuid.UUID, list[str]] = defaultdict(list)
    refused = select(Refusal).where(Refusal.delivery_id.in_([d.id for d in rows])).order_by(Refusal.rider_id)
    for refusal in db.scalars(refused):
        refusals[refusal.delivery_id].append(str(refusal.rider_id))
    ids = [r.id for r in people]
    ends = select(Shift.rider_id, Shift.planned_end_at).where(Shift.ended_at.is_(None), Shift.rider_id.in_(ids))
    return Snapshot(
        area_id=area_id,
        now=now,
        deliveries=rows,
        riders=people,
        trips=live,
        stops={trip_id: tuple(found) for trip_id, found in stops.items()},
        shift_ends=dict(db.execute(ends).all()),
        refusals={delivery_id: tuple(found) for delivery_id, found in refusals.items()},
        places=places,
        handicaps=fairness.handicaps(fairness.ridden(db, rider_ids=ids, now=now)),
        times=eta.known(db, area_id=area_id, deliveries=rows),
        demand=_demand(db, area_id=area_id, now=now),
    )


def _demand(db: Session, *, area_id: uuid.UUID, now: datetime) -> tuple[tuple[LonLat, int], ...]:
    """Orders by store: of the hour behind us, and of the hour ahead of us as it was yesterday and a week ago."""
    hour = timedelta(hours=1)
    asked = Delivery.requested_at
    spans = (now - hour, now - timedelta(days=1), now - timedelta(days=7))
    query = select(Delivery.pickup_lon, Delivery.pickup_lat, func.count()).where(
        Delivery.area_id == area_id,
        Delivery.kind == planning.JobKind.DELIVERY.value,
        or_(*(and_(asked > start, asked <= start + hour) for start in spans)),
    )
    rows = db.execute(query.group_by(Delivery.pickup_lon, Delivery.pickup_lat)).all()
    return tuple(sorted((LonLat(lon, lat), int(number)) for lon, lat, number in rows))


def _who(
    db: Session,
    valkey: "redis.Redis",
    *,
    area_id: uuid.UUID,
    busy: set[uuid.UUID],
    jobs: Sequence[Delivery],
    now: datetime,
) -> tuple[tuple[Rider, ...], dict[uuid.UUID, LonLat]]:
    """Riders on shift and heard from, and where they are: all on a trip, all for whom something is kept, and of the others those
    nearest to what has to be fetched.
    """
    heard = Rider.seen_at >= now - timedelta(seconds=trips.SILENT_S)
    on_shift = select(Rider).where(Rider.area_id == area_id, Rider.state.not_in(riders.AWAY), heard)
    people = db.scalars(on_shift.order_by(Rider.id)).all()
    places = _places(valkey, people)
    wanted = busy | {job.only_for for job in jobs if job.only_for}
    free = {r.id: places[r.id] for r in people if r.id not in wanted and r.id in places}
    wanted.update(nearest.to_pickups(free, [doors(job)[0] for job in jobs], most=RIDERS_MOST))
    return tuple(r for r in people if r.id in wanted), places


def _places(valkey: "redis.Redis", people: Sequence[Rider]) -> dict[uuid.UUID, LonLat]:
    live = tracking.positions(valkey, [r.id for r in people])
    stored = {r.id: LonLat(r.lon, r.lat) for r in people if r.lon is not None and r.lat is not None}
    return stored | {rider_id: position.place for rider_id, position in live.items()}


def build(snapshot: Snapshot, roads: Roads, *, next_round_s: int) -> planning.Problem:
    """The planner's problem, with travel from the road network slowed by the hour of the day."""
    table = _PlaceTable()
    jobs = tuple(_job(snapshot, d, table) for d in snapshot.deliveries)
    known = {job.id for job in jobs}
    zones = Zones([r.zone for r in snapshot.riders], [door for d in snapshot.deliveries for door in doors(d)])
    people = tuple(_rider(snapshot, r, table, known, zones) for r in snapshot.riders if r.id in snapshot.places)
    demand = tuple((table.number(store), number) for store, number in snapshot.demand)
    points = table.points
    return planning.Problem(
        now_s=_s(snapshot.now),
        places=tuple(planning.Place(id=f"{p.lon:.6f},{p.lat:.6f}", zone=zones.of(p)) for p in points),
        riders=people,
        jobs=jobs,
        travel=_travel(snapshot, roads, points),
        area=str(snapshot.area_id),
        next_round_s=next_round_s,
        demand=demand,
    )


def _travel(snapshot: Snapshot, roads: Roads, points: list[LonLat]) -> planning.Travel:
    """One matrix for each kind of vehicle: the road's, at the speed of the hour and of the vehicle."""
    slow = snapshot.times.speed.factor(snapshot.now)
    paces = [EBIKE.speed_mps / VEHICLES.get(name, EBIKE).speed_mps for name in snapshot.vehicles]
    if not points:
        none = np.zeros((len(paces), 0, 0), np.int32)
        return planning.Travel(none, none)
    table = roads.table(points)
    seconds = [np.ceil(table.seconds * (slow * pace)).astype(np.int32) for pace in paces]
    return planning.Travel(np.stack(seconds), np.stack([table.metres] * len(paces)))


class _PlaceTable:
    """Numbers places as they are met; the same point is the same place."""

    def __init__(self) -> None:
        self._numbers: dict[LonLat, int] = {}

    def number(self, point: LonLat) -> int:
        return self._numbers.setdefault(point, len(self._numbers))

    @property
    def points(self) -> list[LonLat]:
        return list(self._numbers)


def _job(snapshot: Snapshot, d: Delivery, table: _PlaceTable) -> planning.Job:
    store, door = doors(d)
    back = d.state == "failed"  # it rides back to its store
    return planning.Job(
        id=str(d.id),
        pickup=table.number(door if back else store),
        dropoff=table.number(store if back else door),
        placed_s=_s(d.requested_at),
        ready_s=_s(d.goods_ready_at or max(d.ready_at, snapshot.now)),
        due_s=_s(d.due_at) if not back else _s(snapshot.now) + 3_600,
        kind=planning.JobKind.RETURN if back else planning.JobKind(d.kind),
        hold_until_s=_s(d.hold_until) if d.hold_until else 0,
        pickup_service_s=eta.pace(d, "dropoff" if back else "pickup", snapshot.times).mean_s,
        dropoff_service_s=eta.pace(d, "return" if back else "dropoff", snapshot.times).mean_s,
        weight_g=d.weight_g,
        volume_ml=d.volume_ml,
        boxes=int(d.insulated),
        skills=tuple(d.skills),
        holder=str(d.rider_id) if d.rider_id else "",
        only_for=str(d.only_for) if d.only_for else "",
        refused_by=snapshot.refusals.get(d.id, ()),
    )


def _rider(snapshot: Snapshot, r: Rider, table: _PlaceTable, known: set[str], zones: Zones) -> planning.RiderState:
    trip = snapshot.trips.get(r.id)
    open_stops = [s for s in snapshot.stops.get(trip.id, ()) if str(s.delivery_id) in known] if trip else []
    carried = {str(s.delivery_id) for s in open_stops} - {str(s.delivery_id) for s in open_stops if s.kind == "pickup"}
    end = snapshot.shift_ends.get(r.id)
    end_s = _s(end) if end else planning.NEVER_S
    return planning.RiderState(
        id=str(r.id),
        place=table.number(snapshot.places[r.id]),
        free_s=_s(snapshot.now),
        last_pickup_s=end_s - LAST_PICKUP_S if end else planning.NEVER_S,
        profile=snapshot.vehicles.index(r.vehicle),
        capacity_g=r.capacity_g,
        capacity_ml=r.capacity_ml,
        capacity_boxes=r.insulated_boxes,
        max_jobs=r.max_jobs,
        skills=tuple(r.skills),
        zones=zones.allowed(r.zone),
        stops=tuple(planning.Stop(str(s.delivery_id), _action(s)) for s in open_stops),
        carrying=tuple(sorted(carried)),
        frozen=1 if open_stops else 0,
        locked=trip is not None and (trip.locked or trip.state == trips.OFFERED),
        max_added_stops=0 if r.break_wanted else MOST_ADDED,
        handicap=snapshot.handicaps.get(r.id, 0),
        inside=bool(open_stops) and open_stops[0].state == "arrived",
    )


def _action(stop: Stop) -> planning.Action:
    return planning.Action.PICKUP if stop.kind == "pickup" else planning.Action.DROPOFF


def _s(at: datetime) -> int:
    return int(at.timestamp())
