"""The rota of a living demo: half of the riders at any hour, nobody twice, and planned again without a change."""

import uuid
from datetime import timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.dispatch import riders
from o2o.dispatch.models import Shift
from o2o.dispatch.working import planned_shifts
from o2o.dispatch.working.planned_shifts import LONGEST
from o2o.infra.tools import Tools
from o2o.kit import ids
from o2o.kit.ids import AreaId
from o2o.kit.principal import Role
from o2o.simulation import rota, run
from o2o.simulation.agenda import Agenda
from o2o.simulation.riders import RiderPlayer, Temper
from o2o.simulation.run import DEMO_EVERY_S, RUSH_EVERY_S, RUSH_FROM_S, RUSH_ORDER_S, RUSH_S, demo_pause_s
from o2o.simulation.stage import Stage
from tests.conftest import Database
from tests.dispatch.make import Town
from tests.hands import MONDAY_TEN, Clock
from tests.identity.make import a_member_of_staff
from tests.stores.make import CENTRE

NOW = MONDAY_TEN + timedelta(minutes=17)


def a_crew(db: Session, many: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
    area_id = ids.new_id()
    crew = [(ids.new_id(), area_id) for _ in range(many)]
    for rider_id, _ in crew:
        riders.enrol(db, rider_id=rider_id, name="骑手", area_id=area_id, now=NOW)
    return crew


def test_half_of_the_riders_are_planned_for_every_half_hour_of_two_days(db: Session) -> None:
    crew = a_crew(db, 24)
    found = rota.plan_ahead(db, riders=crew, by=ids.new_id(), now=NOW)
    slots = planned_shifts.capacity(db, area_id=crew[0][1], from_at=NOW, slots=96, carried_each=2)
    assert {slot.planned for slot in slots} == {12}
    for spans in found.values():
        assert all(end - begin <= LONGEST for begin, end in spans)
        assert all(a[1] <= b[0] for a, b in pairwise(spans))


def test_planned_again_nothing_changes_and_a_day_later_a_day_is_added(db: Session) -> None:
    crew, by = a_crew(db, 6), ids.new_id()
    first = rota.plan_ahead(db, riders=crew, by=by, now=NOW)
    assert rota.plan_ahead(db, riders=crew, by=by, now=NOW) == first
    later = rota.plan_ahead(db, riders=crew, by=by, now=NOW + timedelta(days=1))
    slots = planned_shifts.capacity(db, area_id=crew[0][1], from_at=NOW, slots=96 + 48, carried_each=2)
    assert {slot.planned for slot in slots} == {3}
    assert all(set(later[rider_id]) & set(spans) for rider_id, spans in first.items())


def test_a_demo_that_runs_for_days_never_runs_out_of_shifts(database: Database, tools: Tools) -> None:
    now = [NOW]
    agenda = Agenda(NOW)
    agenda.now = lambda: now[0]  # type: ignore[method-assign]
    stage = Stage(tools, agenda, 7, inline=False)
    with database.sessions() as db:
        crew = a_crew(db, 4)
        a_member_of_staff(db, Role.DISPATCHER, now=NOW, area_ids=[AreaId(crew[0][1])])
    players = [RiderPlayer(stage, rider_id, CENTRE) for rider_id, _ in crew]
    for day in range(6):
        now[0] = NOW + timedelta(days=day)
        run._plan_on(stage, players)
        for player in players:
            assert player.planned[-1][1] > now[0] + timedelta(days=1), day


def test_a_rush_comes_soon_and_again() -> None:
    assert demo_pause_s(0) == demo_pause_s(RUSH_FROM_S + RUSH_S) == DEMO_EVERY_S
    assert demo_pause_s(RUSH_FROM_S) == demo_pause_s(RUSH_FROM_S + RUSH_EVERY_S) == RUSH_ORDER_S


def a_stage(tools: Tools) -> Stage:
    return Stage(tools, Agenda(NOW), 7, inline=True)


def test_a_rider_the_house_does_not_know_yet_is_not_taken_for_online_and_asks_again(
    database: Database, tools: Tools
) -> None:
    stage, rider_id = a_stage(tools), ids.new_id()
    player = RiderPlayer(stage, rider_id, CENTRE)
    player.begin(first_after=0, shift_s=3_600)
    stage.agenda.run(NOW + timedelta(seconds=30))
    assert (stage.counts["refused:dispatch.no_rider"], player._online) == (1, False)
    with database.sessions() as db:
        riders.enrol(db, rider_id=rider_id, name="骑手", area_id=ids.new_id(), now=NOW)
    stage.agenda.run(NOW + timedelta(seconds=90))
    assert player._online
    with database.sessions() as db:
        shift = db.scalars(select(Shift)).one()
    assert shift.planned_end_at == NOW + timedelta(seconds=3_600)


def test_a_rider_who_may_not_go_home_yet_stays_at_work(database: Database, tools: Tools, clock: Clock) -> None:
    clock.set(NOW)
    town, stage = Town(database, tools, clock, area_id=ids.new_id(), store_id=ids.new_id()), a_stage(tools)
    rider_id = town.a_rider()
    order_id = town.a_delivery()
    player = RiderPlayer(stage, rider_id, CENTRE)
    player._until, player._online = NOW, True
    player.temper = Temper(declines=0, ignores=0)
    town.round()
    assert town.trip_of(order_id).rider_id == rider_id
    player._go_home()
    assert player._online
    stage.agenda.run(stage.now + timedelta(seconds=60))
    assert town.delivery(order_id).state in ("assigned", "picked_up")
    assert town.trip_of(order_id).state == "accepted"
