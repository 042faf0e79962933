"""Builders of stock for tests."""

import uuid
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.inventory.lines import Line, merged
from o2o.inventory.shelf import counting, receiving
from o2o.inventory.shelf.receiving import ReceiptLine
from o2o.kit import ids
from o2o.kit.ids import OrderId, StoreId

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def later(seconds: float) -> datetime:
    """So many seconds after the start of the test."""
    return NOW + timedelta(seconds=seconds)


def a_store_with(db: Session, stock: dict[str, int], *, lots: dict[str, date] | None = None) -> StoreId:
    """A store that has received `stock`; with `lots`, one lot a SKU named after it."""
    store_id = StoreId(ids.new_id())
    put(db, store_id, stock, lots=lots)
    return store_id


def put(db: Session, store_id: StoreId, stock: dict[str, int], *, lots: dict[str, date] | None = None) -> None:
    """Receive `stock` at a store."""
    dates = lots or {}
    lines = [
        ReceiptLine(sku, quantity, f"{sku}-lot" if sku in dates else None, dates.get(sku))
        for sku, quantity in stock.items()
    ]
    receiving.receive(db, store_id=store_id, receipt_id=ids.new_id(), lines=lines, now=NOW)


def count(db: Session, store_id: StoreId | uuid.UUID, found: list[Line], *, now: datetime, clerk: uuid.UUID) -> None:
    """One clerk counts some shelves, in the order of locks; another posts it. Whatever else is asked for already."""
    place, shelves = {"store_id": store_id, "now": now}, merged(found, least=0)
    count_id = counting._open(db, scope="directed", skus=[line.sku for line in shelves], because="test", **place)
    for line in shelves:
        counting.record(db, count_id=count_id, clerk_id=clerk, sku=line.sku, quantity=line.quantity, **place)
    counting.submit(db, count_id=count_id, clerk_id=clerk, **place)
    counting.post(db, count_id=count_id, by=ids.new_id(), **place)


def an_order() -> OrderId:
    """A fresh order id."""
    return OrderId(ids.new_id())


def lines(**quantities: int) -> list[Line]:
    """`lines(milk=2, eggs=1)`."""
    return [Line(sku, quantity) for sku, quantity in quantities.items()]


def item(db: Session, store_id: StoreId | uuid.UUID, sku: str) -> dict[str, int]:
    """The buckets of one item as they are."""
    row = db.execute(
        text(
            "SELECT on_hand, reserved, safety, damaged, quality_control, in_transit, short FROM stock_items"
            " WHERE store_id = :store AND sku = :sku"
        ),
        {"store": store_id, "sku": sku},
    ).one()
    return dict(row._mapping)


def shelf(db: Session, store_id: StoreId | uuid.UUID, sku: str) -> tuple[int, int]:
    """(on hand, reserved)."""
    buckets = item(db, store_id, sku)
    return buckets["on_hand"], buckets["reserved"]


def lots(db: Session, store_id: StoreId | uuid.UUID, sku: str) -> dict[str, int]:
    """Units by lot code, empty ones left out."""
    rows = db.execute(
        text("SELECT code, quantity FROM stock_lots WHERE store_id = :store AND sku = :sku AND quantity > 0"),
        {"store": store_id, "sku": sku},
    )
    return {row.code: row.quantity for row in rows}


def said(db: Session, name: str) -> list[dict[str, object]]:
    """Payloads of the events of a name, in order."""
    return list(db.execute(text("SELECT payload FROM outbox WHERE name = :name ORDER BY id"), {"name": name}).scalars())
