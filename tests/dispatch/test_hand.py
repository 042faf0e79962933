"""The dispatcher's hand: each act, whole lists or nothing, previews that come true, and ten seconds to take it back."""

import random
import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from o2o.dispatch import ledger_check
from o2o.dispatch.carrying import trips
from o2o.dispatch.models import Delivery, HandAction, Refusal, Rider, RoundRecord, Stop, Trip
from o2o.kit import ids
from tests.conftest import Database
from tests.dispatch.make import Desk, Town


@pytest.fixture(autouse=True)
def _nothing_contradicts(database: Database) -> object:
    yield
    with database.sessions() as db:
        assert ledger_check.differences(db) == []


def hand(desk: Desk, *acts: dict[str, object], who: object = "dispatcher", key: str | None = None):
    return desk.post(f"/areas/{desk.town.area_id}/hand", {"acts": list(acts)}, who, key)


def preview(desk: Desk, *acts: dict[str, object]):
    return desk.post(f"/areas/{desk.town.area_id}/hand/preview", {"acts": list(acts)})


def undo(desk: Desk, done, who: object = "dispatcher"):
    return desk.post(f"/hand/{done.json()['action_id']}/undo", who=who)


def one(town: Town, order_id: uuid.UUID) -> str:
    return str(town.delivery(order_id).id)


def everything(town: Town) -> list[object]:
    """All that an undo must put back, versions apart."""
    with town.database.sessions() as db:
        riders = db.execute(select(Rider.id, Rider.state).order_by(Rider.id)).all()
        goods = select(
            Delivery.id, Delivery.state, Delivery.rider_id, Delivery.trip_id, Delivery.hold_until, Delivery.only_for
        )
        ways = select(Trip.id, Trip.state, Trip.locked, Trip.distance_m).where(Trip.state.in_(trips.LIVE))
        stops = select(Stop.id, Stop.position, Stop.kind, Stop.eta_at).where(Stop.state.in_(trips.OPEN_STOP))
        no = select(Refusal.delivery_id, Refusal.rider_id)
        return [
            riders,
            db.execute(goods.order_by(Delivery.id)).all(),
            db.execute(ways.order_by(Trip.id)).all(),
            db.execute(stops.order_by(Stop.id)).all(),
            db.execute(no).all(),
        ]


def test_a_waiting_delivery_is_offered_to_the_rider_chosen(desk: Desk) -> None:
    town = desk.town
    desk.a_rider(east_m=50)
    far, order_id = desk.a_rider(east_m=3_000), town.a_delivery()
    done = hand(desk, {"act": "assign", "delivery_id": one(town, order_id), "rider_id": str(far)})
    assert done.status_code == 201
    trip = town.trip_of(order_id)
    assert (trip.rider_id, trip.state, trip.round_id) == (far, "offered", None)
    assert [stop.kind for stop in town.open_stops(trip.id)] == ["pickup", "dropoff"]
    assert trip.distance_m > 3_800
    town.round()
    assert town.trip_of(order_id).id == trip.id
    assert desk.post(f"/trips/{trip.id}/accept", who=far).json() == {"trip_id": str(trip.id), "state": "accepted"}


def test_an_accepted_delivery_moves_to_another_riders_trip_until_it_is_picked_up(desk: Desk) -> None:
    town = desk.town
    first, order_id = desk.a_rider(), town.a_delivery()
    trip = town.accepted(order_id)
    second = desk.a_rider(east_m=400)
    assert hand(desk, {"act": "assign", "delivery_id": one(town, order_id), "rider_id": str(second)}).status_code == 201
    assert town.trip_of(order_id).rider_id == second
    assert town.open_stops(trip.id) == []
    with town.database.sessions() as db:
        assert db.get_one(Trip, trip.id).state == "cancelled"
        assert db.get_one(Rider, first).state == "available"
    moved = town.trip_of(order_id)
    pickup = town.open_stops(moved.id)[0]
    desk.post(f"/trips/{moved.id}/accept", who=second)
    at = town.clock().isoformat()
    assert desk.post(f"/stops/{pickup.id}/complete", {"at": at}, second).status_code == 200
    refused = hand(desk, {"act": "assign", "delivery_id": one(town, order_id), "rider_id": str(first)})
    assert refused.status_code == 409
    assert [(f["index"], f["code"]) for f in refused.json()["failures"]] == [(0, "dispatch.already_picked_up")]


