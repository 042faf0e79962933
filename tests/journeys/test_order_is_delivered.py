"""One order all the way, over HTTP, on real engines."""

from tests.journeys.town import APPLES, BREAD, MILK, Town


def test_an_order_goes_all_the_way_from_quote_to_points(town: Town) -> None:
    town.worker.drain()
    quoted = town.quote()
    assert quoted["store"]["id"] == str(town.near)
    assert quoted["total_fen"] == 2 * 1890 + 1250 + 300 == quoted["goods_fen"] + quoted["delivery_fee_fen"]
    placed = town.place()
    assert (placed["state"], placed["total_fen"]) == ("placed", quoted["total_fen"])
    assert town.stock(town.near, MILK) == (10, 2)

    town.pay(placed["order_id"])
    assert town.order(placed)["state"] == "paid"
    assert [line["sku"] for line in town.task(town.near)["lines"]] == [BREAD, MILK]

    town.clock.advance(60)
    assert town.pick()["charged_fen"] == quoted["total_fen"]
    assert town.order(placed)["state"] == "packed"
    assert town.stock(town.near, MILK) == (8, 0)
    assert town.money(placed)["captured_fen"] == quoted["total_fen"]

    trip = town.picked_up()
    assert town.order(placed)["shipments"][0]["state"] == "handed_over"
    dropoff = town.stop(trip, "dropoff")
    town.clock.advance(300)
    town.did(town.act(dropoff, "arrive"))
    town.did(town.act(dropoff, "complete", code=town.code(placed)))

    order = town.order(placed)
    assert order["state"] == "delivered"
    assert [move["state"] for move in order["history"]] == ["placed", "paid", "picking", "packed", "delivered"]
    assert set(order["shipments"][0]["happened"]) == {"paid_at", "picked_at", "picked_up_at", "delivered_at"}
    assert town.points()["pending"] == 50

    town.clock.advance(3 * 86_400)
    town.worker.do("orders.close_due")
    assert town.order(placed)["state"] == "completed"


def test_only_what_the_rider_does_for_others_stands_before_a_customer(town: Town) -> None:
    placed = town.bought()
    town.pick()
    town.accepted()
    told = town.get(town.customer, f"/screens/customer/orders/{placed['order_id']}")["delivery"]
    assert (told["state"], told["stops_before"]) == ("assigned", 0)


def test_weighed_goods_are_agreed_at_a_ceiling_and_charged_by_the_scale(town: Town) -> None:
    placed = town.bought((APPLES, 2), (BREAD, 1))
    assert placed["total_fen"] == 1419 + 1250 + 300
    task = town.start(town.near)
    town.scan(town.near, task, BREAD)
    for weight_g in (470, 500):
        town.scan(town.near, task, APPLES, weight_g=weight_g)
    finished = town.did(town.post(town.clerks[town.near], f"/pick-tasks/{task['id']}/finish"))
    assert finished["charged_fen"] == 1251 + 1250 + 300
    town.worker.drain()
    town.settle()
    money = town.money(placed)
    assert (money["captured_fen"], money["refunded_fen"]) == (2801, 0)


def test_a_pickup_is_handed_over_for_its_code(town: Town) -> None:
    placed = town.bought(method="pickup", store_id=str(town.far))
    town.pick(town.far)
    order, clerk = town.order(placed), town.clerks[town.far]
    path = f"/orders/{placed['order_id']}/hand-over"
    wrong = f"{(int(order['code']) + 1) % 10_000:04d}"
    assert town.post(clerk, path, {"code": wrong}).status_code == 409
    assert town.post(town.clerks[town.near], path, {"code": order["code"]}).status_code == 404
    for _ in range(2):
        assert town.did(town.post(clerk, path, {"code": order["code"]}))["state"] == "delivered"
    town.worker.drain()
    assert town.order(placed)["fee_fen"] == 0
