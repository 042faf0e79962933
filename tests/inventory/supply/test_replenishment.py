"""From the ledger's days to an announced delivery."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.inventory.reserving import limited_offers
from o2o.inventory.shelf import receiving, selling
from o2o.inventory.supply import promotions, replenishment, sold, suppliers
from o2o.inventory.supply import terms as supply_terms
from o2o.inventory.supply.terms import Terms
from o2o.kit import ids
from o2o.stores import places
from tests.inventory.make import NOW, lines, put


@pytest.fixture
def store(db: Session):
    area = places.save_area(db, name="centre")
    shop = places.StoreIn(code="S1", name_zh="一店", name_en="One", lon=116.4, lat=39.9, area_id=area)
    return places.save_store(db, store=shop, zones=[], hours=[], now=NOW)


def traded(db: Session, store, days: int, milk: int) -> None:
    """Milk sold every day until yesterday, plenty of it there."""
    put_at = NOW - timedelta(days=days)
    receiving.receive(
        db,
        store_id=store,
        receipt_id=ids.new_id(),
        lines=[receiving.ReceiptLine("milk", days * milk + 5)],
        now=put_at,
    )
    for day in range(1, days + 1):
        at = NOW - timedelta(days=day)
        selling.sell(db, store_id=store, sale_id=ids.new_id(), lines=lines(milk=milk), at=at, now=at)


def test_history_counts_whole_days_of_the_store_and_marks_the_empty_ones(db: Session, store) -> None:
    traded(db, store, 5, milk=3)
    selling.sell(db, store_id=store, sale_id=ids.new_id(), lines=lines(milk=1), at=NOW, now=NOW)
    days = sold.history(db, store_id=store, now=NOW)["milk"]
    assert [(day.sold, day.censored) for day in days] == [(3, False)] * 5
    put(db, store, {"eggs": 2})
    assert sold.history(db, store_id=store, now=NOW + timedelta(days=2))["eggs"][-1].sold == 0
    selling.sell(db, store_id=store, sale_id=ids.new_id(), lines=lines(eggs=2), at=NOW, now=NOW)
    assert sold.history(db, store_id=store, now=NOW + timedelta(days=2))["eggs"][-1].censored


def test_what_a_limited_offer_sets_apart_is_not_ordered_once_more(db: Session, store) -> None:
    traded(db, store, 60, milk=10)
    supply_terms.save(db, terms=[Terms("milk", "Green Farm")])
    limited_offers.begin(db, offer_id=ids.new_id(), store_id=store, sku="milk", quantity=4, now=NOW)
    replenishment.propose(db, store_id=store, now=NOW)
    assert [one.position for one in replenishment.proposals(db, store_id=store)] == [5]


def test_a_proposal_becomes_an_announced_delivery_and_is_not_proposed_again(db: Session, store) -> None:
    traded(db, store, 60, milk=10)
    supply_terms.save(db, terms=[Terms("milk", "Green Farm", lead_days=2, review_days=1, multiple=12)])
    assert replenishment.propose(db, store_id=store, now=NOW) == 1
    row = db.execute(text("SELECT quantity, target, position, daily_milli, method FROM supply_proposals")).one()
    assert (row.target, row.position, row.quantity) == (39, 5, 36)
    assert row.daily_milli == pytest.approx(10_000, abs=100)
    [notice] = replenishment.order(db, store_id=store, skus=["milk"], now=NOW)
    with pytest.raises(replenishment.NothingToOrder):
        replenishment.order(db, store_id=store, skus=["milk"], now=NOW)
    assert replenishment.propose(db, store_id=store, now=NOW) == 0
    suppliers.receive(
        db, notice_id=notice, receipt_id=ids.new_id(), store_id=store, arrived=[suppliers.Arrived("milk", 36)], now=NOW
    )
    assert replenishment.propose(db, store_id=store, now=NOW) == 0


@pytest.mark.parametrize("bad", [{"lead_days": -1}, {"review_days": 0}, {"multiple": 0}, {"weeks_of_supply": 27}])
def test_terms_that_cannot_be_meant_are_refused(db: Session, bad) -> None:
    with pytest.raises(supply_terms.BadTerms):
        supply_terms.save(db, terms=[Terms("milk", "Green Farm", **bad)])


def test_terms_and_promoted_days_are_listed_and_taken_back(db: Session, store) -> None:
    supply_terms.save(db, terms=[Terms("milk", "Green", 2, multiple=12), Terms("eggs", "Farm")])
    assert [(one.sku, one.multiple) for one in supply_terms.known(db)] == [("eggs", 1), ("milk", 12)]
    for _ in range(2):
        supply_terms.drop(db, sku="eggs")
    assert [one.sku for one in supply_terms.known(db)] == ["milk"]
    today, promotion = NOW.date(), ids.new_id()
    for promotion_id, last in ((ids.new_id(), -5), (promotion, 3)):
        days = {"first_day": today + timedelta(days=last - 2), "last_day": today + timedelta(days=last)}
        promotions.note(db, promotion_id=promotion_id, sku="milk", **days)
    assert [one.id for one in promotions.known(db, since=today)] == [promotion]
    for _ in range(2):
        promotions.take_back(db, promotion_id=promotion)
    assert promotions.known(db, since=today) == []
