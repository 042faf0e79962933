"""Who rides for an area, on shift or not, and what was done there by hand, with names instead of ids."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from o2o.dispatch.hand import lists
from o2o.dispatch.models import Delivery, HandAction, Rider, Shift, Stop, Trip
from o2o.identity.models import AccountRow
from o2o.infra.http import Db, Dispatcher, check_area
from o2o.kit.wire import Wire

router = APIRouter(prefix="/api/screens", tags=["screens"])


class MemberOut(Wire):
    """A rider of the area; on shift from and until when, None for one who is offline."""

    id: uuid.UUID
    name: str
    state: str
    vehicle: str
    online_from: datetime | None
    online_until: datetime | None


class CrewScreen(Wire):
    """All riders of an area, by name."""

    riders: list[MemberOut]


class DoneActOut(Wire):
    """One act as it was asked: the orders it named, and for whom or until when."""

    act: str
    order_nos: list[str]
    rider: str
    until: datetime | None
    on: bool | None


class DoneOut(Wire):
    """Something done by hand."""

    id: uuid.UUID
    at: datetime
    actor: str
    undone_at: datetime | None
    acts: list[DoneActOut]


class HandScreen(Wire):
    """What was done by hand, newest first."""

    actions: list[DoneOut]


@router.get("/crew", operation_id="crew_screen", response_model=CrewScreen, summary="Riders of an area")
def crew_screen(caller: Dispatcher, db: Db, area_id: uuid.UUID) -> CrewScreen:
    """Also those who are not online, for planning their shifts."""
    check_area(caller, area_id)
    spans = (Shift.started_at.label("online_from"), Shift.planned_end_at.label("online_until"))
    rows = db.execute(
        select(Rider.id, Rider.name, Rider.state, Rider.vehicle, *spans)
        .outerjoin(Shift, and_(Shift.rider_id == Rider.id, Shift.ended_at.is_(None)))
        .where(Rider.area_id == area_id)
        .order_by(Rider.name, Rider.id)
    )
    return CrewScreen(riders=[MemberOut.model_validate(row, from_attributes=True) for row in rows])


@router.get("/hand", operation_id="hand_screen", response_model=HandScreen, summary="Done by hand")
def hand_screen(
    caller: Dispatcher, db: Db, area_id: uuid.UUID, limit: Annotated[int, Query(ge=1, le=200)] = 60
) -> HandScreen:
    """Who did what to which orders."""
    check_area(caller, area_id)
    rows = lists.past(db, area_id=area_id, limit=limit)
    said = _Names(db, rows)
    return HandScreen(
        actions=[
            DoneOut(
                id=row.id,
                at=row.at,
                actor=said.actors.get(row.actor_id, ""),
                undone_at=row.undone_at,
                acts=[said.act(act) for act in row.acts],
            )
            for row in rows
        ]
    )


class _Names:
    """Names for the ids that stored acts carry."""

    def __init__(self, db: Session, rows: Sequence[HandAction]) -> None:
        acts = [act for row in rows for act in row.acts]
        self.actors = _pairs(db, AccountRow.id, AccountRow.name, {row.actor_id for row in rows})
        trip_ids, stop_ids = set(_ids(acts, "trip_id")), set(_ids(acts, "stop_id"))
        self.stops = _pairs(db, Stop.id, Stop.delivery_id, stop_ids)
        self.trips = _pairs(db, Trip.id, Trip.rider_id, trip_ids)
        deliveries = {*_ids(acts, "delivery_id"), *_ids(acts, "delivery_ids"), *self.stops.values()}
        self.orders = _pairs(db, Delivery.id, Delivery.order_no, deliveries)
        self.riders = _pairs(db, Rider.id, Rider.name, {*_ids(acts, "rider_id"), *self.trips.values()})

    def act(self, act: dict[str, Any]) -> DoneActOut:
        """One stored act, its ids as names."""
        named = [*_ids([act], "delivery_id"), *_ids([act], "delivery_ids")]
        named += [self.stops[one] for one in _ids([act], "stop_id") if one in self.stops]
        rider_id = next(_ids([act], "rider_id"), None)
        rider_id = rider_id or next((self.trips[one] for one in _ids([act], "trip_id") if one in self.trips), None)
        return DoneActOut(
            act=str(act["act"]),
            order_nos=[self.orders[one] for one in named if one in self.orders],
            rider=self.riders.get(rider_id, "") if rider_id else "",
            until=datetime.fromisoformat(act["until"]) if act.get("until") else None,
            on=act.get("on"),
        )


def _ids(acts: Sequence[dict[str, Any]], name: str) -> Iterator[uuid.UUID]:
    for act in acts:
        told = act.get(name)
        yield from (uuid.UUID(one) for one in (told if isinstance(told, list) else [told]) if one)


def _pairs(db: Session, key: Any, value: Any, wanted: set[uuid.UUID]) -> dict[uuid.UUID, Any]:
    return dict(db.execute(select(key, value).where(key.in_(wanted))).all()) if wanted else {}
