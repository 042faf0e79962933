"""Why an order goes where it goes: shared between stores, asked again the next day, by other rules, and parked when nobody can."""

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from o2o.inventory.shelf import receiving, write_offs
from o2o.kit import ids
from o2o.kit.ids import StoreId
from o2o.kit.principal import Role
from o2o.orders.choices import preview as previewing
from tests.identity.make import a_member_of_staff
from tests.journeys.town import ADDRESS, BREAD, MILK, Json, Town


def _staff(town: Town, role: Role, *areas: Any) -> dict[str, str]:
    with town.database.sessions() as db:
        return {"account": str(a_member_of_staff(db, role, now=town.clock(), area_ids=list(areas)))}


def _receive(town: Town, store: StoreId, sku: str, quantity: int) -> None:
    with town.database.sessions() as db:
        lines = [receiving.ReceiptLine(sku, quantity, None, None)]
        receiving.receive(db, store_id=store, receipt_id=ids.new_id(), lines=lines, now=town.clock())
    town.worker.drain()


def _lose(town: Town, store: StoreId, sku: str) -> None:
    """All pieces of a good leave a store's shelf."""
    with town.database.sessions() as db:
        on_hand = town.stock(store, sku)[0]
        write_offs.write_off(
            db, store_id=store, write_off_id=ids.new_id(), sku=sku, quantity=on_hand, reason="broken",
            now=town.clock(),
        )  # fmt: skip


def _reject(town: Town, store: StoreId, reason: str = "TOO_BUSY", *missing: tuple[str, int]) -> None:
    task = town.task(store)
    body = {"reason": reason, "missing": [{"sku": sku, "quantity": quantity} for sku, quantity in missing]}
    town.did(town.post(town.clerks[store], f"/pick-tasks/{task['id']}/reject", body))
    town.worker.drain()


def _why(town: Town, placed: Json, who: dict[str, str]) -> Any:
    return town.get(who, f"/orders/{placed['order_id']}/why")


def test_what_one_store_lacks_another_brings_and_the_customer_is_told_before_paying(town: Town) -> None:
    _lose(town, town.near, BREAD)
    _lose(town, town.far, MILK)
    quoted = town.quote((MILK, 2), (BREAD, 2))
    assert {(part["store"]["id"], part["lines"][0]["sku"]) for part in quoted["parts"]} == {
        (str(town.near), MILK),
        (str(town.far), BREAD),
    }
    assert quoted["promise"]["arrive_by"] == max(part["promise"]["arrive_by"] for part in quoted["parts"])
    assert quoted["delivery_fee_fen"] == 300
    placed = town.bought((MILK, 2), (BREAD, 2))
    assert placed["total_fen"] == 2 * 1890 + 2 * 1250 + 300
    assert (town.stock(town.near, MILK)[1], town.stock(town.far, BREAD)[1]) == (2, 2)
    assert [len(town.tasks(store)) for store in (town.near, town.far)] == [1, 1]
    order = town.order(placed)
    assert order["promise_by"] >= placed["promise_by"]
    assert all("decision" not in shipment["plan"] for shipment in order["shipments"])


def test_why_this_store_tells_the_candidates_the_runner_up_and_by_what_it_lost(town: Town) -> None:
    placed = town.bought()
    why = _why(town, placed, _staff(town, Role.DISPATCHER, town.area))
    (tried,) = why["shipments"]
    decision = tried["decision"]
    assert (decision["rules_version"], decision["taken"], decision["as_decided"]) == (0, 0, True)
    assert decision["ways"][0]["parts"][0]["store_id"] == str(town.near)
    assert decision["runner_up"] == [str(town.far)]
    assert decision["difference_fen"] == sum(decision["difference_by_term"].values()) > 0
    assert {one["store_id"] for one in decision["considered"]} == {str(town.near), str(town.far)}
    assert why["stores"][str(town.near)]["name_en"] == "Store NEAR"
    elsewhere = _staff(town, Role.DISPATCHER)
    answer = town.client.get(f"/api/orders/{placed['order_id']}/why", headers=town.headers(elsewhere))
    assert answer.status_code == 404