def test_a_list_happens_whole_or_names_each_act_that_cannot_and_changes_nothing(desk: Desk) -> None:
    town = desk.town
    rider_id, orders = desk.a_rider(), [town.a_delivery(north_m=800 + 50 * k) for k in range(3)]
    with town.database.sessions() as db:
        db.execute(update(Rider).values(capacity_g=6_000))
    before = everything(town)
    give = [{"act": "assign", "delivery_id": one(town, o), "rider_id": str(rider_id)} for o in orders]
    past = {"act": "hold", "delivery_id": one(town, orders[0]), "until": "2020-01-01T00:00:00Z"}
    strange = {"act": "lock", "trip_id": str(ids.new_id())}
    refused = hand(desk, give[0], past, give[1], strange)
    assert (refused.status_code, refused.json()["code"]) == (409, "dispatch.not_all_done")
    assert [(f["index"], f["code"]) for f in refused.json()["failures"]] == [
        (1, "dispatch.bad_time"),
        (3, "dispatch.no_live_trip"),
    ]
    assert refused.json()["failures"][0]["facts"]["field"] == "until"
    assert everything(town) == before
    assert hand(desk, *give).status_code == 201  # six kilograms at once: the third is fetched on a second round trip
    assert len(town.open_stops(town.trip_of(orders[2]).id)) == 6
    assert len({town.trip_of(o).id for o in orders}) == 1


def test_what_is_too_heavy_is_not_given_by_hand_either(desk: Desk) -> None:
    town = desk.town
    rider_id, order_id = desk.a_rider(), town.a_delivery()
    with town.database.sessions() as db:
        db.execute(update(Rider).values(capacity_g=2_999))
    refused = hand(desk, {"act": "assign", "delivery_id": one(town, order_id), "rider_id": str(rider_id)})
    [failure] = refused.json()["failures"]
    assert (failure["code"], failure["facts"]["reason"]) == ("dispatch.does_not_fit", "too_heavy")
    assert town.delivery(order_id).state == "waiting"
    with town.database.sessions() as db:
        assert db.scalar(select(func.count()).select_from(Trip)) == 0


def test_a_preview_shows_every_promise_changes_nothing_and_comes_true(desk: Desk) -> None:
    town = desk.town
    desk.a_rider(east_m=50)
    first, second = town.a_delivery(), town.a_delivery(north_m=900)
    town.accepted(first)
    assert town.trip_of(second).id == town.trip_of(first).id
    other = desk.a_rider(east_m=500)
    move = {"act": "assign", "delivery_id": one(town, second), "rider_id": str(other)}
    before = everything(town)
    seen = preview(desk, move)
    assert seen.status_code == 200
    assert everything(town) == before
    effects = {e["delivery_id"]: e for e in seen.json()["effects"]}
    assert set(effects) == {one(town, first), one(town, second)}
    moved = effects[one(town, second)]
    assert (moved["rider_after"], moved["late_after_s"]) == (str(other), 0)
    assert moved["rider_before"] == effects[one(town, first)]["rider_after"] != str(other)
    assert hand(desk, move).json()["effects"] == seen.json()["effects"]
    dropoff = town.open_stops(town.trip_of(second).id)[1]
    assert dropoff.eta_at == datetime.fromisoformat(moved["eta_after"])


def test_a_preview_names_what_cannot_be_done(desk: Desk) -> None:
    order_id = desk.town.a_delivery()
    act = {"act": "assign", "delivery_id": one(desk.town, order_id), "rider_id": str(ids.new_id())}
    seen = preview(desk, act).json()
    assert [(f["index"], f["code"]) for f in seen["failures"]] == [(0, "dispatch.no_rider")]


def test_a_held_delivery_waits_for_its_hour_and_a_released_one_goes_at_once(desk: Desk) -> None:
    town = desk.town
    desk.a_rider()
    order_id = town.a_delivery(minutes=80)
    until = town.clock() + timedelta(minutes=90)
    hold = {"act": "hold", "delivery_id": one(town, order_id), "until": until.isoformat()}
    assert hand(desk, hold).status_code == 201
    outcome = town.round()
    assert outcome is not None
    with town.database.sessions() as db:
        assert [d["reason"] for d in db.get_one(RoundRecord, outcome.round_id).deferred] == ["held_on_purpose"]
    assert hand(desk, {"act": "release", "delivery_id": one(town, order_id)}).status_code == 201
    town.round()
    assert town.delivery(order_id).state == "assigned"


def test_a_reserved_delivery_goes_to_its_rider_only_and_to_others_after_a_no(desk: Desk) -> None:
    town = desk.town
    near, far = desk.a_rider(east_m=50), desk.a_rider(east_m=1_500)
    order_id = town.a_delivery()
    assert hand(desk, {"act": "reserve", "delivery_id": one(town, order_id), "rider_id": str(far)}).status_code == 201
    town.round()
    trip = town.trip_of(order_id)
    assert trip.rider_id == far
    desk.post(f"/trips/{trip.id}/decline", {"reason": "too_far"}, far)
    town.round()
    assert town.trip_of(order_id).rider_id == near


