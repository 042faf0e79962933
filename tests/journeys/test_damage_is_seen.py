"""Reconcile is silent about a house that did all kinds of things, and sees whatever somebody changes behind its back, one at a time."""

import re
import uuid
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.analytics import reconcile
from o2o.inventory.reserving import limited_offers
from o2o.inventory.shelf import receiving
from o2o.inventory.shelf.receiving import ReceiptLine
from tests.conftest import Database
from tests.journeys.town import APPLES, BREAD, MILK, Town

_FIRST = "WHERE ctid = (SELECT ctid FROM {} WHERE {} LIMIT 1)"
_KEPT = (
    "WITH kept AS (INSERT INTO reservations (order_id, id, store_id, skus, quantities, state, held_at, expires_at)"
    " VALUES (gen_random_uuid(), gen_random_uuid(), :near, ARRAY['DAIRY-001'], ARRAY[1], '{}', now(), {}) RETURNING *),"
    " booked AS (INSERT INTO stock_entries (cause, store_id, sku, bucket, kind, delta, at, recorded_at)"
    " SELECT id, store_id, 'DAIRY-001', 'reserved', 'hold', 1, now(), now() FROM kept)"
    " UPDATE stock_items SET reserved = reserved + 1 WHERE store_id = :near AND sku = 'DAIRY-001'"
)
_UNSOLD = (
    "WITH gone AS (DELETE FROM stock_entries WHERE kind = '{}' AND bucket = 'on_hand' RETURNING *)"
    " UPDATE stock_items i SET on_hand = i.on_hand - g.delta FROM gone g WHERE g.store_id = i.store_id AND g.sku = i.sku"
)
DAMAGE = [
    *(
        f"UPDATE stock_items SET {pile} = {pile} + {by} WHERE store_id = :near AND sku = 'DAIRY-001'"
        for pile, by in (
            ("on_hand", 1), ("on_hand", -1), ("reserved", 1), ("reserved", -1), ("damaged", 1), ("quality_control", 1),
            ("in_transit", 1),
        )
    ),
    "UPDATE stock_items SET short = NOT short WHERE store_id = :near AND sku = 'DAIRY-001'",
    "UPDATE stock_items SET flash = NOT flash WHERE store_id = :near AND sku = 'DAIRY-001'",
    "UPDATE stock_items SET flash = NOT flash WHERE store_id = :near AND sku = 'BAKERY-001'",
    "DELETE FROM stock_items WHERE store_id = :near AND sku = 'DAIRY-001'",
    "UPDATE stock_lots SET quantity = quantity - 1 WHERE quantity > 0",
    "UPDATE stock_lots SET blocked = true WHERE quantity > 0",
    "DELETE FROM stock_lots",
    *(
        f"DELETE FROM stock_entries {_FIRST.format('stock_entries', which)}"
        for which in (
            "bucket = 'on_hand'", "kind = 'hold'", "kind = 'release'", "bucket LIKE 'lot:%'", "bucket = 'flash'",
            "bucket = 'in_transit'", "kind = 'sale'", "kind = 'pick'",
        )
    ),
    "INSERT INTO stock_entries (cause, store_id, sku, bucket, kind, delta, at, recorded_at) SELECT gen_random_uuid(), store_id, sku,"
    " bucket, kind, delta, at, recorded_at FROM stock_entries WHERE kind = 'sale'",
    f"UPDATE stock_entries SET delta = delta + 1 {_FIRST.format('stock_entries', 'true')}",
    _UNSOLD.format("sale"),
    _UNSOLD.format("pick"),
    "DELETE FROM reservations WHERE state = 'held'",
    "DELETE FROM reservations WHERE order_id = :paid",
    "UPDATE reservations SET state = 'released' WHERE order_id = :paid",
    "UPDATE reservations SET state = 'consumed' WHERE state = 'released'",
    "UPDATE reservations SET quantities = ARRAY[9] WHERE state = 'held'",
    "UPDATE reservations SET order_id = gen_random_uuid() WHERE state = 'held'",
    "UPDATE reservations SET order_id = gen_random_uuid() WHERE order_id = :paid",
    "UPDATE reservations SET store_id = :far WHERE order_id = :paid",
    "UPDATE reservations SET expires_at = expires_at + interval '1 day' WHERE state = 'held'",
    _KEPT.format("committed", "NULL"),
    _KEPT.format("held", "'2030-01-01'"),
    "DELETE FROM payments WHERE order_id = :placed",
    "DELETE FROM payments WHERE order_id = :paid",
    "DELETE FROM payments WHERE order_id = :sold",
    "UPDATE payments SET order_id = gen_random_uuid() WHERE order_id = :paid",
    "UPDATE payments SET amount_fen = amount_fen + 1 WHERE order_id = :placed",
    "UPDATE payments SET authorised_fen = authorised_fen - 1 WHERE order_id = :paid",
    "UPDATE payments SET authorised_fen = 0, state = 'pending' WHERE order_id = :paid",
    "UPDATE payments SET refunded_fen = 1 WHERE order_id = :packed",
    f"DELETE FROM payment_entries {_FIRST.format('payment_entries', 'true')}",
    "DELETE FROM payment_entries",
    "UPDATE orders SET state = 'cancelled' WHERE id = :paid",
    "UPDATE orders SET total_fen = total_fen + 1, goods_fen = goods_fen + 1 WHERE id = :placed",
    "DELETE FROM orders WHERE id = :placed",
    "DELETE FROM orders WHERE id = :paid",
    "UPDATE order_lines SET quantity = quantity + 1 WHERE order_id = :paid",
    "DELETE FROM order_history WHERE order_id = :paid AND version = 2",
    "DELETE FROM shipments WHERE order_id = :placed",
    "DELETE FROM shipments WHERE order_id = :paid",
    "UPDATE shipments SET store_id = :far WHERE order_id = :paid",
    "UPDATE shipments SET quantities = ARRAY[1] WHERE order_id = :paid",
    "DELETE FROM pick_tasks WHERE order_id = :paid",
    "DELETE FROM deliveries WHERE order_id = :paid",
    "UPDATE flash_buckets SET free = free + 1 WHERE number = 0",
    "UPDATE flash_buckets SET free = free - 1 WHERE number = 0",
    "DELETE FROM flash_buckets WHERE number = 0",
    "DELETE FROM flash_buckets",
    "UPDATE stock_transfers SET state = 'received'",
    "UPDATE stock_transfers SET state = 'canceled'",
    "UPDATE stock_transfer_lines SET quantity = quantity + 1",
    "UPDATE stock_discrepancies SET closed_at = now()",
]  # fmt: skip


