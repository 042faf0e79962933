"""Hands that meet at one trip: real connections, a barrier, exact counts, and nothing that contradicts itself."""

import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from o2o.dispatch import ledger_check
from o2o.dispatch.carrying import deliveries, stops, trips
from o2o.dispatch.hand import acts, lists, undo
from o2o.dispatch.hand.acts import Act
from o2o.dispatch.working import pool
from o2o.kit import ids
from o2o.kit.errors import Conflict, DomainError, NotFound
from tests.conftest import Database
from tests.dispatch.make import Town


@pytest.fixture(autouse=True)
def _nothing_contradicts(database: Database) -> object:
    yield
    with database.sessions() as db:
        assert ledger_check.differences(db) == []


def together(*works: Callable[[], object]) -> list[object]:
    """Run at the same moment; a refusal is an answer, anything else is a fault."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        gate.wait()
        try:
            return work()
        except DomainError as refusal:
            return refusal

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(run, works))


def by_hand(town: Town, *what: Act) -> Callable[[], lists.Done]:
    """A dispatcher's list, to be done later."""

    def work() -> lists.Done:
        with town.database.sessions() as db:
            return lists.perform(
                db,
                town.tools.valkey,
                area_id=town.area_id,
                actor_id=town.area_id,
                acts=what,
                roads=town.tools.roads,
                now=town.clock(),
            )

    return work


def test_one_delivery_in_the_pool_goes_to_one_of_eight_riders(town: Town) -> None:
    riders = [town.a_rider(east_m=100 * k) for k in range(8)]
    order_id = town.a_delivery()
    town.clock.advance(pool.OPEN_AFTER_S)
    delivery_id = town.delivery(order_id).id

    def take(rider_id: uuid.UUID) -> Callable[[], object]:
        def work() -> object:
            with town.database.sessions() as db:
                return pool.take(
                    db,
                    town.tools.valkey,
                    delivery_id=delivery_id,
                    rider_id=rider_id,
                    roads=town.tools.roads,
                    now=town.clock(),
                ).id

        return work

    answers = together(*(take(rider_id) for rider_id in riders))
    assert sorted(type(a).__name__ for a in answers) == ["NotInPool"] * 7 + ["UUID"]
    trip = town.trip_of(order_id)
    assert [trip.id] == [a for a in answers if isinstance(a, uuid.UUID)]


def test_eight_dispatchers_crossing_each_other_lose_nothing(town: Town) -> None:
    first, second = town.a_rider(), town.a_rider(east_m=300)
    orders = [town.a_delivery(north_m=800 + 40 * k) for k in range(2)]
    goods = [town.delivery(order_id).id for order_id in orders]
    by_hand(town, acts.Assign(goods[0], first), acts.Assign(goods[1], second))()
    for order_id, rider_id in zip(orders, (first, second), strict=True):
        with town.database.sessions() as db:
            trips.accept(db, trip_id=town.trip_of(order_id).id, rider_id=rider_id, now=town.clock())
    swaps = [by_hand(town, acts.Assign(goods[0], second), acts.Assign(goods[1], first)) for _ in range(4)]
    swaps += [by_hand(town, acts.Assign(goods[1], first), acts.TakeBack(goods[0])) for _ in range(4)]
    answers = together(*swaps)
    assert all(isinstance(a, (lists.Done, Conflict)) for a in answers), answers
    assert sum(isinstance(a, lists.Done) for a in answers) >= 1
    states = {town.delivery(order_id).state for order_id in orders}
    assert states <= {"waiting", "assigned"}


def test_a_reassignment_and_the_riders_pick_up_never_both_happen(town: Town) -> None:
    for k in range(4):
        holder, other = town.a_rider(), town.a_rider(east_m=200)
        order_id = town.a_delivery(north_m=800 + k)
        by_hand(town, acts.Assign(town.delivery(order_id).id, holder))()
        trip = town.trip_of(order_id)
        with town.database.sessions() as db:
            trips.accept(db, trip_id=trip.id, rider_id=holder, now=town.clock())
        pickup = town.open_stops(trip.id)[0]

        def ride(rider_id: uuid.UUID = holder, stop_id: uuid.UUID = pickup.id) -> str:
            with town.database.sessions() as db:
                stops.complete(db, stop_id=stop_id, rider_id=rider_id, at=town.clock(), now=town.clock())
            return "ridden"

        answers = together(ride, by_hand(town, acts.Assign(town.delivery(order_id).id, other)))
        done = [a for a in answers if not isinstance(a, DomainError)]
        assert len(done) == 1, answers
        found = town.delivery(order_id)
        expected = ("picked_up", holder) if done == ["ridden"] else ("assigned", other)
        assert (found.state, found.rider_id) == expected


