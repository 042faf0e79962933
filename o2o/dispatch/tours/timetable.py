"""Tours on the timetable: planned anew when deliveries or riders change, and made trips when their time comes.

A tour belongs to whoever is planned to ride then; when it is time, to him if he is free, else to anybody who is and can carry it. If
nobody is, its deliveries go to the rounds.
"""

import uuid
from collections import defaultdict
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from o2o.dispatch import riders
from o2o.dispatch.carrying import allowed, eta, sequence, trips
from o2o.dispatch.carrying.deliveries import ASSIGNED, WAITING, facts
from o2o.dispatch.events import DeliveryChanged, ToursPlanned, TripOffered
from o2o.dispatch.models import Delivery, PlannedShift, Refusal, Rider, Shift, Tour
from o2o.dispatch.planning import checker, solve
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.tours import touring
from o2o.dispatch.tours.touring import PlannedTour, Seat, Wanted
from o2o.geo.lonlat import LonLat, distance_m
from o2o.infra import outbox
from o2o.infra.db import transaction
from o2o.infra.roads import Roads
from o2o.infra.tools import Tools
from o2o.kit import ids

AHEAD = timedelta(hours=16)
LEAD = timedelta(minutes=15)
"""Before the first pick-up: to answer, and to ride to the store."""
GIVEN_UP = timedelta(minutes=5)
"""After its time a tour nobody could take is left to the rounds."""
MOST = 300
_log = structlog.get_logger()


def run(tools: Tools, *, area_id: uuid.UUID, now: datetime, policy: DispatchPolicy = touring.POLICY) -> None:
    """Plan what has changed, then give out what is due."""
    with transaction(tools.engine) as db:
        wanted = load(db, area_id=area_id, now=now)
    if wanted.digest != wanted.planned_from:
        planned = think(wanted, tools.roads, policy)
        with transaction(tools.engine) as db:
            put_down(db, wanted=wanted, planned=planned)
    with transaction(tools.engine) as db:
        set_out(db, area_id=area_id, now=now)


def load(db: Session, *, area_id: uuid.UUID, now: datetime) -> Wanted:
    """Booked deliveries whose time to leave has not come, riders expected by then, and the plan in force."""
    planned = select(Tour.id).where(Tour.area_id == area_id, Tour.state == "planned", Tour.depart_at > now + LEAD)
    free = Delivery.tour_id.is_(None) & (Delivery.hold_until > now + LEAD)
    due = select(Delivery).where(
        Delivery.area_id == area_id,
        Delivery.state == WAITING,
        Delivery.booked,
        Delivery.due_at < now + AHEAD,
        or_(free, Delivery.tour_id.in_(planned)),
    )
    rows = tuple(db.scalars(due.order_by(Delivery.due_at, Delivery.id).limit(MOST)))
    refusals: dict[uuid.UUID, list[str]] = defaultdict(list)
    for one in db.scalars(select(Refusal).where(Refusal.delivery_id.in_([d.id for d in rows]))):
        refusals[one.delivery_id].append(str(one.rider_id))
    seats = _seats(db, area_id, rows, now) if rows else ()
    in_force = select(Tour.planned_from).where(Tour.area_id == area_id, Tour.state == "planned")
    return Wanted(
        area_id=area_id,
        now=now,
        deliveries=rows,
        seats=seats,
        refusals={delivery_id: tuple(sorted(who)) for delivery_id, who in refusals.items()},
        times=eta.known(db, area_id=area_id, deliveries=rows),
        planned_from=db.scalar(in_force.order_by(Tour.planned_at.desc()).limit(1)) or "",
    )


def think(wanted: Wanted, roads: Roads, policy: DispatchPolicy) -> list[PlannedTour]:
    """The tours, proved lawful; none where the proof fails."""
    if not wanted.deliveries:
        return []
    problem = touring.build(wanted, roads)
    plan = solve.solve(problem, policy, seed=1, time_limit_s=touring.THINK_S)
    breaches = [str(breach) for breach in checker.check(problem, policy, plan)]
    if breaches:
        _log.error("tours.unlawful", area_id=str(wanted.area_id), breaches=breaches[:5])
        return []
    return touring.tours(wanted, problem, plan)


