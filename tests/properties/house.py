"""The house as a state machine's ground: a small town, duties and time in any order, and what must hold after every step.

Events wait in the outbox until somebody relays them, and may then be heard twice. A refusal is an answer; anything else that is
raised is a fault. After every step all books must agree, and what the machine was told must still be so.
"""

from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o import subscriptions
from o2o.analytics import reconcile
from o2o.catalogue import goods
from o2o.dispatch import riders
from o2o.dispatch.working import shifts
from o2o.geo.lonlat import LonLat
from o2o.infra.db import only_reads, transaction
from o2o.infra.tools import Tools
from o2o.inventory.reserving import availability
from o2o.kit import ids
from o2o.kit.errors import DomainError
from o2o.kit.ids import OrderId, Sku, StoreId
from o2o.orders.checkout import acceptance
from tests.catalogue.make import a_product, a_weighed_product
from tests.conftest import Database, empty
from tests.hands import Clock, Worker
from tests.membership.make import a_coupon, a_member
from tests.stores.make import CENTRE, a_store, an_area

SKUS = ("MILK", "BREAD", "APPLES")
HOME = LonLat(CENTRE.lon + 0.006, CENTRE.lat + 0.003)
CONTACT = acceptance.Contact(text="建国路 1 号", name="王小明", phone="13812345678")
WRITTEN = text("SELECT pg_current_wal_insert_lsn()")
ORDERS = text("SELECT id, total_fen FROM orders")
WAITING = text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
)
UNSAID = text(
    """
    WITH moved AS (SELECT order_id, state, count(*) AS times FROM order_history GROUP BY 1, 2),
    said AS (SELECT payload->>'order_id' AS order_id, name, count(*) AS times FROM outbox GROUP BY 1, 2)
    SELECT m.order_id::text || ' ' || m.state FROM moved m JOIN orders o ON o.id = m.order_id
      LEFT JOIN said s ON s.order_id = m.order_id::text
           AND s.name = 'orders.' || CASE m.state WHEN 'picking' THEN 'changed' ELSE m.state END
     WHERE coalesce(s.times, 0) < m.times
    """
)
some = st.integers(0, 99)
sides = st.sampled_from((0, 1))
any_basket = st.dictionaries(st.sampled_from(SKUS), st.integers(1, 4), min_size=1, max_size=3)


class Undone(Exception):
    """A transaction that does not end well."""