def test_an_order_that_was_moved_tells_both_decisions(town: Town) -> None:
    placed = town.bought()
    _reject(town, town.near)
    first, second = _why(town, placed, _staff(town, Role.HQ))["shipments"]
    verdicts = {one["store_id"]: one["verdict"] for one in second["decision"]["considered"]}
    assert (first["store_id"], second["store_id"]) == (str(town.near), str(town.far))
    assert verdicts == {str(town.near): "rejected_before", str(town.far): None}


def _document(**settings: Any) -> Json:
    return {"document": {"sections": [{"set": settings}]}, "note": "test"}


def _a_day(town: Town, hq: dict[str, str], *, orders: int) -> None:
    """A day's orders: most from one store, the last eight shared, each 25th rejected and moved, the second half by other rules."""
    dice = random.Random(5)
    for store in (town.near, town.far):
        for sku in (MILK, BREAD):
            _receive(town, store, sku, 2_000)
    for nth in range(orders):
        if nth == orders // 2:
            drafted = town.did(
                town.post(hq, "/sourcing/rules", _document(fen_per_backlog_minute=200, healthy_left=9)), 201
            )
            town.did(town.post(hq, f"/sourcing/rules/{drafted['id']}/apply"))
        if nth == orders - 8:
            _lose_free(town, town.near, BREAD)
            _lose_free(town, town.far, MILK)
        basket = [(MILK, dice.randrange(1, 6)), (BREAD, dice.randrange(1, 6))]
        point = {"lon": 116.46 + dice.uniform(0, 0.012), "lat": 39.91 + dice.uniform(0, 0.006)}
        (town.bought if nth % 25 == 24 else town.place)(*basket, point=point)
        town.clock.advance(dice.randrange(5, 60))
        if nth % 25 == 24:
            _reject(town, next(store for store in (town.near, town.far) if town.tasks(store)))


def _lose_free(town: Town, store: StoreId, sku: str) -> None:
    with town.database.sessions() as db:
        query = text("UPDATE stock_items SET safety = on_hand WHERE store_id = :store AND sku = :sku")
        db.execute(query, {"store": store, "sku": sku})


def test_a_day_of_choices_made_again_comes_out_the_same_and_other_rules_are_tried_on_it(town: Town) -> None:
    hq = _staff(town, Role.HQ)
    day = town.clock().date().isoformat()
    _a_day(town, hq, orders=110)
    town.clock.advance(86_400)

    again = town.did(town.post(hq, "/sourcing/replay"))
    assert (again["day"], again["complete"], again["differing"], again["strange"]) == (day, True, [], [])
    assert again["decisions"] == again["reproduced"] >= 114
    with town.database.sessions() as db:
        two_parts = db.scalar(text("SELECT count(*) FROM shipments WHERE leg = 2 AND attempt = 1"))
    assert two_parts == 8

    same = town.did(town.post(hq, "/sourcing/rules", _document(farthest_m=12_000)), 201)
    preview = town.did(town.post(hq, f"/sourcing/rules/{same['id']}/preview", {"day": day}))
    assert preview["moved"] < again["decisions"]
    assert preview["same"] + preview["moved"] + preview["lost"] == preview["decisions"] == again["decisions"]

    narrow = town.did(town.post(hq, "/sourcing/rules", _document(farthest_m=900, most_shipments=1)), 201)
    preview = town.did(town.post(hq, f"/sourcing/rules/{narrow['id']}/preview", {"day": day}))
    assert preview["lost"] >= 8
    assert len(preview["changed"]) == min(50, preview["lost"] + preview["moved"])
    assert preview["parcels_after"] < preview["parcels_before"] + 8

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(previewing, "PATIENCE_S", 0)  # one at a time: however it is cut, the parts say the same
        parts, after = [], {}
        while after is not None:
            asked = {"day": day, "after": after}
            parts.append(town.did(town.post(hq, f"/sourcing/rules/{narrow['id']}/preview", asked)))
            after = parts[-1]["next"]
    assert len(parts) == preview["of"] == again["decisions"]
    for name in ("decisions", "same", "moved", "lost", "parcels_after", "cost_after_fen"):
        assert sum(part[name] for part in parts) == preview[name]
    for name in ("promises_before_s", "promises_after_s"):
        assert [one for part in parts for one in part[name]] == preview[name]
    assert preview["next"] is None

    with town.database.sessions() as db:  # a decision said to be by other rules than it was
        db.execute(
            text(
                "UPDATE shipments SET plan = jsonb_set(plan, '{decision,rules}', '0') WHERE id = (SELECT id FROM shipments"
                " WHERE (plan #>> '{decision,rules}') = '1' ORDER BY created_at LIMIT 1)"
            )
        )
    again = town.did(town.post(hq, f"/sourcing/replay?day={day}"))
    assert (again["reproduced"], len(again["differing"])) == (again["decisions"] - 1, 1)


