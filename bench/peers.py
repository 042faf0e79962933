"""Other programs on the same live moment, each built and run within the time allowed; routes as `moment.score` reads."""

import time
from datetime import timedelta

import numpy as np
import pyvrp
import vroom
from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from pyvrp.stop import MaxRuntime

from bench.moment import CAPACITY, DROP_SERVICE_S, LEFT_OUT_S, PICKUP_SERVICE_S, Moment

HORIZON_S = 20_000
Routes = list[list[int]]


def or_tools(moment: Moment, seconds: float) -> tuple[Routes, float]:
    """OR-Tools routing alone: parallel cheapest insertion, then guided local search. Returns routes and building time."""
    begin = time.perf_counter()
    orders, riders = moment.orders, moment.riders
    size = riders + 2 * orders + 1
    ride = np.zeros((size, size), np.int64)
    ride[:-1, :-1] = moment.ride_s
    service = np.zeros(size, np.int64)
    service[riders:-1:2], service[riders + 1 : -1 : 2] = PICKUP_SERVICE_S, DROP_SERVICE_S
    index = pywrapcp.RoutingIndexManager(size, riders, list(range(riders)), [size - 1] * riders)
    model = pywrapcp.RoutingModel(index)
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(ride.tolist()))
    model.AddDimension(
        model.RegisterTransitMatrix((ride + service[:, None]).tolist()), HORIZON_S, HORIZON_S, False, "time"
    )
    load = np.zeros(size, np.int64)
    load[riders:-1:2], load[riders + 1 : -1 : 2] = 1, -1
    model.AddDimension(model.RegisterUnaryTransitVector(load.tolist()), 0, CAPACITY, True, "load")
    clock = model.GetDimensionOrDie("time")
    for rider in range(riders):
        clock.CumulVar(model.Start(rider)).SetMin(int(moment.free_s[rider]))
    for order in range(orders):
        pickup, drop = (index.NodeToIndex(riders + 2 * order + k) for k in (0, 1))
        model.AddPickupAndDelivery(pickup, drop)
        model.solver().Add(model.VehicleVar(pickup) == model.VehicleVar(drop))
        model.solver().Add(clock.CumulVar(pickup) <= clock.CumulVar(drop))
        clock.CumulVar(pickup).SetMin(int(moment.ready_s[order]))
        clock.CumulVar(drop).SetMax(int(moment.latest_s[order]))
        model.AddDisjunction([pickup], LEFT_OUT_S)
        model.AddDisjunction([drop], 0)
    settings = pywrapcp.DefaultRoutingSearchParameters()
    settings.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    settings.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    built = time.perf_counter() - begin
    settings.time_limit.FromMilliseconds(max(1, int(1000 * (seconds - built))))
    plan = model.SolveWithParameters(settings)
    return ([[]] * riders if plan is None else or_tools_routes(moment, index, model, plan)), built


def or_tools_routes(
    moment: Moment,
    index: pywrapcp.RoutingIndexManager,
    model: pywrapcp.RoutingModel,
    plan: pywrapcp.Assignment,
) -> Routes:
    """Routes of an assignment."""
    routes: Routes = []
    for rider in range(moment.riders):
        route, at = [], plan.Value(model.NextVar(model.Start(rider)))
        while not model.IsEnd(at):
            route.append(index.IndexToNode(at) - moment.riders)
            at = plan.Value(model.NextVar(at))
        routes.append(route)
    return routes


def vroom_plan(moment: Moment, seconds: float) -> tuple[Routes, float]:
    """VROOM, exploration 5, one thread; its time limit is soft. It never leaves out what it can carry."""
    begin = time.perf_counter()
    problem = vroom.Input()
    problem.set_durations_matrix("car", moment.ride_s.astype(np.uint32))
    for rider in range(moment.riders):
        problem.add_vehicle(
            vroom.Vehicle(
                rider,
                start=rider,
                capacity=[CAPACITY],
                time_window=vroom.TimeWindow(int(moment.free_s[rider]), HORIZON_S),
            )
        )
    for order in range(moment.orders):
        ready, latest, node = int(moment.ready_s[order]), int(moment.latest_s[order]), moment.riders + 2 * order
        problem.add_job(
            vroom.Shipment(
                vroom.ShipmentStep(
                    order, node, default_service=PICKUP_SERVICE_S, time_windows=[vroom.TimeWindow(ready, HORIZON_S)]
                ),
                vroom.ShipmentStep(
                    order, node + 1, default_service=DROP_SERVICE_S, time_windows=[vroom.TimeWindow(0, latest)]
                ),
                amount=vroom.Amount([1]),
            )
        )
    built = time.perf_counter() - begin
    left = timedelta(seconds=max(0.001, seconds - built))
    solution = problem.solve(exploration_level=5, nb_threads=1, timeout=left)
    routes: Routes = [[] for _ in range(moment.riders)]
    for step in solution.routes.itertuples():
        if step.type in ("pickup", "delivery"):
            routes[step.vehicle_id].append(2 * int(step.id) + (step.type == "delivery"))
    return routes, built


def pyvrp_plan(moment: Moment, seconds: float) -> tuple[Routes, float]:
    """PyVRP; its data built straight from the matrix (an edge at a time would eat the second)."""
    begin = time.perf_counter()
    orders, riders = moment.orders, moment.riders
    size = riders + 2 * orders + 1
    ride = np.zeros((size, size), np.int64)
    ride[:-1, :-1] = moment.ride_s
    shipments = [
        pyvrp.Shipment(
            riders + 2 * q,
            riders + 2 * q + 1,
            pickup_tw_early=int(moment.ready_s[q]),
            pickup_tw_late=HORIZON_S,
            pickup_service_duration=PICKUP_SERVICE_S,
            delivery_tw_late=int(moment.latest_s[q]),
            delivery_service_duration=DROP_SERVICE_S,
            amount=[1],
            prize=LEFT_OUT_S,
            required=False,
        )
        for q in range(orders)
    ]
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0)] * size,
        [],
        [*(pyvrp.Depot(r) for r in range(riders)), pyvrp.Depot(size - 1)],
        [
            pyvrp.VehicleType(1, [CAPACITY], start_depot=r, end_depot=riders, tw_early=int(moment.free_s[r]))
            for r in range(riders)
        ],
        [ride],
        [ride],
        shipments=shipments,
    )
    built = time.perf_counter() - begin
    result = pyvrp.solve(data, MaxRuntime(max(0.001, seconds - built)), seed=1, collect_stats=False, display=False)
    routes: Routes = [[] for _ in range(riders)]
    if result.best.is_feasible():
        for route in result.best.routes():
            routes[route.vehicle_type()] = [
                2 * step.idx + step.is_delivery() for step in route.schedule() if step.is_shipment()
            ]
    return routes, built
