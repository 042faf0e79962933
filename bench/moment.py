"""A random live moment: orders in stores, riders anywhere, and the one scorer every planner is judged by."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEFT_OUT_S = 3000
"""Cost of an order nobody carries, in seconds of riding."""
CAPACITY = 4
SPEED_M_S = 5.0
DETOUR = 1.35
CITY_M = 9000
PICKUP_SERVICE_S, DROP_SERVICE_S = 90, 120


@dataclass(frozen=True)
class Moment:
    """Places 0 .. M-1 are the riders, M+2q and M+2q+1 pickup and drop-off of order q. Whole seconds from now."""

    ride_s: NDArray[np.int64]  # (M+2N, M+2N)
    free_s: NDArray[np.int64]  # (M,) when each rider can set out
    ready_s: NDArray[np.int64]  # (N,) earliest pickup
    latest_s: NDArray[np.int64]  # (N,) latest start of the drop-off

    @property
    def orders(self) -> int:
        """N"""
        return len(self.ready_s)

    @property
    def riders(self) -> int:
        """M"""
        return len(self.free_s)


def draw(orders: int, riders: int, seed: int) -> Moment:
    """One store to about ten orders, customers around their store, riders anywhere; rides are air distance x detour."""
    rng = np.random.default_rng([orders, riders, seed])
    stores = rng.uniform(0, CITY_M, (max(3, orders // 10), 2))
    shop = stores[rng.integers(0, len(stores), orders)]
    door = np.clip(shop + rng.normal(0, 1300, (orders, 2)), 0, CITY_M)
    points = np.empty((riders + 2 * orders, 2))
    points[:riders] = rng.uniform(0, CITY_M, (riders, 2))
    points[riders::2], points[riders + 1 :: 2] = shop, door
    offset = points[:, None, :] - points[None, :, :]
    ride = np.ceil(np.hypot(offset[..., 0], offset[..., 1]) * DETOUR / SPEED_M_S).astype(np.int64)
    ready = rng.integers(0, 1200, orders)
    direct = ride[riders + 2 * np.arange(orders), riders + 2 * np.arange(orders) + 1]
    return Moment(
        ride_s=ride,
        free_s=np.where(rng.random(riders) < 0.5, 0, rng.integers(0, 900, riders)),
        ready_s=ready,
        latest_s=ready + direct + rng.integers(900, 2400, orders),
    )


def score(moment: Moment, routes: list[list[int]]) -> tuple[float, int, list[str]]:
    """Cost (seconds ridden + LEFT_OUT_S an order left out), orders carried, and every broken rule.

    `routes[r]` lists 2q (pick up q) and 2q+1 (drop q off) in order. A route with a broken rule carries nothing.
    """
    cost, carried, faults = 0, set[int](), []
    for rider, route in enumerate(routes):
        ridden, fault = follow(moment, rider, route)
        taken = {node >> 1 for node in route}
        if not fault and taken & carried:
            fault = "an order is carried twice"
        if fault:
            faults.append(f"rider {rider}: {fault}")
            continue
        cost += ridden
        carried |= taken
    return cost + LEFT_OUT_S * (moment.orders - len(carried)), len(carried), faults


def follow(moment: Moment, rider: int, route: list[int]) -> tuple[int, str]:
    """Seconds ridden on one route, and what is wrong with it ("" if nothing)."""
    clock, here, ridden = int(moment.free_s[rider]), rider, 0
    aboard: set[int] = set()
    done: set[int] = set()
    for node in route:
        order, there = node >> 1, moment.riders + node
        ride = int(moment.ride_s[here, there])
        ridden, clock, here = ridden + ride, clock + ride, there
        if node % 2 == 0:
            clock = max(clock, int(moment.ready_s[order])) + PICKUP_SERVICE_S
            aboard.add(order)
            if len(aboard) > CAPACITY or order in done:
                return 0, f"too many aboard, or order {order} twice"
            continue
        if order not in aboard:
            return 0, f"order {order} dropped off before it was picked up"
        if clock > moment.latest_s[order]:
            return 0, f"order {order} is {clock - int(moment.latest_s[order])} s late"
        clock += DROP_SERVICE_S
        aboard.remove(order)
        done.add(order)
    return ridden, f"{len(aboard)} orders never dropped off" if aboard else ""
