"""Puts the players on the stage: a day by leaps of a simulated clock, or a living district by the wall's clock."""

import gc
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event as Flag
from typing import Any

from o2o.geo.lonlat import LonLat
from o2o.identity import accounts
from o2o.infra import citydata
from o2o.infra.db import transaction
from o2o.infra.tools import Tools
from o2o.kit import ids
from o2o.kit.clock import utc_now
from o2o.kit.principal import Role
from o2o.simulation import cast, demand, invariants, report, rota
from o2o.simulation.agenda import Agenda
from o2o.simulation.clerks import ClerkPlayer
from o2o.simulation.customers import CustomerPlayers
from o2o.simulation.errands import ErrandPlayers
from o2o.simulation.riders import RiderPlayer
from o2o.simulation.stage import Stage
from o2o.simulation.tills import SHARE_OF_ORDERS, TillPlayers

CHECKED_EVERY_S = 1_800
WINDING_DOWN_S = 2 * 3_600
"""After the last order the house runs on, so that what was begun is finished."""
HANDS_A_STORE = 2
DEMO_EVERY_S = 15.0
"""In a living demo an order comes about this often, whatever the hour."""
RUSH_EVERY_S, RUSH_FROM_S, RUSH_S, RUSH_ORDER_S = 1_500, 300, 180, 4.5
"""Every twenty-five minutes, the first some minutes after the start, everybody orders at once for some minutes: more than riders can
carry, so that deliveries wait for a reason, the open pool fills and couriers of other houses are called."""
SHOWER_AFTER_S = 120
"""So long into a rush it pours, and many riders stand in: what was promised then is short of riders."""

PLANNED_EVERY_S = 86_400
SHARE_OF_ARRIVALS = SHARE_OF_ORDERS / (1 + SHARE_OF_ORDERS)
"""Of all who come, those who come to a till."""

Told = Callable[[datetime, Stage], None]


def day(
    tools: Tools,
    *,
    seed: int,
    begins: datetime,
    hours: float,
    orders_a_day: int,
    winding_down_s: int = WINDING_DOWN_S,
    told: Told | None = None,
) -> dict[str, Any]:
    """A day on a simulated clock from `begins`; returns its report. Same seed, same house: same report, byte for byte.

    Raises:
        invariants.Broken: something did not add up, at the moment it was seen.
    """
    agenda = Agenda(begins)
    # A solver stopped by the wall's clock would answer differently on a busy machine.
    tools = replace(tools, settings=tools.settings.model_copy(update={"patient": True}))
    stage = Stage(tools, agenda, seed, inline=True)
    with ids.use(ids.seeded(seed, agenda.now)), stage.listening(), _seldom_collected():
        customers, tills, _ = _enter(stage, kept=())
        local_s = _seconds_of_local_day(begins)
        for arrive, a_day in ((customers.arrive, orders_a_day), (tills.arrive, round(orders_a_day * SHARE_OF_ORDERS))):
            dice, until_s = stage.dice(f"demand:{a_day}"), local_s + int(hours * 3_600)
            for at_s in demand.arrivals_s(dice, orders_a_day=a_day, from_s=local_s, until_s=until_s):
                agenda.after(at_s - local_s, arrive)
        stage.keep_timetable()
        agenda.every(CHECKED_EVERY_S, lambda: _check(stage, told))
        ends = begins + timedelta(hours=hours) + timedelta(seconds=winding_down_s)
        agenda.run(ends)
        _check(stage, told)
    with transaction(tools.engine) as db:
        return report.write(db, seed=seed, begins=begins, ends=ends, counts=stage.counts)


