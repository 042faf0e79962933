"""The problem as arrays: every use of the engine (rounds, live moments, public instances) is mapped onto this."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class SearchProblem:
    """Q requests, R riders, L places, P travel profiles, D capacity dimensions.

    Times are seconds after any common origin (or any one unit); costs are one unit of the caller's choice. Request q
    owns two *nodes*: its pickup 2q and its drop-off 2q+1. `math.inf` means "no limit" wherever a limit is asked for.

    Frozen prefixes are folded by the caller into the rider's start: `start_place`/`start_s` are where and when the
    rider is free to be told something new, and requests picked up by then are `aboard` (only their drop-off is
    routed, always by that rider). `capacity` is the whole vehicle; what is aboard is subtracted by the engine.

    A route's cost is `fixed_cost` (if the rider has any stop) + the arcs of `cost` + over its nodes
    `haste * service start + late_cost * max(0, service start - soft_due_s)` + `finish_cost * (end - start_s)`, where
    end is when the last service is done (open route) or the end place is reached; an empty route costs 0 (its ride
    to `end_place` included). A request left out costs `skip_cost`. Waiting is free by itself (use `finish_cost`).
    """

    travel_s: Floats
    """(P, L, L) time from place to place; inf = no way; should nearly obey the triangle inequality (else moves are overlooked)."""
    cost: Floats
    """(P, L, L) cost of the same arcs, >= 0; pass the very array of `travel_s` where they are equal (faster)."""
    place: Ints
    """(2Q,) place of each node; the pickup of an aboard request is not looked at."""
    open_s: Floats
    """(2Q,) service does not start before (waits)."""
    due_s: Floats
    """(2Q,) service may not start after: hard. Not enforced on aboard drop-offs, which must be delivered anyway."""
    service_s: Floats
    """(2Q,) length of service."""
    load: Ints
    """(Q, D) what the request takes up between pickup and drop-off, >= 0."""
    skip_cost: Floats
    """(Q,) cost of leaving it out; `math.inf` = only if nothing fits. Not used for aboard requests."""
    start_place: Ints
    """(R,) where the rider is when free."""
    start_s: Floats
    """(R,) when the rider is free."""
    capacity: Ints
    """(R, D)"""
    end_place: Ints | None = None
    """(R,) where the route ends, -1 = after its last stop (open). Default: all open."""
    end_s: Floats | None = None
    """(R,) the end may not be later: hard, but stretched as far as the aboard drop-offs alone need. Default: inf."""
    profile: Ints | None = None
    """(R,) which slice of `travel_s` and `cost` the rider uses. Default: 0."""
    aboard: Ints | None = None
    """(Q,) the rider who already carries it, -1 = nobody. Default: -1."""
    allowed: Bools | None = None
    """(R, Q) may this rider carry it. Default: all. Aboard requests stay with their rider regardless."""
    most: Ints | None = None
    """(R,) most requests in the route, aboard ones included. Default: no limit."""
    soft_due_s: Floats | None = None
    """(2Q,) lateness counts from here. Default: inf."""
    late_cost: Floats | None = None
    """(2Q,) cost per second of lateness. Default: 0."""
    haste: Floats | None = None
    """(2Q,) cost per second of service start, late or not (usually on drop-offs; shifts the total by a constant)."""
    fixed_cost: Floats | None = None
    """(R,) cost of a route with any stop. Default: 0."""
    finish_cost: Floats | None = None
    """(R,) cost per second between `start_s` and the route's end. Default: 0."""

    @property
    def requests(self) -> int:
        """Q"""
        return len(self.load)

    @property
    def riders(self) -> int:
        """R"""
        return len(self.start_s)
