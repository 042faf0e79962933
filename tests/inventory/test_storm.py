"""Everything at once on a few shelves: nothing deadlocks, nothing is oversold, and the books agree afterwards."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.inventory import ledger_check
from o2o.inventory.reserving import limited_offers, reservations
from o2o.inventory.reserving.reservations import Hold, Line
from o2o.inventory.shelf import counting, receiving, selling
from o2o.inventory.supply import transfers
from o2o.inventory.supply.transfers import Arrival
from o2o.kit import ids
from o2o.kit.errors import DomainError
from tests.conftest import Database
from tests.inventory.make import NOW, a_store_with, count

SKUS = ["apple", "bread", "crab", "milk"]
HANDS, MOVES = 10, 40


class Hand:
    """Somebody who does things at random, each in a transaction of its own."""

    def __init__(self, database: Database, stores: list, seed: int) -> None:
        self.database, self.stores = database, stores
        self.dice = random.Random(seed)
        self.orders: list[tuple] = []
        self.paid: list[tuple] = []
        self.under_way: list[tuple] = []
        self.ended: Counter[str] = Counter()

    def work(self) -> Counter[str]:
        moves = (
            [self.order] * 6
            + [self.pay, self.hand_over] * 3
            + [self.cancel] * 2
            + [self.sell] * 3
            + [self.sweep, self.count, self.send, self.unload, self.receive]
        )
        for step in range(MOVES):
            self.now = NOW + timedelta(seconds=10 * step)
            move = self.dice.choice(moves)
            try:
                with self.database.sessions() as db:
                    move(db)
                self.ended[move.__name__] += 1
            except DomainError as refusal:
                self.ended[refusal.code] += 1
        return self.ended

    def basket(self) -> list[Line]:
        return [Line(sku, self.dice.randint(1, 3)) for sku in self.dice.sample(SKUS, self.dice.randint(1, 3))]

    def order(self, db: Session) -> None:
        order_id, chosen = ids.new_id(), self.dice.sample(self.stores, self.dice.randint(1, 2))
        holds = [Hold(ids.new_id(), store, self.basket()) for store in chosen]
        until = self.now + timedelta(seconds=self.dice.choice([20, 60, 200]))
        reservations.hold_all(db, order_id=order_id, holds=holds, expires_at=until, now=self.now)
        self.orders.append((order_id, holds))

    def pay(self, db: Session) -> None:
        if self.orders:
            order_id, holds = self.orders.pop(self.dice.randrange(len(self.orders)))
            reservations.commit(db, order_id=order_id, now=self.now)
            self.paid.extend((order_id, hold) for hold in holds)

    def cancel(self, db: Session) -> None:
        if self.orders:
            order_id, _ = self.orders.pop(self.dice.randrange(len(self.orders)))
            reservations.release(db, order_id=order_id, reason="cancelled", now=self.now)

    def hand_over(self, db: Session) -> None:
        if self.paid:
            order_id, hold = self.paid.pop()
            reservations.consume(
                db, order_id=order_id, store_id=hold.store_id, picked=hold.lines, cause=ids.new_id(), now=self.now
            )

    def sell(self, db: Session) -> None:
        place = self.dice.choice(self.stores)
        selling.sell(db, store_id=place, sale_id=ids.new_id(), lines=self.basket(), at=self.now, now=self.now)

    def sweep(self, db: Session) -> None:
        reservations.expire_due(db, now=self.now, limit=20)

    def count(self, db: Session) -> None:
        found = [Line(line.sku, line.quantity + 20) for line in self.basket()]
        count(db, self.dice.choice(self.stores), found, now=self.now, clerk=self.stores[0])

    def send(self, db: Session) -> None:
        here, there = self.dice.sample(self.stores, 2)
        transfer, wanted = ids.new_id(), self.basket()
        transfers.draft(db, transfer_id=transfer, from_store_id=here, to_store_id=there, lines=wanted, now=self.now)
        transfers.send(db, transfer_id=transfer, store_id=here, now=self.now)
        self.under_way.append((transfer, there, wanted))

    def unload(self, db: Session) -> None:
        """The other end of a transfer: an edge of its own, as in the house, where one edge keeps one order of locks."""
        if self.under_way:
            transfer, there, wanted = self.under_way.pop()
            arrivals = [Arrival(line.sku, line.quantity) for line in wanted]
            transfers.receive(db, transfer_id=transfer, store_id=there, arrivals=arrivals, now=self.now)

    def receive(self, db: Session) -> None:
        goods = [receiving.ReceiptLine(line.sku, 5 * line.quantity, f"lot-{line.sku}") for line in self.basket()]
        receiving.receive(
            db, store_id=self.dice.choice(self.stores), receipt_id=ids.new_id(), lines=goods, now=self.now
        )


def test_ten_hands_at_three_stores_leave_books_that_agree(database: Database) -> None:
    with database.sessions() as db:
        stores = [a_store_with(db, dict.fromkeys(SKUS, 25)) for _ in range(3)]
        limited_offers.begin(db, offer_id=ids.new_id(), store_id=stores[0], sku="crab", quantity=15, now=NOW, buckets=4)
        counting.ask_full(db, store_id=stores[1], because="weekly", now=NOW)
    hands = [Hand(database, stores, seed) for seed in range(HANDS)]
    with ThreadPoolExecutor(HANDS) as pool:
        ended = sum(pool.map(Hand.work, hands), Counter())
    assert sum(ended.values()) == HANDS * MOVES
    assert ended["order"] > 0
    assert min(ended["pay"], ended["hand_over"], ended["cancel"]) > 0
    with database.sessions() as db:
        assert ledger_check.differences(db) == []
        oversold = "SELECT count(*) FROM stock_items WHERE NOT short AND reserved + damaged + quality_control > on_hand"
        assert db.execute(text(oversold)).scalar_one() == 0