def live(tools: Tools, *, seed: int, stop: Flag, kept: Collection[uuid.UUID]) -> None:
    """Keep a district alive until `stop`: everybody but the accounts `kept` for people is played. Workers stand by elsewhere."""
    agenda = Agenda(utc_now(), wall=True, stop=stop)
    stage = Stage(tools, agenda, seed, inline=False)
    customers, tills, riders = _enter(stage, kept=kept)
    dice, begun = stage.dice("demand"), agenda.now()

    def come() -> None:
        (tills if dice.random() < SHARE_OF_ARRIVALS else customers).arrive()
        agenda.after(dice.expovariate(1 / demo_pause_s((agenda.now() - begun).total_seconds())), come)

    for first in range(6):  # so that the screens are alive at once
        agenda.after(first * 2, customers.arrive)
    come()
    agenda.every(PLANNED_EVERY_S, lambda: _plan_on(stage, riders))
    agenda.every(RUSH_EVERY_S, lambda: _pour(riders), first_after=RUSH_FROM_S + SHOWER_AFTER_S)
    agenda.run(agenda.now() + timedelta(days=365))


def _plan_on(stage: Stage, riders: Sequence[RiderPlayer]) -> None:
    """Another day of the rota, long before the last one planned is over: a demo may run for weeks."""
    with transaction(stage.tools.engine) as db:
        everybody = cast.gather(db).everybody
    planned = _rota(stage, everybody)
    for rider in riders:
        rider.planned = planned.get(rider.rider_id, ())


def _pour(riders: Sequence[RiderPlayer]) -> None:
    for rider in riders:
        rider.shelter()


def demo_pause_s(since_s: float) -> float:
    """Mean seconds from one order to the next, so long after a living demo began."""
    return RUSH_ORDER_S if 0 <= (since_s - RUSH_FROM_S) % RUSH_EVERY_S < RUSH_S else DEMO_EVERY_S


def _enter(stage: Stage, *, kept: Collection[uuid.UUID]) -> tuple[CustomerPlayers, TillPlayers, list[RiderPlayer]]:
    with transaction(stage.tools.engine) as db:
        found = cast.gather(db, kept=kept)
        begin_at = cast.store_places(db)
    dice = stage.dice("entrance")
    planned = {} if stage.inline else _rota(stage, found.everybody)
    riders: list[RiderPlayer] = []
    for rider_id, area_id in found.riders:
        place = LonLat(*dice.choice(begin_at[area_id]))
        rider = RiderPlayer(stage, rider_id, place, planned.get(rider_id, ()))
        riders.append(rider)
        if stage.inline:
            rider.begin(first_after=dice.uniform(0, 600), shift_s=30 * 3_600)
        else:
            rider.begin_as_planned()
    for clerk_id, store_id in found.clerks:
        for hand in range(HANDS_A_STORE):
            player = ClerkPlayer(stage, clerk_id, store_id, hand, shared=store_id in found.kept_stores)
            player.begin(first_after=dice.uniform(0, 10))
    doors = citydata.doors(stage.tools.settings.data_dir)
    skus = [good.sku for good in found.goods]
    customers = CustomerPlayers(stage, members=found.members, doors=doors, skus=skus)
    if not stage.inline:
        ErrandPlayers(stage, areas=found.stores, skus=skus, delivered=customers.placed).begin()
    tills = TillPlayers(stage, clerks=found.clerks, codes=found.codes, goods=found.goods)
    return customers, tills, riders


def _rota(
    stage: Stage, everybody: Sequence[tuple[uuid.UUID, uuid.UUID]]
) -> dict[uuid.UUID, list[tuple[datetime, datetime]]]:
    """The riders' shifts from now on, also of those whom people play."""
    with transaction(stage.tools.engine) as db:
        [by, *_] = accounts.of_role(db, role=Role.DISPATCHER)
        return rota.plan_ahead(db, riders=everybody, by=by.id, now=stage.now)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """A day makes and drops millions of small objects: the collector looks a hundred times less often than usual."""
    usual = gc.get_threshold()
    gc.set_threshold(70_000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _check(stage: Stage, told: Told | None) -> None:
    with transaction(stage.tools.engine) as db:
        invariants.check(db)
    if told is not None:
        told(stage.now, stage)


def _seconds_of_local_day(at: datetime) -> int:
    """Seconds after midnight where the demo city's clocks stand."""
    local = at.astimezone(demand.ZONE)
    return local.hour * 3_600 + local.minute * 60 + local.second
