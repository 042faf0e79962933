"""What of dispatch contradicts itself: O3 and O6. Silence is good news."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from o2o.dispatch.models import Delivery, Rider, Stop, Trip


def differences(db: Session) -> list[str]:
    """Each contradiction in one line, between deliveries, trips, stops and riders."""
    return [*_carried_by_another(db), *_dropped_before_picked(db), *_idle_with_a_trip(db), *_stops_without_owner(db)]


def _carried_by_another(db: Session) -> list[str]:
    held = select(Delivery.id, Delivery.state, Trip.state).join(Trip, Trip.id == Delivery.trip_id)
    wrong = held.where(Delivery.ended_at.is_(None), Trip.state.not_in(("offered", "accepted")))
    other = held.where(Delivery.rider_id != Trip.rider_id)
    return [f"O3 delivery {d} is {s} on a trip that is {t}" for d, s, t in db.execute(wrong.union(other))]


def _dropped_before_picked(db: Session) -> list[str]:
    pickup, dropoff = aliased(Stop), aliased(Stop)
    live = select(Trip.id).where(Trip.state.in_(("offered", "accepted")))
    rows = db.execute(
        select(pickup.delivery_id)
        .join(dropoff, (dropoff.trip_id == pickup.trip_id) & (dropoff.delivery_id == pickup.delivery_id))
        .where(pickup.trip_id.in_(live), pickup.kind == "pickup", dropoff.kind == "dropoff")
        .where(dropoff.position < pickup.position, dropoff.state.in_(("pending", "arrived")))
    )
    return [f"O6 delivery {d} is dropped before it is picked up" for (d,) in rows]


def _idle_with_a_trip(db: Session) -> list[str]:
    live = (
        select(func.count()).where(Trip.rider_id == Rider.id, Trip.state.in_(("offered", "accepted"))).scalar_subquery()
    )
    rows = db.execute(select(Rider.id, Rider.state, live).where((Rider.state == "on_trip") != (live > 0)))
    return [f"O3 rider {r} is {state} with {count} live trips" for r, state, count in rows]


def _stops_without_owner(db: Session) -> list[str]:
    rows = db.execute(
        select(Stop.id, Delivery.id)
        .join(Delivery, Delivery.id == Stop.delivery_id)
        .where(Stop.state.in_(("pending", "arrived")), Delivery.trip_id.is_distinct_from(Stop.trip_id))
    )
    return [f"O6 stop {s} is open for delivery {d} of another trip" for s, d in rows]