def put_down(db: Session, *, wanted: Wanted, planned: list[PlannedTour]) -> list[uuid.UUID]:
    """Write the tours in place of those that had not set out; what was taken meanwhile is left out. Returns their ids."""
    old = select(Tour.id).where(Tour.area_id == wanted.area_id, Tour.state == "planned")
    later = old.where(Tour.depart_at > wanted.now + LEAD)
    gone = list(db.scalars(later.with_for_update()))
    db.execute(update(Delivery).where(Delivery.tour_id.in_(gone)).values(tour_id=None))
    db.execute(delete(Tour).where(Tour.id.in_(gone)))
    made = []
    for one in planned:
        tour = Tour(
            id=ids.new_id(),
            area_id=wanted.area_id,
            rider_id=one.rider_id,
            state="planned",
            depart_at=one.stops[0].at,
            ends_at=one.stops[-1].at,
            distance_m=one.distance_m,
            weight_g=one.weight_g,
            most_aboard=one.most_aboard,
            stops=[{"delivery_id": str(s.delivery_id), "kind": s.kind, "at": s.at.isoformat()} for s in one.stops],
            planned_from=wanted.digest,
            planned_at=wanted.now,
        )
        db.add(tour)
        db.flush()
        theirs = update(Delivery).where(Delivery.id.in_({s.delivery_id for s in one.stops}), Delivery.state == WAITING)
        db.execute(theirs.values(tour_id=tour.id))
        made.append(tour.id)
    if gone or made:
        outbox.emit(db, ToursPlanned(area_id=wanted.area_id), now=wanted.now)
    return made


def set_out(db: Session, *, area_id: uuid.UUID, now: datetime) -> int:
    """Offer each tour whose time has come to its rider, or to another who is free; returns how many were offered."""
    due = select(Tour).where(Tour.area_id == area_id, Tour.state == "planned", Tour.depart_at <= now + LEAD)
    offered = 0
    for tour in db.scalars(due.order_by(Tour.depart_at, Tour.id)).all():
        rider = _free_rider(db, tour, now)
        if rider is not None:
            offered += _offer(db, tour, rider, now)
        elif now > tour.depart_at + GIVEN_UP:
            tour.state = "dissolved"
            db.execute(update(Delivery).where(Delivery.tour_id == tour.id).values(tour_id=None))
    if offered:
        outbox.emit(db, ToursPlanned(area_id=area_id), now=now)
    return offered


def _seats(db: Session, area_id: uuid.UUID, rows: tuple[Delivery, ...], now: datetime) -> tuple[Seat, ...]:
    """Riders on shift and those planned for the time of the windows; where there are none, riders not named yet."""
    first, last = min(d.due_from for d in rows), max(d.due_at for d in rows)
    on_shift = select(Rider, Shift.started_at, Shift.planned_end_at).join(Shift, Shift.rider_id == Rider.id)
    planned = select(Rider, PlannedShift.starts_at, PlannedShift.ends_at).join(
        PlannedShift, PlannedShift.rider_id == Rider.id
    )
    spans = [
        *db.execute(on_shift.where(Rider.area_id == area_id, Shift.ended_at.is_(None), Shift.planned_end_at > first)),
        *db.execute(
            planned.where(
                PlannedShift.area_id == area_id,
                PlannedShift.cancelled_at.is_(None),
                PlannedShift.ends_at > first,
                PlannedShift.starts_at < last,
            )
        ),
    ]
    found: dict[uuid.UUID, Seat] = {}
    for rider, from_at, until_at in sorted(spans, key=lambda span: (span[0].id, span[1])):
        known = found.get(rider.id)
        begin, end = (min(known.from_at, from_at), max(known.until_at, until_at)) if known else (from_at, until_at)
        found[rider.id] = Seat(
            str(rider.id), rider.id, begin, end, rider.vehicle, rider.capacity_g, rider.max_jobs,
            rider.capacity_ml, rider.insulated_boxes, tuple(rider.skills), rider.zone,
        )  # fmt: skip
    return tuple(found.values()) or touring.anybody(rows, now)


