"""When each stage of a carried shipment came, for comparing with its plan."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.dispatch.models import Delivery, Stop


@dataclass(frozen=True, slots=True)
class Stages:
    """None where a stage did not come, or nobody said when."""

    picked_up_at: datetime | None
    at_door_at: datetime | None
    delivered_at: datetime | None
    failed: bool


def of_shipment(db: Session, *, shipment_id: uuid.UUID) -> Stages | None:
    """The stages of a shipment's delivery; None where nobody was asked to carry it."""
    row = db.execute(
        select(Delivery.id, Delivery.state, Delivery.picked_up_at, Delivery.ended_at, Delivery.again_at).where(
            Delivery.shipment_id == shipment_id
        )
    ).first()
    if row is None:
        return None
    door = select(Stop.arrived_at).where(
        Stop.delivery_id == row.id, Stop.kind == "dropoff", Stop.done_at.is_not(None), Stop.arrived_at.is_not(None)
    )
    at_door_at = db.scalar(door.order_by(Stop.done_at.desc()).limit(1))
    delivered_at = row.ended_at if row.state == "delivered" else None
    return Stages(row.picked_up_at, at_door_at, delivered_at, row.again_at is not None)
