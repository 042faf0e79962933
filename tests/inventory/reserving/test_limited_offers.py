"""A limited offer sells exactly its units, and the books agree at each step."""

import pytest
from sqlalchemy.orm import Session

from o2o.inventory import ledger_check
from o2o.inventory.reserving import availability, limited_offers, reservations
from o2o.inventory.shelf import selling
from o2o.kit import ids
from tests.inventory.make import NOW, a_store_with, an_order, later, lines, put, shelf


def take(db: Session, store, quantity: int, at=NOW):
    order = an_order()
    reservations.hold(
        db, reservation_id=ids.new_id(), order_id=order, store_id=store, lines=lines(crab=quantity),
        expires_at=later(900), now=at,
    )  # fmt: skip
    return order


def left(db: Session, store) -> int:
    return availability.sellable(db, store_ids=[store], skus=["crab"], now=NOW)[store, "crab"]


@pytest.fixture
def store(db: Session):
    store = a_store_with(db, {"crab": 30})
    limited_offers.begin(db, offer_id=ids.new_id(), store_id=store, sku="crab", quantity=20, now=NOW)
    return store


def test_an_offer_sells_exactly_its_units_across_buckets(db: Session, store) -> None:
    assert left(db, store) == 20
    for _ in range(6):
        take(db, store, 3)
    with pytest.raises(reservations.OutOfStock):
        take(db, store, 3)
    take(db, store, 2)
    assert left(db, store) == 0
    assert shelf(db, store, "crab") == (30, 20)
    assert ledger_check.differences(db) == []


def test_what_lapses_comes_back_to_the_offer_and_what_is_left_becomes_ordinary(db: Session, store) -> None:
    gone = take(db, store, 5)
    kept = take(db, store, 4)
    reservations.release(db, order_id=gone, reason="cancelled", now=NOW)
    assert left(db, store) == 16
    assert ledger_check.differences(db) == []
    assert limited_offers.end(db, offer_id=ids.new_id(), store_id=store, sku="crab", now=NOW) == 16
    assert shelf(db, store, "crab") == (30, 4)
    reservations.consume(db, order_id=kept, store_id=store, picked=lines(crab=4), cause=ids.new_id(), now=NOW)
    assert left(db, store) == 26
    assert ledger_check.differences(db) == []


def test_a_till_that_takes_the_shelf_shrinks_the_offer_before_it_endangers_orders(db: Session, store) -> None:
    take(db, store, 5)
    assert selling.sell(db, store_id=store, sale_id=ids.new_id(), lines=lines(crab=20), at=NOW, now=NOW) == []
    assert left(db, store) == 5
    assert shelf(db, store, "crab") == (10, 10)
    [found] = selling.sell(db, store_id=store, sale_id=ids.new_id(), lines=lines(crab=6), at=NOW, now=NOW)
    assert found.missing == 1
    assert ledger_check.differences(db) == []


def test_a_substitute_taken_off_the_shelf_shrinks_the_offer_as_a_till_does(db: Session, store) -> None:
    """Ten are free beside the offer; a picker puts twelve into another order's bag."""
    order = an_order()
    put(db, store, {"shrimp": 12})
    reservations.hold(
        db,
        reservation_id=ids.new_id(),
        order_id=order,
        store_id=store,
        lines=lines(shrimp=12),
        expires_at=later(900),
        now=NOW,
    )
    reservations.consume(db, order_id=order, store_id=store, picked=lines(crab=12), cause=ids.new_id(), now=NOW)
    assert (left(db, store), shelf(db, store, "crab")) == (18, (18, 18))
    take(db, store, 18)
    assert ledger_check.differences(db) == []


def test_what_lapses_beside_an_offer_is_not_of_it(db: Session) -> None:
    """Held before the offer began, so its units come back to the shelf; held of the offer, they come back to it."""
    store = a_store_with(db, {"crab": 10})
    take(db, store, 2)
    limited_offers.begin(db, offer_id=ids.new_id(), store_id=store, sku="crab", quantity=8, now=NOW)
    take(db, store, 3)
    asked = {"store_ids": [store], "skus": ["crab"], "now": later(900)}
    [shelf_of] = availability.shelves(db, **asked, expiring_by=NOW.date())
    assert (availability.sellable(db, **asked)[store, "crab"], shelf_of.left) == (8, [8])
    assert availability.sellable(db, **asked, channel="till")[store, "crab"] == 5
    reservations.expire_due(db, now=later(900))
    assert availability.sellable(db, **asked)[store, "crab"] == 8


def test_an_offer_needs_free_units_and_runs_once(db: Session, store) -> None:
    for quantity in (11, 5):
        with pytest.raises(limited_offers.OfferNotPossible):
            limited_offers.begin(db, offer_id=ids.new_id(), store_id=store, sku="crab", quantity=quantity, now=NOW)
    with pytest.raises(limited_offers.NoOffer):
        limited_offers.end(db, offer_id=ids.new_id(), store_id=store, sku="milk", now=NOW)


def test_offers_that_run_are_listed_with_what_is_left(db: Session, store) -> None:
    take(db, store, 3)
    (found,) = limited_offers.running(db)
    assert (found.store_id, found.sku, found.quantity, found.left, found.opened_at) == (store, "crab", 20, 17, NOW)
    limited_offers.end(db, offer_id=ids.new_id(), store_id=store, sku="crab", now=NOW)
    assert limited_offers.running(db) == []
    limited_offers.begin(db, offer_id=ids.new_id(), store_id=store, sku="crab", quantity=4, now=later(60))
    assert [(one.quantity, one.left) for one in limited_offers.running(db)] == [(4, 4)]
