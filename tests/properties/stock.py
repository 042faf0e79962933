"""A model of stock in plain Python, and the moves that are made on it and on the real functions alike.

Where the two differ, or the books differ from their ledger, the run fails. The orders' machine may build on it: it keeps
its own orders and calls the same moves.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from o2o.inventory import ledger_check
from o2o.inventory.ledger.moves import NotThatMany
from o2o.inventory.reserving import availability, reservations
from o2o.inventory.reserving.reservations import Hold, Line
from o2o.inventory.shelf import receiving, selling, undoing, write_offs
from o2o.inventory.supply import suppliers, transfers
from o2o.inventory.supply.transfers import Arrival
from o2o.kit import ids
from tests.inventory.make import NOW, count

SKUS = ("apple", "milk", "rice")
STORES = (0, 1)
skus, stores = st.sampled_from(SKUS), st.sampled_from(STORES)
baskets = st.dictionaries(skus, st.integers(1, 4), min_size=1, max_size=3)
few = st.integers(1, 5)


@dataclass
class Kept:
    """What the model remembers of an order's promise at its stores."""

    at: dict[int, dict[str, int]]
    until: datetime
    state: str = "held"


@dataclass
class Shelf:
    """What the model remembers of one SKU at one store."""

    on_hand: int = 0
    damaged: int = 0


@dataclass
class Slip:
    """A receipt, or a write-off (below nothing), that may have been a mistake."""

    id: uuid.UUID
    store: int
    sku: str
    quantity: int
    at: datetime
    lot: bool = False
    """Of a lot: pieces of it may have left first, others being still there."""
    undone: bool = False