def test_rules_are_head_offices_alone_and_one_of_them_is_in_force(town: Town) -> None:
    hq = _staff(town, Role.HQ)
    for who in (town.customer, town.clerks[town.near], _staff(town, Role.DISPATCHER, town.area)):
        assert town.post(who, "/sourcing/rules", _document(fen_per_km=1)).status_code == 403
    refused = town.post(hq, "/sourcing/rules", _document(fen_per_mile=1))
    assert (refused.status_code, refused.json()["code"]) == (422, "orders.bad_rules")
    first = town.did(town.post(hq, "/sourcing/rules", _document(fen_per_km=1)), 201)
    later = (town.clock() + timedelta(hours=1)).isoformat()
    town.did(town.post(hq, f"/sourcing/rules/{first['id']}/apply", {"at": later}))
    listed = town.get(hq, "/sourcing/rules")
    assert [(one["version"], one["state"], one["in_force"]) for one in listed["versions"]] == [(1, "applied", False)]
    town.clock.advance(3_600)
    assert town.get(hq, "/sourcing/rules")["versions"][0]["in_force"] is True
    assert "most_shipments" in {one["name"] for one in listed["language"]["settings"] if one["order_wide"]}


def test_an_order_that_waits_for_goods_is_done_when_they_arrive(town: Town) -> None:
    placed = town.bought((MILK, 3))
    _reject(town, town.near, "NOT_IN_STOCK", (MILK, 3))
    _reject(town, town.far, "NOT_IN_STOCK", (MILK, 3))
    (parked,) = town.get(_staff(town, Role.DISPATCHER, town.area), "/orders/parked")
    assert (parked["order_id"], parked["kind"], parked["owner"]) == (placed["order_id"], "waiting_for_stock", "store")
    assert parked["skus"] == [MILK]
    assert town.get(town.clerks[town.far], "/orders/parked") == [parked]
    assert town.get(_staff(town, Role.DISPATCHER), "/orders/parked") == []
    _receive(town, town.near, BREAD, 5)
    assert town.order(placed)["state"] == "unfillable"
    _receive(town, town.near, MILK, 5)
    assert town.order(placed)["state"] == "paid"
    assert town.get(_staff(town, Role.HQ), "/orders/parked") == []
    town.pick(town.near)
    assert town.money(placed)["captured_fen"] == placed["total_fen"]


def test_an_order_that_waits_for_goods_in_vain_is_paid_back_at_its_deadline(town: Town) -> None:
    placed = town.bought((MILK, 3))
    _reject(town, town.near, "NOT_IN_STOCK", (MILK, 3))
    _reject(town, town.far, "NOT_IN_STOCK", (MILK, 3))
    town.clock.advance(3_599)
    town.worker.do("orders.retry_unfillable")
    assert town.order(placed)["state"] == "unfillable"
    town.clock.advance(1)
    town.worker.do("orders.retry_unfillable")
    town.settle()
    assert (town.order(placed)["state"], town.order(placed)["reason"]) == ("cancelled", "no_store")
    assert town.money(placed)["captured_fen"] == 0


