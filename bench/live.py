"""Random live moments: our search beside OR-Tools alone, VROOM and PyVRP, in one run and by one scorer.

    python -m bench.live --orders 100 --riders 60 --seed 1 --seconds 1

One JSON line a planner: cost (seconds ridden + 3000 an order left out), its ratio to plain insertion and to the best of
the peers, orders carried, wall time with building. One thread each, one after the other. `--seeds 10` plays ten moments.
"""

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable

import numpy as np

from bench import moment as moments
from bench.moment import CAPACITY, DROP_SERVICE_S, LEFT_OUT_S, PICKUP_SERVICE_S, Moment
from o2o.dispatch.planning.search import SearchProblem, improve

HEADROOM = 0.03
"""Share of the time we leave unused, for a machine that gives the processor to somebody else just before the end."""
Routes = list[list[int]]
Planner = Callable[[Moment, float], tuple[Routes, float]]
PEER_ORDERS = 200
"""Above this many orders the peers overrun the second by far and are asked only with --peers."""


def main() -> None:
    """Reads the arguments, plays the moments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=100)
    parser.add_argument("--riders", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--peers", action="store_true", help=f"ask the peers also above {PEER_ORDERS} orders")
    arguments = parser.parse_args()
    planners: dict[str, Planner] = {"insertion": insertion, "o2o": ours}
    if arguments.orders <= PEER_ORDERS or arguments.peers:
        from bench import peers

        planners |= {"or-tools": peers.or_tools, "vroom": peers.vroom_plan, "pyvrp": peers.pyvrp_plan}
    improve(problem_of(moments.draw(4, 3, 0)), seed=1, iterations=10)
    lines = []
    for seed in range(arguments.seed, arguments.seed + arguments.seeds):
        lines += play(moments.draw(arguments.orders, arguments.riders, seed), planners, arguments.seconds, seed)
    if arguments.seeds > 1:
        print(json.dumps(summary(lines, arguments.orders, arguments.riders)), flush=True)


def play(moment: Moment, planners: dict[str, Planner], seconds: float, seed: int) -> list[dict[str, object]]:
    """One moment by every planner, printed; ratios by the costs of this very run."""
    results = {}
    for name, planner in planners.items():
        begin = time.perf_counter()
        routes, built = planner(moment, seconds)
        wall = time.perf_counter() - begin
        results[name] = (*moments.score(moment, routes), wall, built)
    best_peer = min((r[0] for name, r in results.items() if name not in ("insertion", "o2o")), default=None)
    lines: list[dict[str, object]] = []
    for name, (cost, carried, faults, wall, built) in results.items():
        lines.append(
            {
                "orders": moment.orders,
                "riders": moment.riders,
                "seed": seed,
                "planner": name,
                "cost": cost,
                "carried": carried,
                "seconds": round(wall, 3),
                "building_seconds": round(built, 3),
                "to_insertion": round(cost / results["insertion"][0], 4),
                "to_best_peer": round(cost / best_peer, 4) if best_peer else None,
                "legal": not faults,
                **({"faults": faults[:3]} if faults else {}),
            }
        )
        print(json.dumps(lines[-1]), flush=True)
    return lines


def summary(lines: list[dict[str, object]], orders: int, riders: int) -> dict[str, object]:
    """Means over the moments, a planner each."""
    answer: dict[str, object] = {"summary": f"{orders}/{riders}"}
    for name in dict.fromkeys(str(line["planner"]) for line in lines):
        own = [line for line in lines if line["planner"] == name]
        columns = [c for c in ("cost", "to_insertion", "to_best_peer", "carried") if own[0][c] is not None]
        answer[name] = {c: round(statistics.fmean(float(str(line[c])) for line in own), 4) for c in columns} | {
            "slowest_seconds": max(float(str(line["seconds"])) for line in own),
            "illegal": sum(not line["legal"] for line in own),
        }
    return answer


def problem_of(moment: Moment) -> SearchProblem:
    """The moment for the engine."""
    orders, riders = moment.orders, moment.riders
    travel = np.ascontiguousarray(moment.ride_s[None], np.float64)
    nodes = 2 * orders
    opens, due, service = np.zeros(nodes), np.full(nodes, math.inf), np.empty(nodes)
    opens[::2], due[1::2] = moment.ready_s, moment.latest_s
    service[::2], service[1::2] = PICKUP_SERVICE_S, DROP_SERVICE_S
    return SearchProblem(
        travel_s=travel,
        cost=travel,
        place=np.arange(riders, riders + nodes),
        open_s=opens,
        due_s=due,
        service_s=service,
        load=np.ones((orders, 1), np.int64),
        skip_cost=np.full(orders, float(LEFT_OUT_S)),
        start_place=np.arange(riders),
        start_s=moment.free_s.astype(np.float64),
        capacity=np.full((riders, 1), CAPACITY, np.int64),
    )


def insertion(moment: Moment, seconds: float) -> tuple[Routes, float]:
    """Every order once, as they come, where it is cheapest."""
    return improve(problem_of(moment), seed=1, iterations=0).routes, 0.0


def ours(moment: Moment, seconds: float) -> tuple[Routes, float]:
    """Our search, the time of building included."""
    begin = time.perf_counter()
    problem = problem_of(moment)
    built = time.perf_counter() - begin
    return improve(problem, seed=1, iterations=1 << 40, seconds=(1 - HEADROOM) * seconds - built).routes, built


if __name__ == "__main__":
    main()
