"""What the catalogue says of goods reaches the rider's round: room, cold and a look at the customer's age."""

from typing import Any

import pytest
from sqlalchemy import text

from o2o.catalogue import goods
from tests.catalogue.make import a_product
from tests.journeys.town import BREAD, MILK, Json, Town

BEER = a_product(BREAD, name_zh="啤酒", name_en="Beer", price_fen=590, weight_g=520, volume_ml=800, age_checked=True)


def asked(town: Town, placed: Json) -> tuple[Any, ...]:
    """Volume, cold and skills of the order's delivery."""
    with town.database.sessions() as db:
        query = text("SELECT volume_ml, insulated, skills FROM deliveries WHERE order_id = :id")
        return tuple(db.execute(query, {"id": placed["order_id"]}).one())


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([(MILK, 2)], (2 * 980, True, [])),
        ([(BREAD, 4)], (4 * 800, False, ["age_check"])),
        ([(MILK, 1), (BREAD, 1)], (980 + 800, True, ["age_check"])),
    ],
)
def test_a_paid_orders_delivery_asks_what_its_goods_ask(
    town: Town, lines: list[tuple[str, int]], said: tuple[Any, ...]
) -> None:
    with town.database.sessions() as db:
        goods.save(db, products=[a_product(MILK, temperature="chilled"), BEER], now=town.clock())
    town.clock.advance(5)
    placed = town.bought(*lines)
    assert asked(town, placed) == said
    town.pick()
    assert town.accepted()["state"] == "offered"


def test_a_rider_without_a_box_gets_the_bread_and_not_the_milk(town: Town) -> None:
    with town.database.sessions() as db:
        goods.save(db, products=[a_product(MILK, temperature="frozen")], now=town.clock())
        db.execute(text("UPDATE riders SET insulated_boxes = 0"))
    town.clock.advance(5)
    placed = town.bought((MILK, 2))
    town.pick()
    town.online()
    assert town.offered() is None
    dry = town.bought((BREAD, 2))
    town.pick()
    trip = town.offered()
    assert {stop["order_no"] for stop in trip["stops"]} == {dry["order_no"]} != {placed["order_no"]}


def test_what_stands_for_a_missing_good_changes_what_the_delivery_asks(town: Town) -> None:
    wine = a_product(
        MILK,
        name_zh="冰啤酒",
        name_en="Cold beer",
        weight_g=700,
        volume_ml=900,
        age_checked=True,
        temperature="chilled",
    )
    with town.database.sessions() as db:
        goods.save(db, products=[a_product(BREAD, weight_g=400, volume_ml=1_500), wine], now=town.clock())
    town.clock.advance(5)
    placed = town.bought((BREAD, 3))
    assert (asked(town, placed), weighs(town, placed)) == ((4_500, False, []), 1_200)
    task, clerk = town.start(town.near), town.clerks[town.near]
    town.scan(town.near, task, BREAD)
    missing = {"sku": BREAD, "quantity": 2, "reason": "DAMAGE"}
    town.did(town.post(clerk, f"/pick-tasks/{task['id']}/short", missing))
    offer = {"sku": BREAD, "substitute_sku": MILK, "quantity": 1}
    town.did(town.post(clerk, f"/pick-tasks/{task['id']}/substitutes", offer))
    answer = {"sku": BREAD, "approve": True}
    town.did(town.post(town.customer, f"/orders/{placed['order_id']}/substitutes", answer))
    assert asked(town, placed) == (4_500, False, [])
    town.did(town.post(clerk, f"/pick-tasks/{task['id']}/finish"))
    assert (asked(town, placed), weighs(town, placed)) == ((1_500 + 900, True, ["age_check"]), 1_100)
    with town.database.sessions() as db:
        db.execute(text("UPDATE riders SET insulated_boxes = 0"))
    town.online()
    assert town.offered() is None


def weighs(town: Town, placed: Json) -> int:
    """The delivery's grams."""
    with town.database.sessions() as db:
        query = text("SELECT weight_g FROM deliveries WHERE order_id = :id")
        return int(db.execute(query, {"id": placed["order_id"]}).scalar_one())
