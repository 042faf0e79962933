"""What rides besides a first delivery: a return fetched at the door, goods between stores, a second try; and when it will come."""

import uuid
from datetime import datetime, timedelta

from o2o.inventory.lines import Line
from o2o.inventory.supply import transfers
from o2o.inventory.supply.transfers import Arrival
from o2o.kit import ids
from o2o.kit.principal import Role
from tests.identity.make import a_member_of_staff
from tests.journeys.town import HOME, MILK, Json, Town
from tests.stores.make import CENTRE


def delivered(town: Town) -> Json:
    """An order in the customer's hands."""
    placed = town.bought()
    town.pick()
    dropoff = town.stop(town.picked_up(), "dropoff")
    town.clock.advance(300)
    town.did(town.act(dropoff, "complete", code=town.code(placed)))
    return placed


def test_a_return_is_fetched_at_the_door_looked_at_in_the_store_and_paid_back(town: Town) -> None:
    placed = delivered(town)
    return_id = str(uuid.uuid4())
    asked = {"return_id": return_id, "kind": "return", "lines": [{"no": 1, "quantity": 1}], "reason": "damaged"}
    town.did(town.post(town.customer, f"/orders/{placed['order_id']}/returns", asked), 201)
    now = town.clock()
    window = {"due_from": now.isoformat(), "due_at": (now + timedelta(hours=2)).isoformat()}
    fetch = f"/returns/{return_id}/fetch"
    early = town.post(town.customer, fetch, window)
    assert (early.status_code, early.json()["code"]) == (409, "orders.wrong_return_step")
    clerk = town.clerks[town.near]
    town.did(town.post(clerk, f"/returns/{return_id}/decide", {"approve": True}))
    short = town.post(town.customer, fetch, {**window, "due_at": (now + timedelta(minutes=10)).isoformat()})
    assert (short.status_code, short.json()["code"]) == (422, "orders.bad_window")
    for _ in range(2):
        assert town.did(town.post(town.customer, fetch, window), 201)["order_no"] == placed["order_no"]
    trip = town.accepted()
    [pickup, dropoff] = trip["stops"]
    assert (pickup["delivery_kind"], pickup["address"] != "", dropoff["address"]) == ("return", True, "")
    assert (pickup["lon"], pickup["lat"]) == (HOME["lon"], HOME["lat"])
    town.clock.advance(300)
    town.did(town.act(pickup, "complete"))
    town.clock.advance(300)
    town.did(town.act(dropoff, "complete"))
    [mine] = town.get(town.customer, f"/orders/{placed['order_id']}/returns")
    assert mine["state"] == "received"
    assert town.order(placed)["state"] == "delivered"
    on_hand = town.stock(town.near, MILK)[0]
    town.did(town.post(clerk, f"/returns/{return_id}/inspect", {"outcome": "restocked"}))
    town.settle()
    assert sum(town.stock(town.near, sku)[0] for sku in (MILK,)) >= on_hand
    assert town.money(placed)["refunded_fen"] > 0


def test_goods_for_another_store_leave_the_shelf_ride_and_are_counted_in(town: Town) -> None:
    transfer_id = ids.new_id()
    with town.database.sessions() as db:
        transfers.draft(
            db,
            transfer_id=transfer_id,
            from_store_id=town.near,
            to_store_id=town.far,
            lines=[Line(MILK, 4)],
            now=town.clock(),
        )
    path = f"/transfers/{transfer_id}/ride"
    assert town.post(town.clerks[town.far], path).status_code == 404
    for _ in range(2):
        assert town.did(town.post(town.clerks[town.near], path), 201)["state"] == "in_transit"
    assert town.stock(town.near, MILK) == (6, 0)
    town.clock.advance(600)
    trip = town.accepted()
    assert [(s["kind"], s["delivery_kind"]) for s in trip["stops"]] == [("pickup", "transfer"), ("dropoff", "transfer")]
    assert trip["stops"][0]["store_zh"] != trip["stops"][1]["store_zh"]
    for stop in trip["stops"]:
        town.clock.advance(400)
        town.did(town.act(stop, "complete"))
    with town.database.sessions() as db:
        arrived = [Arrival(MILK, received=4)]
        transfers.receive(db, transfer_id=transfer_id, store_id=town.far, arrivals=arrived, now=town.clock())
    assert town.stock(town.far, MILK) == (14, 0)


