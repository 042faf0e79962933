"""The people of the whole house: customers, clerks, tills and riders, each acting through what serves them in production."""

import uuid
from collections import Counter
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
from o2o.orders.checkout.placing import Placed
from o2o.orders.fulfilment import cancellation, in_store
from o2o.orders.quoting import baskets
from o2o.orders.quoting.baskets import Quote
from o2o.payments import sandbox
from o2o.picking import queries, scans, shorts
from o2o.picking.schemas import PickTaskOut
from tests.inventory.make import count as count_shelves
from tests.properties.backroom import BackRoomMachine, any_sku
from tests.properties.house import CONTACT, HOME, SKUS, any_basket, sides, some
from tests.properties.office import Slip
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
        quote = self.quoted(basket, who, pickup_at=0 if pickup else None, coupon=coupon, points=points)
        if quote is None:
            return
        self.clock.advance(thinks_s)
        free = self.free()
        placed = self.act(self.placing(quote, who, pickup=pickup, preference=preference))
        if placed is None:
            return
        self.acknowledged({placed: quote}, free)
        if placed.pay_ref is not None and pays:
            self.pay(0, True)
            self.do("payments.send_notices")
            self.relay(1)

    order, order_more, order_again = often(_order), often(_order), often(_order)

    @rule(one=any_sku, other=any_sku, who=sides, pays=st.booleans())
    def order_what_no_store_has_alone(self, one: str, other: str, who: int, pays: bool) -> None:
        """One more of each than the store that has less of it: both stores must bring their part."""
        free, (near, far) = self.free(), [StoreId(store) for store in self.stores]
        basket = {one: free[far, Sku(one)] + 1, other: free[near, Sku(other)] + 1}
        if len(basket) == 2 and free[near, Sku(one)] >= basket[one] and free[far, Sku(other)] >= basket[other]:
            self._order(basket, who, 0, False, False, "ask", 0, pays)

    def quoted(
        self, basket: dict[str, int], who: int, *, pickup_at: int | None, coupon: bool = False, points: int = 0
    ) -> Quote | None:
        return self.act(
            lambda db: baskets.quote(
                db, member_id=MemberId(self.members[who]), lines=[(Sku(sku), n) for sku, n in basket.items()],
                point=HOME if pickup_at is None else None, method="delivery" if pickup_at is None else "pickup",
                store_id=None if pickup_at is None else self.stores[pickup_at],
                coupon_id=self.coupons[who] if coupon else None, points_asked=points, now=self.clock(), tools=self.tools,
            )
        )  # fmt: skip

    def placing(self, quote: Quote, who: int, *, pickup: bool, preference: str = "ask") -> Callable[[Session], Placed]:
        """What a member does with a quote, in whoever's transaction."""
        return lambda db: acceptance.place_order(
            db, order_id=OrderId(ids.new_id()), member_id=MemberId(self.members[who]), token=quote.token, now=self.clock(),
            tools=self.tools, contact=None if pickup else CONTACT, preference=preference,
        )  # fmt: skip

    def acknowledged(self, taken: dict[Placed, Quote], free: dict[tuple[StoreId, Sku], int]) -> None:
        """Remember what customers were told, and that all of it together was there before."""
        wanted = Counter[tuple[StoreId, Sku]]()
        for placed, quote in taken.items():
            self.agreed[placed.order_id] = placed.total_fen
            assert placed.total_fen == quote.priced.total_fen, "M1: another total than was accepted"
            wanted.update(self.held_for(placed.order_id))
            if placed.pay_ref is not None:
                self.refs.append(placed.pay_ref)
        for at, units in wanted.items():
            assert free[at] >= units, "I2: promised what was not there"

    @rule(sku=any_sku, store=sides, more=st.sampled_from((0, 1)), stays=st.sampled_from((True, True, False)))
    def two_want_the_last_pieces(self, sku: str, store: int, more: int, stays: bool) -> None:
        """Each wants half of a shelf, or a piece more. The second asks, and waits, while the first's order is written and not yet
        committed: both have looked and seen enough. Then the first one's transaction ends, well or not."""
        free = self.free()
        half = free[StoreId(self.stores[store]), Sku(sku)] // 2 + more
        asked = [self.quoted({sku: half}, who, pickup_at=store) for who in (0, 1)] if half else []
        if len(asked) < 2 or asked[0] is None or asked[1] is None:
            return
        places = [self.placing(quote, who, pickup=True) for who, quote in enumerate(asked) if quote is not None]
        first, second = self.at_once(*places, stays=stays)
        told = zip((first, second), asked, strict=True)
        self.acknowledged({placed: quote for placed, quote in told if placed is not None and quote is not None}, free)
        assert stays or second is not None, "nobody had anything, and yet it was refused"

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
                db, return_id=asked, order_id=order_id, member_id=None, kind=kind, lines=piece, reason="broken", note="", now=now,
                store_id=place,
            ),
            lambda db: aftersales.decide(db, return_id=asked, store_id=place, approve=pick % 5 != 0, note="", now=now),
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
            slip = Slip("receipt", ids.new_id(), self.stores[store], sku)
            arrival = {"store_id": slip.store_id, "receipt_id": slip.id, "lines": [line]}
            self.act(lambda db: receiving.receive(db, now=self.clock(), **arrival))
            self.slips.append(slip)

    @rule(store=sides, sku=st.sampled_from(SKUS), found=st.sampled_from((0, 3, 9, 30)))
    def count(self, store: int, sku: str, found: int) -> None:
        place, lines, clerk = self.stores[store], [Line(Sku(sku), found)], self.clerks[store]
        self.act(lambda db: count_shelves(db, place, lines, now=self.clock(), clerk=clerk))
