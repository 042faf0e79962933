"""Receipts with differences, transfers that conserve, write-offs, rejections and dates."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.inventory import ledger_check
from o2o.inventory.ledger.moves import NotThatMany
from o2o.inventory.lines import BadQuantity
from o2o.inventory.reserving import availability, reservations
from o2o.inventory.shelf import expiry, receiving, rejections, selling, write_offs
from o2o.inventory.supply import suppliers, transfers
from o2o.inventory.supply.suppliers import Arrived
from o2o.inventory.supply.transfers import Arrival
from o2o.kit import ids
from tests.inventory.make import NOW, a_store_with, an_order, item, later, lines, lots, put, said, shelf

SOON, LATE = date(2026, 3, 9), date(2026, 3, 20)


def free(db, store, sku):
    return availability.sellable(db, store_ids=[store], skus=[sku], now=NOW)[store, sku]


def a_hold(db, store, **wanted):
    order = an_order()
    reservations.hold(
        db,
        reservation_id=ids.new_id(),
        order_id=order,
        store_id=store,
        lines=lines(**wanted),
        expires_at=later(900),
        now=NOW,
    )
    return order


def test_a_transfer_moves_lots_and_what_is_lost_has_a_reason(db: Session) -> None:
    here, there, transfer = a_store_with(db, {"milk": 5}, lots={"milk": SOON}), a_store_with(db, {}), ids.new_id()
    transfers.draft(db, transfer_id=transfer, from_store_id=here, to_store_id=there, lines=lines(milk=4), now=NOW)
    assert shelf(db, here, "milk") == (5, 0)
    transfers.send(db, transfer_id=transfer, store_id=here, now=NOW)
    assert (shelf(db, here, "milk"), item(db, there, "milk")["in_transit"]) == ((1, 0), 4)
    assert free(db, there, "milk") == 0
    for bad in ([], [Arrival("milk", 3)], [Arrival("milk", 3, 1)], [Arrival("milk", 4), Arrival("eggs", 1)]):
        with pytest.raises(transfers.BadTransfer):
            transfers.receive(db, transfer_id=transfer, store_id=there, arrivals=bad, now=NOW)
    transfers.receive(db, transfer_id=transfer, store_id=there, arrivals=[Arrival("milk", 3, 1, "crushed")], now=NOW)
    assert (item(db, there, "milk")["on_hand"], item(db, there, "milk")["in_transit"]) == (3, 0)
    assert (lots(db, here, "milk"), lots(db, there, "milk")) == ({"milk-lot": 1}, {"milk-lot": 3})
    with pytest.raises(transfers.TransferElsewhere):
        transfers.receive(db, transfer_id=transfer, store_id=there, arrivals=[Arrival("milk", 4)], now=NOW)


def test_a_transfer_the_other_store_could_not_take_is_counted_in_where_it_left(db: Session) -> None:
    here, there, transfer = a_store_with(db, {"milk": 5}, lots={"milk": SOON}), a_store_with(db, {}), ids.new_id()
    transfers.draft(db, transfer_id=transfer, from_store_id=here, to_store_id=there, lines=lines(milk=4), now=NOW)
    with pytest.raises(transfers.TransferElsewhere):
        transfers.bring_back(db, transfer_id=transfer, now=NOW)
    transfers.send(db, transfer_id=transfer, store_id=here, now=NOW)
    for _ in range(2):
        transfers.bring_back(db, transfer_id=transfer, now=NOW)
    assert (item(db, there, "milk")["in_transit"], item(db, here, "milk")["in_transit"]) == (0, 4)
    assert (shelf(db, here, "milk"), ledger_check.differences(db)) == ((1, 0), [])
    with pytest.raises(transfers.NoSuchTransfer):
        transfers.receive(db, transfer_id=transfer, store_id=there, arrivals=[Arrival("milk", 4)], now=NOW)
    transfers.receive(db, transfer_id=transfer, store_id=here, arrivals=[Arrival("milk", 3, 1, "crushed")], now=NOW)
    assert (shelf(db, here, "milk"), item(db, here, "milk")["in_transit"]) == ((4, 0), 0)
    assert (lots(db, here, "milk"), ledger_check.differences(db)) == ({"milk-lot": 4}, [])
    with pytest.raises(transfers.TransferElsewhere):
        transfers.receive(db, transfer_id=transfer, store_id=here, arrivals=[Arrival("milk", 4)], now=NOW)
    transfers.bring_back(db, transfer_id=transfer, now=NOW)
    assert item(db, here, "milk")["in_transit"] == 0


def test_what_is_promised_does_not_leave_by_transfer(db: Session) -> None:
    here, there, transfer = a_store_with(db, {"eggs": 9, "milk": 5}), a_store_with(db, {}), ids.new_id()
    a_hold(db, here, milk=3)
    transfers.draft(
        db, transfer_id=transfer, from_store_id=here, to_store_id=there, lines=lines(eggs=9, milk=3), now=NOW
    )
    with pytest.raises(NotThatMany):
        transfers.send(db, transfer_id=transfer, store_id=here, now=NOW)
    assert (shelf(db, here, "eggs"), shelf(db, here, "milk")) == ((9, 0), (5, 3))
    with pytest.raises(transfers.NoSuchTransfer):
        transfers.send(db, transfer_id=transfer, store_id=there, now=NOW)
    transfers.cancel(db, transfer_id=transfer, store_id=here)


def test_an_announced_delivery_is_received_with_its_differences_and_scored(db: Session) -> None:
    store = a_store_with(db, {})
    first, second = ids.new_id(), ids.new_id()
    for notice, due in ((first, later(3600)), (second, later(-3600))):
        suppliers.announce(
            db,
            notice_id=notice,
            supplier="Green Farm",
            store_id=store,
            due_at=due,
            lines=lines(milk=10, eggs=10),
            now=NOW,
        )
    arrived = [
        Arrived("milk", 8, damaged=1, refused=1, lot_code="L1", expires_on=SOON, reason="crates fell"),
        Arrived("eggs", 10),
    ]
    with pytest.raises(suppliers.BadReceipt):
        suppliers.receive(
            db, notice_id=first, receipt_id=ids.new_id(), store_id=store, arrived=[Arrived("milk", 9)], now=NOW
        )
    found = suppliers.receive(db, notice_id=first, receipt_id=ids.new_id(), store_id=store, arrived=arrived, now=NOW)
    assert [(d.sku, d.announced, d.received, d.damaged, d.refused) for d in found] == [("milk", 10, 8, 1, 1)]
    assert (free(db, store, "milk"), free(db, store, "eggs"), lots(db, store, "milk")) == (7, 10, {"L1": 8})
    with pytest.raises(suppliers.NoticeClosed):
        suppliers.receive(db, notice_id=first, receipt_id=ids.new_id(), store_id=store, arrived=arrived, now=NOW)
    missing = suppliers.receive(
        db, notice_id=second, receipt_id=ids.new_id(), store_id=store, arrived=[Arrived("milk", 10)], now=NOW
    )
    assert [(d.sku, d.received, d.reason) for d in missing] == [("eggs", 0, "not delivered")]
    [score] = suppliers.scorecard(db, since=later(-60), until=later(60))
    assert (score.deliveries, score.on_time_permille, score.in_full_permille) == (2, 500, 700)
    assert score.quality_permille == 1000 * 27 // 29


def test_waste_leaves_with_a_reason_once_and_never_more_than_there_is(db: Session) -> None:
    store, waste = a_store_with(db, {"milk": 5}, lots={"milk": SOON}), ids.new_id()
    for _ in range(2):
        write_offs.write_off(
            db,
            store_id=store,
            write_off_id=waste,
            sku="milk",
            quantity=2,
            reason="broken",
            lot_code="milk-lot",
            now=NOW,
        )
    assert (shelf(db, store, "milk"), lots(db, store, "milk")) == ((3, 0), {"milk-lot": 3})
    with pytest.raises(NotThatMany):
        write_offs.write_off(
            db, store_id=store, write_off_id=ids.new_id(), sku="milk", quantity=4, reason="stolen", now=NOW
        )
    with pytest.raises(write_offs.BadReason):
        write_offs.write_off(
            db, store_id=store, write_off_id=ids.new_id(), sku="milk", quantity=1, reason="why", now=NOW
        )


@pytest.mark.parametrize(
    ("reason", "on_hand", "damaged"),
    [("NOT_IN_STOCK", 0, 0), ("MISMATCH", 4, 0), ("DAMAGE", 6, 2), ("NO_VARIANCE", 6, 0)],
)
def test_the_reason_of_a_rejection_says_what_is_on_the_shelf(
    db: Session, reason: str, on_hand: int, damaged: int
) -> None:
    store = a_store_with(db, {"milk": 6})
    rejections.apply(db, store_id=store, sku="milk", reason=reason, quantity=2, cause_id=ids.new_id(), now=NOW)
    buckets = item(db, store, "milk")
    assert (buckets["on_hand"], buckets["damaged"]) == (on_hand, damaged)
    assert len(said(db, "inventory.count_requested")) == (0 if reason == "NO_VARIANCE" else 1)


def test_lots_past_their_date_are_set_apart_and_thrown_away_first(db: Session) -> None:
    store = a_store_with(db, {"milk": 3}, lots={"milk": SOON})
    receiving.receive(
        db, store_id=store, receipt_id=ids.new_id(), lines=[receiving.ReceiptLine("milk", 2, "fresh", LATE)], now=NOW
    )
    assert [(e.expires_on, e.quantity) for e in expiry.expiring(db, store_id=store, until=LATE)] == [
        (SOON, 3),
        (LATE, 2),
    ]
    assert expiry.block_expired(db, store_id=store, today=SOON, now=NOW) == []
    assert expiry.block_expired(db, store_id=store, today=date(2026, 3, 10), now=NOW) == ["milk"]
    assert free(db, store, "milk") == 2
    selling.sell(db, store_id=store, sale_id=ids.new_id(), lines=lines(milk=1), at=NOW, now=NOW)
    assert lots(db, store, "milk") == {"milk-lot": 3, "fresh": 1}
    with pytest.raises(NotThatMany):
        write_offs.set_apart(db, store_id=store, cause_id=ids.new_id(), sku="milk", damaged=-1, now=NOW)
    write_offs.write_off(
        db, store_id=store, write_off_id=ids.new_id(), sku="milk", quantity=3, reason="expired", damaged=True, now=NOW
    )
    assert (lots(db, store, "milk"), item(db, store, "milk")["damaged"]) == ({"fresh": 1}, 0)


@pytest.mark.parametrize(("damaged", "inspect"), [(3, 0), (10, 0), (0, 10), (2, 5)])
def test_pieces_set_apart_when_they_came_are_not_set_apart_once_more_when_they_expire(
    db: Session, damaged: int, inspect: int
) -> None:
    store = a_store_with(db, {})
    crate = receiving.ReceiptLine("milk", 10, "L1", SOON, damaged=damaged, inspect=inspect)
    receiving.receive(db, store_id=store, receipt_id=ids.new_id(), lines=[crate], now=NOW)
    expiry.block_expired(db, store_id=store, today=LATE, now=NOW)
    found = item(db, store, "milk")
    assert (found["on_hand"], found["damaged"], found["quality_control"], found["short"]) == (10, 10, 0, False)
    assert ledger_check.differences(db) == []


def test_pieces_under_the_code_of_a_lot_set_apart_join_it(db: Session) -> None:
    """Sent here by another store, which has the same lot and has not looked yet."""
    here, there = (a_store_with(db, {"milk": 5}, lots={"milk": SOON}) for _ in range(2))
    expiry.block_expired(db, store_id=here, today=LATE, now=NOW)
    transfer = ids.new_id()
    transfers.draft(db, transfer_id=transfer, from_store_id=there, to_store_id=here, lines=lines(milk=3), now=NOW)
    transfers.send(db, transfer_id=transfer, store_id=there, now=NOW)
    transfers.receive(db, transfer_id=transfer, store_id=here, arrivals=[transfers.Arrival("milk", 3)], now=NOW)
    assert (item(db, here, "milk")["damaged"], free(db, here, "milk")) == (8, 0)
    assert ledger_check.differences(db) == []


def test_another_date_is_another_lot_until_the_first_is_gone(db: Session) -> None:
    store = a_store_with(db, {"milk": 3}, lots={"milk": SOON})

    def come(code: str, expires_on: date, *more: receiving.ReceiptLine) -> None:
        crates = [receiving.ReceiptLine("milk", 2, code, expires_on), *more]
        receiving.receive(db, store_id=store, receipt_id=ids.new_id(), lines=crates, now=NOW)

    with pytest.raises(receiving.LotDates) as refusal:
        come("milk-lot", LATE)
    assert (refusal.value.facts["field"], refusal.value.facts["known"]) == ("expires_on", str(SOON))
    with pytest.raises(receiving.LotDates):
        come("new", LATE, receiving.ReceiptLine("milk", 1, "new", SOON))
    expiry.block_expired(db, store_id=store, today=LATE, now=NOW)
    thrown = {"write_off_id": ids.new_id(), "sku": "milk", "quantity": 3, "reason": "expired"}
    write_offs.write_off(db, store_id=store, now=NOW, lot_code="milk-lot", **thrown)
    come("milk-lot", LATE)
    assert expiry.expiring(db, store_id=store, until=LATE) == [
        expiry.ExpiringLot(LATE, "milk", "milk-lot", 2, blocked=False)
    ]
    assert (item(db, store, "milk")["damaged"], free(db, store, "milk")) == (0, 2)
    assert ledger_check.differences(db) == []


def test_a_receipt_told_again_with_another_date_changes_nothing(db: Session) -> None:
    store, receipt = a_store_with(db, {}), ids.new_id()
    for expires_on in (SOON, LATE):
        crate = [receiving.ReceiptLine("milk", 2, "L1", expires_on)]
        receiving.receive(db, store_id=store, receipt_id=receipt, lines=crate, now=NOW)
    assert [(e.expires_on, e.quantity) for e in expiry.expiring(db, store_id=store, until=LATE)] == [(SOON, 2)]


def test_a_date_without_a_lot_code_is_kept_all_the_same(db: Session) -> None:
    """Clerks read the day off the package; a code is printed on few of them."""
    store = a_store_with(db, {})
    for quantity in (2, 3):
        line = receiving.ReceiptLine("milk", quantity, None, SOON)
        receiving.receive(db, store_id=store, receipt_id=ids.new_id(), lines=[line], now=NOW)
    assert [(e.expires_on, e.quantity) for e in expiry.expiring(db, store_id=store, until=LATE)] == [(SOON, 5)]
    assert expiry.block_expired(db, store_id=store, today=LATE, now=NOW) == ["milk"]
    assert free(db, store, "milk") == 0


def test_goods_brought_back_go_where_their_condition_says(db: Session) -> None:
    store, returned = a_store_with(db, {"milk": 1}), ids.new_id()
    for _ in range(2):
        selling.take_back(db, store_id=store, return_id=returned, lines=lines(milk=1), condition="inspect", now=NOW)
    assert (item(db, store, "milk")["quality_control"], free(db, store, "milk")) == (1, 1)
    selling.take_back(db, store_id=store, return_id=ids.new_id(), lines=lines(milk=1), condition="damaged", now=NOW)
    assert (item(db, store, "milk")["on_hand"], free(db, store, "milk")) == (3, 1)
    write_offs.set_apart(db, store_id=store, cause_id=ids.new_id(), sku="milk", quality_control=-1, now=NOW)
    assert free(db, store, "milk") == 2


def test_a_receipt_first_fills_what_the_till_took_below_zero(db: Session) -> None:
    store = a_store_with(db, {})
    selling.sell(db, store_id=store, sale_id=ids.new_id(), lines=lines(milk=2), at=NOW, now=NOW)
    put(db, store, {"milk": 5}, lots={"milk": SOON})
    assert (shelf(db, store, "milk"), lots(db, store, "milk")) == ((3, 0), {"milk-lot": 3})


def test_tills_may_tell_their_sales_late_twice_and_in_any_order(db: Session) -> None:
    sales = [(ids.new_id(), later(n), lines(milk=n + 1, eggs=1)) for n in range(4)]
    ended = []
    for order in ([0, 1, 2, 3], [3, 1, 3, 0, 2, 2], [2, 3, 1, 0, 0]):
        store = a_store_with(db, {"milk": 8, "eggs": 9}, lots={"milk": SOON, "eggs": LATE})
        for n in order:
            sale, at, sold = sales[n]
            selling.sell(db, store_id=store, sale_id=ids.new_id() if n < 0 else sale, lines=sold, at=at, now=later(500))
        opened = db.execute(
            text("SELECT sku, closed_at IS NULL FROM stock_discrepancies WHERE store_id = :s"), {"s": store}
        ).all()
        ended.append(
            (item(db, store, "milk"), item(db, store, "eggs"), lots(db, store, "eggs"), [tuple(o) for o in opened])
        )
    assert ended[0] == ended[1] == ended[2]
    assert (ended[0][0]["on_hand"], ended[0][3]) == (-2, [("milk", True)])


@pytest.mark.parametrize("parts", [{"damaged": 4}, {"inspect": 4}, {"damaged": 2, "inspect": 2}, {"damaged": -1}])
def test_no_more_arrives_broken_than_arrives(db: Session, parts: dict[str, int]) -> None:
    line = receiving.ReceiptLine("milk", 3, **parts)
    with pytest.raises(BadQuantity):
        receiving.receive(db, store_id=ids.new_id(), receipt_id=ids.new_id(), lines=[line], now=NOW)


def test_no_more_is_set_apart_than_lies_on_the_shelf(db: Session) -> None:
    store = a_store_with(db, {"milk": 3})

    def apart(**piles: int) -> None:
        write_offs.set_apart(db, store_id=store, cause_id=ids.new_id(), sku="milk", now=NOW, **piles)

    apart(damaged=2)
    for too_many in ({"damaged": 2}, {"quality_control": 2}, {"damaged": 1, "quality_control": 1}):
        with pytest.raises(NotThatMany):
            apart(**too_many)
    apart(damaged=-2, quality_control=2)
    apart(damaged=1)
    assert (item(db, store, "milk")["damaged"], item(db, store, "milk")["quality_control"]) == (1, 2)