class HouseMachine(RuleBasedStateMachine):
    """Two stores with few goods, two members and one rider; the house does its duties in any order."""

    database: Database
    tools: Tools

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.worker = Worker(self.tools, self.clock)
        self.agreed: dict[OrderId, int] = {}
        """Every order that was acknowledged, with the total the customer accepted."""
        self.refs: list[str] = []
        self.told: list[Callable[[], object]] = []
        self.refusals: dict[str, int] = defaultdict(int)
        self.looked_at: object = None
        with transaction(self.tools.engine) as db:
            self._build(db)

    def _build(self, db: Session) -> None:
        now = self.clock()
        goods.save(
            db,
            products=[a_product("MILK"), a_product("BREAD", price_fen=2250), a_weighed_product("APPLES")],
            now=now,
        )
        area = an_area(db)
        self.stores = [
            a_store(db, "NEAR", now=now, area_id=area),
            a_store(db, "FAR", now=now, east_m=1_800, north_m=600, area_id=area),
        ]
        self.clerks, self.rider = [ids.new_id(), ids.new_id()], ids.new_id()
        self.members = [a_member(db, now=now, points_to_spend=3_000), a_member(db, now=now)]
        self.coupons = [a_coupon(db, self.members[0], now=now, threshold_fen=1_000), None]
        riders.enrol(db, rider_id=self.rider, name="张骑手", area_id=area, now=now)
        shifts.go_online(db, rider_id=self.rider, position=CENTRE, now=now, until=now + timedelta(days=30))

    def teardown(self) -> None:
        try:
            self._come_to_rest()
        finally:
            empty(self.tools.engine)

    def act[T](self, do: Callable[[Session], T]) -> T | None:
        """One edge: a transaction of its own; a refusal is an answer."""
        try:
            with transaction(self.tools.engine) as db:
                return do(db)
        except DomainError as refusal:
            self.refusals[refusal.code] += 1
            return None

    def at_once[T](
        self, one: Callable[[Session], T], other: Callable[[Session], T], *, stays: bool
    ) -> tuple[T | None, T | None]:
        """Two edges: the other begins when the first has done all but commit, and the first ends when the other waits for it
        or is through. With `stays` false the first is undone in the end."""
        done = None
        with ThreadPoolExecutor(1) as hand:
            try:
                with transaction(self.tools.engine) as db:
                    done = one(db)
                    later = hand.submit(self.act, other)
                    while not later.done() and not self.read(lambda db: db.scalar(WAITING)):
                        wait([later], timeout=0.002)
                    if not stays:
                        raise Undone
            except DomainError as refusal:
                self.refusals[refusal.code] += 1
                return None, self.act(other)
            except Undone:
                done = None
            return done, later.result()

    def read[T](self, look: Callable[[Session], T]) -> T:
        with transaction(self.tools.engine) as db:
            only_reads(db)
            return look(db)

    def nth_order(self, pick: int, *states: str) -> OrderId | None:
        """One of the app's orders in these states."""
        query = text("SELECT id FROM orders WHERE channel = 'app' AND state = ANY(:states) ORDER BY id")
        found = self.read(lambda db: db.scalars(query, {"states": list(states)}).all())
        return OrderId(found[pick % len(found)]) if found else None

    # -- the house -----------------------------------------------------------------------

    @rule(times=st.sampled_from((1, 2)))
    def relay(self, times: int) -> None:
        self.worker.drain(times=times)

    @rule(name=st.sampled_from((
        "payments.send_notices", "payments.sweep", "dispatch.round", "inventory.expire_holds",
        "orders.close_due", "orders.retry_unfillable", "membership.settle_points",
    )))  # fmt: skip
    def do(self, name: str) -> None:
        """One duty of the timetable; what it says waits in the outbox."""
        duty = next(duty for duty in subscriptions.TIMETABLE if duty.name == name)
        for key in duty.keys(self.tools):
            duty.run(self.tools, now=self.clock(), key=key)

    @rule(seconds=st.sampled_from((1, 6, 61, 301, 901, 4_000)))
    def let_time_pass(self, seconds: int) -> None:
        self.clock.advance(seconds)

    # -- what must hold ------------------------------------------------------------------

    def free(self) -> dict[tuple[StoreId, Sku], int]:
        return self.read(
            lambda db: dict(
                availability.sellable(
                    db, store_ids=self.stores, skus=[Sku(sku) for sku in SKUS], now=self.clock()
                )
            )
        )  # fmt: skip

    def held_for(self, order_id: OrderId) -> dict[tuple[StoreId, Sku], int]:
        query = text(
            "SELECT store_id, unnest(skus) AS sku, unnest(quantities) AS quantity FROM reservations WHERE order_id = :id"
        )
        rows = self.read(lambda db: db.execute(query, {"id": order_id}).all())
        return {(StoreId(row.store_id), Sku(row.sku)): row.quantity for row in rows}

    @invariant()
    def what_must_hold_holds(self) -> None:
        """Looked at whenever something was written or acknowledged: the write-ahead log tells."""
        with transaction(self.tools.engine) as db:
            only_reads(db)
            before = (db.scalar(WRITTEN), len(self.agreed))
            if before != self.looked_at:
                assert reconcile.differences(db) == []
                assert {OrderId(row.id): row.total_fen for row in db.execute(ORDERS)} == self.agreed, "O1"
                assert db.scalars(UNSAID).all() == [], "O5: an order moved and no event says so"
            self.looked_at = before

    def _come_to_rest(self) -> None:
        """O4: left to itself the house brings everything that time alone decides to its end."""
        self.worker.drain()
        for seconds in (2, 7, 7, 40, 1_000, 8_000, 90_000, 4 * 86_400):
            self.clock.advance(seconds)
            for name in ("payments.send_notices", "payments.sweep", "inventory.expire_holds", "orders.retry_unfillable",
                         "orders.close_due", "membership.settle_points"):  # fmt: skip
                self.worker.do(name)
        assert self.read(reconcile.differences) == []
        query = text("""
            SELECT o.id, o.state, coalesce(sum(p.captured_fen - p.refunded_fen), 0) AS kept_fen, bool_or(p.state = 'authorised') AS holds
              FROM orders o LEFT JOIN payments p ON p.order_id = o.id GROUP BY o.id""")
        for row in self.read(lambda db: db.execute(query).all()):
            assert row.state not in ("placed", "expired", "unfillable", "delivered"), (
                f"O4: {row.id} is still {row.state}"
            )
            if row.state == "cancelled":
                assert (row.kept_fen, bool(row.holds)) == (0, False), (
                    f"M5: {row.id} was cancelled and kept {row.kept_fen} fen"
                )
