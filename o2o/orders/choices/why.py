"""Why an order went where it went: its decisions, each worked out again from what was known when it was made."""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from o2o.kit.ids import StoreId
from o2o.orders import records
from o2o.orders.choices import rule_book
from o2o.orders.models import Order, Shipment
from o2o.orders.schemas.sourcing import GoodNameOut, StoreNameOut, WhyOut, WhyShipmentOut
from o2o.orders.sourcing import record
from o2o.stores import places


def of_order(db: Session, *, order_id: uuid.UUID) -> WhyOut:
    """Every try of an order with its decision.

    Raises:
        records.NoSuchOrder
    """
    order = db.get(Order, order_id)
    if order is None:
        raise records.NoSuchOrder(order_id=order_id)
    shipments = [_tried(db, shipment) for shipment in records.shipments_of(db, order_id)]
    named = {str(one.store_id) for one in shipments}
    for one in shipments:
        named |= {store["store_id"] for store in (one.decision or {}).get("considered", ())}
    stores = {store_id: _named(db, store_id) for store_id in sorted(named)}
    lines = records.lines_of(db, order_id)
    goods = {line.sku: GoodNameOut(name_zh=line.name_zh, name_en=line.name_en) for line in lines}
    return WhyOut(order_id=order_id, order_no=order.order_no, shipments=shipments, stores=stores, goods=goods)


def _tried(db: Session, shipment: Shipment) -> WhyShipmentOut:
    kept = shipment.plan.get("decision")
    return WhyShipmentOut(
        shipment_id=shipment.id,
        leg=shipment.leg,
        attempt=shipment.attempt,
        store_id=shipment.store_id,
        state=shipment.state,
        skus=list(shipment.skus),
        quantities=list(shipment.quantities),
        created_at=shipment.created_at,
        decision=_decided(db, kept, shipment.store_id) if kept else None,
    )


def _decided(db: Session, kept: dict[str, Any], store_id: uuid.UUID) -> dict[str, Any]:
    """A decision as people read it. `taken` is the place among the ways of the one that was done: not the first where its goods
    went to somebody else between quote and order."""
    version = kept["rules"]
    rules = rule_book.of_versions(db, numbers=[version]).get(version)
    try:
        decision = record.read(kept["text"])
    except record.Unreadable:
        return {"rules_version": version, "readable": False}
    if rules is None:
        return {"rules_version": version, "readable": False}
    found = record.again(decision, rules)
    taken = next((nth for nth, way in enumerate(found.ways) if store_id in way.store_ids), None)
    return {
        "rules_version": version,
        "readable": True,
        "decided_at": decision.ask.now.isoformat(),
        "as_decided": record.outcome(found) == decision.outcome,
        "taken": taken,
        **record.told(found, decision.ask),
    }


def _named(db: Session, store_id: str) -> StoreNameOut:
    try:
        store = places.get(db, store_id=StoreId(uuid.UUID(store_id)))
    except places.NoSuchStore:
        return StoreNameOut(name_zh="", name_en="")
    return StoreNameOut(name_zh=store.name_zh, name_en=store.name_en)
