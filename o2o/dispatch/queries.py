"""Reads for dispatch's own api: rounds as they were, tours as they are planned, what was learned."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

import redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.dispatch.carrying import eta
from o2o.dispatch.carrying.locked_rows import NoDelivery
from o2o.dispatch.models import Delivery, Pace, Rider, RoundRecord, Tour
from o2o.dispatch.paces import learned
from o2o.dispatch.planning import solve
from o2o.dispatch.planning.reasons import Reason, text
from o2o.dispatch.rounds import one_round
from o2o.dispatch.schemas.riding import DeferredOut, ReplayOut, RoundOut
from o2o.dispatch.schemas.work import PaceOut, PacesOut, ToldOut, TourOut, TourStopOut
from o2o.infra.roads import Roads
from o2o.kit.errors import NotFound

DOORS_SHOWN = 200


class NoRound(NotFound):
    """There is no such round in your areas."""

    code = "dispatch.no_round"


def past_rounds(db: Session, *, area_id: uuid.UUID, limit: int) -> list[RoundOut]:
    """Rounds of an area, newest first."""
    rows = db.scalars(
        select(RoundRecord)
        .where(RoundRecord.area_id == area_id)
        .order_by(RoundRecord.at.desc(), RoundRecord.id.desc())
        .limit(limit)
    )
    return [_round(row) for row in rows]


def check_round(db: Session, *, round_id: uuid.UUID, area_ids: frozenset[uuid.UUID] | None) -> None:
    """Refuse a round outside `area_ids` (None: any area will do).

    Raises:
        NoRound: there is none there.
    """
    area_id = db.scalar(select(RoundRecord.area_id).where(RoundRecord.id == round_id))
    if area_id is None or (area_ids is not None and area_id not in area_ids):
        raise NoRound(round_id=round_id)


def replay(db: Session, *, round_id: uuid.UUID) -> ReplayOut:
    """Solve a past round again; `same` says whether the plan is the same byte for byte."""
    problem, plan, policy, seed = one_round.replay(db, round_id=round_id)
    again = solve.solve(problem, policy, seed, one_round.THINK_S, stopped_at=plan.work if plan.cut_short else None)
    return ReplayOut(round_id=round_id, digest=again.digest, same=again.to_json() == plan.to_json())


def planned_tours(db: Session, *, area_id: uuid.UUID) -> list[TourOut]:
    """Tours of an area still to set out, the earliest first."""
    query = select(Tour, Rider.name).outerjoin(Rider, Rider.id == Tour.rider_id)
    rows = db.execute(query.where(Tour.area_id == area_id, Tour.state == "planned").order_by(Tour.depart_at, Tour.id))
    found = [(tour, name or "") for tour, name in rows]
    carried = {uuid.UUID(stop["delivery_id"]) for tour, _ in found for stop in tour.stops}
    goods = {d.id: d for d in db.scalars(select(Delivery).where(Delivery.id.in_(carried)))}
    return [_tour(tour, name, goods) for tour, name in found]


def paces(db: Session, *, area_id: uuid.UUID) -> PacesOut:
    """What an area has learned: every counter, and the doors that were seen most often."""
    known = learned.times(db, area_id=area_id)
    rows = select(Pace).where(Pace.area_id == area_id, Pace.key != "").order_by(Pace.count.desc(), Pace.key)

    def told(kind: str) -> list[PaceOut]:
        found = db.scalars(rows.where(Pace.kind == kind).limit(DOORS_SHOWN))
        return [PaceOut(key=r.key, mean_s=round(r.mean), spread_s=round(r.spread), count=r.count) for r in found]

    return PacesOut(
        usual_counter_s=known.usual_counter.mean_s,
        usual_door_s=known.usual_door.mean_s,
        usual_wait_s=known.usual_wait.mean_s,
        counters=told(learned.COUNTER),
        doors=told(learned.DOOR),
        waits=told(learned.WAIT),
        slowdown=[round(by, 3) for by in known.speed.slowdown],
        ride_spread=round(known.ride_spread, 3),
        rides=known.rides,
    )


def told(
    db: Session,
    valkey: "redis.Redis",
    *,
    delivery_id: uuid.UUID,
    area_ids: frozenset[uuid.UUID] | None,
    roads: Roads,
    now: datetime,
) -> ToldOut:
    """When the customer of a delivery expects it, and the wait behind that where nobody carries it and its promise is lost.

    Raises:
        NoDelivery: there is none in these areas.
    """
    delivery = db.get(Delivery, delivery_id)
    if delivery is None or (area_ids is not None and delivery.area_id not in area_ids):
        raise NoDelivery(delivery_id=delivery_id)
    found = eta.of_delivery(db, valkey, delivery_id=delivery_id, roads=roads, now=now)
    if found is None:
        return ToldOut()
    if delivery.trip_id is not None or delivery.state != "waiting" or found.at <= delivery.due_at:
        return ToldOut(at=found.at, from_at=found.from_at, by_at=found.by_at)
    wait = eta.known(db, area_id=delivery.area_id, deliveries=[delivery]).wait(delivery.store_id)
    return ToldOut(at=found.at, from_at=found.from_at, by_at=found.by_at, wait_s=wait.mean_s, wait_seen=wait.count)


def _tour(tour: Tour, rider: str, goods: Mapping[uuid.UUID, Delivery]) -> TourOut:
    told = [(stop["kind"], stop["at"], goods[uuid.UUID(stop["delivery_id"])]) for stop in tour.stops]
    return TourOut(
        tour_id=tour.id,
        rider_id=tour.rider_id,
        rider=rider,
        state=tour.state,
        trip_id=tour.trip_id,
        depart_at=tour.depart_at,
        ends_at=tour.ends_at,
        distance_m=tour.distance_m,
        weight_g=tour.weight_g,
        stops=[
            TourStopOut(
                delivery_id=d.id,
                order_no=d.order_no,
                kind=kind,
                at=datetime.fromisoformat(at),
                lon=d.pickup_lon if kind == "pickup" else d.dropoff_lon,
                lat=d.pickup_lat if kind == "pickup" else d.dropoff_lat,
                address="" if kind == "pickup" else d.address,
                due_from=d.due_from,
                due_at=d.due_at,
            )
            for kind, at, d in told
        ],
    )


def _round(row: RoundRecord) -> RoundOut:
    return RoundOut(
        round_id=row.id,
        at=row.at,
        jobs=row.jobs,
        riders=row.riders,
        given=row.given,
        dropped=row.dropped,
        deferred=[
            DeferredOut(
                delivery_id=uuid.UUID(d["delivery_id"]),
                reason=d["reason"],
                zh=text(Reason(d["reason"]), "zh"),
                en=text(Reason(d["reason"]), "en"),
                until=datetime.fromtimestamp(d["until_s"], UTC) if d["until_s"] else None,
            )
            for d in row.deferred
        ],
        breaches=list(row.breaches),
        took_ms=row.took_ms,
        digest=row.digest,
    )