def test_a_transfer_the_other_store_refuses_rides_back_and_is_counted_in_where_it_left(town: Town) -> None:
    transfer_id = ids.new_id()
    with town.database.sessions() as db:
        sent = {"from_store_id": town.near, "to_store_id": town.far, "lines": [Line(MILK, 4)]}
        transfers.draft(db, transfer_id=transfer_id, now=town.clock(), **sent)
    town.did(town.post(town.clerks[town.near], f"/transfers/{transfer_id}/ride"), 201)
    town.clock.advance(600)
    pickup, dropoff = town.accepted()["stops"]
    town.did(town.act(pickup, "complete"))
    town.did(town.act(dropoff, "fail", reason="refused"))
    [back] = [one for one in town.get(town.rider, "/screens/rider")["trip"]["stops"] if one["kind"] == "return"]
    town.clock.advance(400)
    town.did(town.act(back, "complete"))
    town.worker.drain(times=2)
    [mine] = town.get(town.clerks[town.near], "/transfers")
    assert (mine["state"], town.stock(town.near, MILK)) == ("back", (6, 0))
    counted = {"arrivals": [{"sku": MILK, "received": 4, "lost": 0, "loss_reason": None}]}
    early = town.post(town.clerks[town.far], f"/transfers/{transfer_id}/receive", counted)
    assert (early.status_code, early.json()["code"]) == (404, "inventory.no_such_transfer")
    town.did(town.post(town.clerks[town.near], f"/transfers/{transfer_id}/receive", counted))
    assert (town.stock(town.near, MILK), town.stock(town.far, MILK)) == ((10, 0), (10, 0))


def test_a_second_try_moves_the_promise_and_tells_the_customer(town: Town) -> None:
    placed = town.bought()
    town.pick()
    dropoff = town.stop(town.picked_up(), "dropoff")
    town.did(town.act(dropoff, "fail", reason="no_contact"))
    with town.database.sessions() as db:
        office = {"account": str(a_member_of_staff(db, Role.HQ, now=town.clock()))}
        delivery_id = db.connection().exec_driver_sql("SELECT id FROM deliveries").scalar_one()
    begin = town.clock() + timedelta(hours=3)
    window = {"due_from": begin.isoformat(), "due_at": (begin + timedelta(hours=1)).isoformat()}
    town.did(town.post(office, f"/deliveries/{delivery_id}/reschedule", window))
    heard = town.worker.drain(times=2)
    assert heard.count("orders.changed") == 1
    order = town.order(placed)
    assert datetime.fromisoformat(order["promise_from"]) == begin
    assert datetime.fromisoformat(order["promise_by"]) == begin + timedelta(hours=1)
    told = town.get(town.customer, f"/screens/customer/orders/{placed['order_id']}")["delivery"]
    assert told["failed"] == "no_contact"
    assert datetime.fromisoformat(told["again_from"]) == begin


def eta(town: Town, placed: Json) -> tuple[datetime, datetime, datetime]:
    """From when, when and until when it will come, as the customer's screen says."""
    told = town.get(town.customer, f"/screens/customer/orders/{placed['order_id']}")["delivery"]
    begin, at, end = (datetime.fromisoformat(told[name]) for name in ("eta_from", "eta_at", "eta_by"))
    assert begin <= at < end
    return begin, at, end


def promised(town: Town, placed: Json) -> tuple[datetime, datetime]:
    """The window the order was promised in."""
    order = town.order(placed)
    return datetime.fromisoformat(order["promise_from"]), datetime.fromisoformat(order["promise_by"])


def test_until_somebody_carries_it_the_customer_is_told_what_was_promised_while_that_can_be_kept(town: Town) -> None:
    placed = town.bought()
    begin, end = promised(town, placed)
    assert (eta(town, placed)[0], eta(town, placed)[2]) == (begin, end)
    town.pick()
    assert (eta(town, placed)[0], eta(town, placed)[2]) == (max(begin, town.clock()), end)
    town.clock.advance((end - town.clock()).total_seconds() - 60)
    late = eta(town, placed)
    assert late[1] > end
    assert late[2] > late[1]


def test_the_customer_sees_when_it_will_come_more_surely_the_nearer_it_is(town: Town) -> None:
    placed = town.bought()
    waiting = eta(town, placed)
    town.pick()
    town.picked_up()
    riding = eta(town, placed)
    assert waiting[2] - waiting[0] > riding[2] - riding[0]
    place = {"lon": (CENTRE.lon + 3 * HOME["lon"]) / 4, "lat": (CENTRE.lat + 3 * HOME["lat"]) / 4}
    town.clock.advance(30)
    town.did(town.post(town.rider, "/rider/position", {**place, "at": town.clock().isoformat()}))
    near = eta(town, placed)
    assert near[1] < riding[1]
    assert near[2] - near[0] <= riding[2] - riding[0]
