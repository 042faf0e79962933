"""What choosing between stores reads of their shelves is what `sellable` says, with what is not sold there told apart."""

import random
import uuid
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.inventory.lines import Line
from o2o.inventory.reserving import availability, reservations
from o2o.inventory.shelf import expiry, receiving
from o2o.kit import ids
from o2o.kit.ids import OrderId, ReservationId, Sku
from tests.catalogue.make import on_sale
from tests.hands import MONDAY_TEN
from tests.stores.make import a_store, an_area

NOW = MONDAY_TEN


def test_shelves_agree_with_what_is_sellable_in_every_condition(db: Session) -> None:
    dice = random.Random(4)
    skus = on_sale(db, *(f"SHELF-{n:02d}" for n in range(12)), now=NOW)
    area = an_area(db)
    stores = [a_store(db, f"S{n}", now=NOW, area_id=area) for n in range(4)]
    for store in stores:
        kept = [receiving.ReceiptLine(sku, dice.randrange(1, 20), None, None) for sku in skus[:-1]]
        receiving.receive(db, store_id=store, receipt_id=ids.new_id(), lines=kept, now=NOW)
        order_id = OrderId(ids.new_id())
        reservations.hold(
            db, reservation_id=ReservationId(ids.new_id()), order_id=order_id, store_id=store, lines=[Line(skus[0], 1)],
            expires_at=NOW + timedelta(minutes=dice.choice([-5, 5])), now=NOW - timedelta(hours=1),
        )  # fmt: skip
        for sku in skus[:-1]:
            values = {"safety": dice.randrange(6), "threshold": dice.randrange(6), "offered": dice.random() < 0.8}
            db.execute(
                text(
                    "UPDATE stock_items SET safety = :safety, threshold = :threshold, offered = :offered"
                    " WHERE store_id = :store AND sku = :sku"
                ),
                values | {"store": store, "sku": sku},
            )
    asked = {"store_ids": stores, "skus": skus, "now": NOW}
    sellable = availability.sellable(db, **asked)
    shelves = availability.shelves(db, **asked, expiring_by=NOW.date())
    assert len(shelves) == len(stores)
    found = {
        (store, sku): left
        for store, shelf in zip(stores, shelves, strict=True)
        for sku, left in zip(skus, shelf.left, strict=True)
    }
    assert {pair: left or 0 for pair, left in found.items()} == sellable
    assert all(found[store, skus[-1]] is None for store in stores)
    refused = db.execute(text("SELECT store_id, sku FROM stock_items WHERE NOT offered AND sku LIKE 'SHELF%'")).all()
    assert refused
    assert all(found[row.store_id, Sku(row.sku)] is None for row in refused)
    assert sum(left is None for left in found.values()) == len(refused) + len(stores)


def test_pieces_that_soon_run_out_of_date_are_counted_and_blocked_ones_are_not(db: Session) -> None:
    (sku,) = on_sale(db, "SHELF-99", now=NOW)
    store = a_store(db, now=NOW)
    day = NOW.date()
    lots = [("old", 3, 1), ("past", 2, -1), ("fresh", 9, 30)]
    lines = [receiving.ReceiptLine(sku, quantity, code, day + timedelta(days=days)) for code, quantity, days in lots]
    receiving.receive(db, store_id=store, receipt_id=uuid.uuid4(), lines=lines, now=NOW)
    assert expiry.block_expired(db, store_id=store, today=day, now=NOW) == [sku]
    (shelf,) = availability.shelves(db, store_ids=[store], skus=[sku], now=NOW, expiring_by=day + timedelta(days=2))
    assert (shelf.left, shelf.expiring) == ([12], [3])
