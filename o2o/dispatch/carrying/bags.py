"""What is really in the bag: a delivery asks what its goods ask, also after some were short and others stand for them."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.dispatch import riders
from o2o.dispatch.carrying import allowed, trips
from o2o.dispatch.carrying.deliveries import ASSIGNED, WAITING, Load, facts
from o2o.dispatch.events import DeliveryChanged
from o2o.dispatch.models import Delivery, Rider
from o2o.infra import outbox


def repack(db: Session, *, shipment_id: uuid.UUID, weight_g: int, load: Load, now: datetime) -> None:
    """The bag of a shipment weighs and asks this from now on; a rider who may not carry that, and has not picked it up, is relieved.

    Room in the trip beside other goods is the next round's to see to. A shipment nobody carries is fine.
    """
    held_by = db.scalar(select(Delivery.rider_id).where(Delivery.shipment_id == shipment_id))
    rider = riders.locked(db, held_by) if held_by is not None else None
    query = select(Delivery).where(Delivery.shipment_id == shipment_id).with_for_update()
    delivery = db.scalar(query.execution_options(populate_existing=True))
    if delivery is None or delivery.ended_at is not None or delivery.picked_up_at is not None:
        return
    asks = [riders.AGE_CHECK] if load.age_checked else []
    before = (delivery.weight_g, delivery.volume_ml, delivery.insulated, delivery.skills)
    if before == (weight_g, load.volume_ml, load.insulated, asks):
        return
    delivery.weight_g, delivery.volume_ml = weight_g, load.volume_ml
    delivery.insulated, delivery.skills = load.insulated, asks
    delivery.version += 1
    db.flush()
    if (
        rider is not None
        and delivery.rider_id == rider.id
        and delivery.state == ASSIGNED
        and not _may_carry(rider, delivery)
    ):
        _relieve(db, delivery, now)
    outbox.emit(db, DeliveryChanged(**facts(delivery, now)), now=now)


def _may_carry(rider: Rider, delivery: Delivery) -> bool:
    fits = delivery.weight_g <= rider.capacity_g and delivery.volume_ml <= rider.capacity_ml
    return fits and not (delivery.insulated and not rider.insulated_boxes) and not allowed.bar(rider, delivery)


def _relieve(db: Session, delivery: Delivery, now: datetime) -> None:
    """Off the trip, to wait for the next round; a dispatcher's wish that it be this rider ends with it."""
    trip_id = delivery.trip_id
    delivery.state, delivery.rider_id, delivery.trip_id, delivery.only_for = WAITING, None, None, None
    delivery.round_id = delivery.tour_id = None  # of a tour that has set out nobody would think of it again
    db.flush()
    if trip_id is not None:
        trips.drop_stops(db, trip_id=trip_id, delivery_id=delivery.id, now=now)
