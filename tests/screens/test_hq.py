"""What head office, dispatchers and shoppers read: the day in numbers, any order with its plan, and what is left around an address."""

import uuid
from collections.abc import Sequence

import pytest

from o2o.kit.ids import AreaId
from o2o.kit.principal import Role
from tests.identity.make import a_member_of_staff
from tests.journeys.conftest import town as town  # the fixture
from tests.journeys.town import BREAD, HOME, MILK, Town


def _staff(town: Town, role: Role, *, area_ids: Sequence[AreaId] = ()) -> dict[str, str]:
    with town.database.sessions() as db:
        account = a_member_of_staff(db, role, now=town.clock(), area_ids=area_ids)
    return {"account": str(account)}


def test_the_first_page_counts_todays_orders_by_store(town: Town) -> None:
    hq = _staff(town, Role.HQ)
    town.bought((MILK, 2))
    town.place((BREAD, 2))  # not paid: not counted
    screen = town.get(hq, "/screens/hq")
    assert (screen["day"]["placed"], screen["day"]["open"], screen["day"]["delivered"]) == (1, 1, 0)
    assert screen["day"]["on_time_percent"] is None
    assert sum(hour["placed"] for hour in screen["hours"]) == 1
    lines = {store["id"]: (store["orders"], store["open_orders"]) for store in screen["stores"]}
    assert lines == {str(town.near): (1, 1), str(town.far): (0, 0)}


def test_an_order_is_found_by_its_number_and_shows_its_plan_without_its_owner(town: Town) -> None:
    hq = _staff(town, Role.HQ)
    placed = town.bought((MILK, 2))
    town.bought((BREAD, 2))
    (found,) = town.get(hq, f"/screens/hq/orders?q={placed['order_no'][:6]}")
    assert found["id"] == placed["order_id"]
    assert found["store_ids"] == [str(town.near)]
    order = town.get(hq, f"/screens/hq/orders/{placed['order_id']}")
    assert [move["state"] for move in order["history"]] == ["placed", "paid"]
    (shipment,) = order["shipments"]
    assert "paid_at" in shipment["happened"]
    assert "arrive_by" in shipment["plan"]
    assert order["lon"] == round(HOME["lon"], 3)
    assert "王小明" not in str(order)
    assert "13812345678" not in str(order)


@pytest.mark.parametrize("mine", [True, False])
def test_a_dispatcher_sees_orders_of_the_own_areas_only(town: Town, mine: bool) -> None:
    placed = town.bought((MILK, 2))
    area_id = AreaId(town.area) if mine else AreaId(uuid.uuid4())
    dispatcher = _staff(town, Role.DISPATCHER, area_ids=[area_id])
    assert len(town.get(dispatcher, "/screens/hq/orders")) == int(mine)
    answer = town.client.get(f"/api/screens/hq/orders/{placed['order_id']}", headers=town.headers(dispatcher))
    assert answer.status_code == (200 if mine else 404)


def test_a_shopper_sees_what_is_left_at_the_stores_around(town: Town) -> None:
    asked = f"/api/screens/customer/shelf?lon={HOME['lon']}&lat={HOME['lat']}&skus={MILK},NOT-THERE"
    before = town.client.get(asked).json()
    town.place((MILK, 2))
    after = town.client.get(asked).json()
    assert after["places"][0]["store_id"] == str(town.near)
    assert before["goods"][0]["left"][0] - after["goods"][0]["left"][0] == 2
    assert after["goods"][1] == {"sku": "NOT-THERE", "most": 0, "left": [0] * len(after["places"])}


def test_a_clerk_sees_what_waits_besides_the_orders(town: Town) -> None:
    clerk = town.clerks[town.near]
    town.did(town.post(clerk, "/counts", {"skus": [MILK], "because": "weekly"}), 201)
    town.did(
        town.post(clerk, "/transfers", {"to_store_id": str(town.far), "lines": [{"sku": MILK, "quantity": 1}]}), 201
    )
    todo = town.get(clerk, "/screens/store")["todo"]
    assert (todo["counts"], todo["leaving"], todo["arriving"]) == (1, 1, 0)


def test_a_question_about_a_substitute_can_be_read_again(town: Town) -> None:
    placed = town.bought((MILK, 2))
    clerk, task = town.clerks[town.near], town.start(town.near)
    town.did(
        town.post(clerk, f"/pick-tasks/{task['id']}/short", {"sku": MILK, "quantity": 2, "reason": "NOT_IN_STOCK"})
    )
    offer = {"sku": MILK, "substitute_sku": BREAD, "quantity": 1}
    town.did(town.post(clerk, f"/pick-tasks/{task['id']}/substitutes", offer))
    follow = f"/screens/customer/orders/{placed['order_id']}"
    (question,) = town.get(town.customer, follow)["questions"]
    assert (question["sku"], question["substitute_sku"], question["missing"]) == (MILK, BREAD, 2)
    assert question["was_fen"] == 2 * 1890
    assert question["instead_fen"] == 1250
    town.did(town.post(town.customer, f"/orders/{placed['order_id']}/substitutes", {"sku": MILK, "approve": True}))
    assert town.get(town.customer, follow)["questions"] == []
