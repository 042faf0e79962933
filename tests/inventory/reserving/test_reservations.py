"""Promises end exactly once, and nothing is promised that is not there."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from o2o.inventory.lines import BadQuantity
from o2o.inventory.reserving import availability, reservations
from o2o.inventory.reserving.reservations import Hold, Line
from o2o.inventory.shelf import receiving, selling
from o2o.inventory.shelf.receiving import ReceiptLine
from o2o.kit import ids
from tests.inventory.make import NOW, a_store_with, an_order, item, later, lines, lots, put, said, shelf


def hold(db, order, store, at=NOW, until=900, **wanted):
    reservations.hold(
        db,
        reservation_id=ids.new_id(),
        order_id=order,
        store_id=store,
        lines=lines(**wanted),
        expires_at=later(until),
        now=at,
    )


def free(db, store, sku, at=NOW):
    return availability.sellable(db, store_ids=[store], skus=[sku], now=at)[store, sku]


def test_a_hold_keeps_units_that_are_no_longer_free(db: Session) -> None:
    store = a_store_with(db, {"milk": 5})
    hold(db, an_order(), store, milk=3)
    assert shelf(db, store, "milk") == (5, 3)
    assert free(db, store, "milk") == 2


def test_more_than_is_free_is_refused_and_says_how_many_are_left(db: Session) -> None:
    store = a_store_with(db, {"milk": 5, "eggs": 9})
    hold(db, an_order(), store, milk=3)
    with pytest.raises(reservations.OutOfStock) as refusal:
        hold(db, an_order(), store, eggs=1, milk=3)
    assert refusal.value.facts == {"sku": "milk", "wanted": 3, "left": 2, "store_id": store}
    assert shelf(db, store, "eggs") == (9, 0)
    assert shelf(db, store, "milk") == (5, 3)


def test_a_sku_nobody_keeps_is_out_of_stock(db: Session) -> None:
    store = a_store_with(db, {})
    with pytest.raises(reservations.OutOfStock):
        hold(db, an_order(), store, milk=1)


def test_the_same_sku_twice_in_one_basket_counts_together(db: Session) -> None:
    store = a_store_with(db, {"milk": 3})
    with pytest.raises(reservations.OutOfStock):
        reservations.hold(
            db, reservation_id=ids.new_id(), order_id=an_order(), store_id=store, lines=[Line("milk", 2), Line("milk", 2)],
            expires_at=later(900), now=NOW,
        )  # fmt: skip
    assert shelf(db, store, "milk") == (3, 0)


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001, 2**63, True, 1.5])
def test_quantities_that_cannot_be_meant_are_refused(db: Session, quantity: int) -> None:
    store = a_store_with(db, {"milk": 3})
    with pytest.raises(BadQuantity):
        hold(db, an_order(), store, milk=quantity)


def test_one_order_may_hold_at_several_stores_or_at_none(db: Session) -> None:
    near, far = a_store_with(db, {"milk": 1}), a_store_with(db, {"eggs": 1})
    order = an_order()
    wanted = [Hold(ids.new_id(), near, lines(milk=1)), Hold(ids.new_id(), far, lines(eggs=2))]
    with pytest.raises(reservations.OutOfStock):
        reservations.hold_all(db, order_id=order, holds=wanted, expires_at=later(900), now=NOW)
    assert shelf(db, near, "milk") == (1, 0)
    wanted[1] = Hold(ids.new_id(), far, lines(eggs=1))
    reservations.hold_all(db, order_id=order, holds=wanted, expires_at=later(900), now=NOW)
    assert (shelf(db, near, "milk"), shelf(db, far, "eggs")) == ((1, 1), (1, 1))
    assert reservations.release(db, order_id=order, reason="cancelled", now=NOW) == 2


def test_an_expired_hold_counts_as_free_when_read_and_when_wanted(db: Session) -> None:
    store = a_store_with(db, {"milk": 2})
    late, quick = an_order(), an_order()
    hold(db, late, store, milk=2)
    assert free(db, store, "milk", later(899)) == 0
    assert free(db, store, "milk", later(900)) == 2
    with pytest.raises(reservations.OutOfStock):
        hold(db, quick, store, at=later(899), milk=1)
    hold(db, quick, store, at=later(900), until=1800, milk=1)
    assert shelf(db, store, "milk") == (2, 1)
    assert said(db, "inventory.hold_expired") == [{"order_id": str(late)}]
    assert reservations.expire_due(db, now=later(901), limit=10) == []


def test_a_payment_after_the_end_takes_the_goods_again_if_they_are_there(db: Session) -> None:
    store = a_store_with(db, {"milk": 2})
    order = an_order()
    hold(db, order, store, milk=2)
    assert reservations.expire_due(db, now=later(900), limit=10) == [order]
    assert shelf(db, store, "milk") == (2, 0)
    reservations.commit(db, order_id=order, now=later(901))
    reservations.commit(db, order_id=order, now=later(902))
    assert shelf(db, store, "milk") == (2, 2)
    assert reservations.expire_due(db, now=later(9999), limit=10) == []


def test_a_payment_after_the_goods_have_gone_is_told_so_and_keeps_nothing(db: Session) -> None:
    store = a_store_with(db, {"milk": 2, "eggs": 2})
    slow, quick = an_order(), an_order()
    hold(db, slow, store, milk=2, eggs=1)
    hold(db, quick, store, at=later(900), until=1800, milk=1)
    with pytest.raises(reservations.Expired) as refusal:
        reservations.commit(db, order_id=slow, now=later(901))
    assert refusal.value.facts["sku"] == "milk"
    assert (shelf(db, store, "milk"), shelf(db, store, "eggs")) == ((2, 1), (2, 0))


def test_a_hold_that_took_the_place_of_a_lapsed_one_is_committed_alone(db: Session) -> None:
    """Paid too late, its goods gone, sourced again elsewhere: the first promise must not come back."""
    first, other = a_store_with(db, {"milk": 2}), a_store_with(db, {"milk": 2})
    order = an_order()
    hold(db, order, first, milk=1)
    reservations.expire_due(db, now=later(900), limit=10)
    hold(db, order, other, at=later(900), until=1800, milk=1)
    reservations.commit(db, order_id=order, now=later(901))
    assert (shelf(db, first, "milk"), shelf(db, other, "milk")) == ((2, 0), (2, 1))


def test_a_late_payment_may_take_what_another_let_lapse(db: Session) -> None:
    store = a_store_with(db, {"milk": 1})
    first, second = an_order(), an_order()
    hold(db, first, store, milk=1)
    hold(db, second, store, at=later(900), until=1000, milk=1)
    reservations.commit(db, order_id=first, now=later(1000))
    assert shelf(db, store, "milk") == (1, 1)
    with pytest.raises(reservations.Expired):
        reservations.commit(db, order_id=second, now=later(1001))


def test_a_hold_that_is_due_but_not_swept_is_simply_committed(db: Session) -> None:
    store = a_store_with(db, {"milk": 2})
    order = an_order()
    hold(db, order, store, milk=2)
    reservations.commit(db, order_id=order, now=later(950))
    assert shelf(db, store, "milk") == (2, 2)
    assert free(db, store, "milk", later(99_999)) == 0


def test_a_payment_without_a_hold_is_refused(db: Session) -> None:
    store = a_store_with(db, {"milk": 2})
    order = an_order()
    hold(db, order, store, milk=2)
    reservations.release(db, order_id=order, reason="cancelled", now=NOW)
    for nothing in (order, an_order()):
        with pytest.raises(reservations.NotHeld):
            reservations.commit(db, order_id=nothing, now=NOW)


def test_holding_longer_moves_the_end_and_never_nearer(db: Session) -> None:
    store = a_store_with(db, {"milk": 1})
    order = an_order()
    hold(db, order, store, milk=1)
    reservations.extend(db, order_id=order, until=later(1200), now=later(600))
    reservations.extend(db, order_id=order, until=later(1000), now=later(600))
    assert reservations.expire_due(db, now=later(1199), limit=10) == []
    with pytest.raises(reservations.Expired):
        reservations.extend(db, order_id=order, until=later(2000), now=later(1200))
    assert free(db, store, "milk", later(1200)) == 1
    assert reservations.expire_due(db, now=later(1200), limit=10) == [order]
    with pytest.raises(reservations.Expired):
        reservations.extend(db, order_id=order, until=later(2000), now=later(1201))


def test_release_gives_back_exactly_once(db: Session) -> None:
    store = a_store_with(db, {"milk": 5})
    order = an_order()
    hold(db, order, store, milk=3)
    reservations.commit(db, order_id=order, now=NOW)
    assert reservations.release(db, order_id=order, reason="cancelled", now=NOW) == 1
    assert reservations.release(db, order_id=order, reason="cancelled", now=NOW) == 0
    assert shelf(db, store, "milk") == (5, 0)


def test_picking_takes_what_was_picked_and_frees_the_rest(db: Session) -> None:
    store = a_store_with(db, {"milk": 5, "eggs": 4, "rice": 2})
    order, cause = an_order(), ids.new_id()
    hold(db, order, store, milk=3, eggs=1)
    reservations.commit(db, order_id=order, now=NOW)
    reservations.consume(db, order_id=order, store_id=store, picked=lines(milk=2, eggs=0, rice=1), cause=cause, now=NOW)
    assert [shelf(db, store, sku) for sku in ("milk", "eggs", "rice")] == [(3, 0), (4, 0), (1, 0)]
    with pytest.raises(reservations.NotHeld):
        reservations.consume(db, order_id=order, store_id=store, picked=lines(milk=2), cause=ids.new_id(), now=NOW)
    assert reservations.release(db, order_id=order, reason="cancelled", now=NOW) == 0


def test_picking_takes_the_lots_that_expire_first(db: Session) -> None:
    store = a_store_with(db, {"milk": 2}, lots={"milk": date(2026, 3, 9)})
    receiving.receive(
        db, store_id=store, receipt_id=ids.new_id(), lines=[ReceiptLine("milk", 3, "fresh", date(2026, 3, 20))], now=NOW
    )
    put(db, store, {"milk": 1})
    order = an_order()
    hold(db, order, store, milk=4)
    reservations.consume(db, order_id=order, store_id=store, picked=lines(milk=4), cause=ids.new_id(), now=NOW)
    assert lots(db, store, "milk") == {"fresh": 1}
    assert shelf(db, store, "milk") == (2, 0)


def test_the_till_never_refuses_and_the_youngest_promise_is_endangered(db: Session) -> None:
    store = a_store_with(db, {"milk": 3})
    old, young = an_order(), an_order()
    hold(db, old, store, milk=1)
    hold(db, young, store, at=later(5), milk=1)
    for order in (old, young):
        reservations.commit(db, order_id=order, now=later(6))
    sale = ids.new_id()
    found = selling.sell(db, store_id=store, sale_id=sale, lines=lines(milk=2), at=later(7), now=later(7))
    assert [(d.sku, d.missing) for d in found] == [("milk", 1)]
    assert item(db, store, "milk")["short"] is True
    assert said(db, "inventory.stock_short") == [{"store_id": str(store), "sku": "milk", "order_ids": [str(young)]}]
    again = selling.sell(db, store_id=store, sale_id=sale, lines=lines(milk=2), at=later(7), now=later(8))
    assert again == []
    assert shelf(db, store, "milk") == (1, 2)
    with pytest.raises(reservations.OutOfStock):
        hold(db, an_order(), store, at=later(9), milk=1)


def test_a_shelf_that_is_short_heals_when_goods_or_promises_allow(db: Session) -> None:
    store = a_store_with(db, {"milk": 1})
    selling.sell(db, store_id=store, sale_id=ids.new_id(), lines=lines(milk=3), at=NOW, now=NOW)
    assert shelf(db, store, "milk") == (-2, 0)
    put(db, store, {"milk": 5})
    assert item(db, store, "milk")["short"] is False
    assert db.execute(text("SELECT count(*) FROM stock_discrepancies WHERE closed_at IS NULL")).scalar_one() == 0
    hold(db, an_order(), store, milk=3)


def test_the_ledger_can_only_grow(db: Session) -> None:
    a_store_with(db, {"milk": 1})
    for forbidden in ("UPDATE stock_entries SET delta = 7", "DELETE FROM stock_entries", "TRUNCATE stock_entries"):
        with pytest.raises(DBAPIError, match="append-only"), db.begin_nested():
            db.execute(text(forbidden))


def test_the_database_itself_refuses_to_oversell(db: Session) -> None:
    store = a_store_with(db, {"milk": 1})
    with pytest.raises(DBAPIError, match="never_oversold"), db.begin_nested():
        db.execute(text("UPDATE stock_items SET reserved = 2 WHERE store_id = :store"), {"store": store})
