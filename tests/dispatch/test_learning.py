"""Learning from what riders did: it converges, a forgotten phone does not move it, ranges hold what they say."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select

from o2o.dispatch import tasks
from o2o.dispatch.carrying import eta
from o2o.dispatch.carrying.sequence import Halt
from o2o.dispatch.models import Delivery, Pace, Rider, Stop, Trip
from o2o.dispatch.paces import learned, learning, service_times
from o2o.dispatch.paces.service_times import USUAL_COUNTER, USUAL_DOOR, USUAL_WAIT, Seen, ServiceTimes
from o2o.geo.lonlat import LonLat, offset
from o2o.geo.travel import CITY_DAY
from o2o.infra.roads import StraightRoads
from o2o.kit import ids
from tests.dispatch.make import STORE, Desk, Town

DOOR = offset(STORE, east_m=0, north_m=900)


def rode(
    town: Town,
    *,
    ago: timedelta,
    counter_s: float,
    ride_s: float,
    door_s: float,
    door: LonLat = DOOR,
    waited_s: float = 60,
    booked: bool = False,
) -> None:
    """One finished trip: so long at the counter, on the road and at the door; the goods had stood packed for `waited_s`."""
    at = town.clock() - ago
    steps = [("pickup", STORE, counter_s), ("dropoff", door, door_s)]
    with town.database.sessions() as db:
        rider_id = db.scalar(select(Rider.id).limit(1))
        trip = Trip(id=ids.new_id(), rider_id=rider_id, area_id=town.area_id, state="completed", offered_at=at)
        trip.offer_expires_at, trip.ended_at = at, at + timedelta(hours=1)
        delivery = a_finished_delivery(town, door, at)
        delivery.goods_ready_at, delivery.booked = at - timedelta(seconds=waited_s), booked
        db.add_all([trip, delivery])
        db.flush()
        for position, (kind, place, service_s) in enumerate(steps):
            done = at + timedelta(seconds=service_s)
            stop = Stop(id=ids.new_id(), trip_id=trip.id, delivery_id=delivery.id, position=position, kind=kind)
            stop.lon, stop.lat, stop.state, stop.eta_at, stop.proof = place.lon, place.lat, "done", at, {}
            stop.arrived_at, stop.done_at = at, done
            db.add(stop)
            at = done + timedelta(seconds=ride_s)


def a_finished_delivery(town: Town, door: LonLat, at: datetime) -> Delivery:
    return Delivery(
        id=ids.new_id(),
        order_id=ids.new_id(),
        shipment_id=ids.new_id(),
        order_no="A",
        store_id=town.store_id,
        area_id=town.area_id,
        pickup_lon=STORE.lon,
        pickup_lat=STORE.lat,
        dropoff_lon=door.lon,
        dropoff_lat=door.lat,
        address="",
        weight_g=1,
        requested_at=at,
        ready_at=at,
        goods_ready_at=at - timedelta(minutes=1),
        due_from=at,
        due_at=at,
        state="delivered",
        code="0000",
        ended_at=at,
    )


def learnt(town: Town) -> ServiceTimes:
    tasks.learn(town.tools, now=town.clock(), key=str(town.area_id))
    with town.database.sessions() as db:
        return learned.times(db, area_id=town.area_id, store_ids=[town.store_id], places=[DOOR])


def foretold_s(town: Town, ago: timedelta) -> float:
    free_s = int(StraightRoads().table([STORE], [DOOR]).seconds[0, 0])
    return free_s * CITY_DAY.factor(town.clock() - ago)


def test_before_anything_is_seen_the_usual_times_hold(town: Town) -> None:
    times = learnt(town)
    assert (times.counter(town.store_id), times.door(DOOR)) == (USUAL_COUNTER, USUAL_DOOR)
    assert times.speed.factor(town.clock()) == CITY_DAY.factor(town.clock())
    with town.database.sessions() as db:
        assert db.scalar(select(func.count()).select_from(Pace)) == 0


def test_what_is_seen_often_is_believed_and_what_is_seen_once_leans_on_the_rest(town: Town) -> None:
    town.a_rider()
    once = offset(DOOR, east_m=500, north_m=0)
    for n in range(60):
        ago = timedelta(hours=30 + n)
        rode(town, ago=ago, counter_s=240, ride_s=1.4 * foretold_s(town, ago), door_s=200)
    ago = timedelta(hours=20)
    rode(town, ago=ago, counter_s=240, ride_s=400, door_s=600, door=once)
    times = learnt(town)
    counter, door = times.counter(town.store_id), times.door(DOOR)
    # 60 of 60 + 12 from its own; the rest from the area, which is nearly the same.
    assert (counter.count, door.count) == (61, 60)
    assert counter.mean_s == pytest.approx(240, abs=6)
    assert door.mean_s == pytest.approx(200, abs=4)
    with town.database.sessions() as db:
        seldom = learned.times(db, area_id=town.area_id, places=[once]).door(once)
    assert seldom.count == 1
    assert 200 < seldom.mean_s < 230
    assert times.speed.factor(town.clock()) == pytest.approx(1.4 * CITY_DAY.factor(town.clock()), rel=0.06)
    assert times.rides == 61


def test_what_was_learned_can_be_read_by_the_areas_dispatcher(desk: Desk) -> None:
    town = desk.town
    town.a_rider()
    fresh = desk.get(f"/areas/{town.area_id}/paces").json()
    assert (fresh["usual_counter_s"], fresh["counters"], fresh["rides"]) == (USUAL_COUNTER.mean_s, [], 0)
    for n in range(20):
        rode(town, ago=timedelta(hours=n + 1), counter_s=300, ride_s=300, door_s=100)
    learnt(town)
    told = desk.get(f"/areas/{town.area_id}/paces").json()
    [counter], [door] = told["counters"], told["doors"]
    assert (counter["key"], counter["count"]) == (str(town.store_id), 20)
    assert counter["mean_s"] > USUAL_COUNTER.mean_s
    assert door["key"] == service_times.building(DOOR)
    assert (len(told["slowdown"]), told["rides"]) == (24, 20)
    assert desk.get(f"/areas/{town.area_id}/paces", "stranger").status_code == 403


def told(desk: Desk, order_id: uuid.UUID) -> dict[str, Any]:
    answer = desk.get(f"/deliveries/{desk.town.delivery(order_id).id}/told")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def test_once_a_promise_is_lost_the_wait_told_is_what_this_stores_packed_goods_waited_lately(desk: Desk) -> None:
    town = desk.town
    town.a_rider()
    order_id = town.a_delivery(minutes=15)
    as_promised = told(desk, order_id)
    due_at = town.delivery(order_id).due_at
    assert (datetime.fromisoformat(as_promised["by_at"]), as_promised["wait_s"]) == (due_at, None)
    town.clock.now += timedelta(minutes=30)
    desk.again("dispatcher")
    desk.again("stranger")
    guessed = told(desk, order_id)
    assert (guessed["wait_s"], guessed["wait_seen"]) == (USUAL_WAIT.mean_s, 0)
    for n in range(48):
        # Most wait for ten minutes; one in six for nearly an hour, which moves no median.
        rode(
            town,
            ago=timedelta(hours=n + 1),
            counter_s=90,
            ride_s=300,
            door_s=120,
            waited_s=3_400 if n % 6 == 0 else 600,
        )
    learnt(town)
    learned_now = told(desk, order_id)
    # 48 of 60 from what was seen there, the rest from the area, which leans on the guess alike.
    whole = 0.8 * 600 + 0.2 * USUAL_WAIT.mean_s
    assert learned_now["wait_s"] == pytest.approx(0.8 * 600 + 0.2 * whole, abs=1)
    assert learned_now["wait_seen"] == 48
    later_s = datetime.fromisoformat(learned_now["at"]) - datetime.fromisoformat(guessed["at"])
    assert later_s.total_seconds() == pytest.approx(learned_now["wait_s"] - USUAL_WAIT.mean_s, abs=60)
    assert desk.get(f"/deliveries/{town.delivery(order_id).id}/told", "stranger").status_code == 404
    paces = desk.get(f"/areas/{town.area_id}/paces").json()
    assert [(one["key"], one["count"]) for one in paces["waits"]] == [(str(town.store_id), 48)]


def test_goods_whose_rider_was_there_first_and_booked_ones_say_nothing_of_waiting(town: Town) -> None:
    town.a_rider()
    rode(town, ago=timedelta(hours=1), counter_s=90, ride_s=300, door_s=90, waited_s=-30)
    rode(town, ago=timedelta(hours=2), counter_s=90, ride_s=300, door_s=90, waited_s=2_000, booked=True)
    rode(town, ago=timedelta(hours=3), counter_s=90, ride_s=300, door_s=90, waited_s=5_000)
    assert learnt(town).wait(town.store_id) == USUAL_WAIT


def test_learning_twice_comes_to_the_same_and_measures_each_ride_once(town: Town) -> None:
    town.a_rider()
    for n in range(5):
        rode(town, ago=timedelta(hours=n + 1), counter_s=100 + n, ride_s=300, door_s=90 + n)
    first = learnt(town)
    with town.database.sessions() as db:
        assert learning.unmeasured(db, area_id=town.area_id, now=town.clock()) == []
        assert db.scalar(select(func.count(Stop.free_road_s))) == 5
    assert learnt(town) == first


def test_stops_where_nobody_said_he_had_arrived_and_old_ones_teach_nothing(town: Town) -> None:
    town.a_rider()
    rode(town, ago=timedelta(hours=1), counter_s=0, ride_s=300, door_s=0)
    rode(town, ago=timedelta(days=29), counter_s=500, ride_s=300, door_s=500)
    times = learnt(town)
    assert (times.counter(town.store_id).count, times.door(DOOR).count, times.rides) == (0, 0, 0)


def test_one_rider_in_ten_who_forgets_his_phone_hardly_moves_the_mean() -> None:
    dice = np.random.default_rng(1)
    honest = dice.normal(100, 15, 180)
    forgot = dice.uniform(1_800, 3_600, 20)
    clean, mixed = service_times.seen(honest), service_times.seen([*honest, *forgot])
    assert abs(mixed.mean - clean.mean) < 6
    assert float(np.mean([*honest, *forgot])) - clean.mean > 200


def test_the_order_in_which_samples_come_changes_nothing() -> None:
    samples = list(np.random.default_rng(2).lognormal(4.5, 0.5, 101))
    for put_together in (service_times.seen, service_times.middle):
        assert put_together(samples) == put_together(reversed(samples))
        with pytest.raises(ValueError, match="nothing"):
            put_together([])


def test_belief_converges_to_the_truth_with_the_number_of_samples() -> None:
    dice = np.random.default_rng(3)
    prior = Seen(0, 120.0, 60.0)
    off = []
    for count in (1, 4, 16, 64, 256):
        errors = [
            abs(service_times.believed({"x": list(dice.normal(240, 40, count))}, prior)["x"].mean - 240)
            for _ in range(40)
        ]
        off.append(float(np.mean(errors)))
    assert off == sorted(off, reverse=True)
    assert off[-1] < 5 < 60 < off[0]


def test_an_hour_never_ridden_takes_the_whole_days_correction() -> None:
    speed = service_times.speed_by({8: 2.0}, 1.1)
    assert speed.slowdown[8] == pytest.approx(2.0 * CITY_DAY.slowdown[8])
    assert speed.slowdown[9] == pytest.approx(1.1 * CITY_DAY.slowdown[9])


def a_way(legs: int, ride_s: int, times: ServiceTimes) -> eta.Way:
    """Drop-offs one after another, each a ride apart."""
    seconds = np.fromfunction(lambda a, b: abs(a - b) * ride_s, (legs + 1, legs + 1)).astype(np.int32)
    door = times.usual_door
    halts = tuple(Halt(uuid.uuid4(), "dropoff", k, door.mean_s, 0, 10**6, 1) for k in range(1, legs + 1))
    stops = tuple(Stop(id=uuid.uuid4(), delivery_id=h.delivery_id, kind="dropoff") for h in halts)
    trip = Trip(id=uuid.uuid4(), rider_id=uuid.uuid4())
    return eta.Way(trip, stops, halts, (door.spread_s,) * legs, times.ride_spread, seconds, seconds)


@pytest.mark.parametrize("legs", [1, 3, 6])
def test_four_of_five_hand_overs_fall_in_their_range_when_the_spread_is_learned(town: Town, legs: int) -> None:
    dice = np.random.default_rng(legs)

    def rides(count: int) -> np.ndarray:
        return dice.lognormal(-0.045, 0.3, count)

    def doors(count: int) -> np.ndarray:
        return dice.lognormal(5.0, 0.45, count)

    ride = service_times.seen(rides(3_000))
    door = service_times.seen(doors(3_000))
    usual = service_times.Pace(round(door.mean), round(door.spread), door.count)
    times = replace(ServiceTimes(), usual_door=usual, ride_spread=ride.spread / ride.mean)
    way = a_way(legs, 300, times)
    now = town.clock()
    last = eta.forecasts([way], now)[way.stops[-1].id].done
    took = [300 * float(rides(legs).sum()) + float(doors(legs).sum()) for _ in range(4_000)]
    inside = [last.from_at <= now + timedelta(seconds=s) <= last.by_at for s in took]
    assert 0.74 < float(np.mean(inside)) < 0.88
