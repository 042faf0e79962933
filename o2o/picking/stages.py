"""When a shipment's picking was begun and ended, for comparing with its plan."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.picking.models import PickTask


@dataclass(frozen=True, slots=True)
class Stages:
    """None where a stage did not come yet."""

    opened_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


def of_shipment(db: Session, *, shipment_id: uuid.UUID) -> Stages | None:
    """The stages of a shipment's pick task; None before it has one."""
    query = select(PickTask.opened_at, PickTask.started_at, PickTask.ended_at)
    row = db.execute(query.where(PickTask.shipment_id == shipment_id)).first()
    return None if row is None else Stages(*row)