def test_a_locked_trip_gets_nothing_from_rounds_until_it_is_unlocked(desk: Desk) -> None:
    town = desk.town
    desk.a_rider()
    first = town.a_delivery()
    trip = town.accepted(first)
    assert hand(desk, {"act": "lock", "trip_id": str(trip.id)}).status_code == 201
    second = town.a_delivery(north_m=820)
    town.round()
    assert town.delivery(second).state == "waiting"
    assert hand(desk, {"act": "unlock", "trip_id": str(trip.id)}).status_code == 201
    town.clock.advance(200)
    town.seen()
    town.round()
    assert town.trip_of(second).id == trip.id


def test_a_trip_is_split_between_two_riders_and_never_emptied(desk: Desk) -> None:
    town = desk.town
    desk.a_rider()
    first, second = town.a_delivery(), town.a_delivery(north_m=850)
    trip = town.accepted(first)
    other = desk.a_rider(east_m=600)
    both = [one(town, first), one(town, second)]
    refused = hand(desk, {"act": "split", "trip_id": str(trip.id), "delivery_ids": both, "rider_id": str(other)})
    assert [f["code"] for f in refused.json()["failures"]] == ["dispatch.nothing_left"]
    done = hand(desk, {"act": "split", "trip_id": str(trip.id), "delivery_ids": both[1:], "rider_id": str(other)})
    assert done.status_code == 201
    assert town.trip_of(first).id == trip.id
    assert (town.trip_of(second).rider_id, len(town.open_stops(trip.id))) == (other, 2)
    assert town.trip_of(second).distance_m > 0


def test_a_stop_is_moved_lawfully_and_rounds_keep_the_order(desk: Desk) -> None:
    town = desk.town
    desk.a_rider()
    first, second = town.a_delivery(), town.a_delivery(north_m=1_600)
    trip = town.accepted(first)
    stops = town.open_stops(trip.id)
    assert [s.kind for s in stops] == ["pickup", "pickup", "dropoff", "dropoff"]
    refused = hand(desk, {"act": "move_stop", "stop_id": str(stops[2].id), "position": 0})
    assert [f["facts"]["reason"] for f in refused.json()["failures"]] == ["dropped_before_picked_up"]
    beyond = hand(desk, {"act": "move_stop", "stop_id": str(stops[2].id), "position": 4})
    assert [f["facts"]["field"] for f in beyond.json()["failures"]] == ["position"]
    assert hand(desk, {"act": "move_stop", "stop_id": str(stops[2].id), "position": 3}).status_code == 201
    wanted = [stops[0].id, stops[1].id, stops[3].id, stops[2].id]
    assert [s.id for s in town.open_stops(trip.id)] == wanted
    town.round()
    assert [s.id for s in town.open_stops(trip.id)] == wanted
    assert town.trip_of(second).locked


def test_what_was_done_can_be_undone_for_ten_seconds_and_only_once(desk: Desk) -> None:
    town = desk.town
    desk.a_rider(east_m=50)
    first, second = town.a_delivery(), town.a_delivery(north_m=900)
    town.accepted(first)
    other = desk.a_rider(east_m=500)
    before = everything(town)
    done = hand(
        desk,
        {"act": "assign", "delivery_id": one(town, second), "rider_id": str(other)},
        {"act": "take_back", "delivery_id": one(town, first)},
        {"act": "hold", "delivery_id": one(town, first), "until": (town.clock() + timedelta(hours=1)).isoformat()},
    )
    assert done.status_code == 201
    assert everything(town) != before
    assert undo(desk, done, "stranger").status_code == 404
    town.clock.advance(10)
    for _ in range(2):
        assert undo(desk, done).json()["state"] == "undone"
    assert everything(town) == before
    again = hand(desk, {"act": "take_back", "delivery_id": one(town, second)})
    town.clock.advance(10.5)
    assert undo(desk, again).json()["code"] == "dispatch.undo_too_late"
    assert town.delivery(second).state == "waiting"


def test_nothing_is_undone_once_the_rider_has_said_yes(desk: Desk) -> None:
    town = desk.town
    rider_id, order_id = desk.a_rider(), town.a_delivery()
    done = hand(desk, {"act": "assign", "delivery_id": one(town, order_id), "rider_id": str(rider_id)})
    desk.post(f"/trips/{town.trip_of(order_id).id}/accept", who=rider_id)
    refused = undo(desk, done)
    assert (refused.status_code, refused.json()["code"]) == (409, "dispatch.moved_on")
    assert town.delivery(order_id).rider_id == rider_id