def _house(town: Town) -> dict[str, object]:
    """A sale, an order packed, one paid, one cancelled, one waiting, an offer, a transfer under way, a shelf that is short."""
    near = town.clerks[town.near]
    with town.database.sessions() as db:
        lot = ReceiptLine(MILK, 6, "L1", date(2026, 3, 20))
        receiving.receive(db, store_id=town.near, receipt_id=uuid.uuid4(), lines=[lot], now=town.clock())
    packed = town.bought((MILK, 1), (BREAD, 1))
    town.pick()
    paid, cancelled = town.bought((MILK, 2)), town.bought((BREAD, 2))
    town.cancel(cancelled)
    placed = town.place((MILK, 3))
    sale = {"sale_id": str(uuid.uuid4()), "items": [{"sku": MILK}], "tender": "cash", "at": town.clock().isoformat()}
    sold = town.did(town.post(near, "/till/sales", sale), 201)
    with town.database.sessions() as db:
        limited_offers.begin(db, offer_id=uuid.uuid4(), store_id=town.near, sku=BREAD, quantity=5, now=town.clock())
    leaving = {"to_store_id": str(town.far), "lines": [{"sku": MILK, "quantity": 2}]}
    transfer = town.did(town.post(near, "/transfers", leaving), 201)["id"]
    town.did(town.post(near, f"/transfers/{transfer}/send"))
    town.bought((APPLES, 9), method="pickup", store_id=str(town.near))
    town.did(town.post(near, "/write-offs", {"sku": APPLES, "quantity": 3, "reason": "lost"}), 201)
    town.worker.drain()
    orders = {"packed": packed, "paid": paid, "placed": placed, "sold": sold}
    return {"near": town.near, "far": town.far} | {name: one["order_id"] for name, one in orders.items()}


def _differences(database: Database, damage: str | None, names: dict[str, object]) -> list[str]:
    with database.engine.connect() as connection, connection.begin() as behind:
        if damage is not None:
            connection.execute(text("SET LOCAL session_replication_role = replica"))  # no triggers, no foreign keys
            used = {name: one for name, one in names.items() if re.search(rf":{name}\b", damage)}
            assert connection.execute(text(damage), used).rowcount > 0, damage
        with Session(connection) as db:
            found = reconcile.differences(db)
        behind.rollback()
    return found


def test_whatever_is_changed_behind_the_house_is_seen_and_nothing_else(town: Town, database: Database) -> None:
    names = _house(town)
    assert _differences(database, None, names) == []
    assert [damage for damage in DAMAGE if not _differences(database, damage, names)] == []
