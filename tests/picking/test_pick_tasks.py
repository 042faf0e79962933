"""A pick task's life, and what refuses it."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from o2o.kit import ids
from o2o.kit.ids import StoreId
from o2o.picking import pick_tasks, queries, scans, shorts
from tests.hands import Clock
from tests.picking.make import CLERK, MILK, SHRIMP, STORE, a_task


def _scan(
    db: Session, task: uuid.UUID, clock: Clock, scan_id: str, sku: str, quantity: int = 1, weight_g: int = 0
) -> scans.LineNow:
    return scans.scan(
        db, task_id=task, store_id=STORE, scan_id=scan_id, sku=sku, quantity=quantity, weight_g=weight_g, now=clock()
    )


def test_a_task_is_picked_and_says_what_was_taken(db: Session, clock: Clock) -> None:
    task = a_task(db, clock())
    _scan(db, task, clock, "s1", "milk", quantity=2)
    _scan(db, task, clock, "s2", "shrimp", weight_g=480)
    lines = pick_tasks.finish(db, task_id=task, store_id=STORE, now=clock())
    assert [(line.sku, line.picked, line.weight_g) for line in lines] == [("milk", 2, 1900), ("shrimp", 1, 480)]
    with pytest.raises(pick_tasks.NotOpen) as refused:
        pick_tasks.finish(db, task_id=task, store_id=STORE, now=clock())
    assert refused.value.facts["state"] == "picked"


def test_a_scan_told_twice_counts_once_even_after_the_end(db: Session, clock: Clock) -> None:
    task = a_task(db, clock(), lines=(MILK,))
    assert not _scan(db, task, clock, "s1", "milk").known
    assert _scan(db, task, clock, "s1", "milk").known
    assert _scan(db, task, clock, "s2", "milk").picked == 2
    pick_tasks.finish(db, task_id=task, store_id=STORE, now=clock())
    assert _scan(db, task, clock, "s2", "milk").picked == 2


def test_what_is_not_wanted_is_refused(db: Session, clock: Clock) -> None:
    task = a_task(db, clock())
    for sku, quantity in (("bread", 1), ("milk", 3)):
        with pytest.raises(scans.NotWanted), db.begin_nested():
            _scan(db, task, clock, f"x-{sku}", sku, quantity=quantity)
    with pytest.raises(scans.WeightNeeded), db.begin_nested():
        _scan(db, task, clock, "w", "shrimp")
    assert _scan(db, task, clock, "w", "shrimp", weight_g=500).weight_g == 500


def test_a_task_with_pieces_unaccounted_for_is_not_finished(db: Session, clock: Clock) -> None:
    task = a_task(db, clock())
    _scan(db, task, clock, "s1", "milk")
    with pytest.raises(pick_tasks.LinesOpen) as refused:
        pick_tasks.finish(db, task_id=task, store_id=STORE, now=clock())
    assert refused.value.facts["lines"] == {"milk": 1, "shrimp": 1}


def test_a_piece_found_after_all_is_short_no_more(db: Session, clock: Clock) -> None:
    task = a_task(db, clock(), lines=(MILK,))
    for _ in range(2):
        shorts.report_short(
            db, task_id=task, store_id=STORE, sku="milk", quantity=2, reason="NOT_IN_STOCK", now=clock()
        )
    assert _scan(db, task, clock, "s1", "milk").short == 1
    lines = pick_tasks.finish(db, task_id=task, store_id=STORE, now=clock())
    assert (lines[0].picked, lines[0].wanted) == (1, 2)


def test_pieces_found_after_all_and_their_substitutes_are_not_both_taken(db: Session, clock: Clock) -> None:
    task = a_task(db, clock(), lines=(MILK,), preference="substitute")
    shorts.report_short(db, task_id=task, store_id=STORE, sku="milk", quantity=2, reason="NOT_IN_STOCK", now=clock())
    _propose(db, task, clock, quantity=2)
    _scan(db, task, clock, "s1", "milk")
    [line] = pick_tasks.finish(db, task_id=task, store_id=STORE, now=clock())
    assert (line.picked, line.substitute_quantity, line.substitute_fen) == (1, 0, 0)


@pytest.mark.parametrize(("preference", "after", "kept"), [("substitute", 0, 1), ("ask", 181, 0)])
def test_a_substitute_follows_the_stored_preference(
    db: Session, clock: Clock, preference: str, after: int, kept: int
) -> None:
    task = a_task(db, clock(), lines=(MILK,), preference=preference)
    _scan(db, task, clock, "s1", "milk")
    shorts.report_short(db, task_id=task, store_id=STORE, sku="milk", quantity=1, reason="NOT_IN_STOCK", now=clock())
    _propose(db, task, clock)
    clock.advance(after)
    lines = pick_tasks.finish(db, task_id=task, store_id=STORE, now=clock())
    assert lines[0].substitute_quantity == kept


@pytest.mark.parametrize("approve", [True, False])
def test_a_customer_who_is_asked_decides(db: Session, clock: Clock, approve: bool) -> None:
    order_id = ids.new_id()
    task = a_task(db, clock(), lines=(MILK,), order_id=order_id)
    shorts.report_short(db, task_id=task, store_id=STORE, sku="milk", quantity=2, reason="DAMAGE", now=clock())
    _propose(db, task, clock)
    with pytest.raises(pick_tasks.ConsentOpen), db.begin_nested():
        pick_tasks.finish(db, task_id=task, store_id=STORE, now=clock())
    shorts.answer(db, order_id=order_id, sku="milk", approve=approve, now=clock.advance(60))
    with pytest.raises(shorts.NothingProposed):
        shorts.answer(db, order_id=order_id, sku="milk", approve=not approve, now=clock())
    lines = pick_tasks.finish(db, task_id=task, store_id=STORE, now=clock())
    assert lines[0].substitute_sku == ("oat" if approve else None)


def test_a_customer_who_wants_no_substitutes_is_not_asked(db: Session, clock: Clock) -> None:
    task = a_task(db, clock(), lines=(MILK,), preference="refund")
    shorts.report_short(db, task_id=task, store_id=STORE, sku="milk", quantity=1, reason="NOT_IN_STOCK", now=clock())
    with pytest.raises(shorts.RefusedBefore):
        _propose(db, task, clock)


def _propose(db: Session, task: uuid.UUID, clock: Clock, quantity: int = 1) -> None:
    shorts.propose(
        db, task_id=task, store_id=STORE, sku="milk", substitute_sku="oat", substitute_name="燕麦奶", quantity=quantity,
        charge_fen=1500, now=clock(),
    )  # fmt: skip


def test_two_clerks_do_not_pick_one_task_until_the_first_leaves(db: Session, clock: Clock) -> None:
    task, other = a_task(db, clock()), uuid.UUID(int=0xD)
    pick_tasks.start(db, task_id=task, clerk_id=CLERK, store_id=STORE, now=clock())
    with pytest.raises(pick_tasks.SomebodyElses):
        pick_tasks.start(db, task_id=task, clerk_id=other, store_id=STORE, now=clock())
    pick_tasks.release(db, task_id=task, store_id=STORE, now=clock())
    pick_tasks.start(db, task_id=task, clerk_id=other, store_id=STORE, now=clock())
    assert queries.task(db, task_id=task, store_id=STORE).assigned_to == other


def test_a_rejection_needs_a_known_reason_and_ends_the_task(db: Session, clock: Clock) -> None:
    task = a_task(db, clock(), started=False)
    with pytest.raises(pick_tasks.BadReason):
        pick_tasks.reject(db, task_id=task, store_id=STORE, reason="BORED", now=clock())
    pick_tasks.reject(db, task_id=task, store_id=STORE, reason="TOO_BUSY", now=clock())
    assert queries.task(db, task_id=task, store_id=STORE).reason == "TOO_BUSY"
    with pytest.raises(pick_tasks.NotOpen):
        pick_tasks.start(db, task_id=task, clerk_id=CLERK, store_id=STORE, now=clock())


@pytest.mark.parametrize("started", [True, False])
def test_a_task_of_a_cancelled_order_ends_once(db: Session, clock: Clock, started: bool) -> None:
    order_id = ids.new_id()
    task = a_task(db, clock(), started=started, order_id=order_id)
    for _ in range(2):
        pick_tasks.cancel(db, order_id=order_id, now=clock())
        clock.advance(60)
    found = queries.task(db, task_id=task, store_id=STORE)
    assert (found.state, found.ended_at) == ("cancelled", clock() - timedelta(seconds=120))


def test_another_stores_task_does_not_exist(db: Session, clock: Clock) -> None:
    task = a_task(db, clock())
    with pytest.raises(pick_tasks.NoSuchTask):
        pick_tasks.finish(db, task_id=task, store_id=uuid.UUID(int=0xB), now=clock())
    with pytest.raises(pick_tasks.NoSuchTask):
        queries.task(db, task_id=task, store_id=uuid.UUID(int=0xB))


def test_the_backlog_is_work_by_lines_and_falls_as_it_is_done(db: Session, clock: Clock) -> None:
    a_task(db, clock(), started=False)
    a_task(db, clock(), lines=(SHRIMP,))
    store = StoreId(STORE)
    first = pick_tasks.backlog(db, store_ids=[store], now=clock())[store]
    assert (first.tasks, first.lines, first.work_s) == (2, 3, 130 + 95)
    assert pick_tasks.backlog(db, store_ids=[store], now=clock.advance(40))[store].work_s == 130 + 55
    assert pick_tasks.backlog(db, store_ids=[store], now=clock() + timedelta(hours=1))[store].work_s == 130 + 19
    assert pick_tasks.backlog(db, store_ids=[StoreId(uuid.UUID(int=0xB))], now=clock()) == {}


def test_opening_a_shipments_task_again_changes_nothing(db: Session, clock: Clock) -> None:
    shipment_id, order_id = ids.new_id(), ids.new_id()
    for _ in range(2):
        pick_tasks.open(
            db, task_id=ids.new_id(), order_id=order_id, shipment_id=shipment_id, order_no="K7Q-2M9", store_id=STORE, lines=[MILK],
            due_at=clock(), preference="ask", work_s=95, now=clock(),
        )  # fmt: skip
    assert len(queries.tasks(db, store_id=STORE, states=pick_tasks.OPEN)) == 1