class StockMachine(RuleBasedStateMachine):
    """Orders, tills, clerks and time, in any order."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.outer = self.connection.begin()
        self.db = Session(self.connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        self.now = NOW
        self.places = [ids.new_id() for _ in STORES]
        self.shelves = {(s, sku): Shelf() for s in STORES for sku in SKUS}
        self.kept: dict[uuid.UUID, Kept] = {}
        self.told: list[tuple[int, uuid.UUID, dict[str, int], datetime]] = []
        self.slips: list[Slip] = []
        self.travelling: list[tuple[uuid.UUID, int, dict[str, int]]] = []

    def teardown(self) -> None:
        self.db.close()
        self.outer.rollback()
        self.connection.close()

    @initialize(units=st.lists(st.integers(0, 12), min_size=6, max_size=6))
    def goods_arrive_at_first(self, units: list[int]) -> None:
        for (store, sku), quantity in zip(self.shelves, units, strict=True):
            if quantity:
                self.receive(store, sku, quantity)

    # -- what the model thinks -------------------------------------------------

    def promised(self, store: int, sku: str) -> int:
        return sum(k.at.get(store, {}).get(sku, 0) for k in self.kept.values() if k.state in ("held", "committed"))

    def due(self, store: int, sku: str) -> int:
        late = (k for k in self.kept.values() if k.state == "held" and k.until <= self.now)
        return sum(k.at.get(store, {}).get(sku, 0) for k in late)

    def free(self, store: int, sku: str) -> int:
        shelf = self.shelves[store, sku]
        return shelf.on_hand - shelf.damaged - self.promised(store, sku) + self.due(store, sku)

    def short(self, store: int, sku: str) -> bool:
        shelf = self.shelves[store, sku]
        return self.promised(store, sku) + shelf.damaged > shelf.on_hand

    def can(self, at: dict[int, dict[str, int]]) -> bool:
        return all(self.free(s, sku) >= n for s, basket in at.items() for sku, n in basket.items())

    # -- moves -----------------------------------------------------------------

    @rule(store=stores, sku=skus, quantity=few)
    def receive(self, store: int, sku: str, quantity: int) -> None:
        line, receipt_id = (
            receiving.ReceiptLine(sku, quantity, f"lot-{quantity}" if quantity % 2 else None),
            ids.new_id(),
        )
        receiving.receive(self.db, store_id=self.places[store], receipt_id=receipt_id, lines=[line], now=self.now)
        self.shelves[store, sku].on_hand += quantity
        self.slips.append(Slip(receipt_id, store, sku, quantity, self.now, lot=line.lot_code is not None))

    @rule(basket=baskets, store=stores, elsewhere=st.none() | baskets, window=st.sampled_from([60, 300, 900]))
    def order(self, basket: dict[str, int], store: int, elsewhere: dict[str, int] | None, window: int) -> None:
        at = {store: basket} | ({1 - store: elsewhere} if elsewhere else {})
        order_id, until = ids.new_id(), self.now + timedelta(seconds=window)
        holds = [Hold(ids.new_id(), self.places[s], [Line(sku, n) for sku, n in b.items()]) for s, b in at.items()]
        possible = self.can(at)
        try:
            reservations.hold_all(self.db, order_id=order_id, holds=holds, expires_at=until, now=self.now)
        except reservations.OutOfStock:
            assert not possible, "refused although it was there"
        else:
            assert possible, "promised what was not there"
            self.kept[order_id] = Kept(at, until)
        self.learn_of_the_freed()

    def learn_of_the_freed(self) -> None:
        """Lapsed holds are freed when somebody needs them; which ones, the books say."""
        for order_id, kept in self.kept.items():
            if kept.state == "held" and kept.until <= self.now:
                kept.at = {s: b for s, b in kept.at.items() if self.live(order_id, s)}
                kept.state = "held" if kept.at else "expired"

    def live(self, order_id: uuid.UUID, store: int) -> bool:
        query = "SELECT count(*) FROM reservations WHERE order_id = :o AND store_id = :s AND state = 'held'"
        return bool(self.db.execute(text(query), {"o": order_id, "s": self.places[store]}).scalar_one())

    def some(self, pick: int, *states: str) -> uuid.UUID | None:
        fitting = [order_id for order_id, kept in self.kept.items() if kept.state in states]
        return fitting[pick % len(fitting)] if fitting else None

    @rule(pick=st.integers(0, 99))
    def pay(self, pick: int) -> None:
        order_id = self.some(pick, "held")
        if order_id is None or self.kept[order_id].until <= self.now:
            return
        reservations.commit(self.db, order_id=order_id, now=self.now)
        self.kept[order_id].state = "committed"

    @rule(pick=st.integers(0, 99))
    def cancel(self, pick: int) -> None:
        order_id = self.some(pick, "held", "committed", "released", "consumed", "expired")
        if order_id is not None:
            ended = reservations.release(self.db, order_id=order_id, reason="cancelled", now=self.now)
            assert ended == (len(self.kept[order_id].at) if self.kept[order_id].state in ("held", "committed") else 0)
            if ended:
                self.kept[order_id].state = "released"

    @rule(pick=st.integers(0, 99), missing=st.integers(0, 2))
    def pick_and_hand_over(self, pick: int, missing: int) -> None:
        order_id = self.some(pick, "committed")
        if order_id is None:
            return
        for store, basket in self.kept[order_id].at.items():
            picked = [Line(sku, max(0, n - missing)) for sku, n in basket.items()]
            reservations.consume(
                self.db, order_id=order_id, store_id=self.places[store], picked=picked, cause=ids.new_id(), now=self.now
            )
            for line in picked:
                self.shelves[store, line.sku].on_hand -= line.quantity
        self.kept[order_id].state = "consumed"

    @rule(store=stores, basket=baskets, late=st.integers(0, 400))
    def sell(self, store: int, basket: dict[str, int], late: int) -> None:
        sale = (store, ids.new_id(), basket, self.now - timedelta(seconds=late))
        self.tell(sale)
        self.told.append(sale)
        # What a count has seen already is not taken off again.
        for sku, n in basket.items():
            counted_at = self.counted_at(store, sku)
            if counted_at is None or sale[3] >= counted_at:
                self.shelves[store, sku].on_hand -= n

    def counted_at(self, store: int, sku: str) -> datetime | None:
        query = "SELECT counted_at FROM stock_items WHERE store_id = :s AND sku = :k"
        return self.db.execute(text(query), {"s": self.places[store], "k": sku}).scalar_one_or_none()

    def tell(self, sale: tuple[int, uuid.UUID, dict[str, int], datetime]) -> None:
        store, sale_id, basket, at = sale
        sold = [Line(sku, n) for sku, n in basket.items()]
        selling.sell(self.db, store_id=self.places[store], sale_id=sale_id, lines=sold, at=at, now=self.now)

    @rule(pick=st.integers(0, 99))
    def tell_a_sale_again(self, pick: int) -> None:
        if self.told:
            self.tell(self.told[pick % len(self.told)])

    @rule(store=stores, sku=skus, condition=st.sampled_from(["good", "damaged"]), quantity=few)
    def bring_back(self, store: int, sku: str, condition: selling.Condition, quantity: int) -> None:
        selling.take_back(
            self.db,
            store_id=self.places[store],
            return_id=ids.new_id(),
            lines=[Line(sku, quantity)],
            condition=condition,
            now=self.now,
        )
        self.shelves[store, sku].on_hand += quantity
        self.shelves[store, sku].damaged += quantity if condition == "damaged" else 0

    @rule(store=stores, sku=skus, quantity=few)
    def throw_away(self, store: int, sku: str, quantity: int) -> None:
        arguments = {"store_id": self.places[store], "write_off_id": ids.new_id(), "sku": sku, "quantity": quantity}
        try:
            write_offs.write_off(self.db, reason="spoiled", now=self.now, **arguments)
        except NotThatMany:
            assert self.shelves[store, sku].on_hand < quantity
        else:
            self.shelves[store, sku].on_hand -= quantity
            self.slips.append(Slip(arguments["write_off_id"], store, sku, -quantity, self.now))

    @rule(back=st.integers(0, 3))
    def take_a_slip_back(self, back: int) -> None:
        """The last receipts and write-offs, while the goods are there, nobody has counted and it is not long ago; once."""
        if not self.slips:
            return
        slip = self.slips[-1 - back % len(self.slips)]
        store, sku = slip.store, slip.sku
        counted_at = self.counted_at(store, sku)
        late = self.now - slip.at > undoing.WINDOW or (counted_at is not None and counted_at >= slip.at)
        hard = self.free(store, sku) - self.due(store, sku)
        at = {"store_id": self.places[store], "now": self.now}
        try:
            if slip.quantity > 0:
                suppliers.undo(self.db, receipt_id=slip.id, **at)
            else:
                write_offs.undo(self.db, write_off_id=slip.id, **at)
        except (undoing.TooLateToUndo, undoing.CountedSince):
            assert late
            assert not slip.undone
        except NotThatMany:
            assert not slip.undone
            assert hard < slip.quantity or slip.lot, "refused although the goods were there"
        else:
            assert slip.undone or not late
            self.shelves[store, sku].on_hand -= 0 if slip.undone else slip.quantity
            slip.undone = True

    @rule(store=stores, sku=skus, found=st.integers(0, 12))
    def count_a_shelf(self, store: int, sku: str, found: int) -> None:
        count(self.db, self.places[store], [Line(sku, found)], now=self.now, clerk=self.places[0])
        self.shelves[store, sku].on_hand = found

    @invariant()
    def the_shelves_are_as_counted(self) -> None:
        query = text("SELECT store_id, sku, on_hand, damaged FROM stock_items")
        found = {(row.store_id, row.sku): (row.on_hand, row.damaged) for row in self.db.execute(query)}
        for (store, sku), shelf in self.shelves.items():
            assert found.get((self.places[store], sku), (0, 0)) == (shelf.on_hand, shelf.damaged), (store, sku)

    @rule(store=stores, basket=baskets)
    def send_goods(self, store: int, basket: dict[str, int]) -> None:
        transfer_id, wanted = ids.new_id(), [Line(sku, n) for sku, n in basket.items()]
        here, there = self.places[store], self.places[1 - store]
        transfers.draft(
            self.db, transfer_id=transfer_id, from_store_id=here, to_store_id=there, lines=wanted, now=self.now
        )
        hard = {sku: self.free(store, sku) - self.due(store, sku) for sku in basket}
        try:
            transfers.send(self.db, transfer_id=transfer_id, store_id=here, now=self.now)
        except NotThatMany:
            assert any(hard[sku] < n for sku, n in basket.items())
        else:
            assert all(hard[sku] >= n for sku, n in basket.items())
            self.travelling.append((transfer_id, 1 - store, basket))
            for sku, n in basket.items():
                self.shelves[store, sku].on_hand -= n

    @rule(lost=st.integers(0, 2))
    def goods_come(self, lost: int) -> None:
        if self.travelling:
            transfer_id, store, basket = self.travelling.pop(0)
            arrivals = [
                Arrival(sku, n - min(n, lost), min(n, lost), "fell off" if lost else None) for sku, n in basket.items()
            ]
            transfers.receive(
                self.db, transfer_id=transfer_id, store_id=self.places[store], arrivals=arrivals, now=self.now
            )
            for arrival in arrivals:
                self.shelves[store, arrival.sku].on_hand += arrival.received

    @rule(seconds=st.sampled_from([1, 30, 61, 301, 901]))
    def let_time_pass(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def sweep(self) -> None:
        reservations.expire_due(self.db, now=self.now, limit=100)
        self.learn_of_the_freed()
        assert all(k.until > self.now for k in self.kept.values() if k.state == "held")

    # -- what must hold --------------------------------------------------------

    @invariant()
    def the_books_agree(self) -> None:
        assert ledger_check.differences(self.db) == []

    @invariant()
    def the_model_agrees(self) -> None:
        found = availability.sellable(self.db, store_ids=self.places, skus=SKUS, now=self.now)
        for (store, sku), shelf in self.shelves.items():
            expected = 0 if self.short(store, sku) else max(0, self.free(store, sku))
            assert found[self.places[store], sku] == expected, (store, sku, shelf)
