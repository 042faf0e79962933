"""The check finds each thing that could be wrong with an order; a check that cannot fail proves nothing."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.inventory.lines import Line
from o2o.inventory.shelf import selling
from o2o.kit import ids
from o2o.kit.ids import Sku
from o2o.orders import ledger_check, pricing, records
from o2o.orders.lifecycle import OrderState
from o2o.orders.pricing import Item
from o2o.payments import intents
from tests.hands import MONDAY_TEN


@pytest.fixture
def order_id(db: Session) -> uuid.UUID:
    """A till sale of two lines."""
    order_id = ids.new_id()
    priced = pricing.price_basket([Item(Sku("milk"), 2, 1890), Item(Sku("bread"), 1, 1250)])
    order = records.NewOrder(
        id=order_id, member_id=None, channel="till", method="pickup", state=OrderState.DELIVERED, store_id=uuid.UUID(int=1),
        priced=priced, due_at=MONDAY_TEN + timedelta(days=3),
    )  # fmt: skip
    goods = [records.Goods("牛奶", "Milk", False, 980), records.Goods("吐司", "Toast", False, 400)]
    records.write(db, order, goods, at=MONDAY_TEN, now=MONDAY_TEN)
    intents.take_cash(
        db, payment_id=ids.new_id(), order_id=order_id, member_id=None, amount_fen=priced.total_fen, now=MONDAY_TEN
    )
    sold = [Line("milk", 2), Line("bread", 1)]
    selling.sell(db, store_id=uuid.UUID(int=1), sale_id=order_id, lines=sold, at=MONDAY_TEN, now=MONDAY_TEN)
    return order_id


def test_a_sale_adds_up(db: Session, order_id: uuid.UUID) -> None:
    assert ledger_check.differences(db) == []


@pytest.mark.parametrize(
    ("meddle", "says"),
    [
        ("UPDATE order_lines SET gross_fen = gross_fen + 1, due_fen = due_fen + 1 WHERE no = 1", "M1 total"),
        ("UPDATE order_lines SET quantity = quantity + 1 WHERE no = 1", "M1 a line"),
        ("UPDATE order_lines SET charged_fen = charged_fen - 1 WHERE no = 2", "M1 charged"),
        ("UPDATE orders SET refunded_fen = 5", "M3"),
        ("UPDATE orders SET state = 'completed'", "O2 state"),
        ("UPDATE orders SET version = 2", "O2 state"),
        ("DELETE FROM order_lines", "O1"),
        ("UPDATE orders SET due_at = NULL", "O4"),
        (
            "INSERT INTO order_history (order_id, version, state, was, actor, reason, at, recorded_at)"
            " SELECT id, 2, 'placed', 'delivered', 'x', '', now(), now() FROM orders",
            "O2 illegal move delivered -> placed",
        ),
        (
            "INSERT INTO shipments (id, order_id, leg, attempt, store_id, area_id, state, task_id, reservation_id, plan, happened,"
            " created_at) SELECT id, id, 1, 1, id, id, 'open', id, id, '{}', '{}', now() FROM orders",
            "O3 a reservation is not where its shipment is",
        ),
    ],
)
def test_what_somebody_meddled_with_is_found(db: Session, order_id: uuid.UUID, meddle: str, says: str) -> None:
    db.execute(text(meddle))
    assert any(says in line for line in ledger_check.differences(db)), ledger_check.differences(db)
