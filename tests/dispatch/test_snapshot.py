"""What a round knows of its area: where orders start, how fast each vehicle rides; and that it can be played again."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from o2o.dispatch.carrying import trips
from o2o.dispatch.models import Delivery, Rider
from o2o.dispatch.planning import checker
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Problem
from o2o.dispatch.queries import replay
from o2o.dispatch.rounds import nearest, snapshot
from o2o.dispatch.rounds.one_round import replay as stored
from o2o.geo.lonlat import offset
from tests.dispatch.make import STORE, Town


def problem_of(town: Town) -> Problem:
    with town.database.sessions() as db:
        seen = snapshot.load(db, town.tools.valkey, area_id=town.area_id, now=town.clock())
    return snapshot.build(seen, town.tools.roads, next_round_s=15)


def test_orders_of_the_last_hour_and_of_the_coming_one_as_it_was_are_the_demand(town: Town) -> None:
    made = [town.a_delivery(north_m=600 + 10 * k) for k in range(6)]
    asked = [timedelta(minutes=20), timedelta(hours=2), timedelta(hours=23, minutes=30), timedelta(hours=25)]
    asked += [timedelta(days=7, minutes=-5), timedelta(days=8)]
    with town.database.sessions() as db:
        for order_id, ago in zip(made, asked, strict=True):
            db.execute(update(Delivery).where(Delivery.order_id == order_id).values(requested_at=town.clock() - ago))
    problem = problem_of(town)
    assert [weight for _, weight in problem.demand] == [3]
    assert problem.demand[0][0] == problem.jobs[0].pickup


def test_a_slower_vehicle_has_travel_times_of_its_own(town: Town) -> None:
    quick, slow = town.a_rider(east_m=100), town.a_rider(east_m=200)
    town.a_delivery()
    with town.database.sessions() as db:
        db.execute(update(Rider).where(Rider.id == slow).values(vehicle="on_foot"))
    problem = problem_of(town)
    profiles = {rider.id: rider.profile for rider in problem.riders}
    assert (profiles[str(quick)], profiles[str(slow)]) == (0, 1)
    job = problem.jobs[0]
    by_bike, on_foot = (int(problem.travel.seconds[k, job.pickup, job.dropoff]) for k in (0, 1))
    assert 4.0 < on_foot / by_bike < 4.5


def test_a_past_round_is_played_again_to_the_same_bytes(town: Town) -> None:
    for k in range(3):
        town.a_rider(east_m=100 + 400 * k)
    for k in range(7):
        town.a_delivery(north_m=500 + 150 * k)
    outcome = town.round()
    assert outcome is not None
    assert outcome.given > 0
    with town.database.sessions() as db:
        assert replay(db, round_id=outcome.round_id).same
        problem, plan, policy, _ = stored(db, round_id=outcome.round_id)
    assert policy == DispatchPolicy()
    assert checker.check(problem, policy, plan) == []


def test_of_too_many_riders_a_round_weighs_those_near_what_waits_whatever_their_ids(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "RIDERS_MOST", 3)
    far = [town.a_rider(east_m=5_000 + 10 * k) for k in range(4)]
    town.a_delivery()
    near = [town.a_rider(east_m=100 + 10 * k) for k in range(3)]
    kept = town.a_rider(east_m=6_000)
    with town.database.sessions() as db:
        db.execute(update(Delivery).values(only_for=kept))
    town.a_delivery(north_m=900)
    busy = town.a_rider(east_m=7_000)
    with town.database.sessions() as db:
        carried = db.scalars(select(Delivery).where(Delivery.only_for.is_(None))).one()
        trip = trips.offered(db, rider=db.get_one(Rider, busy), round_id=None, now=town.clock())
        carried.state, carried.rider_id, carried.trip_id = "assigned", busy, trip.id
    assert max(far) < min(near)
    assert {rider.id for rider in problem_of(town).riders} == {str(one) for one in (*near, kept, busy)}


def test_riders_are_taken_for_each_pick_up_in_its_turn() -> None:
    east = offset(STORE, east_m=3_000, north_m=0)
    here = {uuid.UUID(int=k): offset(STORE, east_m=10 * k, north_m=0) for k in range(1, 5)}
    there = {uuid.UUID(int=10 + k): offset(east, east_m=100 * k, north_m=0) for k in range(1, 5)}
    everybody = here | there
    taken = nearest.to_pickups(everybody, [STORE, east, STORE], most=5)
    # Two for the store with two to fetch, then one each: the turns begin anew when all have had theirs.
    assert [one.int for one in taken] == [1, 11, 2, 3, 12]
    assert nearest.to_pickups(everybody, [STORE], most=8) == list(everybody)
    assert nearest.to_pickups(everybody, [], most=5) == []