def test_an_undo_and_the_riders_yes_never_both_happen(town: Town) -> None:
    for k in range(4):
        rider_id, order_id = town.a_rider(), town.a_delivery(north_m=800 + k)
        done = by_hand(town, acts.Assign(town.delivery(order_id).id, rider_id))()
        trip = town.trip_of(order_id)

        def back(action_id: uuid.UUID = done.action_id) -> str:
            with town.database.sessions() as db:
                undo.undo(db, action_id=action_id, actor_id=ids.new_id(), area_ids=None, now=town.clock())
            return "undone"

        def yes(trip_id: uuid.UUID = trip.id, rider_id: uuid.UUID = rider_id) -> str:
            with town.database.sessions() as db:
                trips.accept(db, trip_id=trip_id, rider_id=rider_id, now=town.clock())
            return "accepted"

        answers = together(back, yes)
        [won] = [a for a in answers if isinstance(a, str)]
        assert town.delivery(order_id).state == ("waiting" if won == "undone" else "assigned")


def test_a_cancelled_order_and_a_list_by_hand_meet(town: Town) -> None:
    for k in range(4):
        rider_id, order_id = town.a_rider(), town.a_delivery(north_m=800 + k)

        def give_up(order_id: uuid.UUID = order_id) -> str:
            with town.database.sessions() as db:
                deliveries.cancel(db, order_id=order_id, now=town.clock())
            return "cancelled"

        answers = together(give_up, by_hand(town, acts.Assign(town.delivery(order_id).id, rider_id)))
        assert answers[0] == "cancelled"
        assert isinstance(answers[1], (lists.Done, lists.NotAllDone, NotFound))
        assert town.delivery(order_id).state == "cancelled"


WAITS_FOR_A_LOCK = text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
)


class Pause:
    """Stops the thread `of` once, right after its first statement that begins with `after`, until it is let `go`."""

    def __init__(self, after: str) -> None:
        self.after, self.of = after, 0
        self.reached, self.go = threading.Event(), threading.Event()

    def __call__(self, _c: object, _cursor: object, statement: str, *_more: Any) -> None:
        if threading.get_ident() == self.of and statement.startswith(self.after) and not self.reached.is_set():
            self.reached.set()
            assert self.go.wait(30)


@contextmanager
def stopping(town: Town, *pauses: Pause) -> Iterator[None]:
    """The pauses are in force on all connections of the house."""
    for pause in pauses:
        event.listen(town.database.engine, "after_cursor_execute", pause)
    try:
        yield
    finally:
        for pause in pauses:
            pause.go.set()
            event.remove(town.database.engine, "after_cursor_execute", pause)


def paused(pause: Pause, work: Callable[[], object]) -> Callable[[], object]:
    """The work, stopped where `pause` says."""

    def run() -> object:
        pause.of = threading.get_ident()
        return work()

    return run


def done_or_waiting(town: Town, one: "Future[object]") -> None:
    """Until a thread is through or stands at somebody's lock."""
    while not one.done():
        with town.database.sessions() as db:
            if db.scalar(WAITS_FOR_A_LOCK):
                return


def test_an_order_cancelled_while_a_round_gives_it_to_a_rider_leaves_him_no_trip_without_stops(town: Town) -> None:
    rider_id, order_id = town.a_rider(), town.a_delivery()

    def give_up() -> str:
        with town.database.sessions() as db:
            deliveries.cancel(db, order_id=order_id, now=town.clock())
        return "cancelled"

    def yes() -> str:
        with town.database.sessions() as db:
            trips.accept(db, trip_id=trip_id, rider_id=rider_id, now=town.clock())
        return "accepted"

    # The canceller has seen that nobody has it; then the round gives it away, and its rider looks at the offer.
    looked, offered = Pause("SELECT deliveries.rider_id"), Pause("SELECT trips.")
    with stopping(town, looked, offered), ThreadPoolExecutor(2) as threads:
        cancelling = threads.submit(paused(looked, give_up))
        assert looked.reached.wait(30)
        outcome = town.round()
        assert outcome is not None
        assert outcome.given == 1
        trip_id = town.trip_of(order_id).id
        answering = threads.submit(paused(offered, yes))
        assert offered.reached.wait(30)
        looked.go.set()
        done_or_waiting(town, cancelling)
        offered.go.set()
        assert (cancelling.result(30), answering.result(30)) == ("cancelled", "accepted")
    assert town.delivery(order_id).state == "cancelled"
    with town.database.sessions() as db:
        assert db.scalar(text("SELECT state FROM riders")) == "available"
        assert db.execute(text("SELECT state, ended_at IS NULL FROM trips")).all() == [("cancelled", False)]