def _free_rider(db: Session, tour: Tour, now: datetime) -> Rider | None:
    """Its own rider if he is free, else the nearest who is and can carry it; locked."""
    heard = now - timedelta(seconds=trips.SILENT_S)
    able = select(Rider).where(
        Rider.area_id == tour.area_id,
        Rider.state == riders.AVAILABLE,
        Rider.seen_at >= heard,
        Rider.capacity_g >= tour.weight_g,
        Rider.max_jobs >= tour.most_aboard,
    )
    left = select(Delivery).where(Delivery.tour_id == tour.id, Delivery.state == WAITING)
    rows = {d.id: d for d in db.scalars(left)}
    first = next((d for stop in tour.stops if (d := rows.get(uuid.UUID(stop["delivery_id"])))), None)
    refused = set(db.scalars(select(Refusal.rider_id).where(Refusal.delivery_id.in_(rows))))
    placed = [r for r in db.scalars(able) if r.id not in refused and r.lon is not None and r.lat is not None]
    people = [r for r in placed if _carries(r, tour, rows)]
    if first is None or not people:
        return None
    start = LonLat(first.pickup_lon, first.pickup_lat)
    people.sort(key=lambda r: (r.id != tour.rider_id, distance_m(LonLat(r.lon or 0, r.lat or 0), start), r.id))
    rider = riders.locked(db, people[0].id)
    return rider if rider.state == riders.AVAILABLE and not rider.break_wanted else None


def _carries(rider: Rider, tour: Tour, rows: dict[uuid.UUID, Delivery]) -> bool:
    halts = [
        sequence.Halt(d.id, stop["kind"], 0, 0, 0, 0, d.weight_g, volume_ml=d.volume_ml, insulated=d.insulated)
        for stop in tour.stops
        if (d := rows.get(uuid.UUID(stop["delivery_id"]))) is not None
    ]
    if any(allowed.bar(rider, d) or d.only_for not in (None, rider.id) for d in rows.values()):
        return False
    return not sequence.breach(halts, allowed.load_of(rider))


def _offer(db: Session, tour: Tour, rider: Rider, now: datetime) -> int:
    """A locked trip with the tour's stops, for what still waits of it."""
    wanted = select(Delivery).where(Delivery.tour_id == tour.id, Delivery.state == WAITING)
    rows = {d.id: d for d in db.scalars(wanted.order_by(Delivery.id).with_for_update())}
    tour.state = "set_out" if rows else "dissolved"
    if not rows:
        return 0
    # Locked: in another order something would come before its window.
    trip = trips.offered(db, rider=rider, round_id=None, now=now, distance_m=tour.distance_m, locked=True)
    tour.trip_id = trip.id
    for position, told in enumerate(s for s in tour.stops if uuid.UUID(s["delivery_id"]) in rows):
        delivery, at = rows[uuid.UUID(told["delivery_id"])], max(datetime.fromisoformat(told["at"]), now)
        db.add(trips.stop_for(trip, delivery, kind=told["kind"], position=position, eta_at=at))
    for delivery in rows.values():
        delivery.state, delivery.rider_id, delivery.trip_id = ASSIGNED, rider.id, trip.id
        delivery.version += 1
        outbox.emit(db, DeliveryChanged(**facts(delivery, now)), now=now)
    db.flush()
    outbox.emit(db, TripOffered(trip_id=trip.id, rider_id=rider.id, area_id=rider.area_id), now=now)
    return 1
