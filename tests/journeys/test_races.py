"""Hands that meet: real connections, a barrier, exact counts."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from o2o.geo.lonlat import LonLat
from o2o.infra.tools import Tools
from o2o.inventory.reserving import reservations
from o2o.inventory.shelf import receiving
from o2o.kit import ids
from o2o.kit.errors import Conflict
from o2o.kit.ids import AreaId, MemberId, OrderId, Sku
from o2o.orders.checkout import acceptance
from o2o.orders.checkout.placing import Placed
from o2o.orders.fulfilment import cancellation, completion, in_store, settlement
from o2o.orders.quoting import baskets
from tests.journeys.town import BREAD, HOME, MILK, Town
from tests.stores.make import a_store

CONTACT = acceptance.Contact("建国路 1 号", "王小明", "13812345678")


def _together(*works: Callable[[], object]) -> list[object]:
    """Run at the same moment; a conflict is an answer."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        gate.wait()
        try:
            return work()
        except Conflict as refusal:
            return refusal

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def _place(town: Town, tools: Tools, lines: list[tuple[Sku, int]], method: str = "pickup") -> Callable[[], object]:
    """A quote taken now, and the placing to be done later."""
    member = MemberId(uuid.UUID(town.customer["account"]))
    with town.database.sessions() as db:
        quoted = baskets.quote(
            db, member_id=member, lines=lines, point=LonLat(HOME["lon"], HOME["lat"]), method=method, store_id=town.near,
            now=town.clock(), tools=tools,
        )  # fmt: skip

    def work() -> object:
        with town.database.sessions() as db:
            return acceptance.place_order(
                db, order_id=OrderId(ids.new_id()), member_id=member, token=quoted.token, contact=CONTACT, now=town.clock(),
                tools=tools,
            )  # fmt: skip

    return work


def test_the_last_pieces_go_to_exactly_as_many_as_there_are(town: Town, tools: Tools) -> None:
    answers = _together(*[_place(town, tools, [(Sku(MILK), 3)]) for _ in range(12)])
    assert sum(isinstance(answer, Placed) for answer in answers) == 3
    assert town.stock(town.near, MILK) == (10, 9)


def test_a_lost_race_is_refused_by_name_where_no_other_store_keeps_the_promise(town: Town, tools: Tools) -> None:
    answers = _together(*[_place(town, tools, [(Sku(MILK), 6)], method="delivery") for _ in range(4)])
    assert sum(isinstance(answer, Placed) for answer in answers) == 1
    changed = [answer.facts["changed"] for answer in answers if isinstance(answer, Conflict)]
    assert changed == [["store", "promise"]] * 3


def test_a_lost_race_takes_the_next_store_that_keeps_the_promise(town: Town, tools: Tools) -> None:
    with town.database.sessions() as db:
        twin = a_store(db, "TWIN", now=town.clock(), area_id=AreaId(town.area))
        line = receiving.ReceiptLine(MILK, 10, None, None)
        receiving.receive(db, store_id=twin, receipt_id=ids.new_id(), lines=[line], now=town.clock())
    answers = _together(*[_place(town, tools, [(Sku(MILK), 6)], method="delivery") for _ in range(4)])
    placed = [answer for answer in answers if isinstance(answer, Placed)]
    assert sorted(str(one.store_id) for one in placed) == sorted([str(town.near), str(twin)])
    assert town.stock(town.near, MILK) == town.stock(twin, MILK) == (10, 6)


def test_two_halves_of_a_basket_in_opposite_order_do_not_lock_each_other_out(town: Town, tools: Tools) -> None:
    one, two = [(Sku(MILK), 1), (Sku(BREAD), 1)], [(Sku(BREAD), 1), (Sku(MILK), 1)]
    answers = _together(*[_place(town, tools, lines) for lines in (one, two) * 8])
    assert sum(isinstance(answer, Placed) for answer in answers) == 10
    assert town.stock(town.near, MILK) == town.stock(town.near, BREAD) == (10, 10)


def test_cancelling_and_finishing_at_once_end_in_one_of_the_two(town: Town) -> None:
    for _ in range(4):
        placed = town.bought()
        task = town.start(town.near)
        for sku in (MILK, MILK, BREAD):
            town.scan(town.near, task, sku)
        order_id, now = OrderId(uuid.UUID(placed["order_id"])), town.clock()

        def cancel(order_id: OrderId = order_id) -> object:
            with town.database.sessions() as db:
                return cancellation.cancel_order(
                    db, order_id=order_id, member_id=None, actor="customer", reason="", now=town.clock()
                )

        def finish(task_id: uuid.UUID = uuid.UUID(task["id"])) -> object:
            with town.database.sessions() as db:
                return in_store.finish_picking(
                    db, task_id=task_id, clerk_id=uuid.UUID(int=1), store_id=town.near, now=town.clock()
                )

        _together(cancel, finish)
        town.worker.drain()
        town.settle()
        assert town.order(placed)["state"] == "cancelled"
        assert town.money(placed)["captured_fen"] == town.money(placed)["refunded_fen"]
        assert town.clock() > now
    assert town.stock(town.near, MILK) == (10, 0)


def test_paying_and_expiring_at_once_end_paid_or_given_back(town: Town) -> None:
    for _ in range(4):
        placed = town.place()
        at = town.did(town.post(town.customer, f"/payments/{placed['order_id']}/cashier"))
        town.did(town.post(town.customer, f"/sandbox/charges/{at['ref']}/confirm"))
        order_id = OrderId(uuid.UUID(placed["order_id"]))
        town.clock.advance(901)

        def expire(order_id: OrderId = order_id) -> None:
            with town.database.sessions() as db:
                reservations.expire_due(db, now=town.clock())
            with town.database.sessions() as db:
                completion.expire(db, order_id=order_id, now=town.clock())

        def pay(order_id: OrderId = order_id) -> None:
            town.worker.do("payments.send_notices")
            with town.database.sessions() as db:
                settlement.confirm_payment(db, order_id=order_id, now=town.clock())

        _together(expire, pay)
        town.worker.drain()
        assert town.order(placed)["state"] == "paid"
        town.cancel(placed)
        assert town.money(placed)["captured_fen"] == town.money(placed)["refunded_fen"] == 0
    assert town.stock(town.near, MILK) == (10, 0)
