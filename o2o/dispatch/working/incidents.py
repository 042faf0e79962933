"""Incidents: reported by riders or by the system, resolved by dispatchers."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.dispatch.models import Delivery, Incident, Rider
from o2o.dispatch.riders import NoRider
from o2o.kit import ids
from o2o.kit.errors import NotFound


class NoIncident(NotFound):
    """There is no such incident in your areas."""

    code = "dispatch.no_incident"


def report(
    db: Session, *, rider_id: uuid.UUID, kind: str, note: str, delivery_id: uuid.UUID | None, now: datetime
) -> uuid.UUID:
    """Record what happened to a rider; a delivery named must be his. By itself it changes nothing else."""
    area_id = db.scalar(select(Rider.area_id).where(Rider.id == rider_id))
    if area_id is None:
        raise NoRider(rider_id=rider_id)
    if delivery_id is not None:
        his = select(Delivery.id).where(Delivery.id == delivery_id, Delivery.rider_id == rider_id)
        delivery_id = db.scalar(his)
    incident_id = ids.new_id()
    db.add(
        Incident(
            id=incident_id,
            area_id=area_id,
            rider_id=rider_id,
            delivery_id=delivery_id,
            kind=kind,
            note=note,
            state="open",
            reported_at=now,
        )
    )
    return incident_id


def resolve(db: Session, *, incident_id: uuid.UUID, area_ids: frozenset[uuid.UUID] | None, now: datetime) -> None:
    """Close an incident of one of `area_ids` (None: of any).

    Raises:
        NoIncident: there is none there.
    """
    query = select(Incident).where(Incident.id == incident_id).with_for_update()
    incident = db.scalar(query if area_ids is None else query.where(Incident.area_id.in_(area_ids)))
    if incident is None:
        raise NoIncident(incident_id=incident_id)
    if incident.state == "open":
        incident.state, incident.resolved_at = "resolved", now