def test_a_dispatcher_tries_a_parked_order_at_once_or_ends_it(town: Town) -> None:
    first, second = town.bought(), None
    for store in (town.near, town.far):
        _reject(town, store)
    dispatcher = _staff(town, Role.DISPATCHER, town.area)
    (parked,) = town.get(dispatcher, "/orders/parked")
    assert (parked["kind"], parked["owner"]) == ("unfillable", "dispatcher")
    path = f"/orders/{first['order_id']}/parked"
    assert town.post(_staff(town, Role.DISPATCHER), f"{path}/retry").status_code == 404
    assert town.did(town.post(dispatcher, f"{path}/retry"))["state"] == "paid"
    assert len(town.tasks(town.far)) == 1
    second = town.bought((MILK, 2))
    for store in (town.near, town.far):
        while any(task["order_id"] == second["order_id"] for task in town.tasks(store)):
            _reject(town, store)
    assert (
        town.did(town.post(dispatcher, f"/orders/{second['order_id']}/parked/cancel", {"reason": "call"}))["state"]
        == "cancelled"
    )
    answer = town.post(dispatcher, f"/orders/{second['order_id']}/parked/cancel", {"reason": "call"})
    assert (answer.status_code, answer.json()["code"]) == (409, "orders.not_parked")


def _rejected_pickup(town: Town) -> Json:
    placed = town.bought((MILK, 2), method="pickup", store_id=str(town.near))
    _reject(town, town.near, "NOT_IN_STOCK", (MILK, 2))
    return placed


def test_a_rejected_pickup_asks_its_customer_who_fetches_it_elsewhere(town: Town) -> None:
    placed = _rejected_pickup(town)
    asked = town.get(town.customer, f"/orders/{placed['order_id']}/parked")
    assert (asked["kind"], asked["owner"]) == ("pickup_rejected", "customer")
    assert [one["store_id"] for one in asked["asked"]["stores"]] == [str(town.far)]
    town.worker.do("orders.retry_unfillable")
    assert town.order(placed)["state"] == "unfillable"
    path = f"/orders/{placed['order_id']}/parked/answer"
    wrong = town.post(town.customer, path, {"answer": "move", "store_id": str(town.near)})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "orders.store_not_offered")
    assert town.did(town.post(town.customer, path, {"answer": "move", "store_id": str(town.far)}))["state"] == "paid"
    town.worker.drain()
    town.pick(town.far)
    code = {"code": town.order(placed)["code"]}
    assert (
        town.did(town.post(town.clerks[town.far], f"/orders/{placed['order_id']}/hand-over", code))["state"]
        == "delivered"
    )


def test_a_customer_who_waits_for_a_pickup_gets_it_where_they_wanted_it(town: Town) -> None:
    placed = _rejected_pickup(town)
    path = f"/orders/{placed['order_id']}/parked"
    assert town.did(town.post(town.customer, f"{path}/answer", {"answer": "wait"}))["state"] == "unfillable"
    again = town.post(town.customer, f"{path}/answer", {"answer": "wait"})
    assert (again.status_code, again.json()["code"]) == (409, "orders.not_parked")
    town.clock.advance(3_600)
    town.worker.do("orders.retry_unfillable")
    assert town.get(town.customer, path)["kind"] == "waiting_for_stock"
    _receive(town, town.near, MILK, 5)
    order = town.order(placed)
    assert (order["state"], order["shipments"][-1]["store_id"]) == ("paid", str(town.near))


def test_a_rejected_pickup_nobody_answers_for_is_paid_back(town: Town) -> None:
    placed = _rejected_pickup(town)
    town.clock.advance(1_800)
    town.worker.do("orders.retry_unfillable")
    town.settle()
    assert town.order(placed)["state"] == "cancelled"
    assert town.money(placed)["captured_fen"] == 0


def test_two_stores_that_no_longer_have_their_parts_refuse_the_quote_whole(town: Town) -> None:
    _lose(town, town.near, BREAD)
    _lose(town, town.far, MILK)
    quoted = town.quote((MILK, 2), (BREAD, 2))
    _lose(town, town.far, BREAD)
    answer = town.post(town.customer, "/orders", {"quote": quoted["quote"], "address": ADDRESS})
    assert (answer.status_code, answer.json()["changed"]) == (409, ["stock"])
    assert town.stock(town.near, MILK) == (10, 0)
