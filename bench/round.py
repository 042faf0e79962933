"""A whole round of dispatch, from rows to rows: load, travel, candidates, costs, choice, improvement, checking, apply.

    python -m bench.round --orders 1000 --riders 1000 --areas 8 --repeats 5
    python -m bench.round --grow 100 300 1000 3000

Real PostgreSQL and Valkey of this run's own; places drawn at random in a city 12 km across, 4 km an area. Travel is estimated
(great circle times detour) unless O2O_OSRM_URL is set, for a bench needs no city. One JSON line a size.
"""

import argparse
import json
import random
import resource
import statistics
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import redis

from o2o import tables
from o2o.dispatch import riders
from o2o.dispatch.carrying import deliveries
from o2o.dispatch.models import RoundRecord
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.rounds import one_round
from o2o.dispatch.working import shifts
from o2o.geo.lonlat import LonLat
from o2o.infra.db import make_engine, transaction
from o2o.infra.embedded import engines
from o2o.infra.roads import open_roads
from o2o.infra.settings import Settings
from o2o.infra.tools import Tools
from o2o.kit import ids

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
CENTRE = LonLat(116.32, 39.98)
ACROSS_M = 4_000
STORES_AN_AREA = 4


def main() -> None:
    """Reads the arguments, measures each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=1_000)
    parser.add_argument("--riders", type=int, default=1_000)
    parser.add_argument("--areas", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--grow", type=int, nargs="+", help="sizes to measure instead: as many orders as riders")
    arguments = parser.parse_args()
    sizes = [(n, n) for n in arguments.grow] if arguments.grow else [(arguments.orders, arguments.riders)]
    with tempfile.TemporaryDirectory() as folder, engines(Path(folder), durable=False) as found:
        settings = Settings(profile="test", data_dir=Path(folder), database_url=found.database_url)
        engine = make_engine(found.database_url, pool_size=4)
        tables.metadata.create_all(engine)
        with redis.Redis.from_url(found.broker_url, decode_responses=True) as valkey:
            tools = Tools(engine=engine, valkey=valkey, roads=open_roads(settings), settings=settings)
            measure(tools, 20, 20, 1, 2, arguments.seed)  # compiles
            for orders, people in sizes:
                print(
                    json.dumps(measure(tools, orders, people, arguments.areas, arguments.repeats, arguments.seed)),
                    flush=True,
                )
        engine.dispose()


def measure(tools: Tools, orders: int, people: int, areas: int, repeats: int, seed: int) -> dict[str, object]:
    """Rounds of `areas` areas, `repeats` times with fresh orders and riders; milliseconds by nearest rank."""
    dice = random.Random(seed)
    took_ms: list[float] = []
    given = dropped = nothing = 0
    thought: list[int] = []
    for _ in range(repeats):
        for nth in range(areas):
            area_id = _an_area(tools, dice, nth, orders // areas, people // areas)
            began = time.perf_counter()
            outcome = one_round.run(tools, area_id=area_id, now=NOON, policy=DispatchPolicy())
            took_ms.append((time.perf_counter() - began) * 1_000)
            if outcome is not None:
                given, dropped = given + outcome.given, dropped + outcome.dropped
                nothing += outcome.given == 0
                with transaction(tools.engine) as db:
                    thought.append(db.get_one(RoundRecord, outcome.round_id).took_ms)
    ranked = sorted(took_ms)
    return {
        "orders": orders,
        "riders": people,
        "areas": areas,
        "rounds": len(took_ms),
        "p50_ms": round(statistics.median(ranked), 1),
        "p99_ms": round(ranked[min(len(ranked) - 1, int(len(ranked) * 0.99))], 1),
        "max_ms": round(ranked[-1], 1),
        "thinking_p50_ms": statistics.median(thought),
        "given": given,
        "dropped": dropped,
        "rounds_that_gave_nothing": nothing,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024,
    }


def _an_area(tools: Tools, dice: random.Random, nth: int, orders: int, people: int) -> uuid.UUID:
    area_id = ids.new_id()
    middle = LonLat(CENTRE.lon + (nth % 3 - 1) * 0.047, CENTRE.lat + (nth // 3 - 1) * 0.036)
    stores = [(ids.new_id(), _near(dice, middle)) for _ in range(STORES_AN_AREA)]
    with transaction(tools.engine) as db:
        for number in range(people):
            rider_id = ids.new_id()
            riders.enrol(db, rider_id=rider_id, name=f"{number}", area_id=area_id, now=NOON)
            until = NOON + timedelta(hours=dice.uniform(0.5, 8))
            shifts.go_online(db, rider_id=rider_id, position=_near(dice, middle), now=NOON, until=until)
        for number in range(orders):
            store_id, store = dice.choice(stores)
            due = NOON + timedelta(minutes=dice.uniform(15, 50))
            deliveries.request(
                db,
                delivery_id=ids.new_id(),
                order_id=ids.new_id(),
                shipment_id=ids.new_id(),
                order_no=f"{number}",
                store_id=store_id,
                area_id=area_id,
                pickup=store,
                dropoff=_near(dice, middle),
                address="",
                ready_at=NOON + timedelta(minutes=dice.uniform(-10, 10)),
                due_from=due - timedelta(minutes=15),
                due_at=due,
                weight_g=dice.randrange(500, 12_000),
                now=NOON,
            )
    return area_id


def _near(dice: random.Random, middle: LonLat) -> LonLat:
    east, north = dice.uniform(-ACROSS_M / 2, ACROSS_M / 2), dice.uniform(-ACROSS_M / 2, ACROSS_M / 2)
    return LonLat(middle.lon + east / 85_300, middle.lat + north / 111_200)


if __name__ == "__main__":
    main()
