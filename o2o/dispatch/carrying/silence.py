"""Back with signal: what a rider did before his trip was taken from him for silence.

A phone tells acts late, with their own time. Goods taken before the trip was taken back are with that rider, whatever was thought
meanwhile: if nobody else was given them they are his again; if somebody was, a dispatcher must know that two riders are after them.
"""

import uuid
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from o2o.dispatch.carrying import trips
from o2o.dispatch.events import TripChanged
from o2o.dispatch.models import Delivery, Incident, Refusal, Rider, Stop, Trip
from o2o.infra import outbox
from o2o.kit import ids


def had_it_before(
    db: Session, rider: Rider, trip: Trip, stop: Stop, delivery: Delivery, *, at: datetime, now: datetime
) -> bool:
    """Give a delivery back to the rider who took the goods at `at`, before he lost it; False when he did not, or somebody else has it.

    The rows are locked by the caller.
    """
    if delivery.state != "waiting" or not _lost_after(db, rider.id, stop, at):
        return False
    live = db.scalar(select(Trip).where(Trip.rider_id == rider.id, Trip.state.in_(trips.LIVE)))
    if live is not None and live.id != trip.id:
        return False
    if live is None:
        trips.open_again(db, trip=trip, now=now)
    trip.version += 1
    delivery.state, delivery.rider_id, delivery.trip_id = "assigned", rider.id, trip.id
    db.flush()
    his = update(Stop).where(Stop.trip_id == trip.id, Stop.delivery_id == delivery.id, Stop.state == "skipped")
    db.execute(his.values(state="pending"), execution_options={"synchronize_session": "fetch"})
    db.execute(delete(Refusal).where(Refusal.delivery_id == delivery.id, Refusal.rider_id == rider.id))
    outbox.emit(db, TripChanged(trip_id=trip.id, rider_id=rider.id, area_id=trip.area_id), now=now)
    return True


def note_conflict(db: Session, *, stop_id: uuid.UUID, rider_id: uuid.UUID, at: datetime, now: datetime) -> None:
    """Open an incident where a rider says that he had taken goods which somebody else was sent for meanwhile; once a delivery."""
    stop = db.scalar(
        select(Stop).join(Trip, Trip.id == Stop.trip_id).where(Stop.id == stop_id, Trip.rider_id == rider_id)
    )
    if stop is None or stop.state != "skipped" or not _lost_after(db, rider_id, stop, at):
        return
    known = select(Incident.id).where(Incident.delivery_id == stop.delivery_id, Incident.kind == "two_riders")
    if db.scalar(known.where(Incident.state == "open")) is None:
        area_id = db.scalars(select(Rider.area_id).where(Rider.id == rider_id)).one()
        row = Incident(id=ids.new_id(), area_id=area_id, rider_id=rider_id, delivery_id=stop.delivery_id)
        row.kind, row.note, row.state, row.reported_at = "two_riders", "", "open", now
        db.add(row)


def _lost_after(db: Session, rider_id: uuid.UUID, stop: Stop, at: datetime) -> bool:
    """Whether a pick-up was taken from the rider for silence, after the time at which he says he did it."""
    silent = select(Refusal.at).where(Refusal.delivery_id == stop.delivery_id, Refusal.rider_id == rider_id)
    lost_at = db.scalar(silent.where(Refusal.reason == "silent"))
    return stop.kind == "pickup" and lost_at is not None and at <= lost_at