def test_every_action_is_recorded_once_with_who_and_when(desk: Desk) -> None:
    order_id = desk.town.a_delivery()
    act = {"act": "release", "delivery_id": one(desk.town, order_id)}
    first = hand(desk, act, key="the-same-key-twice")
    again = hand(desk, act, key="the-same-key-twice")
    assert (first.json(), again.headers["Idempotent-Replay"]) == (again.json(), "true")
    hand(desk, act, who="hq")
    listed = desk.get(f"/areas/{desk.town.area_id}/hand").json()["actions"]
    assert [(a["id"], a["acts"][0]["act"]) for a in listed][1] == (first.json()["action_id"], "Release")
    assert len({a["actor_id"] for a in listed}) == len(listed) == 2
    with desk.town.database.sessions() as db:
        assert db.scalar(select(func.count()).select_from(HandAction)) == 2


def test_other_areas_are_out_of_reach(desk: Desk) -> None:
    order_id = desk.town.a_delivery()
    act = {"act": "release", "delivery_id": one(desk.town, order_id)}
    assert hand(desk, act, who="stranger").status_code == 403
    assert desk.get(f"/areas/{desk.town.area_id}/hand", "stranger").status_code == 403
    elsewhere = desk.post(f"/areas/{ids.new_id()}/hand", {"acts": [act]}, "hq")
    assert [f["code"] for f in elsewhere.json()["failures"]] == ["dispatch.no_delivery"]


BAD = [
    ({"acts": []}, "acts"),
    ({"acts": [{"act": "fly"}]}, "acts.0"),
    ({"acts": [{"act": "assign", "delivery_id": "x", "rider_id": str(uuid.UUID(int=1))}]}, "acts.0.assign.delivery_id"),
    (
        {"acts": [{"act": "hold", "delivery_id": str(uuid.UUID(int=1)), "until": "2026-03-02T12:00:00"}]},
        "acts.0.hold.until",
    ),
    ({"acts": [{"act": "move_stop", "stop_id": str(uuid.UUID(int=1)), "position": -1}]}, "acts.0.move_stop.position"),
    ({"acts": [{"act": "lock", "trip_id": str(uuid.UUID(int=1)), "by": "me"}]}, "acts.0.lock.by"),
]


def test_bad_input_names_the_field(desk: Desk) -> None:
    said = []
    for body, _ in BAD:
        answer = desk.post(f"/areas/{desk.town.area_id}/hand", body)
        assert answer.status_code == 422
        said.append(answer.json()["field"])
    assert said == [field for _, field in BAD]


def test_whatever_was_done_by_hand_undoing_it_leaves_no_trace(desk: Desk) -> None:
    town, dice = desk.town, random.Random(11)
    riders = [desk.a_rider(east_m=100 * k) for k in range(3)]
    orders = [town.a_delivery(north_m=700 + 90 * k, minutes=60) for k in range(5)]
    for order_id in orders[:3]:
        town.accepted(order_id)
    goods = [one(town, order_id) for order_id in orders]
    until = (town.clock() + timedelta(hours=1)).isoformat()
    tried = 0
    for _ in range(60):
        with town.database.sessions() as db:
            live = [str(t) for t in db.scalars(select(Trip.id).where(Trip.state.in_(trips.LIVE)).order_by(Trip.id))]
            halts = [str(s) for s in db.scalars(select(Stop.id).where(Stop.state == "pending").order_by(Stop.id))]
        menu: list[dict[str, object]] = [
            {"act": "assign", "delivery_id": dice.choice(goods), "rider_id": str(dice.choice(riders))},
            {"act": "take_back", "delivery_id": dice.choice(goods)},
            {"act": "hold", "delivery_id": dice.choice(goods), "until": until},
            {"act": "reserve", "delivery_id": dice.choice(goods), "rider_id": str(dice.choice(riders))},
            {"act": "release", "delivery_id": dice.choice(goods)},
            {"act": "lock", "trip_id": dice.choice(live)},
            {"act": "move_stop", "stop_id": dice.choice(halts), "position": dice.randrange(4)},
        ]
        before = everything(town)
        done = hand(desk, *dice.sample(menu, dice.randint(1, 4)))
        if done.status_code == 201:
            tried += 1
            assert undo(desk, done).status_code == 200
        assert everything(town) == before
    assert tried > 20
