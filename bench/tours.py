"""Tours for booked windows: how long planning a day ahead takes, how long tours get, whether anything is late or unlawful.

    python -m bench.tours --booked 20 60 120 300

Doors at random 5 km across, three stores, three windows of two hours, e-bikes for four deliveries at once. Travel is estimated, for a
bench needs no city. One JSON line a size.
"""

import argparse
import json
import random
import time
import uuid
from datetime import UTC, datetime, timedelta

from o2o.dispatch.models import Delivery
from o2o.dispatch.paces.service_times import ServiceTimes
from o2o.dispatch.planning import checker, solve
from o2o.dispatch.riders import CAPACITY_G, CAPACITY_ML, MAX_JOBS
from o2o.dispatch.tours import touring
from o2o.dispatch.tours.touring import Seat, Wanted
from o2o.geo.lonlat import LonLat, distance_m, offset
from o2o.infra.roads import StraightRoads

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
CENTRE = LonLat(116.32, 39.99)
STORES = [offset(CENTRE, east_m=x, north_m=y) for x, y in ((0, 0), (900, 400), (-700, 800))]


def a_day(booked: int, riders: int, seed: int) -> Wanted:
    """So many booked deliveries and riders for all of the day."""
    dice = random.Random(seed)
    goods = tuple(_delivery(dice, n) for n in range(booked))
    end = NOW + timedelta(hours=12)
    seats = tuple(
        Seat(
            key=f"r{n:03d}",
            rider_id=uuid.UUID(int=10_000 + n),
            from_at=NOW,
            until_at=end,
            vehicle="ebike",
            capacity_g=CAPACITY_G["ebike"],
            max_jobs=MAX_JOBS["ebike"],
            capacity_ml=CAPACITY_ML["ebike"],
            insulated_boxes=MAX_JOBS["ebike"],
            skills=(),
        )
        for n in range(riders)
    )
    return Wanted(uuid.UUID(int=1), NOW, goods, seats, {}, ServiceTimes(), "")


def measure(booked: int, riders: int, seed: int) -> dict[str, object]:
    """Plan the day once."""
    wanted = a_day(booked, riders, seed)
    begin = time.perf_counter()
    problem = touring.build(wanted, StraightRoads())
    plan = solve.solve(problem, touring.POLICY, seed=1, time_limit_s=touring.THINK_S)
    found = touring.tours(wanted, problem, plan)
    took_s = time.perf_counter() - begin
    due = {d.id: d for d in wanted.deliveries}
    drops = [stop for tour in found for stop in tour.stops if stop.kind == "dropoff"]
    out_and_back_m = sum(2 * 1.35 * distance_m(_start(d), _door(d)) for d in wanted.deliveries)
    return {
        "booked": booked,
        "riders": riders,
        "seed": seed,
        "seconds": round(took_s, 2),
        "planned": len(drops),
        "tours": len(found),
        "stops": sorted(len(tour.stops) for tour in found),
        "early": sum(stop.at < due[stop.delivery_id].due_from for stop in drops),
        "late": sum(stop.at > due[stop.delivery_id].due_at for stop in drops),
        "unlawful": len(checker.check(problem, touring.POLICY, plan)),
        "metres_over_out_and_back": round(sum(tour.distance_m for tour in found) / out_and_back_m, 3),
    }


def _delivery(dice: random.Random, n: int) -> Delivery:
    store, opens_at = STORES[n % 3], NOW + timedelta(hours=4 + 2 * (n % 3))
    door = offset(CENTRE, east_m=dice.uniform(-2_500, 2_500), north_m=dice.uniform(-2_500, 2_500))
    return Delivery(
        id=uuid.UUID(int=n + 1),
        kind="delivery",
        order_no=str(n),
        store_id=uuid.UUID(int=9),
        pickup_lon=store.lon,
        pickup_lat=store.lat,
        dropoff_lon=door.lon,
        dropoff_lat=door.lat,
        weight_g=4_000,
        volume_ml=8_000,
        insulated=False,
        skills=[],
        requested_at=NOW,
        ready_at=NOW,
        due_from=opens_at,
        due_at=opens_at + timedelta(hours=2),
    )


def _start(d: Delivery) -> LonLat:
    return LonLat(d.pickup_lon, d.pickup_lat)


def _door(d: Delivery) -> LonLat:
    return LonLat(d.dropoff_lon, d.dropoff_lat)


def main() -> None:
    """Read the command line, print a JSON line a size."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--booked", type=int, nargs="+", default=[20, 60, 120, 300])
    asked.add_argument("--each", type=int, default=12, help="deliveries for each rider there is")
    asked.add_argument("--seed", type=int, default=3)
    chosen = asked.parse_args()
    for booked in chosen.booked:
        print(json.dumps(measure(booked, max(2, booked // chosen.each), chosen.seed)), flush=True)


if __name__ == "__main__":
    main()
