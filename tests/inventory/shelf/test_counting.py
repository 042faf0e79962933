"""Counts are blind, leased, and agree with a shop that goes on selling."""

import pytest
from sqlalchemy.orm import Session

from o2o.inventory.reserving import reservations
from o2o.inventory.shelf import counting, selling
from o2o.kit import ids
from tests.inventory.make import NOW, a_store_with, an_order, count, item, later, lines, lots, said, shelf


@pytest.fixture
def store(db: Session):
    return a_store_with(db, {"milk": 10, "eggs": 4})


@pytest.fixture
def asked(db: Session, store):
    return counting.ask(db, store_id=store, skus=["milk", "eggs"], because="weekly", now=NOW)


ANN, BO, CHIEF = ids.new_id(), ids.new_id(), ids.new_id()


def counted(db, store, asked, at=NOW, clerk=ANN, **found):
    for sku, quantity in found.items():
        counting.record(db, count_id=asked, store_id=store, clerk_id=clerk, sku=sku, quantity=quantity, now=at)


def posted(db, store, asked, at):
    counting.submit(db, count_id=asked, store_id=store, clerk_id=ANN, now=at)
    return counting.post(db, count_id=asked, store_id=store, by=CHIEF, now=at)


def sold(db, store, at, told=None, **quantities):
    selling.sell(db, store_id=store, sale_id=ids.new_id(), lines=lines(**quantities), at=at, now=told or at)


def test_a_count_sets_the_books_right_and_says_by_how_much(db: Session, store, asked) -> None:
    counted(db, store, asked, milk=8, eggs=4)
    assert posted(db, store, asked, later(60)) == {"milk": -2}
    assert shelf(db, store, "milk") == (8, 0)
    with pytest.raises(counting.CountClosed):
        counting.post(db, count_id=asked, store_id=store, by=CHIEF, now=later(70))


def test_sales_after_a_line_was_counted_are_not_a_variance(db: Session, store, asked) -> None:
    sold(db, store, NOW, milk=1)
    counted(db, store, asked, at=later(10), milk=8)
    sold(db, store, later(10), milk=3)
    assert posted(db, store, asked, later(60)) == {"milk": -1}
    assert shelf(db, store, "milk") == (5, 0)


@pytest.mark.parametrize("told", [5, 30, 90], ids=["before the line", "before the posting", "after the posting"])
def test_a_sale_before_the_count_ends_the_same_whenever_it_is_told(db: Session, store, asked, told: int) -> None:
    """The clerk finds 8 because two were sold offline at second 1; whether the till tells soon or late, 8 is right."""
    if told == 5:
        sold(db, store, later(1), later(5), milk=2)
    counted(db, store, asked, at=later(10), milk=8)
    if told == 30:
        sold(db, store, later(1), later(30), milk=2)
    posted(db, store, asked, later(60))
    if told == 90:
        sold(db, store, later(1), later(90), milk=2)
    sold(db, store, later(100), milk=1)
    assert shelf(db, store, "milk") == (7, 0)


def test_a_till_whose_clock_runs_ahead_cannot_sell_after_the_count_that_saw_it(db: Session, store, asked) -> None:
    sold(db, store, later(86_400), later(5), milk=2)
    counted(db, store, asked, at=later(10), milk=8)
    assert posted(db, store, asked, later(60)) == {}
    assert shelf(db, store, "milk") == (8, 0)


def test_a_count_told_late_is_of_the_moment_it_was_made(db: Session, store, asked) -> None:
    """Counted offline at second 10; sold at second 20; told at second 30."""
    sold(db, store, later(20), milk=3)
    counting.record(
        db, count_id=asked, store_id=store, clerk_id=ANN, sku="milk", quantity=9, at=later(10), now=later(30)
    )
    assert posted(db, store, asked, later(60)) == {"milk": -1}
    assert shelf(db, store, "milk") == (6, 0)


def test_a_device_whose_clock_fell_back_finds_nothing_twice(db: Session, store, asked) -> None:
    """As of January these shelves were empty; the count was asked for when all of it had come in."""
    january = later(-60 * 86_400)
    counting.record(db, count_id=asked, store_id=store, clerk_id=ANN, sku="milk", quantity=9, at=january, now=later(30))
    assert posted(db, store, asked, later(60)) == {"milk": -1}
    assert shelf(db, store, "milk") == (9, 0)


def test_an_older_line_posted_after_a_newer_one_changes_nothing(db: Session, store, asked) -> None:
    counted(db, store, asked, at=later(10), milk=8)
    counting.submit(db, count_id=asked, store_id=store, clerk_id=ANN, now=later(11))
    count(db, store, lines(milk=7), now=later(20), clerk=CHIEF)
    assert counting.post(db, count_id=asked, store_id=store, by=CHIEF, now=later(30)) == {}
    assert shelf(db, store, "milk") == (7, 0)


