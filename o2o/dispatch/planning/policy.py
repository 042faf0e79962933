"""Every number of taste in planning, with its unit and why.

Costs are whole numbers; the unit is one hundredth of the value of one second of one customer's waiting.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class DispatchPolicy:
    """How a round weighs time, distance and people."""

    # What a second is worth, in cost units a second.
    late_per_s: int = 300  # after the promise: a broken promise hurts three times more than waiting does
    very_late_after_s: int = 900  # after this much lateness people cancel ...
    very_late_per_s: int = 600  # ... so every further second weighs more, on top of late_per_s
    wait_per_s: int = 100  # from goods ready to door: the customer's own second, the unit of everything else
    busy_per_s: int = 20  # a rider's second spent is not there for the next order (price of riders)
    idle_per_s: int = 5  # standing at a store is dearer than standing free: it cannot be re-used
    metre_cost: int = 1  # wear and tiredness; 100 m are worth one second of a customer
    aboard_per_s: int = 5  # seconds on the vehicle beyond the direct ride: food cools, ice melts
    stand_per_s: int = 5  # a second nearer to where orders start is worth this: far riders are called in first
    use_rider: int = 0  # opening a trip for a rider who has none (vans with a fixed cost)

    # Leaving a job for later.
    defer_cost: int = 1_000_000  # of one job left out of the plan, times priority: about 2.8 hours of waiting
    # Late commitment: nothing is given out before it must be.
    lead_s: int = 30  # a phone needs this long to buzz and a rider to answer, before he must leave
    commit_busy_riders: bool = False  # give a next trip to somebody still riding; false keeps the choice open
    commit_early_s: int = 0  # give out this long before it must be

    # What may share a trip.
    mix_stores: bool = True  # a pick-up while goods of another store are on board
    max_trip_stops: int = 40  # nobody remembers more; also bounds the work of one walk

    # Work. Counted in stops walked, never in wall time, so that the same input gives the same bytes.
    stops_per_s: int = 15_000_000  # stops of trips walked for a second of limit
    steps_per_job: int = 80  # ruin-and-recreate steps for each movable job, at most: small rounds are done early
    ruin_most: int = 6  # jobs taken out together in a step, at most
    heat: int = 6_000  # loss a step may bring at first: one minute of one customer
    matching_passes: int = 12  # jobs handed to one rider one after the other before the search
    hold_ahead_s: int = 3_600  # jobs held longer than this are not planned yet
    cells_max: int = 2_000_000  # (rider, job) pairs weighed in one round
    emergency_factor: int = 4  # wall clock beyond limit x this ...
    emergency_floor_s: int = 2  # ... and this stops the search and marks the plan cut_short
    jobs_max: int = 3_000  # open jobs weighed in one round; the rest wait, oldest promise first

    @staticmethod
    def as_stored(values: dict[str, Any]) -> DispatchPolicy:
        """The policy of a stored round; numbers that have gone since are passed over."""
        known = {f.name for f in fields(DispatchPolicy)}
        return DispatchPolicy(**{name: value for name, value in values.items() if name in known})
