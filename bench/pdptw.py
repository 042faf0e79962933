"""Plays public pickup-and-delivery cases: fewest vehicles, then distance.

    python -m bench.pdptw FILE [FILE ...] --seconds 10 --solutions OUT/

One JSON line a case on stdout; routes in OUT/<case>.sol. One thread. The code is compiled (or read from numba's cache)
on a tiny case before the first clock starts.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np

from bench import lilim
from o2o.dispatch.planning.search import Answer, SearchProblem, fewest_then_cheapest


def main() -> None:
    """Reads the arguments, plays the cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--solutions", type=Path)
    parser.add_argument(
        "--cpu", action="store_true", help="count seconds of this process, for a machine that is shared"
    )
    arguments = parser.parse_args()
    warm_up()
    if arguments.solutions:
        arguments.solutions.mkdir(parents=True, exist_ok=True)
    for path in arguments.files:
        case = lilim.read(path)
        clock = time.process_time if arguments.cpu else time.perf_counter
        begin = clock()
        answer = fewest_then_cheapest(problem_of(case), seed=arguments.seed, seconds=arguments.seconds, clock=clock)
        seconds = clock() - begin
        routes = routes_of(case, answer)
        faults = check(case, routes)
        print(
            json.dumps(
                {
                    "case": case.name,
                    "vehicles": len(routes),
                    "distance": round(distance(case, routes), 2),
                    "seconds": round(seconds, 2),
                    "feasible": not faults,
                    "iterations": answer.iterations,
                    **({"faults": faults[:3]} if faults else {}),
                }
            ),
            flush=True,
        )
        if arguments.solutions:
            lines = [f"Route {i} : {' '.join(map(str, route))}\n" for i, route in enumerate(routes, 1)]
            (arguments.solutions / f"{case.name}.sol").write_text("".join(lines))


def warm_up() -> None:
    """Compiles the engine on a case of two requests."""
    travel = np.array([[0.0, 3.0, 4.0, 5.0], [3.0, 0.0, 5.0, 4.0], [4.0, 5.0, 0.0, 3.0], [5.0, 4.0, 3.0, 0.0]])
    case = lilim.Case(
        "tiny",
        2,
        2,
        np.tile(travel, (2, 2))[:5, :5],
        [0, 1, -1, 1, -1],
        [0.0] * 5,
        [99.0] * 5,
        [0.0] * 5,
        [(1, 2), (3, 4)],
    )
    fewest_then_cheapest(problem_of(case), seed=1, seconds=60.0, share=0.001, iterations=100)


def problem_of(case: lilim.Case, vehicle_cost: float = 1000.0) -> SearchProblem:
    """The case for the engine: places are its nodes, every vehicle starts and ends at the depot."""
    nodes = np.array([node for pair in case.pairs for node in pair], np.int64)
    travel = np.ascontiguousarray(case.travel[None])
    ready, due, service = (np.array(x)[nodes] for x in (case.ready, case.due, case.service))
    vehicles = case.vehicles
    return SearchProblem(
        travel_s=travel,
        cost=travel,
        place=nodes,
        open_s=ready,
        due_s=due,
        service_s=service,
        load=np.array([[case.demand[pickup]] for pickup, _ in case.pairs], np.int64),
        skip_cost=np.full(len(case.pairs), math.inf),
        start_place=np.zeros(vehicles, np.int64),
        start_s=np.full(vehicles, case.ready[0]),
        capacity=np.full((vehicles, 1), case.capacity, np.int64),
        end_place=np.zeros(vehicles, np.int64),
        end_s=np.full(vehicles, case.due[0]),
        fixed_cost=np.full(vehicles, vehicle_cost),
    )


def routes_of(case: lilim.Case, answer: Answer) -> list[list[int]]:
    """Used routes in the case's own node numbers."""
    number = [node for pair in case.pairs for node in pair]
    return [[number[node] for node in route] for route in answer.routes if route]


def distance(case: lilim.Case, routes: list[list[int]]) -> float:
    """Total distance, depot to depot."""
    return sum(float(case.travel[a, b]) for route in routes for a, b in zip([0, *route], [*route, 0], strict=True))


def check(case: lilim.Case, routes: list[list[int]]) -> list[str]:
    """What is wrong with the routes by the rules of the cases alone; shares nothing with the engine."""
    faults = []
    if sorted(node for route in routes for node in route) != sorted(node for pair in case.pairs for node in pair):
        faults.append("not every stop is visited exactly once")
    if len(routes) > case.vehicles:
        faults.append(f"{len(routes)} routes for {case.vehicles} vehicles")
    for pickup, drop in case.pairs:
        if not any(pickup in route and drop in route[route.index(pickup) :] for route in routes):
            faults.append(f"{drop} does not follow {pickup}")
    for number, route in enumerate(routes, 1):
        clock, load, here = case.ready[0], 0, 0
        for node in [*route, 0]:
            clock = max(clock + float(case.travel[here, node]), case.ready[node])
            load += case.demand[node]
            if clock > case.due[node] + 1e-6:
                faults.append(f"route {number} reaches {node} at {clock:.3f}, due {case.due[node]}")
            if not 0 <= load <= case.capacity:
                faults.append(f"route {number} carries {load} after {node}")
            clock += case.service[node]
            here = node
    return faults


if __name__ == "__main__":
    main()
