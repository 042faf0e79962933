"""Real connections meeting at a barrier; every count is exact."""

import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.inventory import ledger_check
from o2o.inventory.reserving import limited_offers, reservations
from o2o.inventory.shelf import counting, selling
from o2o.inventory.supply import transfers
from o2o.kit import ids
from o2o.kit.errors import DomainError
from tests.conftest import Database
from tests.inventory.make import NOW, a_store_with, an_order, later, lines, shelf

CLERK, CHIEF = ids.new_id(), ids.new_id()


def meet(database: Database, works: Sequence[Callable[[Session], object]]) -> Counter[str]:
    """Run each work in a transaction of its own, all started at one barrier; how each ended: "done" or its refusal's code."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[Session], object]) -> str:
        gate.wait(timeout=30)
        try:
            with database.sessions() as db:
                work(db)
        except DomainError as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(len(works)) as pool:
        ended = Counter(pool.map(run, works))
    with database.sessions() as db:
        assert ledger_check.differences(db) == []
    return ended


def holding(store, at=NOW, until=900, order=None, **wanted: int) -> Callable[[Session], object]:
    def work(db: Session) -> None:
        reservations.hold(
            db, reservation_id=ids.new_id(), order_id=order or an_order(), store_id=store, lines=lines(**wanted),
            expires_at=later(until), now=at,
        )  # fmt: skip

    return work


def selling_at_the_till(store, **sold: int) -> Callable[[Session], object]:
    return lambda db: selling.sell(db, store_id=store, sale_id=ids.new_id(), lines=lines(**sold), at=NOW, now=NOW)


def made(database: Database, **stock: int):
    with database.sessions() as db:
        return a_store_with(db, stock)


def shelf_now(database: Database, store, sku: str) -> tuple[int, int]:
    with database.sessions() as db:
        return shelf(db, store, sku)


def test_twenty_four_customers_want_seven_and_seven_get_one(database: Database) -> None:
    store = made(database, milk=7)
    assert meet(database, [holding(store, milk=1)] * 24) == {"done": 7, "inventory.out_of_stock": 17}
    assert shelf_now(database, store, "milk") == (7, 7)


def test_two_halves_of_a_basket_in_opposite_order_do_not_block_each_other(database: Database) -> None:
    store = made(database, apple=60, pear=60)
    one_way, other_way = holding(store, apple=1, pear=1), holding(store, pear=1, apple=1)
    assert meet(database, [one_way, other_way] * 12) == {"done": 24}


def test_baskets_over_many_skus_and_stores_never_deadlock(database: Database) -> None:
    stores = [made(database, **{f"sku{n}": 6 for n in range(6)}) for _ in range(3)]
    dice = random.Random(7)

    def basket() -> Callable[[Session], object]:
        chosen = dice.sample(stores, 2)
        wanted = [lines(**dict.fromkeys(dice.sample([f"sku{n}" for n in range(6)], 3), 1)) for _ in chosen]
        holds = [reservations.Hold(ids.new_id(), store, want) for store, want in zip(chosen, wanted, strict=True)]
        return lambda db: reservations.hold_all(db, order_id=an_order(), holds=holds, expires_at=later(900), now=NOW)

    ended = meet(database, [basket() for _ in range(32)])
    assert set(ended) <= {"done", "inventory.out_of_stock"}
    assert ended["done"] >= 6
    assert sum(shelf_now(database, store, f"sku{n}")[1] for store in stores for n in range(6)) == 6 * ended["done"]


def test_orders_and_tills_share_a_shelf_without_promising_what_the_till_took(database: Database) -> None:
    store = made(database, milk=10)
    ended = meet(database, [holding(store, milk=1)] * 12 + [selling_at_the_till(store, milk=1)] * 10)
    on_hand, reserved = shelf_now(database, store, "milk")
    assert on_hand == 0
    assert ended["done"] == 10 + reserved
    with pytest.raises(reservations.OutOfStock), database.sessions() as db:
        holding(store, milk=1)(db)


def test_a_sale_told_by_two_tills_at_once_is_booked_once(database: Database) -> None:
    store, sale = made(database, milk=10), ids.new_id()
    telling = lambda db: selling.sell(db, store_id=store, sale_id=sale, lines=lines(milk=2), at=NOW, now=NOW)  # noqa: E731
    assert meet(database, [telling] * 8) == {"done": 8}
    assert shelf_now(database, store, "milk") == (8, 0)


def test_a_payment_and_the_end_of_its_hold_settle_it_once(database: Database) -> None:
    for _ in range(10):
        store, order = made(database, milk=1), an_order()
        with database.sessions() as db:
            holding(store, order=order, milk=1)(db)
        ended = meet(
            database,
            [
                lambda db, order=order: reservations.commit(db, order_id=order, now=later(900)),
                lambda db: reservations.expire_due(db, now=later(900), limit=10),
            ],
        )
        assert ended == {"done": 2}
        assert shelf_now(database, store, "milk") == (1, 1)


def test_a_payment_and_another_customer_meet_at_a_lapsed_hold_and_one_gets_it(database: Database) -> None:
    for _ in range(10):
        store, order = made(database, milk=1), an_order()
        with database.sessions() as db:
            holding(store, order=order, milk=1)(db)
        ended = meet(
            database,
            [
                lambda db, order=order: reservations.commit(db, order_id=order, now=later(901)),
                holding(store, at=later(901), until=1800, milk=1),
                holding(store, at=later(901), until=1800, milk=1),
            ],
        )
        assert ended["done"] == 1
        assert shelf_now(database, store, "milk") == (1, 1)


def test_a_late_payment_at_two_stores_waits_for_no_lapsed_hold_of_goods_it_does_not_want_there(
    database: Database,
) -> None:
    """It wants apples here and milk there. Somebody is settling a lapsed hold of milk here, and may come for this order next."""
    here, there, late = made(database, apple=1, milk=1), made(database, milk=1), an_order()
    stranger = uuid.UUID(int=1)  # before every other order, so whoever has others in hand must not wait for it
    with database.sessions() as db:
        wanted = [
            reservations.Hold(ids.new_id(), here, lines(apple=1)),
            reservations.Hold(ids.new_id(), there, lines(milk=1)),
        ]
        reservations.hold_all(db, order_id=late, holds=wanted, expires_at=later(10), now=NOW)
        reservations.expire_due(db, now=later(10))
        holding(here, at=later(11), until=20, apple=1)(db)
        holding(here, at=later(11), until=20, order=stranger, milk=1)(db)
    with database.sessions() as settling:
        settling.execute(text("SELECT FROM reservations WHERE order_id = :id FOR UPDATE"), {"id": stranger})
        with database.sessions() as db:
            db.execute(text("SET LOCAL lock_timeout = '2s'"))
            reservations.commit(db, order_id=late, now=later(30))
    assert shelf_now(database, here, "apple") == (1, 1)


def test_lapsed_holds_are_freed_for_as_many_as_want_them(database: Database) -> None:
    store = made(database, milk=10)
    for _ in range(5):
        with database.sessions() as db:
            holding(store, milk=2)(db)
    wanting = holding(store, at=later(900), until=1800, milk=1)
    assert meet(database, [wanting] * 14) == {"done": 10, "inventory.out_of_stock": 4}


def test_cancel_and_pick_of_one_order_do_not_both_happen(database: Database) -> None:
    for _ in range(10):
        store, order = made(database, milk=3), an_order()
        with database.sessions() as db:
            holding(store, order=order, milk=2)(db)
            reservations.commit(db, order_id=order, now=NOW)

        def pick(db: Session, order=order, store=store) -> None:
            reservations.consume(db, order_id=order, store_id=store, picked=lines(milk=2), cause=ids.new_id(), now=NOW)

        ended = meet(
            database,
            [pick, lambda db, order=order: reservations.release(db, order_id=order, reason="cancelled", now=NOW)],
        )
        picked = ended == {"done": 2} and shelf_now(database, store, "milk") == (1, 0)
        assert picked or shelf_now(database, store, "milk") == (3, 0)


def test_a_rush_on_a_limited_offer_sells_exactly_its_units(database: Database) -> None:
    store = made(database, crab=40)
    with database.sessions() as db:
        limited_offers.begin(db, offer_id=ids.new_id(), store_id=store, sku="crab", quantity=20, now=NOW, buckets=8)
    assert meet(database, [holding(store, crab=1)] * 32) == {"done": 20, "inventory.out_of_stock": 12}
    assert shelf_now(database, store, "crab") == (40, 20)


def test_orders_that_need_units_of_several_buckets_of_an_offer_never_wait_in_a_circle(database: Database) -> None:
    for _ in range(12):
        store = made(database, crab=80)
        with database.sessions() as db:
            limited_offers.begin(db, offer_id=ids.new_id(), store_id=store, sku="crab", quantity=40, now=NOW, buckets=8)
        assert meet(database, [holding(store, crab=2)] * 32) == {"done": 20, "inventory.out_of_stock": 12}
        assert shelf_now(database, store, "crab") == (80, 40)


def test_a_count_and_sales_at_once_agree_with_the_shelf(database: Database) -> None:
    """The shelf really holds 8 of the 10 in the books when counted; whichever sale comes before or after, none is lost."""
    for _ in range(8):
        store = made(database, milk=10)
        with database.sessions() as db:
            asked = counting.ask(db, store_id=store, skus=["milk"], because="weekly", now=NOW)
            counting.record(db, count_id=asked, store_id=store, clerk_id=CLERK, sku="milk", quantity=8, now=later(1))
            counting.submit(db, count_id=asked, store_id=store, clerk_id=CLERK, now=later(2))
        after = lambda db, store=store: selling.sell(  # noqa: E731
            db, store_id=store, sale_id=ids.new_id(), lines=lines(milk=1), at=later(2), now=later(3)
        )
        posting = lambda db, store=store, asked=asked: counting.post(  # noqa: E731
            db, count_id=asked, store_id=store, by=CHIEF, now=later(3)
        )
        assert meet(database, [after, posting, after, after]) == {"done": 4}
        assert shelf_now(database, store, "milk") == (5, 0)


def test_lines_counted_while_the_till_is_selling_lose_no_sale(database: Database) -> None:
    """A sale a second before the line is in the count; one after it is not. Books and shelf differ by the same 2 either way."""
    for _ in range(8):
        store = made(database, milk=10)
        with database.sessions() as db:
            asked = counting.ask(db, store_id=store, skus=["milk"], because="weekly", now=NOW)
        before = lambda db, store=store: selling.sell(  # noqa: E731
            db, store_id=store, sale_id=ids.new_id(), lines=lines(milk=1), at=later(0), now=later(5)
        )
        after = lambda db, store=store: selling.sell(  # noqa: E731
            db, store_id=store, sale_id=ids.new_id(), lines=lines(milk=1), at=later(9), now=later(9)
        )
        looking = lambda db, store=store, asked=asked: counting.record(  # noqa: E731
            db, count_id=asked, store_id=store, clerk_id=CLERK, sku="milk", quantity=6, now=later(5)
        )
        assert meet(database, [before, looking, after, before, after]) == {"done": 5}
        with database.sessions() as db:
            counting.submit(db, count_id=asked, store_id=store, clerk_id=CLERK, now=later(10))
            counting.post(db, count_id=asked, store_id=store, by=CHIEF, now=later(10))
        assert shelf_now(database, store, "milk") == (4, 0)


def test_a_transfer_and_orders_share_a_shelf_and_nothing_is_promised_twice(database: Database) -> None:
    for _ in range(5):
        store, there, transfer = made(database, milk=10), made(database), ids.new_id()
        with database.sessions() as db:
            transfers.draft(
                db, transfer_id=transfer, from_store_id=store, to_store_id=there, lines=lines(milk=6), now=NOW
            )
        sending = lambda db, store=store, transfer=transfer: transfers.send(  # noqa: E731
            db, transfer_id=transfer, store_id=store, now=NOW
        )
        ended = meet(database, [sending, *[holding(store, milk=1)] * 10])
        if ended["inventory.not_that_many"]:
            assert shelf_now(database, store, "milk") == (10, 10)
        else:
            assert ended == {"done": 5, "inventory.out_of_stock": 6}
            assert shelf_now(database, store, "milk") == (4, 4)


def test_transfers_against_each_other_and_sales_never_deadlock(database: Database) -> None:
    one, other = made(database, apple=50, pear=50), made(database, apple=50, pear=50)
    works: list[Callable[[Session], object]] = []
    for here, there in ((one, other), (other, one)) * 4:
        transfer = ids.new_id()
        with database.sessions() as db:
            transfers.draft(
                db, transfer_id=transfer, from_store_id=here, to_store_id=there, lines=lines(apple=2, pear=2), now=NOW
            )
        works.append(
            lambda db, transfer=transfer, here=here: transfers.send(db, transfer_id=transfer, store_id=here, now=NOW)
        )
        works.append(selling_at_the_till(here, pear=1, apple=1))
        works.append(holding(here, apple=1, pear=1))
    assert meet(database, works) == {"done": 24}
    assert shelf_now(database, one, "apple") == (38, 4)


def test_a_discrepancy_opens_once_when_tills_take_more_than_there_is(database: Database) -> None:
    store = made(database, milk=2)
    assert meet(database, [selling_at_the_till(store, milk=1)] * 10) == {"done": 10}
    assert shelf_now(database, store, "milk") == (-8, 0)
    with database.sessions() as db:
        assert db.execute(text("SELECT count(*), max(missing) FROM stock_discrepancies")).one() == (1, 8)
