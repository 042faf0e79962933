"""Taking back what was done by hand, within ten seconds and only while nothing has moved on since.

An action keeps the rows it touched as they were before and after. Undone, the rows as they stand must be the rows after;
then those before are put back, under new versions, so that a plan made in between is not applied to them.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.dispatch.carrying import trips
from o2o.dispatch.carrying.deliveries import WAITING, facts
from o2o.dispatch.carrying.locked_rows import LockedRows
from o2o.dispatch.events import DeliveryChanged, RiderChanged, TripChanged
from o2o.dispatch.models import Delivery, HandAction, Refusal, Rider, Stop, Tour, Trip
from o2o.infra import outbox
from o2o.infra.db import Base
from o2o.kit.errors import Conflict, NotFound
from o2o.kit.events import Event

UNDO_S = 10
RIDER = ("state", "break_wanted", "version")
DELIVERY = ("state", "rider_id", "trip_id", "tour_id", "round_id", "hold_until", "only_for", "version")
TRIP = ("state", "locked", "ended_at", "distance_m", "earnings_fen", "version")
STOP = ("trip_id", "delivery_id", "position", "kind", "lon", "lat", "state", "eta_at", "arrived_at")
REFUSAL = ("delivery_id", "rider_id", "reason", "at")
Image = dict[str, Any]


class NoAction(NotFound):
    """Nothing like that was done by hand in your areas."""

    code = "dispatch.no_action"


class TooLate(Conflict):
    """Ten seconds are over."""

    code = "dispatch.undo_too_late"


class MovedOn(Conflict):
    """Something has changed since; this cannot be undone any more."""

    code = "dispatch.moved_on"


def image(table: LockedRows) -> Image:
    """The locked rows as they stand, as JSON: riders, deliveries, their trips live or made by these acts, open stops."""
    db = table.db
    db.flush()
    live = select(Trip.id).where(Trip.rider_id.in_(table.riders), Trip.state.in_(trips.LIVE))
    held = {d.trip_id for d in table.deliveries.values() if d.trip_id is not None}
    return _image(db, list(table.riders), list(table.deliveries), [*held.union(db.scalars(live))])


def undo(
    db: Session, *, action_id: uuid.UUID, actor_id: uuid.UUID, area_ids: frozenset[uuid.UUID] | None, now: datetime
) -> None:
    """Put everything back as it was before the action; undone already is fine.

    Raises:
        NoAction: not in these areas. TooLate: more than ten seconds ago. MovedOn: somebody acted on it since.
    """
    query = select(HandAction).where(HandAction.id == action_id).with_for_update()
    action = db.scalar(query if area_ids is None else query.where(HandAction.area_id.in_(area_ids)))
    if action is None:
        raise NoAction(action_id=action_id)
    if action.undone_at is not None:
        return
    if now - action.at > timedelta(seconds=UNDO_S):
        raise TooLate(action_id=action_id)
    rider_ids, delivery_ids = _ids(action.after["riders"]), _ids(action.after["deliveries"])
    fresh = {"populate_existing": True}
    who = select(Rider).where(Rider.id.in_(rider_ids)).order_by(Rider.id).with_for_update()
    people = db.scalars(who, execution_options=fresh).all()
    what = select(Delivery).where(Delivery.id.in_(delivery_ids)).order_by(Delivery.id).with_for_update()
    goods = db.scalars(what, execution_options=fresh).all()
    trip_ids = _ids(action.after["trips"])
    if _mark(_image(db, rider_ids, delivery_ids, trip_ids)) != _mark(action.after):
        raise MovedOn(action_id=action_id)
    moved = _put_back(db, action, now)
    action.undone_at, action.undone_by = now, actor_id
    events: list[Event] = [RiderChanged(rider_id=rider.id, area_id=rider.area_id) for rider in people]
    events += [TripChanged(trip_id=trip.id, rider_id=trip.rider_id, area_id=trip.area_id) for trip in moved]
    outbox.emit_all(db, [*events, *(DeliveryChanged(**facts(delivery, now)) for delivery in goods)], now=now)


def _image(db: Session, rider_ids: list[uuid.UUID], delivery_ids: list[uuid.UUID], trip_ids: list[uuid.UUID]) -> Image:
    stops = select(Stop).where(Stop.trip_id.in_(trip_ids), Stop.state.in_(trips.OPEN_STOP)).order_by(Stop.id)
    refusals = select(Refusal).where(Refusal.delivery_id.in_(delivery_ids), Refusal.rider_id.in_(rider_ids))
    return {
        "riders": _kept(db.scalars(select(Rider).where(Rider.id.in_(rider_ids))), RIDER),
        "deliveries": _kept(db.scalars(select(Delivery).where(Delivery.id.in_(delivery_ids))), DELIVERY),
        "trips": _kept(db.scalars(select(Trip).where(Trip.id.in_(trip_ids))), TRIP),
        "stops": _kept(db.scalars(stops), STOP),
        "refusals": [_plain(row, REFUSAL) for row in db.scalars(refusals)],
    }


def _kept(rows: Iterable[Any], names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    return {str(row.id): _plain(row, names) for row in rows}


def _plain(row: Base, names: tuple[str, ...]) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in names}
    return {
        n: v.isoformat() if isinstance(v, datetime) else str(v) if isinstance(v, uuid.UUID) else v
        for n, v in facts.items()
    }


def _mark(found: Image) -> object:
    """What must not have changed: the versions of rows, and which stops are open in which order."""
    versions = [{one: row["version"] for one, row in found[kind].items()} for kind in ("riders", "deliveries", "trips")]
    return versions, {one: (row["position"], row["state"]) for one, row in found["stops"].items()}


def _put_back(db: Session, action: HandAction, now: datetime) -> list[Trip]:
    """Trips first end or lose their stops, so that each rider again has the one live trip that was his.

    What waited for a tour waits for it again only if it is still to set out: left with one that is gone it would wait for ever.
    """
    before, after = action.before, action.after
    rows = db.scalars(
        select(Trip).where(Trip.id.in_(_ids({**before["trips"], **after["trips"]}))).order_by(Trip.id)
    ).all()
    gone = delete(Stop).where(Stop.trip_id.in_([trip.id for trip in rows]), Stop.state.in_(trips.OPEN_STOP))
    db.execute(gone.execution_options(synchronize_session="fetch"))
    for trip in rows:
        if str(trip.id) not in before["trips"]:
            trip.state, trip.ended_at, trip.version = trips.CANCELLED, now, trip.version + 1
        elif trip.state == trips.COMPLETED:  # the act ended it: what it paid was shared out
            trips.share_cost(db, trip, sign=-1)
    db.flush()
    tours = _still_planned(db, before["deliveries"].values())
    for kind, table, names in (("riders", Rider, RIDER), ("trips", Trip, TRIP), ("deliveries", Delivery, DELIVERY)):
        for one, was in before[kind].items():
            row: Any = db.get_one(table, uuid.UUID(one))
            version = row.version + 1
            for name in names:
                setattr(row, name, _value(name, was[name]))
            if kind == "deliveries" and row.state == WAITING and row.tour_id not in tours:
                row.tour_id = None
            row.version = version
        db.flush()
    for one, was in before["stops"].items():
        db.execute(insert(Stop).values(id=uuid.UUID(one), proof={}, **{n: _value(n, was[n]) for n in STOP}))
    for was in before["refusals"]:
        row = insert(Refusal).values({n: _value(n, was[n]) for n in REFUSAL})
        db.execute(row.on_conflict_do_nothing())
    return list(rows)


def _still_planned(db: Session, goods: Iterable[dict[str, Any]]) -> set[uuid.UUID]:
    """The tours of these deliveries that have not set out; they stay as they are until this is committed."""
    named = _ids({was["tour_id"] for was in goods if was["tour_id"]})
    # One that is being planned anew at this moment is as good as gone.
    there = select(Tour.id).where(Tour.id.in_(named), Tour.state == "planned")
    return set(db.scalars(there.with_for_update(read=True, skip_locked=True)))


def _value(name: str, told: Any) -> Any:
    if told is None:
        return None
    if name.endswith("_id") or name == "only_for":
        return uuid.UUID(told)
    return datetime.fromisoformat(told) if name.endswith("_at") or name in ("hold_until", "at") else told


def _ids(many: Iterable[str]) -> list[uuid.UUID]:
    return sorted(uuid.UUID(one) for one in many)