def test_a_count_belongs_to_one_clerk_until_the_lease_runs_out(db: Session, store, asked) -> None:
    counted(db, store, asked, milk=9)
    with pytest.raises(counting.CountTaken):
        counting.take(db, count_id=asked, store_id=store, clerk_id=BO, now=later(149))
    assert counting.take(db, count_id=asked, store_id=store, clerk_id=BO, now=later(150)) == later(300)
    with pytest.raises(counting.CountTaken):
        counted(db, store, asked, at=later(151), eggs=4)


def test_the_reviewer_sees_differences_and_may_have_lines_counted_again(db: Session, store, asked) -> None:
    counted(db, store, asked, milk=3, eggs=5)
    with pytest.raises(counting.CountClosed):
        counting.review(db, count_id=asked, store_id=store, by=CHIEF)
    counting.submit(db, count_id=asked, store_id=store, clerk_id=ANN, now=NOW)
    seen = counting.review(db, count_id=asked, store_id=store, by=CHIEF)
    assert [(v.sku, v.difference) for v in seen] == [("milk", -7), ("eggs", 1)]
    counting.count_again(db, count_id=asked, store_id=store, skus=["milk"], now=NOW)
    counted(db, store, asked, at=later(200), milk=10)
    assert posted(db, store, asked, later(210)) == {"eggs": 1}


def test_who_counted_neither_reviews_nor_posts(db: Session, store, asked) -> None:
    counted(db, store, asked, milk=3)
    counting.submit(db, count_id=asked, store_id=store, clerk_id=ANN, now=NOW)
    with pytest.raises(counting.OwnCount):
        counting.review(db, count_id=asked, store_id=store, by=ANN)
    with pytest.raises(counting.OwnCount):
        counting.post(db, count_id=asked, store_id=store, by=ANN, now=NOW)


def test_who_counted_some_of_it_and_lost_the_count_to_a_colleague_does_not_post_it(db: Session, store, asked) -> None:
    counted(db, store, asked, milk=3)
    counted(db, store, asked, at=later(150), clerk=BO, eggs=4)
    counting.submit(db, count_id=asked, store_id=store, clerk_id=BO, now=later(160))
    for counter in (ANN, BO):
        with pytest.raises(counting.OwnCount):
            counting.review(db, count_id=asked, store_id=store, by=counter)
        with pytest.raises(counting.OwnCount):
            counting.post(db, count_id=asked, store_id=store, by=counter, now=later(170))
    assert counting.post(db, count_id=asked, store_id=store, by=CHIEF, now=later(170)) == {"milk": -7}


def test_a_sku_that_waits_in_an_open_count_is_not_asked_for_twice(db: Session, store, asked) -> None:
    assert counting.ask(db, store_id=store, skus=["milk"], because="MISMATCH", now=NOW) is None
    counting.cancel(db, count_id=asked, store_id=store, by=CHIEF, now=NOW)
    assert counting.ask(db, store_id=store, skus=["milk"], because="MISMATCH", now=NOW) is not None


def test_another_store_does_not_see_the_count(db: Session, asked) -> None:
    elsewhere = a_store_with(db, {})
    with pytest.raises(counting.NoSuchCount):
        counting.take(db, count_id=asked, store_id=elsewhere, clerk_id=ANN, now=NOW)


def test_a_count_below_what_is_promised_endangers_the_youngest_promise(db: Session, store) -> None:
    order = an_order()
    reservations.hold(
        db,
        reservation_id=ids.new_id(),
        order_id=order,
        store_id=store,
        lines=lines(milk=6),
        expires_at=later(900),
        now=NOW,
    )
    count(db, store, lines(milk=5), now=later(1), clerk=CHIEF)
    assert item(db, store, "milk")["short"] is True
    assert said(db, "inventory.stock_short") == [{"store_id": str(store), "sku": "milk", "order_ids": [str(order)]}]
    count(db, store, lines(milk=6), now=later(2), clerk=CHIEF)
    assert item(db, store, "milk")["short"] is False


def test_what_a_count_misses_leaves_the_lots_that_expire_first(db: Session) -> None:
    from datetime import date

    store = a_store_with(db, {"milk": 5}, lots={"milk": date(2026, 3, 9)})
    count(db, store, lines(milk=3), now=later(1), clerk=CHIEF)
    assert lots(db, store, "milk") == {"milk-lot": 3}


def test_a_full_count_holds_everything_the_store_keeps(db: Session, store) -> None:
    full = counting.ask_full(db, store_id=store, because="year end", now=NOW)
    counted(db, store, full, eggs=4, milk=10)
    counting.submit(db, count_id=full, store_id=store, clerk_id=ANN, now=NOW)
    assert {v.sku for v in counting.review(db, count_id=full, store_id=store, by=CHIEF)} == {"milk", "eggs"}
