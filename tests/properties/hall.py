"""The people of the whole house: customers, clerks, tills and riders, each acting through what serves them in production."""

import uuid
from collections.abc import Callable
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.dispatch.carrying import itinerary, stops, tracking, trips
from o2o.inventory.lines import Line
from o2o.inventory.shelf import receiving
from o2o.kit import ids
from o2o.kit.ids import MemberId, OrderId, Sku, StoreId
from o2o.membership import members
from o2o.orders import aftersales, till
from o2o.orders.checkout import acceptance
from o2o.orders.fulfilment import cancellation, in_store
from o2o.orders.quoting import baskets
from o2o.payments import sandbox
from o2o.picking import queries, scans, shorts
from o2o.picking.schemas import PickTaskOut
from tests.inventory.make import count as count_shelves
from tests.properties.backroom import BackRoomMachine
from tests.properties.house import CONTACT, HOME, SKUS, any_basket, sides, some
from tests.stores.make import CENTRE


class HallMachine(BackRoomMachine):
    """Whoever comes through the door."""

    # -- at the beginning ----------------------------------------------------------------

    @initialize(units=st.lists(st.integers(5, 40), min_size=6, max_size=6))
    def goods_arrive_at_first(self, units: list[int]) -> None:
        for nth, quantity in enumerate(units):
            self.receive(nth % 2, SKUS[nth // 2], quantity)

    # -- the customer --------------------------------------------------------------------

    often = rule(basket=any_basket, who=sides, points=st.sampled_from((0, 0, 500)), coupon=st.booleans(), pickup=st.booleans(),
                 preference=st.sampled_from(("ask", "substitute", "refund")), thinks_s=st.sampled_from((0, 0, 0, 20, 301)),
                 pays=st.sampled_from((True, True, True, False)))  # fmt: skip

    def _order(
        self,
        basket: dict[str, int],
        who: int,
        points: int,
        coupon: bool,
        pickup: bool,
        preference: str,
        thinks_s: int,
        pays: bool,
    ) -> None:
        now, member = self.clock(), MemberId(self.members[who])
        quote = self.act(
            lambda db: baskets.quote(
                db, member_id=member, lines=[(Sku(sku), n) for sku, n in basket.items()], point=None if pickup else HOME,
                method="pickup" if pickup else "delivery", store_id=self.stores[0] if pickup else None,
                coupon_id=self.coupons[who] if coupon else None, points_asked=points, now=now, tools=self.tools,
            )
        )  # fmt: skip
        if quote is None:
            return
        now, order_id = self.clock.advance(thinks_s), OrderId(ids.new_id())
        free = self.free()
        placed = self.act(
            lambda db: acceptance.place_order(
                db, order_id=order_id, member_id=member, token=quote.token, now=now, tools=self.tools,
                contact=None if pickup else CONTACT, preference=preference,
            )
        )  # fmt: skip
        if placed is None:
            return
        self.agreed[order_id] = placed.total_fen
        assert placed.total_fen == quote.priced.total_fen, "M1: another total than was accepted"
        for (store, sku), wanted in self.held_for(order_id).items():
            assert free[StoreId(store), Sku(sku)] >= wanted, "I2: promised what was not there"
        if placed.pay_ref is not None:
            self.refs.append(placed.pay_ref)
            if pays:
                self.pay(0, True)
                self.do("payments.send_notices")
                self.relay(1)

    order, order_more, order_again = often(_order), often(_order), often(_order)

    @rule(pick=some, paid=st.sampled_from((True, True, False)))
    def pay(self, pick: int, paid: bool) -> None:
        if self.refs:
            ref, now = self.refs[-1 - pick % min(3, len(self.refs))], self.clock()
            amount = self.read(
                lambda db: db.execute(
                    text("SELECT amount_fen FROM payments WHERE ref = :ref"), {"ref": ref}
                ).scalar_one()
            )
            sandbox.Sandbox(self.tools.engine).prepare(ref=ref, amount_fen=amount, now=now)
            self.act(lambda db: sandbox.decide(db, ref=ref, paid=paid, now=now))
            self.clock.advance(1)

    @rule(pick=some)
    def change_their_mind(self, pick: int) -> None:
        order_id = self.nth_order(pick, "placed", "paid", "picking", "packed", "unfillable", "cancelled", "delivered")
        if order_id is not None:
            self.act(
                lambda db: cancellation.cancel_order(
                    db, order_id=order_id, member_id=None, actor="customer", reason="customer", now=self.clock()
                )
            )

    @rule(pick=some, kind=st.sampled_from(("return", "refund")), step=st.integers(1, 4), store=sides,
          outcome=st.sampled_from(("restocked", "quarantined", "wasted", "rejected")))  # fmt: skip
    def bring_back(self, pick: int, kind: aftersales.Kind, step: int, store: int, outcome: aftersales.Outcome) -> None:
        """The first line of a delivered order, as far as `step`: asked, decided, received, looked at."""
        order_id, asked, now, place = self.nth_order(pick, "delivered"), ids.new_id(), self.clock(), self.stores[store]
        piece = [aftersales.Piece(1, 1)]
        if order_id is None:
            return
        steps: list[Callable[[Session], object]] = [
            lambda db: aftersales.request(
                db, return_id=asked, order_id=order_id, member_id=None, kind=kind, lines=piece, reason="broken", note="", now=now
            ),
            lambda db: aftersales.decide(db, return_id=asked, approve=pick % 5 != 0, note="", now=now),
            lambda db: aftersales.receive(db, return_id=asked, store_id=place, now=now),
            lambda db: aftersales.inspect(db, return_id=asked, store_id=place, outcome=outcome, now=now),
        ]  # fmt: skip
        for one in steps[:step]:
            self.act(one)

    # -- the clerk -----------------------------------------------------------------------

    def task(self, store: int, *states: str) -> PickTaskOut | None:
        found = self.read(lambda db: queries.tasks(db, store_id=self.stores[store], states=states))
        return found[0] if found else None

    usually = rule(store=sides, missing=st.sampled_from((0, 0, 0, 0, 1, 9)), grams=st.sampled_from((0.9, 1.0, 1.3)),
                   close=st.sampled_from((True, True, True, False)), tasks=st.integers(1, 3),
                   reason=st.sampled_from(("NOT_IN_STOCK", "MISMATCH", "DAMAGE")))  # fmt: skip

    def _pick(self, store: int, missing: int, grams: float, close: bool, tasks: int, reason: str) -> None:
        """Take the first tasks, scan what is found, report what is not, and perhaps close the bags."""
        for _ in range(tasks):
            task = self.task(store, "picking") or self.task(store, "queued")
            if task is not None:
                self.pick_one(store, task, missing, grams, close, reason)

    def pick_one(self, store: int, task: PickTaskOut, missing: int, grams: float, close: bool, reason: str) -> None:
        where = {"task_id": task.id, "store_id": self.stores[store]}
        self.act(lambda db: in_store.start_picking(db, clerk_id=self.clerks[store], now=self.clock(), **where))
        for line in task.lines:
            gone, now = min(missing, line.quantity), self.clock.advance(5)
            found = line.quantity - gone
            if found:
                weight_g = round(found * line.piece_g * grams) if line.weighed else 0
                scan = {"scan_id": f"{task.id}{line.sku}", "sku": line.sku, "quantity": found, "weight_g": weight_g}
                self.act(lambda db, scan=scan, now=now: scans.scan(db, now=now, **where, **scan))
            if gone:
                short = {"sku": line.sku, "quantity": gone, "reason": reason}
                self.act(lambda db, short=short, now=now: shorts.report_short(db, now=now, **where, **short))
        if close:
            finish = {"clerk_id": self.clerks[store], "now": self.clock()}
            self.act(lambda db: in_store.finish_picking(db, **where, **finish))

    pick, pick_more = usually(_pick), usually(_pick)

    @rule(store=sides, reason=st.sampled_from(("TOO_BUSY", "NOT_IN_STOCK", "MISMATCH", "DAMAGE")), leaves=st.booleans())
    def refuse(self, store: int, reason: str, leaves: bool) -> None:
        """The store cannot do it, or its picker goes home."""
        task = self.task(store, "picking", "queued")
        if task is None:
            return
        who = {"task_id": task.id, "clerk_id": self.clerks[store], "store_id": self.stores[store], "now": self.clock()}
        if leaves:
            self.act(lambda db: in_store.release(db, **who))
            return
        missing = [Line(Sku(task.lines[0].sku), 1)] if reason != "TOO_BUSY" else []
        self.act(lambda db: in_store.reject(db, reason=reason, missing=missing, roads=self.tools.roads, **who))

    @rule(pick=some, right=st.booleans())
    def hand_over_at_the_counter(self, pick: int, right: bool) -> None:
        order_id = self.nth_order(pick, "packed")
        if order_id is not None:
            code = self.read(lambda db: db.scalar(text("SELECT code FROM orders WHERE id = :id"), {"id": order_id}))
            self.act(
                lambda db: in_store.hand_over(
                    db, order_id=order_id, clerk_id=self.clerks[0], store_id=self.stores[0], now=self.clock(),
                    code=str(code) if right else "x",
                )
            )  # fmt: skip

    # -- the till ------------------------------------------------------------------------

    @rule(
        store=sides,
        basket=any_basket,
        who=st.sampled_from((None, 0, 1)),
        points=st.sampled_from((0, 300)),
        late_s=st.sampled_from((0, 0, 400)),
    )
    def sell(self, store: int, basket: dict[str, int], who: int | None, points: int, late_s: int) -> None:
        """Over the counter, at once or told later; what was told may be told again."""
        now = self.clock()
        code = None if who is None else self.read(lambda db: members.get(db, member_id=self.members[who]).code)
        items = [
            till.Scanned(Sku(sku), None, n, 500 * n if sku == "APPLES" else None, 1290) for sku, n in basket.items()
        ]
        sale: dict[str, object] = {
            "sale_id": ids.new_id(), "store_id": self.stores[store], "clerk_id": self.clerks[store], "items": items,
            "tender": "cash", "at": now - timedelta(seconds=late_s), "member_code": code, "offline": late_s > 0,
            "points_asked": points if code and not late_s else 0,
        }  # fmt: skip

        def tell() -> till.Sold | None:
            return self.act(lambda db: till.sell(db, now=self.clock(), **sale))  # type: ignore[arg-type]

        sold = tell()
        assert sold is not None or sale["points_asked"], "a till never refuses a physical item"
        if sold is not None:
            self.agreed[sold.order_id] = sold.priced.total_fen
            self.told.append(tell)

    @rule(pick=some)
    def tell_a_sale_again(self, pick: int) -> None:
        if self.told:
            again = self.told[pick % len(self.told)]()
            assert isinstance(again, till.Sold)
            assert again.known

    # -- the rider -----------------------------------------------------------------------

    rides = rule(
        luck=st.sampled_from(("good", "good", "good", "good", "declines", "nobody home", "wrong code")),
        steps=st.integers(1, 12),
    )

    def _ride(self, luck: str, steps: int) -> None:
        """A round is planned, then whatever is next on the trip; on a good day most of it."""
        self.act(
            lambda db: tracking.record_position(
                db, self.tools.valkey, rider_id=self.rider, place=CENTRE, at=self.clock(), now=self.clock()
            )
        )
        self.do("dispatch.round")
        for _ in range(steps if luck == "good" else 1):
            trip = self.read(lambda db: itinerary.of_rider(db, rider_id=self.rider))
            if trip is None:
                return
            self.clock.advance(30)
            if trip.state != trips.ACCEPTED:
                self.answer(trip.trip_id, takes=luck != "declines")
            elif trip.next_stop is not None:
                self.act_at(trip.next_stop, luck)

    ride, ride_more = rides(_ride), rides(_ride)

    def answer(self, trip_id: uuid.UUID, *, takes: bool) -> None:
        who = {"trip_id": trip_id, "rider_id": self.rider, "now": self.clock()}
        self.act(lambda db: trips.accept(db, **who) if takes else trips.decline(db, reason="other", **who))

    def act_at(self, stop: itinerary.NextStop, luck: str) -> None:
        there = {"stop_id": stop.stop_id, "rider_id": self.rider, "at": self.clock(), "now": self.clock()}
        self.act(lambda db: stops.arrive(db, **there))
        if luck == "nobody home":
            self.act(lambda db: stops.fail(db, reason="no_contact", **there))
        else:
            code = "x" if luck == "wrong code" else stop.code
            self.act(lambda db: stops.complete(db, code=code, **there))

    # -- the shelf -----------------------------------------------------------------------

    @rule(store=sides, sku=st.sampled_from(SKUS), quantity=st.integers(1, 20))
    def receive(self, store: int, sku: str, quantity: int) -> None:
        if quantity:
            line = receiving.ReceiptLine(sku, quantity, None, None)
            arrival = {"store_id": self.stores[store], "receipt_id": ids.new_id(), "lines": [line]}
            self.act(lambda db: receiving.receive(db, now=self.clock(), **arrival))

    @rule(store=sides, sku=st.sampled_from(SKUS), found=st.sampled_from((0, 3, 9, 30)))
    def count(self, store: int, sku: str, found: int) -> None:
        place, lines, clerk = self.stores[store], [Line(Sku(sku), found)], self.clerks[store]
        self.act(lambda db: count_shelves(db, place, lines, now=self.clock(), clerk=clerk))
