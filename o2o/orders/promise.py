"""The fulfilment plan: from the basket to the doorstep, with the arrival we promise. Pure.

Stages follow one another: the queue at the store, the picking, the wait for a rider, the ride, the door. Each has an expected time
and a spread; spreads of independent stages add in quadrature, and the promise is the plan's percentile (normal quantile).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, sqrt
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class PromisePolicy:
    """Numbers of taste of the promise. Seconds; `_share` is spread as a share of the expected time."""

    percentile: float = 0.90
    """How many of a hundred such orders arrive within the promise."""
    base_pick_s: int = 60
    """Walking to the shelves and the packing table, whatever the basket."""
    line_pick_s: int = 35
    """A line, where the store has no pace of its own."""
    heavy_g: int = 10_000
    heavy_s: int = 60
    """Added for each full `heavy_g` of a basket."""
    pickers: int = 2
    """Hands that share a store's queue."""
    pick_share: float = 0.30
    rider_wait_s: int = 150
    """Until a free rider stands at the counter."""
    busy_rider_s: int = 480
    """One delivery of a busy rider: what an order waits for each turn it must wait."""
    carried_together: int = 2
    """Deliveries a rider usually carries at once."""
    no_rider_s: int = 2_400
    wait_share: float = 0.40
    ride_share: float = 0.25
    door_s: int = 180
    """Finding the door, the lift, the hand-over."""
    door_share: float = 0.40
    window_s: int = 900
    """Width of the window we show: it ends at the promise."""
    step_s: int = 60
    """Promises are whole minutes, rounded away from us."""
    fen_per_delivery: int = 350
    fen_per_km: int = 60
    """What a ride costs us, for weighing stores."""


STANDARD = PromisePolicy()


@dataclass(frozen=True, slots=True)
class Load:
    """How busy a store and its riders are at this moment."""

    backlog_s: int
    """Work of the pick tasks not finished, by lines and weights."""
    riders: int
    """On shift in the store's area."""
    free_riders: int
    open_deliveries: int


@dataclass(frozen=True, slots=True)
class FulfilmentPlan:
    """One object from the basket to the doorstep: what we promise, execute, and later compare with what happened.

    For pickup `arrive_by` is when the order is surely ready. `slack_s` is how much later than expected it may go before the
    promise breaks.
    """

    pick_start_at: datetime
    pick_end_at: datetime
    ready_at: datetime
    rider_at: datetime
    expected_at: datetime
    arrive_from: datetime
    arrive_by: datetime
    ride_s: int
    cost_fen: int
    slack_s: int

    def shifted(self, by_s: int) -> "FulfilmentPlan":
        """The same plan, `by_s` seconds later: the clock of the promise starts when the order is paid."""
        by = timedelta(seconds=by_s)
        return FulfilmentPlan(
            self.pick_start_at + by, self.pick_end_at + by, self.ready_at + by, self.rider_at + by, self.expected_at + by,
            self.arrive_from + by, self.arrive_by + by, self.ride_s, self.cost_fen, self.slack_s,
        )  # fmt: skip


def pick_work_s(lines: int, weight_g: int, *, line_s: int = 0, policy: PromisePolicy = STANDARD) -> int:
    """Seconds one picker needs for so many lines of so much weight; `line_s` is the store's own pace, 0 when not known."""
    return policy.base_pick_s + lines * (line_s or policy.line_pick_s) + weight_g // policy.heavy_g * policy.heavy_s


def rider_wait_s(load: Load, policy: PromisePolicy = STANDARD) -> int:
    """How long a packed order is expected to wait for its rider, given who is free and how many deliveries are open."""
    if load.riders == 0:
        return policy.no_rider_s
    waiting = max(0, load.open_deliveries - load.riders * policy.carried_together + policy.carried_together)
    if load.free_riders > 0 and waiting == 0:
        return policy.rider_wait_s
    turns = max(waiting / (load.riders * policy.carried_together), 0.5 if load.free_riders == 0 else 0.0)
    return policy.rider_wait_s + round(turns * policy.busy_rider_s)


def plan_delivery(
    *, now: datetime, work_s: int, load: Load, ride_s: int, distance_m: int, policy: PromisePolicy = STANDARD
) -> FulfilmentPlan:
    """The plan of an order carried to the door. `work_s` is its picking, `ride_s` the ride from store to door."""
    queue_s = load.backlog_s // policy.pickers
    ready_s = queue_s + work_s
    # The rider is called while the store picks: only what waiting outlasts the picking is felt.
    wait_s = max(rider_wait_s(load, policy) - ready_s, policy.rider_wait_s // 2)
    expected_s = ready_s + wait_s + ride_s + policy.door_s
    spreads = (
        ready_s * policy.pick_share,
        wait_s * policy.wait_share,
        ride_s * policy.ride_share,
        policy.door_s * policy.door_share,
    )
    return _plan(
        now, queue_s, ready_s, ready_s + wait_s, expected_s, spreads, ride_s,
        policy.fen_per_delivery + distance_m * policy.fen_per_km // 1000, policy,
    )  # fmt: skip


def plan_pickup(*, now: datetime, work_s: int, load: Load, policy: PromisePolicy = STANDARD) -> FulfilmentPlan:
    """The plan of an order the customer fetches: ready at the counter by `arrive_by`."""
    queue_s = load.backlog_s // policy.pickers
    ready_s = queue_s + work_s
    return _plan(now, queue_s, ready_s, ready_s, ready_s, (ready_s * policy.pick_share,), 0, 0, policy)


def _plan(
    now: datetime, queue_s: int, ready_s: int, rider_s: int, expected_s: int, spreads: Sequence[float], ride_s: int, cost_fen: int,
    policy: PromisePolicy,
) -> FulfilmentPlan:  # fmt: skip
    spread = NormalDist().inv_cdf(policy.percentile) * sqrt(sum(s * s for s in spreads))
    by = _whole(now + timedelta(seconds=ceil(expected_s + spread)), policy.step_s)
    at = [now + timedelta(seconds=s) for s in (queue_s, ready_s, rider_s, expected_s)]
    earliest = max(by - timedelta(seconds=policy.window_s), at[1])
    return FulfilmentPlan(
        at[0], at[1], at[1], at[2], at[3], earliest, by, ride_s, cost_fen, int((by - at[3]).total_seconds())
    )  # fmt: skip


def _whole(at: datetime, step_s: int) -> datetime:
    over = at.timestamp() % step_s
    return at if over == 0 else at + timedelta(seconds=step_s - over)
