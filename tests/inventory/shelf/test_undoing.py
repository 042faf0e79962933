"""A receipt or a write-off just booked is taken back by a move the other way, while that is still true of the shelf."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.inventory import ledger_check
from o2o.inventory.ledger.moves import NotThatMany
from o2o.inventory.reserving import reservations
from o2o.inventory.shelf import counting, receiving, selling, undoing, write_offs
from o2o.inventory.shelf.receiving import ReceiptLine
from o2o.inventory.supply import suppliers
from o2o.inventory.supply.suppliers import Arrived
from o2o.kit import ids
from tests.inventory.make import NOW, a_store_with, an_order, item, later, lines, lots, shelf

SOON = date(2026, 3, 9)
THEN = later(120)


def a_receipt(db, store, *rows):
    receipt = ids.new_id()
    receiving.receive(db, store_id=store, receipt_id=receipt, lines=list(rows), now=NOW)
    return receipt


def take_back(db, store, receipt, *, now=THEN):
    suppliers.undo(db, store_id=store, receipt_id=receipt, now=now)


def ledger(db, cause):
    rows = db.execute(
        text("SELECT kind, bucket, delta FROM stock_entries WHERE cause = :cause ORDER BY position"), {"cause": cause}
    )
    return [tuple(row) for row in rows]


def test_a_receipt_taken_back_leaves_lots_and_piles_as_they_were_and_the_ledger_knows_both(db: Session) -> None:
    store = a_store_with(db, {"milk": 5}, lots={"milk": SOON})
    receipt = a_receipt(db, store, ReceiptLine("milk", 20, "L2", SOON, damaged=2), ReceiptLine("eggs", 6))
    take_back(db, store, receipt)
    take_back(db, store, receipt)
    assert (shelf(db, store, "milk"), shelf(db, store, "eggs")) == ((5, 0), (0, 0))
    assert (lots(db, store, "milk"), item(db, store, "milk")["damaged"]) == ({"milk-lot": 5}, 0)
    assert sorted(entry for entry in ledger(db, receipt) if entry[0] == "receipt_undone") == [
        ("receipt_undone", "damaged", -2),
        ("receipt_undone", "lot:L2", -20),
        ("receipt_undone", "on_hand", -20),
        ("receipt_undone", "on_hand", -6),
    ]
    assert len(ledger(db, receipt)) == 8
    assert ledger_check.differences(db) == []


@pytest.mark.parametrize("gone", ["sold", "promised"])
def test_what_is_sold_or_promised_meanwhile_keeps_its_receipt(db: Session, gone: str) -> None:
    store = a_store_with(db, {})
    receipt = a_receipt(db, store, ReceiptLine("milk", 4), ReceiptLine("eggs", 6))
    if gone == "sold":
        selling.sell(db, store_id=store, sale_id=ids.new_id(), lines=lines(milk=1), at=later(5), now=later(5))
    else:
        reservations.hold(
            db,
            reservation_id=ids.new_id(),
            order_id=an_order(),
            store_id=store,
            lines=lines(milk=1),
            expires_at=later(900),
            now=NOW,
        )
    with pytest.raises(NotThatMany):
        take_back(db, store, receipt)
    assert (shelf(db, store, "milk")[0], shelf(db, store, "eggs")) == (3 if gone == "sold" else 4, (6, 0))


def test_a_write_off_taken_back_fills_the_lots_it_was_taken_from(db: Session) -> None:
    store = a_store_with(db, {"milk": 5}, lots={"milk": SOON})
    off = ids.new_id()
    write_offs.write_off(db, store_id=store, write_off_id=off, sku="milk", quantity=3, reason="broken", now=NOW)
    assert lots(db, store, "milk") == {"milk-lot": 2}
    write_offs.undo(db, store_id=store, write_off_id=off, now=THEN)
    write_offs.undo(db, store_id=store, write_off_id=off, now=THEN)
    assert (shelf(db, store, "milk"), lots(db, store, "milk")) == ((5, 0), {"milk-lot": 5})
    assert db.execute(text("SELECT quantity, undone_at FROM stock_write_offs")).one() == (3, THEN)
    assert ledger_check.differences(db) == []


def test_damaged_goods_written_off_by_mistake_are_damaged_again(db: Session) -> None:
    store = a_store_with(db, {"milk": 5})
    write_offs.set_apart(db, store_id=store, cause_id=ids.new_id(), sku="milk", damaged=2, now=NOW)
    off = ids.new_id()
    write_offs.write_off(
        db, store_id=store, write_off_id=off, sku="milk", quantity=2, reason="damaged", damaged=True, now=NOW
    )
    write_offs.undo(db, store_id=store, write_off_id=off, now=THEN)
    assert (shelf(db, store, "milk"), item(db, store, "milk")["damaged"]) == ((5, 0), 2)


def test_a_quarter_of_an_hour_later_a_count_is_the_way(db: Session) -> None:
    store = a_store_with(db, {})
    receipt = a_receipt(db, store, ReceiptLine("milk", 4))
    with pytest.raises(undoing.TooLateToUndo):
        take_back(db, store, receipt, now=NOW + undoing.WINDOW + timedelta(seconds=1))
    take_back(db, store, receipt, now=NOW + undoing.WINDOW)
    assert shelf(db, store, "milk") == (0, 0)


@pytest.mark.parametrize("posted", [True, False])
def test_who_has_counted_since_has_seen_the_shelf_and_is_right(db: Session, posted: bool) -> None:
    store, clerk = a_store_with(db, {}), ids.new_id()
    receipt = a_receipt(db, store, ReceiptLine("milk", 40))
    count = counting.ask(db, store_id=store, skus=["milk"], because="weekly", now=later(10))
    counting.record(db, count_id=count, store_id=store, clerk_id=clerk, sku="milk", quantity=4, now=later(20))
    counting.submit(db, count_id=count, store_id=store, clerk_id=clerk, now=later(20))
    if posted:
        counting.post(db, count_id=count, store_id=store, by=ids.new_id(), now=later(30))
    with pytest.raises(undoing.CountedSince):
        take_back(db, store, receipt)
    assert shelf(db, store, "milk")[0] == (4 if posted else 40)


def test_nobody_takes_back_what_was_booked_at_another_store_or_otherwise(db: Session) -> None:
    here, there = a_store_with(db, {}), a_store_with(db, {})
    receipt = a_receipt(db, here, ReceiptLine("milk", 4))
    with pytest.raises(undoing.NothingToUndo):
        take_back(db, there, receipt)
    with pytest.raises(undoing.NothingToUndo):
        write_offs.undo(db, store_id=here, write_off_id=receipt, now=THEN)
    assert shelf(db, here, "milk") == (4, 0)


def test_an_announced_delivery_taken_back_is_to_come_again(db: Session) -> None:
    store, notice, first, second = a_store_with(db, {}), ids.new_id(), ids.new_id(), ids.new_id()
    suppliers.announce(
        db, notice_id=notice, supplier="farm", store_id=store, due_at=later(60), lines=lines(milk=10, eggs=5), now=NOW
    )
    wrong = [Arrived("milk", 1, reason="short"), Arrived("eggs", 5), Arrived("rice", 2, reason="over")]
    suppliers.receive(db, notice_id=notice, receipt_id=first, store_id=store, arrived=wrong, now=NOW)
    take_back(db, store, first)
    assert [shelf(db, store, sku)[0] for sku in ("milk", "eggs", "rice")] == [0, 0, 0]
    assert suppliers.differences(db, since=NOW) == []
    right = [Arrived("milk", 10), Arrived("eggs", 5, damaged=1, reason="broken")]
    found = suppliers.receive(db, notice_id=notice, receipt_id=second, store_id=store, arrived=right, now=THEN)
    assert [(one.sku, one.damaged) for one in found] == [("eggs", 1)]
    assert [(one.supplier, one.difference.sku) for one in suppliers.differences(db, since=NOW)] == [("farm", "eggs")]
    with pytest.raises(undoing.NothingToUndo):
        take_back(db, store, ids.new_id())


def test_a_delivery_of_which_nothing_came_can_be_taken_back_too(db: Session) -> None:
    store, notice, receipt = a_store_with(db, {}), ids.new_id(), ids.new_id()
    suppliers.announce(
        db, notice_id=notice, supplier="farm", store_id=store, due_at=later(60), lines=lines(milk=10), now=NOW
    )
    none = [Arrived("milk", 0, refused=10, reason="spoiled")]
    suppliers.receive(db, notice_id=notice, receipt_id=receipt, store_id=store, arrived=none, now=NOW)
    take_back(db, store, receipt)
    assert db.scalar(text("SELECT state FROM supply_notices")) == "announced"
