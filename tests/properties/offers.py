"""Limited offers under any order of holds, lapses, tills and ends: the books agree and no more is sold than was set apart."""

import uuid
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from o2o.inventory import ledger_check
from o2o.inventory.reserving import availability, limited_offers, reservations
from o2o.inventory.reserving.reservations import Line
from o2o.inventory.shelf import selling
from o2o.kit import ids
from tests.inventory.make import NOW, a_store_with, item, put

few = st.integers(1, 6)


class OfferMachine(RuleBasedStateMachine):
    """One SKU at one store, with an offer that opens and ends."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.outer = self.connection.begin()
        self.db = Session(self.connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        self.now = NOW
        self.live: dict[uuid.UUID, tuple[int, datetime | None]] = {}
        self.open = False

    def teardown(self) -> None:
        self.db.close()
        self.outer.rollback()
        self.connection.close()

    @initialize(units=st.integers(5, 30))
    def goods_arrive(self, units: int) -> None:
        self.store = a_store_with(self.db, {"crab": units})

    def app(self) -> int:
        return availability.sellable(self.db, store_ids=[self.store], skus=["crab"], now=self.now)[self.store, "crab"]

    @rule(quantity=few, buckets=st.integers(1, 5))
    def open_an_offer(self, quantity: int, buckets: int) -> None:
        offer = {"offer_id": ids.new_id(), "store_id": self.store, "sku": "crab", "now": self.now}
        try:
            limited_offers.begin(self.db, quantity=quantity, buckets=buckets, **offer)
        except limited_offers.OfferNotPossible:
            assert self.open or self.app() < quantity or self.anything_due()
        else:
            assert not self.open
            self.open = True
            assert self.app() >= quantity

    @rule()
    def end_the_offer(self) -> None:
        try:
            left = limited_offers.end(self.db, offer_id=ids.new_id(), store_id=self.store, sku="crab", now=self.now)
        except limited_offers.NoOffer:
            assert not self.open
        else:
            assert self.open
            assert left >= 0
            self.open = False

    def anything_due(self) -> bool:
        return any(until is not None and until <= self.now for _, until in self.live.values())

    @rule(quantity=few)
    def order(self, quantity: int) -> None:
        order_id, before = ids.new_id(), self.app()
        until = self.now + timedelta(seconds=300)
        try:
            reservations.hold(
                self.db,
                reservation_id=ids.new_id(),
                order_id=order_id,
                store_id=self.store,
                lines=[Line("crab", quantity)],
                expires_at=until,
                now=self.now,
            )
        except reservations.OutOfStock:
            assert before < quantity
        else:
            self.live[order_id] = (quantity, until)

    @rule(pick=st.integers(0, 99), way=st.sampled_from(["pay", "cancel", "collect"]))
    def settle(self, pick: int, way: str) -> None:
        if not self.live:
            return
        order_id = sorted(self.live)[pick % len(self.live)]
        quantity, until = self.live[order_id]
        if way == "cancel":
            reservations.release(self.db, order_id=order_id, reason="cancelled", now=self.now)
            del self.live[order_id]
        elif way == "pay":
            try:
                reservations.commit(self.db, order_id=order_id, now=self.now)
            except reservations.Expired:
                assert until is not None
                assert until <= self.now
                del self.live[order_id]
            else:
                self.live[order_id] = (quantity, None)
        elif way == "collect" and until is None:
            picked = [Line("crab", max(1, quantity - 1 + pick % 4))]  # fewer, or more: substitutes for something else
            reservations.consume(
                self.db, order_id=order_id, store_id=self.store, picked=picked, cause=ids.new_id(), now=self.now
            )
            del self.live[order_id]

    @rule(quantity=few)
    def sell_at_the_till(self, quantity: int) -> None:
        sold = [Line("crab", quantity)]
        selling.sell(self.db, store_id=self.store, sale_id=ids.new_id(), lines=sold, at=self.now, now=self.now)

    @rule(quantity=few)
    def more_goods_arrive(self, quantity: int) -> None:
        put(self.db, self.store, {"crab": quantity})

    @rule(seconds=st.sampled_from([1, 200, 301]))
    def let_time_pass(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        reservations.expire_due(self.db, now=self.now - timedelta(seconds=100), limit=100)

    @invariant()
    def the_books_agree(self) -> None:
        assert ledger_check.differences(self.db) == []

    @invariant()
    def what_is_short_is_not_promised(self) -> None:
        if hasattr(self, "store") and item(self.db, self.store, "crab")["short"]:
            assert self.app() == 0
